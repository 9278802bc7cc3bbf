import { assign, setup } from "xstate";
import { assert } from "../assert";
import type { ClientPacket, Operation } from "../net/request";
import type { ClientFact } from "./clientFacts";
import type { Sid } from "../units";
import {
  connectTimeoutMs,
  expirationTimeoutMs,
  isWrite,
  loseRequests,
  readTimeoutMs,
  takeReply,
} from "./client";
import type { ClientContext } from "./context";
import type { ClientEvent } from "./events";

/** What a client's chart wants done; performed by sim/performClient.ts. */
export type ClientEffect =
  /** At once, or after the pause the library makes: `wait` says which. */
  | { readonly type: "dial later"; readonly wait: "none" | "pause" | "pause after the whole list" }
  | { readonly type: "dial"; readonly sid: Sid }
  | { readonly type: "send"; readonly packet: ClientPacket }
  | { readonly type: "close"; readonly connection: number | null }
  | {
      readonly type: "start timer";
      readonly name: string;
      readonly ms: number;
      readonly event: ClientEvent;
    }
  /** As "start timer", but the time began when something was last heard of a server. */
  | {
      readonly type: "bound the silence";
      readonly name: string;
      readonly ms: number;
      readonly event: ClientEvent;
    }
  | { readonly type: "stop timer"; readonly name: string }
  /** The time of the next ping depends on when something was sent last. */
  | { readonly type: "plan the next ping" }
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

/** The server this client is on, or tries. */
export function serverOfClient(context: ClientContext): Sid {
  return context.servers[context.at] ?? context.servers[0] ?? 0;
}

const pathOf = (op: Operation): string => ("path" in op ? op.path : "");

const failed = ({ context }: Moment, requests: ClientContext["pending"]): ClientEffect[] =>
  requests.filter(isWrite).map((request) => ({
    type: "tell",
    fact: {
      type: "write.fail",
      client: context.name,
      server: serverOfClient(context),
      path: pathOf(request.op),
      code: "CONNECTIONLOSS",
    },
  }));

/** What each named action of a client's chart wants done. */
export const clientWishes = {
  "dial at once": () => [{ type: "dial later", wait: "none" }],
  "dial after a pause": ({ context }) => [
    { type: "dial later", wait: context.at === 0 ? "pause after the whole list" : "pause" },
  ],
  dial: ({ context }) => [{ type: "dial", sid: serverOfClient(context) }],
  "bound the attempt": ({ context }) => [
    {
      type: "start timer",
      name: "attempt",
      ms: connectTimeoutMs(context.timeoutMs, context.servers.length),
      event: { type: "attempt timeout" },
    },
  ],
  "stop bounding the attempt": () => [{ type: "stop timer", name: "attempt" }],
  "bound the session": ({ context }) =>
    context.sessionId === null
      ? []
      : [
          {
            type: "start timer",
            name: "own expiry",
            ms: expirationTimeoutMs(context.timeoutMs),
            event: { type: "own expiry" },
          },
        ],
  /** The silence began before the connection was lost. */
  "bound the session since it was heard": ({ context }) =>
    context.sessionId === null
      ? []
      : [
          {
            type: "bound the silence",
            name: "own expiry",
            ms: expirationTimeoutMs(context.timeoutMs),
            event: { type: "own expiry" },
          },
        ],
  "stop bounding the session": () => [{ type: "stop timer", name: "own expiry" }],
  "send ConnectRequest": ({ context }) => [
    {
      type: "send",
      packet: {
        type: "ConnectRequest",
        lastZxidSeen: context.lastZxidSeen,
        timeoutMs: context.requestedTimeoutMs,
        sessionId: context.sessionId,
        password: context.password,
        readOnly: false,
      },
    },
  ],
  "read within two thirds": ({ context }) => [
    {
      type: "start timer",
      name: "read",
      ms: readTimeoutMs(context.timeoutMs),
      event: { type: "read timeout" },
    },
  ],
  "stop reading": () => [
    { type: "stop timer", name: "read" },
    { type: "stop timer", name: "ping" },
  ],
  "plan the next ping": () => [{ type: "plan the next ping" }],
  "send a ping": () => [{ type: "send", packet: { type: "ping" } }],
  "send the request": ({ context }) => {
    const request = context.pending[context.pending.length - 1];
    return request === undefined
      ? []
      : [{ type: "send", packet: { type: "request", cxid: request.cxid, op: request.op } }];
  },
  "send what is queued": ({ context }) =>
    context.pending.map((request): ClientEffect => ({
      type: "send",
      packet: { type: "request", cxid: request.cxid, op: request.op },
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
          server: serverOfClient(context),
          sid: sessionId,
          newSession: context.sessionId === null,
        },
      },
    ];
  },
  "tell that it is disconnected": (moment) => [
    {
      type: "tell",
      fact: {
        type: "client.disconnected",
        name: moment.context.name,
        server: serverOfClient(moment.context),
      },
    },
    ...failed(moment, moment.context.pending),
  ],
  "tell the reply": ({ context, event }) => {
    const reply = heard(event, "response");
    const asked = context.pending.find((request) => request.cxid === reply.cxid);
    if (asked === undefined || !isWrite(asked)) return [];
    const base = { client: context.name, server: serverOfClient(context), path: pathOf(asked.op) };
    return [
      {
        type: "tell",
        fact:
          reply.code === "OK"
            ? { type: "write.ack", ...base, zxid: reply.zxid, down: 0 }
            : { type: "write.fail", ...base, code: reply.code },
      },
    ];
  },
  "tell that the server says expired": ({ context }) =>
    context.sessionId === null
      ? []
      : [
          {
            type: "tell",
            fact: {
              type: "client.expiredSeen",
              name: context.name,
              sid: context.sessionId,
              by: "server",
            },
          },
        ],
  "tell that it gives up": ({ context }) =>
    context.sessionId === null
      ? []
      : [
          {
            type: "tell",
            fact: {
              type: "client.expiredSeen",
              name: context.name,
              sid: context.sessionId,
              by: "own clock",
            },
          },
        ],
} satisfies Record<string, (moment: Moment) => readonly ClientEffect[]>;

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
    "the session is over": ({ event }) => heard(event, "ConnectResponse").timeoutMs === 0,
    "it has a session": ({ context }) => context.sessionId !== null,
    "on this connection": ({ context, event }) =>
      heard(event, "connection closed").connection === context.connection,
  },
  actions: {
    ...named,
    "note the connection": assign(({ event }) => ({
      connection: heard(event, "tcp connected").connection,
    })),
    "take the session": assign(({ event }) => {
      const { timeoutMs, sessionId, password } = heard(event, "ConnectResponse");
      return { timeoutMs, sessionId, password };
    }),
    "forget the session": assign(({ context }) => ({
      ...loseRequests(context),
      sessionId: null,
      password: "",
      timeoutMs: context.requestedTimeoutMs,
      lastZxidSeen: 0,
    })),
    "take the reply": assign(({ context, event }) => takeReply(context, heard(event, "response"))),
    "see its zxid": assign(({ context, event }) => ({
      lastZxidSeen: Math.max(context.lastZxidSeen, heard(event, "pong").zxid),
    })),
    "queue the request": assign(({ context, event }) => ({
      nextCxid: context.nextCxid + 1,
      pending: [...context.pending, { cxid: context.nextCxid, op: heard(event, "operate").op }],
    })),
    "lose what was asked": assign(({ context }) => loseRequests(context)),
    "choose the next server": assign(({ context }) => ({
      at: (context.at + 1) % context.servers.length,
      connection: null,
    })),
  },
});

