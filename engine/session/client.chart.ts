import { assign, setup } from "xstate";
import { assert } from "../assert";
import { type ClientPacket, isWrite } from "../net/request";
import type { Sid } from "../units";
import { clientPath, toServer } from "./chroot";
import {
  answerOf,
  connectedState,
  connectTimeoutMs,
  givesUp,
  isSetWatches,
  lost,
  type LostCode,
  loseRequests,
  openRequests,
  pathOf,
  queueRequest,
  readTimeoutMs,
  sessionToAskFor,
  takeReply,
} from "./client";
import type { ClientFact } from "./clientFacts";
import { removeWatches, setWatchesOf, takeEvent } from "./clientWatches";
import type { ClientContext, KeeperState, PendingRequest } from "./context";
import type { ClientEvent } from "./events";
import { emptyFifo, headOf, withLast } from "./fifo";
import { currentHost, hostConnected, nextHost } from "./hostList";
import type { ClientNews } from "./news";

/** What a client's chart wants done; performed by sim/performClient.ts. */
export type ClientEffect =
  /** At once; or after a random pause, once a connection has stood; and a second more after the whole list. */
  | { readonly type: "dial later"; readonly random: boolean; readonly wholeList: boolean }
  | { readonly type: "dial"; readonly sid: Sid }
  | { readonly type: "send"; readonly packet: ClientPacket }
  | { readonly type: "close"; readonly connection: number | null }
  | { readonly type: "bound the attempt"; readonly ms: number }
  | { readonly type: "stop bounding the attempt" }
  /** From the last thing heard: "read timeout" when the silence has lasted so long. */
  | { readonly type: "bound the silence"; readonly ms: number }
  /** The library is awake: is a ping due? */
  | { readonly type: "look at the clock" }
  | { readonly type: "stop looking at the clock" }
  /** "search due" after this; with `again`, after twice the last time. */
  | { readonly type: "search later"; readonly again: boolean }
  | { readonly type: "ask whether it serves writes"; readonly sid: Sid }
  | { readonly type: "deliver"; readonly news: ClientNews }
  | { readonly type: "tell"; readonly fact: ClientFact };

interface Moment {
  readonly context: ClientContext;
  readonly event: ClientEvent;
}

function heard<T extends ClientEvent["type"]>(
  event: ClientEvent,
  type: T,
): Extract<ClientEvent, { type: T }> {
  assert(event.type === type, `an action for ${type} runs on that event, not on ${event.type}`);
  return event as Extract<ClientEvent, { type: T }>;
}

/** How long no server has been heard of, for what the library hears when it wakes. */
const silence = (event: ClientEvent): number => ("silentMs" in event ? event.silentMs : 0);

/** What was asked ends without an answer; a lost write is told. */
const ended = (context: ClientContext, code: LostCode): ClientEffect[] =>
  openRequests(context).flatMap((asked): ClientEffect[] => {
    const { op, ...reply } = lost(asked, code);
    const news: ClientNews = { type: "result", tag: asked.tag, op, reply };
    const server = context.server;
    const fact = {
      type: "write.fail" as const,
      client: context.name,
      server,
      path: pathOf(op),
      code,
    };
    return isWrite(op)
      ? [
          { type: "tell", fact },
          { type: "deliver", news },
        ]
      : [{ type: "deliver", news }];
  });

/** The default watcher is told of a state it does not know yet. Source: EventThread.queueEvent. */
const watcherHears = (context: ClientContext, state: KeeperState): ClientEffect[] =>
  context.keeperState === state
    ? []
    : [{ type: "deliver", news: { type: "state", state, sessionId: context.sessionId } }];

const expiredSeen = (context: ClientContext, by: "server" | "own clock"): ClientEffect[] =>
  context.sessionId === null
    ? []
    : [
        {
          type: "tell",
          fact: { type: "client.expiredSeen", name: context.name, sid: context.sessionId, by },
        },
      ];

