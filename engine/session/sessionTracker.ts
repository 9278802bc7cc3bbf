import { US_PER_MS, type VirtualUs } from "../units";

/** The rules of sessions. */
export interface SessionRules {
  readonly negotiateTimeoutMs: (requestedMs: number, minMs: number, maxMs: number) => number;
  readonly expiryTimeUs: (nowUs: VirtualUs, timeoutMs: number, tickTimeMs: number) => VirtualUs;
}

/** The server clamps what the client asks for. Source: ZooKeeperServer.processConnectRequest. */
export function negotiateTimeoutMs(requestedMs: number, minMs: number, maxMs: number): number {
  return Math.min(Math.max(requestedMs, minMs), maxMs);
}

/**
 * When a session last heard from now expires: rounded up to the next tick boundary of the leader's clock, and a value
 * on a boundary goes to the following one. Source: ExpiryQueue.roundToNextInterval, update.
 */
export function expiryTimeUs(nowUs: VirtualUs, timeoutMs: number, tickTimeMs: number): VirtualUs {
  const tickUs = tickTimeMs * US_PER_MS;
  return (Math.floor((nowUs + timeoutMs * US_PER_MS) / tickUs) + 1) * tickUs;
}

/** The first tick boundary after now: when the tracker wakes next. */
export function nextBucketUs(nowUs: VirtualUs, tickTimeMs: number): VirtualUs {
  const tickUs = tickTimeMs * US_PER_MS;
  return (Math.floor(nowUs / tickUs) + 1) * tickUs;
}
