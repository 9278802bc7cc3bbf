import { describe, expect, test } from "vitest";
import { createOf } from "../net/request";
import { beginClient, stepClient } from "../sim/chart";
import { newHandle } from "./client";
import type { ClientContext, ClientLibrary } from "./context";
import type { ClientEvent } from "./events";
import { isEmpty } from "./fifo";

const handle = (library: ClientLibrary = "3.9.5", more: Partial<ClientContext> = {}) => ({
  ...newHandle({ name: "A", library, servers: [2, 3, 1], timeoutMs: 6_000 }),
  ...more,
});

/** What comes of these events; an `after` of the chart is run where "later" stands. */
function afterOn(fresh: ClientContext, ...events: readonly (ClientEvent | "later")[]) {
  let step = beginClient(fresh);
  let delayed: ClientEvent | null = null;
  for (const event of events) {
    for (const effect of step.effects) if (effect.type === "start delay") delayed = effect.event;
    step = stepClient(step.state, event === "later" ? (delayed as unknown as ClientEvent) : event);
  }
  const { state, effects } = step;
  return {
    value: state.value,
    context: state.context,
    effects,
    facts: effects.flatMap((effect) => (effect.type === "tell" ? [effect.fact] : [])),
    sent: effects.flatMap((effect) => (effect.type === "send" ? [effect.packet] : [])),
    news: effects.flatMap((effect) => (effect.type === "deliver" ? [effect.news] : [])),
  };
}
const after = (...events: readonly (ClientEvent | "later")[]) => afterOn(handle(), ...events);

const dial = (silentMs = 0): ClientEvent => ({ type: "dial", silentMs });
const session = (more: Partial<Extract<ClientEvent, { type: "ConnectResponse" }>> = {}) =>
  ({
    type: "ConnectResponse",
    timeoutMs: 4_000,
    sessionId: "0x1",
    password: "p",
    readOnly: false,
    ...more,
  }) as const;
const opened = [dial(), { type: "tcp connected", connection: 7 } as const, session()];
const getData: ClientEvent = {
  type: "operate",
  op: { type: "getData", path: "/a", watch: true },
  tag: "read",
};
const create: ClientEvent = { type: "operate", op: createOf("/a", ""), tag: "make" };
const reply = (cxid: number, zxid: number, code: "OK" | "NONODE" | "AUTHFAILED" = "OK") =>
  ({ type: "response", cxid, zxid, code, data: null, stat: null }) as const;
const closed: ClientEvent = { type: "connection closed", connection: 7 };
const again = [dial(), { type: "tcp connected", connection: 8 } as const];

describe("finding a server", () => {
  test("the very first attempt is made at once", () => {
    expect(after().effects).toEqual([{ type: "dial later", random: false, wholeList: false }]);
  });

  test("until a first connection has stood there is no random pause, only the one after the whole list", () => {
    const refused: ClientEvent = { type: "tcp refused" };
    const waits: unknown[] = [];
    const tried: number[] = [];
    const events: (ClientEvent | "later")[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      events.push(dial());
      for (const effect of after(...events).effects)
        if (effect.type === "dial") tried.push(effect.sid);
      events.push(refused, "later");
      for (const effect of after(...events).effects)
        if (effect.type === "dial later") waits.push([effect.random, effect.wholeList]);
    }
    expect(tried).toEqual([2, 3, 1, 2]);
    expect(waits).toEqual([
      [false, false],
      [false, false],
      [false, true],
      [false, false],
    ]);
    expect(after(...opened, closed, "later").effects).toContainEqual({
      type: "dial later",
      random: true,
      wholeList: false,
    });
  });

  test("TCP may take a share of the timeout, and the answer another one", () => {
    const share = { type: "bound the attempt", ms: 2_000 };
    expect(after(dial()).effects).toContainEqual(share);
    expect(after(...opened.slice(0, 2)).effects).toContainEqual(share);
    const late: ClientEvent = { type: "attempt timeout", silentMs: 2_000 };
    const { value, effects } = after(...opened.slice(0, 2), late);
    expect(value).toEqual({ connecting: "cleanup" });
    expect(effects).toContainEqual({ type: "close", connection: 7 });
  });

  test("the first words ask for a new session, later ones for the one there was", () => {
    expect(after(...opened.slice(0, 2)).sent).toMatchObject([
      { type: "ConnectRequest", sessionId: null, timeoutMs: 6_000, lastZxidSeen: 0 },
    ]);
    const seen = [getData, reply(1, 9)];
    expect(after(...opened, ...seen, closed, "later", ...again).sent).toMatchObject([
      { type: "ConnectRequest", sessionId: "0x1", password: "p", lastZxidSeen: 9 },
    ]);
  });

  test("a pong and a watch event show no zxid to come back with", () => {
    const event: ClientEvent = {
      type: "watchEvent",
      event: "NodeCreated",
      path: "/a",
      zxid: 12,
    };
    const { context } = after(...opened, getData, reply(1, 9), { type: "pong", zxid: 11 }, event);
    expect(context.lastZxidSeen).toBe(9);
  });

  test("the end of an older connection is not the end of this one", () => {
    expect(after(...opened, { type: "connection closed", connection: 6 }).value).toBe("connected");
  });

  test("another list of servers makes it leave a server that is not in it", () => {
    const hosts = { servers: [5, 4], at: -1, last: -1, moving: [5, 4] };
    const { value, effects } = after(...opened, { type: "new hosts", hosts, move: true });
    expect(value).toEqual({ connecting: "cleanup" });
    expect(effects).toContainEqual({ type: "close", connection: 7 });
    const tries = after(...opened, { type: "new hosts", hosts, move: true }, "later", dial());
    expect(tries.effects).toContainEqual({ type: "dial", sid: 5 });
  });
});