/** What each named action of a client's chart wants done. */
export const clientWishes = {
  "dial at once": () => [{ type: "dial later", random: false, wholeList: false }],
  "dial after a pause": ({ context }) => [
    {
      type: "dial later",
      random: context.everConnected,
      wholeList: nextHost(context.hosts).wholeList,
    },
  ],
  dial: ({ context }) => [{ type: "dial", sid: context.server }],
  "bound the attempt": ({ context }) => [
    {
      type: "bound the attempt",
      ms: connectTimeoutMs(context.timeoutMs, context.hosts.servers.length),
    },
  ],
  "stop bounding the attempt": () => [{ type: "stop bounding the attempt" }],
  "send ConnectRequest": ({ context }) => [
    {
      type: "send",
      packet: {
        type: "ConnectRequest",
        lastZxidSeen: context.lastZxidSeen,
        timeoutMs: context.requestedTimeoutMs,
        sessionId: sessionToAskFor(context),
        password: context.password,
        readOnly: context.canBeReadOnly,
      },
    },
  ],
  "read within two thirds": ({ context }) => [
    { type: "bound the silence", ms: readTimeoutMs(context.timeoutMs) },
  ],
  "look at the clock": () => [{ type: "look at the clock" }],
  "stop looking at the clock": () => [{ type: "stop looking at the clock" }],
  "send a ping": () => [{ type: "send", packet: { type: "ping" } }],
  /** Each is put in front of those before it. Source: ClientCnxn.SendThread.primeConnection. */
  "send proofs and watches": ({ context }) => [
    ...context.auths.toReversed().map(({ scheme, credential }): ClientEffect => ({
      type: "send",
      packet: { type: "request", cxid: -4, op: { type: "auth", scheme, credential } },
    })),
    ...setWatchesOf(context.watches, context.lastZxidSeen).map((op): ClientEffect => ({
      type: "send",
      packet: { type: "request", cxid: -8, op: toServer(context.chroot, op) },
    })),
  ],
  "send what is queued": ({ context }) =>
    numbered(context).map(({ cxid, op }): ClientEffect => ({
      type: "send",
      packet: { type: "request", cxid, op: toServer(context.chroot, op) },
    })),
  "close the connection": ({ context }) => [{ type: "close", connection: context.connection }],
  "tell that it is connected": ({ context, event }) => {
    const { sessionId } = heard(event, "ConnectResponse");
    return [
      {
        type: "tell",
        fact: {
          type: "client.connected",
          name: context.name,
          server: context.server,
          sid: sessionId,
          newSession: context.sessionId !== sessionId,
        },
      },
    ];
  },
  "tell that it is disconnected": ({ context }) => [
    {
      type: "tell",
      fact: {
        type: "client.disconnected",
        name: context.name,
        server: context.server,
      },
    },
  ],
  "the watcher hears that it is connected": ({ context, event }) => {
    const { readOnly, sessionId } = heard(event, "ConnectResponse");
    return watcherHears({ ...context, sessionId }, connectedState(readOnly));
  },
  "the watcher hears Disconnected": ({ context }) => watcherHears(context, "Disconnected"),
  "the watcher hears Expired": ({ context }) => watcherHears(context, "Expired"),
  "the watcher hears AuthFailed": ({ context }) => watcherHears(context, "AuthFailed"),
  "the watcher hears Closed": ({ context }) => watcherHears(context, "Closed"),
  "end open requests with ConnectionLoss": ({ context }) => ended(context, "CONNECTIONLOSS"),
  "end open requests with SessionExpired": ({ context }) => ended(context, "SESSIONEXPIRED"),
  "end open requests with AuthFailed": ({ context }) => ended(context, "AUTHFAILED"),
  "deliver the reply": ({ context, event }) => {
    const reply = heard(event, "response");
    const asked = headOf(context.pending);
    if (asked === null || isSetWatches(asked.op)) return [];
    return delivered(context, asked, reply);
  },
  /** A handle that is over, or closing, takes no more requests. Source: ClientCnxn.queuePacket. */
  "refuse with SessionExpired": ({ event }) => refused(event, "SESSIONEXPIRED"),
  "refuse with AuthFailed": ({ event }) => refused(event, "AUTHFAILED"),
  "refuse with ConnectionLoss": ({ event }) => refused(event, "CONNECTIONLOSS"),
  "deliver the watch event": ({ context, event }) => {
    const { event: kind, path: from, zxid } = heard(event, "watchEvent");
    const path = clientPath(context.chroot, from);
    if (!takeEvent(context.watches, kind, path).wanted) return [];
    return [
      { type: "tell", fact: { type: "watch.fired", client: context.name, path, kind } },
      { type: "deliver", news: { type: "watch", event: kind, path, zxid } },
    ];
  },
  "tell that the server says expired": ({ context }) => expiredSeen(context, "server"),
  "tell that it gives up": ({ context }) => expiredSeen(context, "own clock"),
  "search for a server that writes": ({ context }) =>
    context.readOnly ? [{ type: "search later", again: false }] : [],
  "ask whether it serves writes": ({ context }) => [
    { type: "ask whether it serves writes", sid: currentHost(nextHost(context.hosts).hosts) },
    { type: "search later", again: true },
  ],
} satisfies Record<string, (moment: Moment) => readonly ClientEffect[]>;

