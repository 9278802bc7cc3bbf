import fc from "fast-check";
import { expect, test } from "vitest";
import { expiryTimeUs, negotiateTimeoutMs, nextBucketUs } from "./sessionTracker";

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
