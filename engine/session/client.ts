import type { Operation, Reply } from "../net/request";
import type { ErrorCode, SessionId } from "../tree/txn";
import { US_PER_MS, type VirtualUs } from "../units";
import { fromServer } from "./chroot";
import { noWatches, registerWatch } from "./clientWatches";
import type { Asked, ClientContext, ClientLibrary, KeeperState, PendingRequest } from "./context";
import { allOf, emptyFifo, headOf, isEmpty, withoutHead } from "./fifo";
import { hostList } from "./hostList";
import type { Sid } from "../units";

/** What a new handle is made with. Source: ZooKeeper's constructor. */
export interface HandleSetup {
  readonly name: string;
  readonly library: ClientLibrary;
  /** Shuffled already. */
  readonly servers: readonly Sid[];
  readonly timeoutMs: number;
  readonly chroot?: string;
  readonly canBeReadOnly?: boolean;
}

/** A handle that has not tried any server yet. */
export function newHandle(setup: HandleSetup): ClientContext {
  return {
    name: setup.name,
    library: setup.library,
    hosts: hostList(setup.servers),
    server: setup.servers[0] ?? 0,
    chroot: setup.chroot ?? "",
    canBeReadOnly: setup.canBeReadOnly ?? false,
    connection: null,
    everConnected: false,
    readOnly: false,
    sessionIsReal: false,
    requestedTimeoutMs: setup.timeoutMs,
    timeoutMs: setup.timeoutMs,
    sessionId: null,
    password: "",
    lastZxidSeen: 0,
    nextCxid: 1,
    outgoing: [],
    pending: emptyFifo(),
    auths: [],
    watches: noWatches,
    keeperState: "Disconnected",
    closing: false,
    replies: [],
  };
}

/** Source: ClientCnxn.readTimeout: two thirds of the session timeout. */
export function readTimeoutMs(timeoutMs: number): number {
  return Math.floor((timeoutMs * 2) / 3);
}

/** What the TCP connection may take, and then the server's answer. Source: ClientCnxn.connectTimeout. */
export function connectTimeoutMs(timeoutMs: number, servers: number): number {
  return Math.floor(timeoutMs / servers);
}

/**
 * Does the library give the session up by itself, after such a silence? It looks when it wakes for another reason: at
 * the start or the end of an attempt, or when the silence on its connection has lasted too long.
 * Source: ClientCnxn.expirationTimeout, SendThread.run (ZOOKEEPER-4508; ZOOKEEPER-4921 for the session it must have).
 */
export function givesUp(
  context: Pick<ClientContext, "library" | "sessionId" | "timeoutMs">,
  silentMs: number,
): boolean {
  return (
    context.library !== "3.8.0" &&
    context.sessionId !== null &&
    silentMs >= Math.floor((context.timeoutMs * 4) / 3)
  );
}

/** When the library has slept for longer than this since it sent last, it pings as soon as it wakes. Source: MAX_SEND_PING_INTERVAL. */
const LONG_IDLE_MS = 10_000;

/**
 * How long until the next ping, in us, asked whenever the library wakes: half the read timeout after the last send, a
 * second earlier once a second has passed. 0 or less means now. Source: ClientCnxn.SendThread.run.
 */
export function timeToNextPingUs(timeoutMs: number, idleUs: VirtualUs): VirtualUs {
  const idleMs = Math.floor(idleUs / US_PER_MS);
  if (idleMs > LONG_IDLE_MS) return 0;
  const half = Math.floor(readTimeoutMs(timeoutMs) / 2);
  return (half - idleMs - (idleMs > 1_000 ? 1_000 : 0)) * US_PER_MS;
}

/** How many answers a handle remembers. */
const REMEMBERED = 20;

/** A reply answers the oldest request that waits. Source: ClientCnxn.SendThread.readResponse, finishPacket. */
export function takeReply(context: ClientContext, reply: Reply): Partial<ClientContext> {
  const asked = headOf(context.pending);
  if (asked === null) return {};
  return {
    pending: withoutHead(context.pending),
    replies: [...context.replies, answerOf(context, asked, reply)].slice(-REMEMBERED),
    lastZxidSeen: reply.zxid > 0 ? reply.zxid : context.lastZxidSeen,
    watches: registerWatch(context.watches, asked.op, reply.code),
  };
}

/** A reply as the application gets it. */
export function answerOf(context: ClientContext, asked: Asked, reply: Reply) {
  return { ...fromServer(context.chroot, reply), op: asked.op };
}

/** With which error open requests end, by the state of the handle. Source: ClientCnxn.conLossPacket. */
export type LostCode = Extract<ErrorCode, "CONNECTIONLOSS" | "SESSIONEXPIRED" | "AUTHFAILED">;

/** What was asked and not answered: sent first, then queued. A setWatches is nobody's request. */
export function openRequests(context: ClientContext): readonly Asked[] {
  const sent = allOf(context.pending).filter((one) => !isSetWatches(one.op));
  return [...sent, ...context.outgoing].filter((one) => one.op.type !== "auth");
}

/** The end of a request that nobody answers: whether it was done is unknown. */
export function lost(asked: Asked, code: LostCode, cxid = 0): Reply & { readonly op: Operation } {
  return { cxid, zxid: 0, code, data: null, stat: null, op: asked.op };
}

/** The connection is gone: what was asked and not answered ends with an error. */
export function loseRequests(context: ClientContext, code: LostCode): Partial<ClientContext> {
  const ended = openRequests(context).map((asked) =>
    lost(asked, code, "cxid" in asked ? (asked as PendingRequest).cxid : 0),
  );
  if (isEmpty(context.pending) && context.outgoing.length === 0) return {};
  return {
    pending: emptyFifo(),
    outgoing: [],
    replies: [...context.replies, ...ended].slice(-REMEMBERED),
  };
}

export function isSetWatches(op: Operation): boolean {
  return op.type === "setWatches" || op.type === "setWatches2";
}

/** A request joins the queue. Proof of identity is also kept, for later connections. */
export function queueRequest(context: ClientContext, asked: Asked): Partial<ClientContext> {
  const { op } = asked;
  const outgoing = [...context.outgoing, asked];
  if (op.type !== "auth") return { outgoing };
  const { scheme, credential } = op;
  return { outgoing, auths: [...context.auths, { scheme, credential }] };
}

/** The path an operation is about, or "" when it is about several or none. */
export function pathOf(op: Operation): string {
  return "path" in op ? op.path : "";
}

/** What the default watcher learns of a session that stands. */
export function connectedState(readOnly: boolean): KeeperState {
  return readOnly ? "ConnectedReadOnly" : "SyncConnected";
}

/** The session to ask for on a new connection: none before a read/write server has given one. */
export function sessionToAskFor(context: ClientContext): SessionId | null {
  return context.sessionIsReal ? context.sessionId : null;
}