/** The queue as it is sent: each request gets its number now. Proofs have one of their own. */
function numbered(context: ClientContext): readonly PendingRequest[] {
  let next = context.nextCxid;
  return context.outgoing.map((asked) => {
    if (asked.op.type === "auth") return { ...asked, cxid: -4 };
    next += 1;
    return { ...asked, cxid: next - 1 };
  });
}

/** A result, and the events that taking watches away brings. Source: ClientCnxn.finishPacket. */
function delivered(
  context: ClientContext,
  asked: PendingRequest,
  reply: Extract<ClientEvent, { type: "response" }>,
): ClientEffect[] {
  const { type: _, ...plain } = reply;
  const { op, ...answer } = answerOf(context, asked, plain);
  const removed =
    op.type === "removeWatches" && answer.code === "OK"
      ? removeWatches(context.watches, op.path, op.watcherType).events
      : null;
  const code = removed?.length === 0 ? "NOWATCHER" : answer.code;
  const path = answer.path ?? pathOf(op);
  const at = { client: context.name, server: context.server, path };
  const effects: ClientEffect[] = (removed ?? []).map((event) => ({
    type: "deliver",
    news: { type: "watch", event, path: pathOf(op), zxid: -1 },
  }));
  if (isWrite(op))
    effects.push({
      type: "tell",
      fact:
        code === "OK"
          ? { type: "write.ack", ...at, zxid: answer.zxid, down: 0 }
          : { type: "write.fail", ...at, code },
    });
  const news: ClientNews = { type: "result", tag: asked.tag, op, reply: { ...answer, code } };
  return [...effects, { type: "deliver", news }];
}

function refused(event: ClientEvent, code: LostCode): ClientEffect[] {
  if (event.type !== "operate") return [];
  const { op, ...reply } = lost(event, code);
  return [{ type: "deliver", news: { type: "result", tag: event.tag, op, reply } }];
}

type ClientWish = keyof typeof clientWishes;

/** What a named action wants done, or nothing when it only changes memory. */
export function clientEffectsOf(name: string, moment: Moment): readonly ClientEffect[] {
  const wish = (
    clientWishes as Readonly<Record<string, (moment: Moment) => readonly ClientEffect[]>>
  )[name];
  return wish === undefined ? [] : wish(moment);
}

const named = Object.fromEntries(
  Object.keys(clientWishes).map((name) => [name, () => {}]),
) as Record<ClientWish, () => void>;

