import { expect, test } from "vitest";
import {
  connectTimeoutMs,
  expirationTimeoutMs,
  loseRequests,
  readTimeoutMs,
  takeReply,
  timeToNextPingUs,
} from "./client";
import type { ClientContext } from "./context";

const context: ClientContext = {
  name: "A",
  servers: [1, 2, 3],
  at: 0,
  connection: 7,
  requestedTimeoutMs: 6_000,
  timeoutMs: 6_000,
  sessionId: "0x1",
  password: "p",
  lastZxidSeen: 5,
  nextCxid: 3,
  pending: [
    { cxid: 1, op: { type: "getData", path: "/a" } },
    { cxid: 2, op: { type: "delete", path: "/a", version: -1 } },
  ],
  replies: [],
};

test("of a timeout of 6 s: 4 s to read, 2 s for one of three servers, 8 s until the client gives up itself", () => {
  expect(readTimeoutMs(6_000)).toBe(4_000);
  expect(connectTimeoutMs(6_000, 3)).toBe(2_000);
  expect(expirationTimeoutMs(6_000)).toBe(8_000);
});

test.each([
  ["right after sending, half the read timeout is left", 6_000, 0, 2_000],
  ["some of it has passed", 6_000, 700, 1_300],
  ["after more than a second the ping comes a second earlier", 6_000, 1_001, -1],
  ["with a long timeout it comes after 10 s at the latest", 40_000, 0, 10_000],
  ["and 10 s after the last send it is due", 40_000, 10_000, 0],
])("%s", (_, timeoutMs, idleMs, expectedMs) => {
  expect(timeToNextPingUs(timeoutMs, idleMs * 1_000)).toBe(expectedMs * 1_000);
});

test("a reply answers its request, and what it shows has been seen", () => {
  const reply = { cxid: 1, zxid: 9, code: "OK", data: "x", stat: null } as const;
  const taken = takeReply(context, reply);
  expect(taken.pending?.map(({ cxid }) => cxid)).toEqual([2]);
  expect(taken.lastZxidSeen).toBe(9);
  expect(taken.replies).toEqual([{ ...reply, op: { type: "getData", path: "/a" } }]);
});

test("an older zxid does not take back what was seen, an unasked reply changes nothing", () => {
  const reply = { cxid: 1, zxid: 3, code: "OK", data: null, stat: null } as const;
  expect(takeReply(context, reply).lastZxidSeen).toBe(5);
  expect(takeReply(context, { ...reply, cxid: 8 })).toEqual({});
});

test("with the connection every open request is lost, its outcome unknown", () => {
  const lost = loseRequests(context);
  expect(lost.pending).toEqual([]);
  expect(lost.replies?.map(({ cxid, code }) => [cxid, code])).toEqual([
    [1, "CONNECTIONLOSS"],
    [2, "CONNECTIONLOSS"],
  ]);
});