describe("a session", () => {
  test("begins with the negotiated timeout, and the default watcher hears SyncConnected", () => {
    const { context, facts, effects, news } = after(...opened);
    expect(context.timeoutMs).toBe(4_000);
    expect(facts).toMatchObject([{ type: "client.connected", server: 2, newSession: true }]);
    expect(effects).toContainEqual({ type: "bound the silence", ms: 2_666 });
    expect(news).toEqual([{ type: "state", state: "SyncConnected", sessionId: "0x1" }]);
  });

  test("comes through a change of server: the watcher hears Disconnected once, then SyncConnected", () => {
    const lost = after(...opened, closed);
    expect(lost.facts).toEqual([{ type: "client.disconnected", name: "A", server: 2 }]);
    expect(lost.news).toEqual([]);
    expect(after(...opened, closed, "later").news).toEqual([
      { type: "state", state: "Disconnected", sessionId: "0x1" },
    ]);
    const next = [dial(), { type: "tcp refused" } as const, "later" as const];
    expect(after(...opened, closed, "later", ...next).news).toEqual([]);
    const back = after(...opened, closed, "later", ...again, session());
    expect(back.facts).toMatchObject([{ type: "client.connected", server: 3, newSession: false }]);
    expect(back.news).toEqual([{ type: "state", state: "SyncConnected", sessionId: "0x1" }]);
  });

  test("is dropped by the client after two thirds of silence on its connection, with the session kept", () => {
    const { value, effects, context } = after(...opened, { type: "read timeout", silentMs: 2_666 });
    expect(value).toEqual({ connecting: "cleanup" });
    expect(effects).toContainEqual({ type: "close", connection: 7 });
    expect(context.sessionId).toBe("0x1");
  });

  test("a timeout of 0 says that it is over: Expired, and the handle is dead", () => {
    const over = session({ timeoutMs: 0, sessionId: "0x0", password: "" });
    const events = [...opened, closed, "later" as const, getData, ...again, over];
    const { value, context, facts, news } = after(...events);
    expect(value).toBe("closed");
    expect(facts).toEqual([{ type: "client.expiredSeen", name: "A", sid: "0x1", by: "server" }]);
    expect(news).toMatchObject([
      { type: "state", state: "Expired" },
      { type: "result", tag: "read", reply: { code: "SESSIONEXPIRED" } },
    ]);
    expect(context.sessionId).toBeNull();
    expect(after(...events, create).news).toMatchObject([
      { type: "result", tag: "make", reply: { code: "SESSIONEXPIRED" } },
    ]);
  });
});

