import {
  emptyMap,
  entryOf,
  keysOf,
  type PersistentMap,
  withEntry,
  withoutEntry,
} from "../tree/persistentMap";
import type { SessionId } from "../tree/txn";
import { US_PER_MS, type VirtualUs } from "../units";

/** The rules of sessions. */
export interface SessionRules {
  readonly negotiateTimeoutMs: (requestedMs: number, minMs: number, maxMs: number) => number;
  readonly expiryTimeUs: (nowUs: VirtualUs, timeoutMs: number, tickTimeMs: number) => VirtualUs;
  /** Does an event tell the transaction that fired it? From 3.9. Source: NIOServerCnxn.process (ZOOKEEPER-4655). */
  readonly watchEventsTellZxid: boolean;
}

/** The server clamps what the client asks for. Source: ZooKeeperServer.processConnectRequest. */
export function negotiateTimeoutMs(requestedMs: number, minMs: number, maxMs: number): number {
  return Math.min(Math.max(requestedMs, minMs), maxMs);
}

/**
 * When a session last heard from now expires: rounded up to the next tick boundary of the tracker's clock, and a value
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

/**
 * Through whom a session's requests must come: the quorum connection of the learner its client is on, or this server
 * itself. Source: SessionImpl.owner: a LearnerHandler, or ServerCnxn.me.
 */
export type Owner = number | "this server";

/** Source: SessionTrackerImpl.SessionImpl. */
export interface TrackedSession {
  /** As it was created; a reconnect may have given its client another one. */
  readonly timeoutMs: number;
  /** The tick boundary at which it dies unless it is heard of before. */
  readonly expiresUs: VirtualUs;
  /** Its end is on the way: nothing it sends counts any more. */
  readonly closing: boolean;
  /** Null until somebody is known to own it, as after a change of leader. */
  readonly owner: Owner | null;
}

/** The sessions that one server may expire, in buckets of one tick. Source: SessionTrackerImpl, ExpiryQueue. */
export interface SessionTracker {
  readonly sessions: PersistentMap<TrackedSession>;
  /** The sessions of each bucket, by its moment in us. */
  readonly buckets: PersistentMap<PersistentMap<true>>;
  /** The bucket that is due next. */
  readonly nextUs: VirtualUs;
}

/** What a tracker goes by: the clock of its server, and the rule of its release. */
export interface TrackerClock {
  readonly nowUs: VirtualUs;
  readonly tickTimeMs: number;
  readonly rules: Pick<SessionRules, "expiryTimeUs">;
}

export function emptyTracker({ nowUs, tickTimeMs }: TrackerClock): SessionTracker {
  return { sessions: emptyMap(), buckets: emptyMap(), nextUs: nextBucketUs(nowUs, tickTimeMs) };
}

export function trackedSession(tracker: SessionTracker, id: SessionId): TrackedSession | null {
  return entryOf(tracker.sessions, id) ?? null;
}

/** Begins to watch over a session, or gives one that is known its full time again. Source: SessionTrackerImpl.trackSession. */
export function trackSession(
  tracker: SessionTracker,
  id: SessionId,
  timeoutMs: number,
  clock: TrackerClock,
): SessionTracker {
  const known = trackedSession(tracker, id);
  if (known !== null) return inBucket(tracker, id, known, timeoutMs, clock);
  const session = { timeoutMs, expiresUs: -1, closing: false, owner: null };
  return inBucket(tracker, id, session, timeoutMs, clock);
}

/**
 * Something was heard of a session: it moves to a later bucket. Null: there is no such session, or its end has begun.
 * Source: SessionTrackerImpl.touchSession.
 */
export function touchSession(
  tracker: SessionTracker,
  id: SessionId,
  timeoutMs: number,
  clock: TrackerClock,
): SessionTracker | null {
  const session = trackedSession(tracker, id);
  return session === null || session.closing
    ? null
    : inBucket(tracker, id, session, timeoutMs, clock);
}

