import { expect, test } from "vitest";
import {
  connectTimeoutMs,
  givesUp,
  loseRequests,
  newHandle,
  openRequests,
  queueRequest,
  readTimeoutMs,
  takeReply,
  timeToNextPingUs,
} from "./client";
import type { ClientContext, PendingRequest } from "./context";
import { allOf, emptyFifo, type Fifo, withLast } from "./fifo";

const context: ClientContext = {
  ...newHandle({ name: "A", library: "3.9.5", servers: [1, 2, 3], timeoutMs: 6_000 }),
  sessionId: "0x1",
  lastZxidSeen: 5,
  nextCxid: 3,
  pending: [
    { cxid: 1, tag: "a", op: { type: "getData", path: "/a", watch: true } } as const,
    { cxid: 2, tag: "b", op: { type: "delete", path: "/a", version: -1 } } as const,
  ].reduce<Fifo<PendingRequest>>(withLast, emptyFifo()),
};

test("of a timeout of 6 s: 4 s to read, 2 s for one of three servers", () => {
  expect(readTimeoutMs(6_000)).toBe(4_000);
  expect(connectTimeoutMs(6_000, 3)).toBe(2_000);
});

test("after four thirds of silence the library of 3.9.5 gives its session up, that of 3.8.0 never", () => {
  expect(givesUp(context, 7_999)).toBe(false);
  expect(givesUp(context, 8_000)).toBe(true);
  expect(givesUp({ ...context, library: "3.8.0" }, 80_000)).toBe(false);
});

test("without a session there is nothing to give up: it tries for ever", () => {
  expect(givesUp({ ...context, sessionId: null }, 80_000)).toBe(false);
});

test.each([
  ["right after sending, half the read timeout is left", 6_000, 0, 2_000],
  ["some of it has passed", 6_000, 700, 1_300],
  ["after more than a second the ping comes a second earlier", 6_000, 1_001, -1],
  ["nobody wakes a library that sleeps: with 40 s it pings after 13.3 s", 40_000, 0, 13_333],
  ["woken after more than 10 s it pings at once", 40_000, 10_001, 0],
])("%s", (_, timeoutMs, idleMs, expectedMs) => {
  expect(timeToNextPingUs(timeoutMs, idleMs * 1_000)).toBe(expectedMs * 1_000);
});

test("a reply answers its request, what it shows has been seen, and its watch stands", () => {
  const reply = { cxid: 1, zxid: 9, code: "OK", data: "x", stat: null } as const;
  const taken = takeReply(context, reply);
  expect(allOf<PendingRequest>(taken.pending ?? emptyFifo()).map(({ cxid }) => cxid)).toEqual([2]);
  expect(taken.lastZxidSeen).toBe(9);
  expect(taken.replies).toEqual([{ ...reply, op: { type: "getData", path: "/a", watch: true } }]);
  expect(taken.watches?.data).toEqual({ "/a": true });
});

test("with the connection every open request is lost, sent or not, its outcome unknown", () => {
  const waiting = {
    ...context,
    outgoing: [{ tag: "c", op: { type: "exists" as const, path: "/b" } }],
  };
  expect(openRequests(waiting).map(({ tag }) => tag)).toEqual(["a", "b", "c"]);
  const left = loseRequests(waiting, "CONNECTIONLOSS");
  expect(left.pending).toEqual(emptyFifo());
  expect(left.outgoing).toEqual([]);
  expect(left.replies?.map(({ cxid, code }) => [cxid, code])).toEqual([
    [1, "CONNECTIONLOSS"],
    [2, "CONNECTIONLOSS"],
    [0, "CONNECTIONLOSS"],
  ]);
});

test("a proof of identity is kept for later connections, and nobody waits for its answer", () => {
  const op = { type: "auth" as const, scheme: "digest", credential: "a:b" };
  const queued = { ...context, ...queueRequest(context, { op, tag: "" }) };
  expect(queued.auths).toEqual([{ scheme: "digest", credential: "a:b" }]);
  expect(openRequests(queued).map(({ tag }) => tag)).toEqual(["a", "b"]);
});