const client = setup({
  types: {
    context: {} as ClientContext,
    events: {} as ClientEvent,
    input: {} as ClientContext,
  },
  guards: {
    "the session is over": ({ event }) => heard(event, "ConnectResponse").timeoutMs <= 0,
    "it has been silent for too long": ({ context, event }) => givesUp(context, silence(event)),
    "on this connection": ({ context, event }) =>
      heard(event, "connection closed").connection === context.connection,
    closing: ({ context }) => context.closing,
    "not closing yet": ({ context }) => !context.closing,
    "the proof was refused": ({ event }) => {
      const { cxid, code } = heard(event, "response");
      return cxid === -4 && code === "AUTHFAILED";
    },
    "it answers a proof": ({ event }) => heard(event, "response").cxid === -4,
    "it answers something else": ({ context, event }) =>
      headOf(context.pending)?.cxid !== heard(event, "response").cxid,
    "it answers closeSession": ({ context }) => headOf(context.pending)?.op.type === "closeSession",
    "it should leave its server": ({ event }) => heard(event, "new hosts").move,
  },
  actions: {
    ...named,
    "choose the next server": assign(({ context }) => {
      const { hosts } = nextHost(context.hosts);
      return { hosts, server: currentHost(hosts), connection: null, readOnly: false };
    }),
    "note the connection": assign(({ event }) => ({
      connection: heard(event, "tcp connected").connection,
      everConnected: true,
    })),
    "take the session": assign(({ context, event }) => {
      const { timeoutMs, sessionId, password, readOnly } = heard(event, "ConnectResponse");
      return {
        timeoutMs,
        sessionId,
        password,
        readOnly,
        sessionIsReal: context.sessionIsReal || !readOnly,
        hosts: hostConnected(context.hosts),
        keeperState: connectedState(readOnly),
      };
    }),
    "the watches are asked for": assign(({ context }) => ({
      pending: setWatchesOf(context.watches, context.lastZxidSeen).reduce(
        (pending, op) => withLast<PendingRequest>(pending, { op, tag: "", cxid: -8 }),
        emptyFifo<PendingRequest>(),
      ),
    })),
    "the queue is sent": assign(({ context }) => {
      const sent = numbered(context);
      if (sent.length === 0) return {};
      const asked = sent.filter(({ cxid }) => cxid !== -4);
      return {
        outgoing: [],
        pending: asked.reduce(withLast, context.pending),
        nextCxid: context.nextCxid + asked.length,
      };
    }),
    "take the reply": assign(({ context, event }) => {
      const { type: _, ...reply } = heard(event, "response");
      const asked = headOf(context.pending)?.op;
      const taken = takeReply(context, reply);
      if (asked?.type !== "removeWatches" || reply.code !== "OK") return taken;
      return {
        ...taken,
        watches: removeWatches(context.watches, asked.path, asked.watcherType).watches,
      };
    }),
    "use up the watch": assign(({ context, event }) => {
      const { event: kind, path } = heard(event, "watchEvent");
      const { watches } = takeEvent(context.watches, kind, clientPath(context.chroot, path));
      return { watches };
    }),
    "queue the request": assign(({ context, event }) =>
      queueRequest(context, heard(event, "operate")),
    ),
    "begin to close": assign(({ context, event }) => ({
      closing: true,
      outgoing: [
        ...context.outgoing,
        { op: { type: "closeSession" as const }, tag: heard(event, "close").tag },
      ],
    })),
    "lose what was asked": assign(({ context }) => ({
      ...loseRequests(context, "CONNECTIONLOSS"),
      keeperState: "Disconnected" as const,
    })),
    "forget the session": assign(({ context }) => ({
      ...loseRequests(
        context,
        context.keeperState === "AuthFailed" ? "AUTHFAILED" : "SESSIONEXPIRED",
      ),
      sessionId: null,
      password: "",
      connection: null,
      readOnly: false,
      timeoutMs: context.requestedTimeoutMs,
      lastZxidSeen: 0,
    })),
    "it is expired": assign({ keeperState: "Expired" }),
    "it is closed": assign({ keeperState: "Closed" }),
    "its proof has failed": assign({ keeperState: "AuthFailed" }),
    "take the new hosts": assign(({ event }) => ({ hosts: heard(event, "new hosts").hosts })),
    "go to the server found": assign(({ context, event }) => ({
      hosts: { ...context.hosts, moving: [heard(event, "read/write server found").sid] },
    })),
    "look one further": assign(({ context }) => ({ hosts: nextHost(context.hosts).hosts })),
  },
});

/** The library gives its session up: state CLOSED, event Expired. Source: ClientCnxn.SendThread.run. */
const gaveUp = {
  guard: "it has been silent for too long",
  target: "#client.closed",
  actions: [
    "tell that it gives up",
    "close the connection",
    "end open requests with SessionExpired",
    "the watcher hears Expired",
    "it is expired",
  ],
} as const;

const onLoss = { target: "#client.connecting", actions: "tell that it is disconnected" } as const;
const onDrop = {
  target: "#client.connecting",
  actions: ["tell that it is disconnected", "close the connection"],
} as const;

/**
 * One client's handle: it keeps one connection to any server, and its session outlives that connection. What the
 * application asks is sent at once, answered in order, and lost with the connection. Source: ClientCnxn.SendThread.
 * Simpler than real: getState() says CONNECTED until the next attempt begins; here the handle is CONNECTING as soon as
 * it has lost its connection. SASL is left out, and so are a limit on the time of a request
 * (zookeeper.request.timeout) and on the length of a reply (jute.maxbuffer); watches are always set again.
 */
