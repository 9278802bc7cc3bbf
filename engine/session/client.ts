import type { Reply } from "../net/request";
import { US_PER_MS, type VirtualUs } from "../units";
import type { ClientContext, PendingRequest } from "./context";

/** Source: ClientCnxn.readTimeout: two thirds of the session timeout. */
export function readTimeoutMs(timeoutMs: number): number {
  return Math.floor((timeoutMs * 2) / 3);
}

/** What one attempt may take, the server's answer included. Source: ClientCnxn.connectTimeout. */
export function connectTimeoutMs(timeoutMs: number, servers: number): number {
  return Math.floor(timeoutMs / servers);
}

/** From 3.9.3 a client gives its session up by itself. Source: ClientCnxn.expirationTimeout (ZOOKEEPER-4508). */
export function expirationTimeoutMs(timeoutMs: number): number {
  return Math.floor((timeoutMs * 4) / 3);
}

/** A ping is never further away than this. Source: ClientCnxn.MAX_SEND_PING_INTERVAL. */
const MAX_PING_INTERVAL_MS = 10_000;

/**
 * How long until the next ping, in us: half the read timeout after the last send, a second earlier once a second has
 * passed. 0 or less means now. Source: ClientCnxn.SendThread.run.
 */
export function timeToNextPingUs(timeoutMs: number, idleUs: VirtualUs): VirtualUs {
  const idleMs = Math.floor(idleUs / US_PER_MS);
  const half = Math.floor(readTimeoutMs(timeoutMs) / 2);
  const timeToNextPing = half - idleMs - (idleMs > 1_000 ? 1_000 : 0);
  const untilLongest = MAX_PING_INTERVAL_MS - idleMs;
  return Math.min(timeToNextPing, untilLongest) * US_PER_MS;
}

/** A reply answers the oldest request that waits. Source: ClientCnxn.SendThread.readResponse. */
export function takeReply(context: ClientContext, reply: Reply): Partial<ClientContext> {
  const asked = context.pending.find((request) => request.cxid === reply.cxid);
  if (asked === undefined) return {};
  return {
    pending: context.pending.filter((request) => request.cxid !== reply.cxid),
    replies: [...context.replies, { ...reply, op: asked.op }].slice(-20),
    lastZxidSeen: Math.max(context.lastZxidSeen, reply.zxid),
  };
}

/** The connection is gone: what was asked and not answered ends with ConnectionLoss, its outcome unknown. */
export function loseRequests(context: ClientContext): Partial<ClientContext> {
  const lost = context.pending.map((request) => ({
    cxid: request.cxid,
    zxid: 0,
    code: "CONNECTIONLOSS" as const,
    data: null,
    stat: null,
    op: request.op,
  }));
  return { pending: [], replies: [...context.replies, ...lost].slice(-20) };
}

const WRITES: readonly string[] = [
  "create",
  "create2",
  "createContainer",
  "createTTL",
  "setData",
  "setACL",
  "delete",
  "multi",
];

/** Requests that change something. */
export function isWrite(request: PendingRequest): boolean {
  return WRITES.includes(request.op.type);
}