describe("its own expiry", () => {
  test.each([
    ["when an attempt begins", [closed, "later", dial(5_333)]],
    [
      "when an attempt ends",
      [closed, "later", dial(5_332), { type: "attempt timeout", silentMs: 6_665 }],
    ],
    ["when it wakes on its connection", [{ type: "read timeout", silentMs: 9_000 }]],
  ] as const)("is noticed %s", (_, events) => {
    const { value, facts, news } = after(...opened, ...events);
    expect(value).toBe("closed");
    expect(facts).toEqual([{ type: "client.expiredSeen", name: "A", sid: "0x1", by: "own clock" }]);
    expect(news.at(-1)).toMatchObject({ type: "state", state: "Expired" });
  });

  test("does not exist in 3.8.0: it tries for ever", () => {
    const { value } = afterOn(handle("3.8.0"), ...opened, closed, "later", dial(600_000));
    expect(value).toBe("dialing");
  });

  test("does not come to a client that has never had a session", () => {
    expect(after(dial(), { type: "tcp refused" }, "later", dial(600_000)).value).toBe("dialing");
  });
});

describe("requests", () => {
  test("are sent one behind the other without waiting, and answered in order", () => {
    const { sent } = after(getData, create, ...opened);
    expect(sent).toMatchObject([
      { type: "request", cxid: 1, op: { type: "getData" } },
      { type: "request", cxid: 2, op: { type: "create2" } },
    ]);
    const both = [...opened, getData, create];
    expect(after(...both, reply(1, 4)).news).toMatchObject([{ type: "result", tag: "read" }]);
    expect(after(...both, reply(1, 4), reply(2, 5)).facts).toMatchObject([
      { type: "write.ack", path: "/a", zxid: 5 },
    ]);
  });

  test("an answer to another request than the oldest breaks the connection", () => {
    const { value, effects } = after(...opened, getData, create, reply(2, 5));
    expect(value).toEqual({ connecting: "cleanup" });
    expect(effects).toContainEqual({ type: "close", connection: 7 });
  });

  test("end with ConnectionLoss when the connection is lost, before the watcher hears Disconnected", () => {
    const { facts, news } = after(...opened, getData, create, closed, "later");
    expect(facts).toMatchObject([{ type: "write.fail", path: "/a", code: "CONNECTIONLOSS" }]);
    expect(news).toMatchObject([
      { type: "result", tag: "read", reply: { code: "CONNECTIONLOSS" } },
      { type: "result", tag: "make", reply: { code: "CONNECTIONLOSS" } },
      { type: "state", state: "Disconnected" },
    ]);
  });

  test("made without a connection end so too when the next attempt fails", () => {
    const { news } = after(
      ...opened,
      closed,
      "later",
      getData,
      dial(),
      { type: "tcp refused" },
      "later",
    );
    expect(news).toMatchObject([
      { type: "result", tag: "read", reply: { code: "CONNECTIONLOSS" } },
    ]);
  });
});

describe("watches", () => {
  const event: ClientEvent = {
    type: "watchEvent",
    event: "NodeDataChanged",
    path: "/a",
    zxid: 8,
  };

  test("stand once the reply says so, and are delivered once", () => {
    expect(after(...opened, event).news).toEqual([]);
    expect(after(...opened, getData, reply(1, 4, "NONODE"), event).news).toEqual([]);
    const set = [...opened, getData, reply(1, 4)];
    expect(after(...set, event).facts).toEqual([
      { type: "watch.fired", client: "A", path: "/a", kind: "NodeDataChanged" },
    ]);
    expect(after(...set, event, event).news).toEqual([]);
  });

  test("are set again on the next connection, before what the application asks", () => {
    const set = [...opened, getData, reply(1, 4)];
    const back = after(...set, closed, "later", create, ...again, session());
    expect(back.sent).toMatchObject([
      {
        type: "request",
        cxid: -8,
        op: { type: "setWatches", relativeZxid: 4, dataWatches: ["/a"] },
      },
      { type: "request", cxid: 2, op: { type: "create2" } },
    ]);
    const told = after(
      ...set,
      closed,
      "later",
      create,
      ...again,
      session(),
      reply(-8, 6),
      reply(2, 7),
    );
    expect(told.news).toMatchObject([{ type: "result", tag: "make" }]);
    expect(isEmpty(told.context.pending)).toBe(true);
  });

  test("that the application takes away are told as removed; those it has not as NOWATCHER", () => {
    const remove: ClientEvent = {
      type: "operate",
      op: { type: "removeWatches", path: "/a", watcherType: "Any" },
      tag: "remove",
    };
    expect(after(...opened, getData, reply(1, 4), remove, reply(2, 4)).news).toMatchObject([
      { type: "watch", event: "DataWatchRemoved", path: "/a" },
      { type: "result", tag: "remove", reply: { code: "OK" } },
    ]);
    expect(after(...opened, remove, reply(1, 4)).news).toMatchObject([
      { type: "result", tag: "remove", reply: { code: "NOWATCHER" } },
    ]);
  });
});

