import { createOf } from "../net/request";
import { expect, test } from "vitest";
import { beginClient, stepClient } from "../sim/chart";
import type { ClientContext } from "./context";
import type { ClientEvent } from "./events";

const fresh: ClientContext = {
  name: "A",
  servers: [2, 3, 1],
  at: 0,
  connection: null,
  requestedTimeoutMs: 6_000,
  timeoutMs: 6_000,
  sessionId: null,
  password: "",
  lastZxidSeen: 0,
  nextCxid: 1,
  pending: [],
  replies: [],
};

function after(...events: readonly ClientEvent[]) {
  let step = beginClient(fresh);
  for (const event of events) step = stepClient(step.state, event);
  const { state, effects } = step;
  return {
    value: state.value,
    context: state.context,
    effects,
    types: effects.map(({ type }) => type),
    facts: effects.flatMap((effect) => (effect.type === "tell" ? [effect.fact] : [])),
    sent: effects.flatMap((effect) => (effect.type === "send" ? [effect.packet] : [])),
  };
}

const opened: readonly ClientEvent[] = [
  { type: "dial" },
  { type: "tcp connected", connection: 7 },
  { type: "ConnectResponse", timeoutMs: 4_000, sessionId: "0x1", password: "p", readOnly: false },
];
const getData: ClientEvent = { type: "operate", op: { type: "getData", path: "/a" } };
const create: ClientEvent = {
  type: "operate",
  op: createOf("/a", ""),
};
const closed: ClientEvent = { type: "connection closed", connection: 7 };

test("the very first attempt is made at once, later ones after a pause", () => {
  expect(after().effects).toEqual([{ type: "dial later", wait: "none" }]);
  expect(after({ type: "dial" }, { type: "tcp refused" }).effects).toContainEqual({
    type: "dial later",
    wait: "pause",
  });
});

test("servers are tried in the order of the list, round and round, with a longer pause after the whole list", () => {
  const events: ClientEvent[] = [];
  const tried: number[] = [];
  const waits: string[] = [];
  for (let nth = 0; nth < 4; nth += 1) {
    events.push({ type: "dial" });
    for (const effect of after(...events).effects)
      if (effect.type === "dial") tried.push(effect.sid);
    events.push({ type: "tcp refused" });
    for (const effect of after(...events).effects)
      if (effect.type === "dial later") waits.push(effect.wait);
  }
  expect(tried).toEqual([2, 3, 1, 2]);
  expect(waits).toEqual(["pause", "pause", "pause after the whole list", "pause"]);
});

test("the first words on a connection ask for a new session, later ones for the one there was", () => {
  expect(after(...opened.slice(0, 2)).sent).toMatchObject([
    { type: "ConnectRequest", sessionId: null, timeoutMs: 6_000, lastZxidSeen: 0 },
  ]);
  const again = after(
    ...opened,
    { type: "pong", zxid: 9 },
    closed,
    { type: "dial" },
    { type: "tcp connected", connection: 8 },
  );
  expect(again.sent).toMatchObject([
    { type: "ConnectRequest", sessionId: "0x1", password: "p", lastZxidSeen: 9 },
  ]);
});

test("the negotiated timeout counts from the first answer on", () => {
  const { context, facts, effects } = after(...opened);
  expect(context.timeoutMs).toBe(4_000);
  expect(facts).toMatchObject([{ type: "client.connected", server: 2, newSession: true }]);
  expect(effects).toContainEqual(expect.objectContaining({ name: "read", ms: 2_666 }));
});

test("what the application asks while there is no connection is sent once there is one", () => {
  const { sent } = after(getData, ...opened);
  expect(sent).toEqual([{ type: "request", cxid: 1, op: { type: "getData", path: "/a" } }]);
});

test("with the connection a write is lost and told, a read is lost silently", () => {
  const { value, context, facts } = after(...opened, getData, create, closed);
  expect(value).toBe("connecting");
  expect(facts).toMatchObject([
    { type: "client.disconnected", server: 2 },
    { type: "write.fail", path: "/a", code: "CONNECTIONLOSS" },
  ]);
  expect(context.replies.map(({ code }) => code)).toEqual(["CONNECTIONLOSS", "CONNECTIONLOSS"]);
});

test("the end of an older connection is not the end of this one", () => {
  expect(after(...opened, { type: "connection closed", connection: 6 }).value).toBe("connected");
});

test("nothing read for two thirds of the timeout: the client drops the connection and goes to the next server", () => {
  const { value, context, effects } = after(...opened, { type: "read timeout" });
  expect(value).toBe("connecting");
  expect(context.at).toBe(1);
  expect(effects).toContainEqual({ type: "close", connection: 7 });
});

test("a timeout of 0 says that the session is over: the handle is dead and answers nothing more", () => {
  const over: ClientEvent = {
    type: "ConnectResponse",
    timeoutMs: 0,
    sessionId: "0x1",
    password: "",
    readOnly: false,
  };
  const expired = [
    ...opened,
    closed,
    { type: "dial" },
    { type: "tcp connected", connection: 8 },
    over,
  ] as const;
  const { value, context, facts } = after(...expired);
  expect(value).toBe("closed");
  expect(facts).toEqual([{ type: "client.expiredSeen", name: "A", sid: "0x1", by: "server" }]);
  expect(context.sessionId).toBeNull();
  expect(after(...expired, getData).effects).toEqual([]);
  expect(after(...expired, { type: "reopen" }).value).toBe("connecting");
});

test("a client that reaches no server for four thirds of its timeout gives the session up, without one it goes on", () => {
  const { value, facts } = after(...opened, closed, { type: "own expiry" });
  expect(value).toBe("closed");
  expect(facts).toEqual([{ type: "client.expiredSeen", name: "A", sid: "0x1", by: "own clock" }]);
  expect(after({ type: "dial" }, { type: "own expiry" }).value).toBe("dialing");
});

test("an attempt may take its share of the timeout, its answer included", () => {
  expect(after({ type: "dial" }).effects).toContainEqual(
    expect.objectContaining({ name: "attempt", ms: 2_000 }),
  );
  const { value, effects } = after(...opened.slice(0, 2), { type: "attempt timeout" });
  expect(value).toBe("connecting");
  expect(effects).toContainEqual({ type: "close", connection: 7 });
});