function inBucket(
  tracker: SessionTracker,
  id: SessionId,
  session: TrackedSession,
  timeoutMs: number,
  { nowUs, tickTimeMs, rules }: TrackerClock,
): SessionTracker {
  const expiresUs = rules.expiryTimeUs(nowUs, timeoutMs, tickTimeMs);
  if (expiresUs === session.expiresUs) return tracker;
  const left = outOfBucket(tracker.buckets, id, session.expiresUs);
  const key = String(expiresUs);
  const bucket = withEntry(entryOf(left, key) ?? emptyMap<true>(), id, true);
  return {
    ...tracker,
    sessions: withEntry(tracker.sessions, id, { ...session, expiresUs }),
    buckets: withEntry(left, key, bucket),
  };
}

function outOfBucket(
  buckets: SessionTracker["buckets"],
  id: SessionId,
  expiresUs: VirtualUs,
): SessionTracker["buckets"] {
  const key = String(expiresUs);
  const bucket = entryOf(buckets, key);
  if (bucket === undefined) return buckets;
  const left = withoutEntry(bucket, id);
  return left.size === 0 ? withoutEntry(buckets, key) : withEntry(buckets, key, left);
}

/** Source: SessionTrackerImpl.removeSession. */
export function removeSession(tracker: SessionTracker, id: SessionId): SessionTracker {
  const session = trackedSession(tracker, id);
  if (session === null) return tracker;
  return {
    ...tracker,
    sessions: withoutEntry(tracker.sessions, id),
    buckets: outOfBucket(tracker.buckets, id, session.expiresUs),
  };
}

/** Its end has begun. Source: SessionTrackerImpl.setSessionClosing. */
export function setClosing(tracker: SessionTracker, id: SessionId): SessionTracker {
  const session = trackedSession(tracker, id);
  if (session === null || session.closing) return tracker;
  return {
    ...tracker,
    sessions: withEntry(tracker.sessions, id, { ...session, closing: true }),
  };
}

/** Null where there is nothing to own. Source: SessionTrackerImpl.setOwner. */
export function setOwner(
  tracker: SessionTracker,
  id: SessionId,
  owner: Owner,
): SessionTracker | null {
  const session = trackedSession(tracker, id);
  if (session === null || session.closing) return null;
  if (session.owner === owner) return tracker;
  return { ...tracker, sessions: withEntry(tracker.sessions, id, { ...session, owner }) };
}

/** What a tracker says to a request of a session; `UNKNOWNSESSION` never reaches a client under this name. */
export type Verdict = null | "UNKNOWNSESSION" | "SESSIONEXPIRED" | "SESSIONMOVED";

/**
 * May this session ask, by this way? The first who asks for a session without an owner becomes it.
 * Source: SessionTrackerImpl.checkSession.
 */
export function checkSession(
  tracker: SessionTracker,
  id: SessionId,
  owner: Owner,
): { readonly verdict: Verdict; readonly tracker: SessionTracker } {
  const session = trackedSession(tracker, id);
  if (session === null) return { verdict: "UNKNOWNSESSION", tracker };
  if (session.closing) return { verdict: "SESSIONEXPIRED", tracker };
  if (session.owner === null)
    return { verdict: null, tracker: setOwner(tracker, id, owner) ?? tracker };
  return { verdict: session.owner === owner ? null : "SESSIONMOVED", tracker };
}

/**
 * The sessions of all buckets that are due, bucket by bucket; they are closing from now on.
 * Source: SessionTrackerImpl.run, ExpiryQueue.poll.
 */
export function takeExpired(
  tracker: SessionTracker,
  { nowUs, tickTimeMs }: TrackerClock,
): { readonly tracker: SessionTracker; readonly expired: readonly SessionId[] } {
  let next = tracker;
  const expired: SessionId[] = [];
  for (; next.nextUs <= nowUs; next = { ...next, nextUs: next.nextUs + tickTimeMs * US_PER_MS }) {
    const key = String(next.nextUs);
    const due = keysOf(entryOf(next.buckets, key) ?? emptyMap<true>());
    expired.push(...due);
    next = { ...next, buckets: withoutEntry(next.buckets, key) };
    for (const id of due) next = setClosing(next, id);
  }
  return { tracker: next, expired };
}