describe("proofs of identity", () => {
  const auth: ClientEvent = {
    type: "operate",
    op: { type: "auth", scheme: "digest", credential: "a:b" },
    tag: "",
  };

  test("are sent again on each connection, before the watches", () => {
    const { sent } = after(
      ...opened,
      auth,
      getData,
      reply(1, 4),
      closed,
      "later",
      ...again,
      session(),
    );
    expect(sent).toMatchObject([
      { cxid: -4, op: { type: "auth" } },
      { cxid: -8, op: { type: "setWatches" } },
    ]);
  });

  test("that are refused end the handle with AuthFailed", () => {
    const { value, news } = after(...opened, auth, getData, reply(-4, 0, "AUTHFAILED"));
    expect(value).toBe("authFailed");
    expect(news).toMatchObject([
      { type: "state", state: "AuthFailed" },
      { type: "result", tag: "read", reply: { code: "AUTHFAILED" } },
    ]);
    expect(after(...opened, auth, reply(-4, 0, "AUTHFAILED"), getData).news).toMatchObject([
      { type: "result", reply: { code: "AUTHFAILED" } },
    ]);
  });
});

describe("close", () => {
  const close: ClientEvent = { type: "close", tag: "close" };

  test("closes the session, waits for the answer, and then the handle is over for ever", () => {
    expect(after(...opened, close).sent).toMatchObject([{ cxid: 1, op: { type: "closeSession" } }]);
    const { value, news, effects } = after(...opened, close, reply(1, 9));
    expect(value).toBe("closed");
    expect(effects).toContainEqual({ type: "close", connection: 7 });
    expect(news).toMatchObject([
      { type: "result", tag: "close", reply: { code: "OK" } },
      { type: "state", state: "Closed" },
    ]);
    expect(after(...opened, close, reply(1, 9), dial(), getData).value).toBe("closed");
  });

  test("takes no more requests", () => {
    expect(after(...opened, close, getData).news).toMatchObject([
      { type: "result", tag: "read", reply: { code: "CONNECTIONLOSS" } },
    ]);
  });

  test("when the connection is lost before the answer, there is no other attempt", () => {
    const { value, news } = after(...opened, close, closed, "later");
    expect(value).toBe("closed");
    expect(news).toMatchObject([
      { type: "result", tag: "close", reply: { code: "CONNECTIONLOSS" } },
      { type: "state", state: "Disconnected" },
      { type: "state", state: "Closed" },
    ]);
  });

  test("without a connection it still tries the one attempt that has begun", () => {
    const waiting = [...opened, closed, "later" as const, close];
    expect(after(...waiting, ...again, session()).sent).toMatchObject([
      { op: { type: "closeSession" } },
    ]);
    expect(after(...waiting, dial(), { type: "tcp refused" }, "later").value).toBe("closed");
  });
});

describe("a read-only server", () => {
  const readOnly = [...opened.slice(0, 2), session({ readOnly: true })];
  const may = handle("3.9.5", { canBeReadOnly: true });

  test("is told as ConnectedReadOnly, and the client looks for another one", () => {
    const { value, news, effects } = afterOn(may, ...readOnly);
    expect(value).toBe("connected");
    expect(news).toMatchObject([{ type: "state", state: "ConnectedReadOnly" }]);
    expect(effects).toContainEqual({ type: "search later", again: false });
    const asks = afterOn(may, ...readOnly, { type: "search due" });
    expect(asks.effects).toEqual([
      { type: "ask whether it serves writes", sid: 3 },
      { type: "search later", again: true },
    ]);
    expect(asks.context.server).toBe(2);
  });

  test("gives no session that others know: the next one is asked for a new one", () => {
    const found: ClientEvent = { type: "read/write server found", sid: 1 };
    const moved = [...readOnly, found, "later" as const, dial()];
    expect(afterOn(may, ...moved).effects).toContainEqual({ type: "dial", sid: 1 });
    expect(afterOn(may, ...moved, { type: "tcp connected", connection: 8 }).sent).toMatchObject([
      { type: "ConnectRequest", sessionId: null, readOnly: true },
    ]);
  });

  test("that has no session to give is left", () => {
    expect(after(...opened.slice(0, 2), reply(0, 0)).value).toEqual({ connecting: "cleanup" });
  });
});