/**
 * One client's handle: it keeps one connection to any server, and its session outlives that connection.
 * Source: ClientCnxn.SendThread.
 * Simpler than real: it is the client of 3.9.5 whatever the servers are, has no close() and no read-only mode.
 */
export const clientChart = client.createMachine({
  id: "client",
  context: ({ input }) => input,
  initial: "starting",
  on: { operate: { actions: "queue the request" } },
  states: {
    /** The very first attempt is made at once. */
    starting: { entry: "dial at once", on: { dial: "dialing" } },
    /** Source: ClientCnxn.startConnect, cleanup: 100 ms, up to a second of chance, and one more after the whole list. */
    connecting: {
      entry: ["choose the next server", "dial after a pause"],
      on: {
        dial: "dialing",
        "own expiry": {
          guard: "it has a session",
          target: "closed",
          actions: "tell that it gives up",
        },
      },
    },
    dialing: {
      entry: ["bound the attempt", "dial"],
      exit: "stop bounding the attempt",
      on: {
        "tcp connected": {
          target: "handshake",
          actions: ["note the connection", "bound the session"],
        },
        "tcp refused": "connecting",
        "attempt timeout": "connecting",
        "own expiry": {
          guard: "it has a session",
          target: "closed",
          actions: "tell that it gives up",
        },
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
            actions: ["tell that the server says expired", "close the connection"],
          },
          { target: "connected", actions: ["tell that it is connected", "take the session"] },
        ],
        "connection closed": { guard: "on this connection", target: "connecting" },
        "attempt timeout": { target: "connecting", actions: "close the connection" },
        "own expiry": {
          guard: "it has a session",
          target: "closed",
          actions: ["tell that it gives up", "close the connection"],
        },
      },
    },
    connected: {
      entry: [
        "stop bounding the session",
        "read within two thirds",
        "plan the next ping",
        "send what is queued",
      ],
      exit: "stop reading",
      on: {
        response: {
          actions: [
            "read within two thirds",
            "plan the next ping",
            "tell the reply",
            "take the reply",
          ],
        },
        pong: { actions: ["read within two thirds", "plan the next ping", "see its zxid"] },
        "ping due": { actions: ["send a ping", "plan the next ping"] },
        operate: { actions: ["queue the request", "send the request", "plan the next ping"] },
        "read timeout": {
          target: "connecting",
          actions: [
            "tell that it is disconnected",
            "close the connection",
            "lose what was asked",
            "bound the session since it was heard",
          ],
        },
        "connection closed": {
          guard: "on this connection",
          target: "connecting",
          actions: [
            "tell that it is disconnected",
            "lose what was asked",
            "bound the session since it was heard",
          ],
        },
      },
    },
    /** The handle is dead. Only a new one, with a new session, goes on. */
    closed: {
      entry: ["forget the session", "stop bounding the session"],
      on: { reopen: "connecting", operate: {} },
    },
  },
});

export type ClientChart = typeof clientChart;
