import fc from "fast-check";
import { expect, test } from "vitest";
import { keysOf } from "../tree/persistentMap";
import {
  checkSession,
  emptyTracker,
  expiryTimeUs,
  negotiateTimeoutMs,
  nextBucketUs,
  removeSession,
  type SessionTracker,
  setClosing,
  setOwner,
  takeExpired,
  touchSession,
  trackedSession,
  trackSession,
} from "./sessionTracker";

const US = 1_000;

test.each([
  [1_000, 2_000],
  [5_000, 5_000],
  [100_000, 20_000],
])("with a tickTime of 1000 a client that asks for %i ms gets %i ms", (asked, given) => {
  expect(negotiateTimeoutMs(asked, 2_000, 20_000)).toBe(given);
});

test.each([
  [12_345, 19_000],
  [12_999, 19_000],
  [13_000, 20_000],
])("6 s after a touch at %i ms, rounded up to the next tick, is %i ms", (touched, expires) => {
  expect(expiryTimeUs(touched * US, 6_000, 1_000)).toBe(expires * US);
});

test("a session lives longer than its timeout after a touch, by at most one tick", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10 ** 9 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 100, max: 5_000 }),
      (nowUs, timeoutMs, tickTimeMs) => {
        const lifeUs = expiryTimeUs(nowUs, timeoutMs, tickTimeMs) - nowUs;
        expect(lifeUs).toBeGreaterThan(timeoutMs * US);
        expect(lifeUs).toBeLessThanOrEqual((timeoutMs + tickTimeMs) * US);
        expect(expiryTimeUs(nowUs, timeoutMs, tickTimeMs) % (tickTimeMs * US)).toBe(0);
      },
    ),
  );
});

test("the tracker wakes at the next tick, never now", () => {
  expect(nextBucketUs(0, 2_000)).toBe(2_000 * US);
  expect(nextBucketUs(1_999_999, 2_000)).toBe(2_000 * US);
  expect(nextBucketUs(2_000_000, 2_000)).toBe(4_000 * US);
});

const at = (ms: number) => ({ nowUs: ms * US, tickTimeMs: 1_000, rules: { expiryTimeUs } });
const tracking = (ms: number, timeoutMs = 4_000) =>
  trackSession(emptyTracker(at(ms)), "0x1", timeoutMs, at(ms));

test("a session nobody hears of is due at its boundary and not before, once", () => {
  const tracker = tracking(500);
  const early = takeExpired(tracker, at(4_999));
  expect(early.expired).toEqual([]);
  const due = takeExpired(early.tracker, at(5_000));
  expect(due.expired).toEqual(["0x1"]);
  expect(takeExpired(due.tracker, at(9_000)).expired).toEqual([]);
});

test("a touch gives the full time again; once the end has begun, none helps", () => {
  const touched = touchSession(tracking(500), "0x1", 4_000, at(3_100)) ?? expect.fail("known");
  expect(trackedSession(touched, "0x1")?.expiresUs).toBe(8_000 * US);
  expect(takeExpired(touched, at(7_000)).expired).toEqual([]);
  const closing = setClosing(touched, "0x1");
  expect(touchSession(closing, "0x1", 4_000, at(3_200))).toBeNull();
  expect(touchSession(closing, "0x2", 4_000, at(3_200))).toBeNull();
});

test("a session that was closed is not due any more", () => {
  const removed = removeSession(tracking(500), "0x1");
  expect(takeExpired(removed, at(60_000)).expired).toEqual([]);
  expect(removed.buckets.size).toBe(0);
});

test("the first who asks for a session owns it; by another way it has moved", () => {
  const { verdict, tracker } = checkSession(tracking(0), "0x1", 7);
  expect(verdict).toBeNull();
  expect(checkSession(tracker, "0x1", 7).verdict).toBeNull();
  expect(checkSession(tracker, "0x1", "this server").verdict).toBe("SESSIONMOVED");
  const moved = setOwner(tracker, "0x1", "this server") ?? expect.fail("known");
  expect(checkSession(moved, "0x1", "this server").verdict).toBeNull();
  expect(checkSession(moved, "0x1", 7).verdict).toBe("SESSIONMOVED");
});

test("a session whose end has begun is expired, whoever asks; one never heard of is unknown", () => {
  const closing = setClosing(tracking(0), "0x1");
  expect(checkSession(closing, "0x1", 7).verdict).toBe("SESSIONEXPIRED");
  expect(setOwner(closing, "0x1", 7)).toBeNull();
  expect(checkSession(closing, "0x2", 7).verdict).toBe("UNKNOWNSESSION");
});

test("whatever is touched and when, a session is due at the boundary of its last touch", () => {
  const step = fc.record({ id: fc.integer({ min: 1, max: 4 }), afterMs: fc.nat(1_500) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let tracker: SessionTracker = emptyTracker(at(0));
      const lives = new Map<string, number>();
      let ms = 0;
      for (const { id, afterMs } of steps) {
        ms += afterMs;
        const taken = takeExpired(tracker, at(ms));
        const due = [...lives].filter(([, expiresMs]) => expiresMs <= ms).map(([key]) => key);
        expect(taken.expired.toSorted()).toEqual(due.toSorted());
        tracker = taken.tracker;
        for (const key of due) {
          lives.delete(key);
          tracker = removeSession(tracker, key);
        }
        tracker = trackSession(tracker, `0x${id}`, 2_000, at(ms));
        lives.set(`0x${id}`, (Math.floor((ms + 2_000) / 1_000) + 1) * 1_000);
        expect(keysOf(tracker.sessions)).toEqual([...lives.keys()].toSorted());
      }
    }),
  );
});