export const clientChart = client.createMachine({
  id: "client",
  context: ({ input }) => input,
  initial: "starting",
  on: {
    operate: [
      { guard: "closing", actions: "refuse with ConnectionLoss" },
      { actions: "queue the request" },
    ],
    close: { guard: "not closing yet", actions: "begin to close" },
    "new hosts": { actions: "take the new hosts" },
    end: ".down",
  },
  states: {
    /** The very first attempt is made at once. */
    starting: {
      entry: ["choose the next server", "dial at once"],
      on: { dial: "dialing" },
    },
    connecting: {
      initial: "cleanup",
      states: {
        /** The application hears of the loss a moment later. Source: ClientCnxnSocketNIO.cleanup, SendThread.cleanup. */
        cleanup: {
          after: {
            100: [
              {
                guard: "closing",
                target: "#client.closed",
                actions: [
                  "end open requests with ConnectionLoss",
                  "the watcher hears Disconnected",
                  "lose what was asked",
                  "the watcher hears Closed",
                  "it is closed",
                ],
              },
              {
                target: "pause",
                actions: [
                  "end open requests with ConnectionLoss",
                  "the watcher hears Disconnected",
                  "lose what was asked",
                ],
              },
            ],
          },
        },
        /** Up to a second of chance, and one more after the whole list. Source: startConnect; StaticHostProvider.next. */
        pause: {
          entry: ["dial after a pause", "choose the next server"],
          on: { dial: [gaveUp, { target: "#client.dialing" }] },
        },
      },
    },
    dialing: {
      entry: ["bound the attempt", "dial"],
      exit: "stop bounding the attempt",
      on: {
        "tcp connected": { target: "handshake", actions: "note the connection" },
        "tcp refused": "connecting",
        "attempt timeout": [gaveUp, { target: "connecting" }],
      },
    },
    handshake: {
      entry: ["bound the attempt", "send ConnectRequest"],
      exit: "stop bounding the attempt",
      on: {
        ConnectResponse: [
          {
            guard: "the session is over",
            target: "closed",
            actions: [
              "tell that the server says expired",
              "the watcher hears Expired",
              "it is expired",
              "end open requests with SessionExpired",
              "close the connection",
            ],
          },
          {
            target: "connected",
            actions: [
              "tell that it is connected",
              "the watcher hears that it is connected",
              "take the session",
            ],
          },
        ],
        /** Not what can be read here: a read-only server has no new sessions to give. */
        response: { target: "connecting", actions: "close the connection" },
        "connection closed": { guard: "on this connection", target: "connecting" },
        "attempt timeout": [gaveUp, { target: "connecting", actions: "close the connection" }],
        "new hosts": [
          {
            guard: "it should leave its server",
            target: "connecting",
            actions: ["take the new hosts", "close the connection"],
          },
          { actions: "take the new hosts" },
        ],
      },
    },
    connected: {
      entry: [
        "read within two thirds",
        "search for a server that writes",
        "send proofs and watches",
        "the watches are asked for",
        "send what is queued",
        "the queue is sent",
        "look at the clock",
      ],
      exit: "stop looking at the clock",
      on: {
        response: [
          {
            guard: "the proof was refused",
            target: "authFailed",
            actions: [
              "the watcher hears AuthFailed",
              "its proof has failed",
              "end open requests with AuthFailed",
              "close the connection",
            ],
          },
          { guard: "it answers a proof", actions: "look at the clock" },
          { guard: "it answers something else", ...onDrop },
          {
            guard: "it answers closeSession",
            target: "closed",
            actions: [
              "deliver the reply",
              "take the reply",
              "close the connection",
              "the watcher hears Closed",
              "it is closed",
            ],
          },
          { actions: ["deliver the reply", "take the reply", "look at the clock"] },
        ],
        watchEvent: {
          actions: ["deliver the watch event", "use up the watch", "look at the clock"],
        },
        pong: { actions: "look at the clock" },
        "ping due": { actions: ["send a ping", "look at the clock"] },
        operate: [
          { guard: "closing", actions: "refuse with ConnectionLoss" },
          {
            actions: [
              "queue the request",
              "send what is queued",
              "the queue is sent",
              "look at the clock",
            ],
          },
        ],
        close: {
          guard: "not closing yet",
          actions: [
            "begin to close",
            "send what is queued",
            "the queue is sent",
            "look at the clock",
          ],
        },
        "read timeout": [gaveUp, onDrop],
        "connection closed": { guard: "on this connection", ...onLoss },
        "search due": { actions: ["ask whether it serves writes", "look one further"] },
        "read/write server found": {
          target: "connecting",
          actions: [
            "tell that it is disconnected",
            "close the connection",
            "go to the server found",
          ],
        },
        "new hosts": [
          {
            guard: "it should leave its server",
            target: "connecting",
            actions: ["tell that it is disconnected", "take the new hosts", "close the connection"],
          },
          { actions: "take the new hosts" },
        ],
      },
    },
    /** The handle is dead. Only a new one, with a new session, goes on. */
    closed: {
      entry: "forget the session",
      on: { operate: { actions: "refuse with SessionExpired" }, close: {}, "new hosts": {} },
    },
    authFailed: {
      entry: "forget the session",
      on: { operate: { actions: "refuse with AuthFailed" }, close: {}, "new hosts": {} },
    },
    /** The process is gone. */
    down: { on: { operate: {}, close: {}, "new hosts": {} } },
  },
});

export type ClientChart = typeof clientChart;
