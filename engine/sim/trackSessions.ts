import type { TouchedSession } from "../net/packet";
import type { ClientRequest } from "../net/request";
import { rulesOf } from "../rules/rules";
import type { SessionVerdict } from "../session/prepRequest";
import { creatorOf } from "../session/sessionId";
import {
  checkSession,
  type Owner,
  removeSession,
  type SessionTracker,
  setClosing,
  setOwner,
  takeExpired,
  touchSession,
  type TrackerClock,
  trackedSession,
  trackSession,
} from "../session/sessionTracker";
import { eachEntry, emptyMap, entryOf, withEntry, withoutEntry } from "../tree/persistentMap";
import type { SessionId } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { tell } from "./change";
import { type LocalSessions, withService } from "./clientService";
import { schedule } from "./queue";
import { serverOf } from "./read";
import { prepareTurn } from "./serviceTimes";
import type { Process, World } from "./world";

/** The clock a process's trackers go by. */
export function clockOf(world: World, process: Process): TrackerClock {
  const { tickTimeMs } = process.config;
  return { nowUs: world.nowUs, tickTimeMs, rules: rulesOf(world.variant) };
}

function withTracker(world: World, sid: Sid, tracker: SessionTracker): World {
  const { process } = serverOf(world, sid);
  return process === null || process.service.tracker === tracker
    ? world
    : withService(world, sid, () => ({ tracker }));
}

function withLocal(world: World, sid: Sid, change: (local: LocalSessions) => LocalSessions): World {
  return withService(world, sid, ({ local }) => (local === null ? {} : { local: change(local) }));
}

export function isLocalSession(process: Process, sessionId: SessionId): boolean {
  const { local } = process.service;
  return local !== null && trackedSession(local.tracker, sessionId) !== null;
}

/** Does the whole ensemble know it? Source: isGlobalSession of LeaderSessionTracker and LearnerSessionTracker. */
export function isGlobalSession(process: Process, sessionId: SessionId): boolean {
  const { mode, tracker } = process.service;
  return mode === "leader" || mode === "standalone"
    ? trackedSession(tracker, sessionId) !== null
    : Object.hasOwn(process.sessions, sessionId);
}

/**
 * Something was heard of a session. The leader, and a server alone, give it its full time again; a learner notes it
 * for the leader. Not `known`: there is no such session here, and what came is dropped.
 * Source: ZooKeeperServer.touch; touchSession of LeaderSessionTracker and LearnerSessionTracker.
 */
export function touch(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  timeoutMs: number,
): { readonly world: World; readonly known: boolean } {
  const { process } = serverOf(world, sid);
  if (process === null) return { world, known: false };
  const { mode, local, tracker } = process.service;
  const clock = clockOf(world, process);
  if (local !== null) {
    const touched = touchSession(local.tracker, sessionId, timeoutMs, clock);
    if (touched === local.tracker) return { world, known: true };
    if (touched !== null) {
      const next = withLocal(world, sid, (one) => ({ ...one, tracker: touched }));
      return { world: next, known: true };
    }
  }
  if (mode === "leader" || mode === "standalone") {
    const touched = touchSession(tracker, sessionId, timeoutMs, clock);
    return touched === null
      ? { world, known: false }
      : { world: withTracker(world, sid, touched), known: true };
  }
  if (local !== null && !isGlobalSession(process, sessionId)) {
    if (entryOf(local.upgrading, sessionId) === undefined) return { world, known: false };
  }
  return { world: noteTouched(world, sid, sessionId, timeoutMs), known: true };
}

function noteTouched(world: World, sid: Sid, sessionId: SessionId, timeoutMs: number): World {
  const { process } = serverOf(world, sid);
  if (process === null || entryOf(process.service.touched, sessionId) === timeoutMs) return world;
  return withService(world, sid, ({ touched }) => ({
    touched: withEntry(touched, sessionId, timeoutMs),
  }));
}

/** What a learner tells with its next answer to a ping; the list begins anew. Source: LearnerSessionTracker.snapshot. */
export function takeTouched(
  world: World,
  sid: Sid,
): { readonly world: World; readonly touched: readonly TouchedSession[] } {
  const touched: TouchedSession[] = [];
  const { process } = serverOf(world, sid);
  if (process === null || process.service.touched.size === 0) return { world, touched };
  eachEntry(process.service.touched, (sessionId, timeoutMs) =>
    touched.push({ sessionId, timeoutMs }),
  );
  return { world: withService(world, sid, () => ({ touched: emptyMap<number>() })), touched };
}

/** The leader hears from a learner of the sessions it has heard of. Source: LearnerHandler.run, case PING. */
export function touchAll(world: World, sid: Sid, sessions: readonly TouchedSession[]): World {
  let next = world;
  for (const { sessionId, timeoutMs } of sessions)
    next = touch(next, sid, sessionId, timeoutMs).world;
  return next;
}

/**
 * A learner asks for a client that comes with a session: when the session lives, that learner owns it from now on.
 * Source: Leader.revalidateSession, LeaderZooKeeperServer.checkIfValidGlobalSession.
 */
export function revalidateFor(
  world: World,
  sid: Sid,
  connection: number,
  sessionId: SessionId,
  timeoutMs: number,
): { readonly world: World; readonly valid: boolean } {
  const { process } = serverOf(world, sid);
  if (process === null) return { world, valid: false };
  const isLocalOnly =
    process.service.local !== null && trackedSession(process.service.tracker, sessionId) === null;
  if (isLocalOnly) return { world, valid: false };
  const { world: touched, known } = touch(world, sid, sessionId, timeoutMs);
  return known
    ? { world: own(touched, sid, sessionId, connection), valid: true }
    : { world, valid: false };
}

/** Source: LeaderSessionTracker.setOwner. */
export function own(world: World, sid: Sid, sessionId: SessionId, owner: Owner): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const { local, tracker } = process.service;
  const owned = local === null ? null : setOwner(local.tracker, sessionId, owner);
  return owned === null
    ? withTracker(world, sid, setOwner(tracker, sessionId, owner) ?? tracker)
    : withLocal(world, sid, (one) => ({ ...one, tracker: owned }));
}

const MAY_ALL: SessionVerdict = { any: null, ephemeral: null };

/**
 * May this session ask, by this way? Source: checkSession and checkGlobalSession of LeaderSessionTracker,
 * LearnerSessionTracker (read-only server) and SessionTrackerImpl.
 */
export function sessionVerdict(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  owner: Owner,
): { readonly world: World; readonly verdict: SessionVerdict } {
  const { process } = serverOf(world, sid);
  if (process === null) return { world, verdict: MAY_ALL };
  const { mode, local, tracker } = process.service;
  let next = world;
  if (local !== null) {
    const { verdict: any, tracker: checked } = checkSession(local.tracker, sessionId, owner);
    if (checked !== local.tracker)
      next = withLocal(next, sid, (one) => ({ ...one, tracker: checked }));
    if (any !== "UNKNOWNSESSION" && (any !== null || !isGlobalSession(process, sessionId)))
      return { world: next, verdict: { any, ephemeral: any ?? "EPHEMERALONLOCALSESSION" } };
  }
  if (mode !== "leader" && mode !== "standalone") {
    const isLost = local !== null && !isGlobalSession(process, sessionId);
    const any = isLost ? "SESSIONEXPIRED" : null;
    return { world: next, verdict: { any, ephemeral: any } };
  }
  const whole = checkSession(tracker, sessionId, owner);
  next = withTracker(next, sid, whole.tracker);
  if (whole.verdict !== "UNKNOWNSESSION")
    return { world: next, verdict: { any: whole.verdict, ephemeral: whole.verdict } };
  if (mode === "standalone")
    return { world: next, verdict: { any: "UNKNOWNSESSION", ephemeral: "SESSIONEXPIRED" } };
  // It may be a local session of another server.
  const any = local === null || creatorOf(sessionId) === sid ? "SESSIONEXPIRED" : null;
  return { world: next, verdict: { any, ephemeral: "SESSIONEXPIRED" } };
}

/** Whom the session tracker is asked about, when a request becomes a transaction. Source: PrepRequestProcessor.pRequest2Txn. */
export function askTracker(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  op: ClientRequest["op"],
  owner: Owner,
): { readonly world: World; readonly verdict: SessionVerdict } {
  switch (op.type) {
    case "createSession":
    case "closeSession":
    case "deleteContainer":
    case "sync":
      return { world, verdict: MAY_ALL };
    default:
      return sessionVerdict(world, sid, sessionId, owner);
  }
}

/**
 * The leader has made a transaction of a session's birth or death: from now on it is watched over, and owned by the
 * way its request came, or nothing it asks for counts any more. Source: PrepRequestProcessor.pRequest2Txn.
 */
export function noteProposed(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  op: ClientRequest["op"],
  owner: Owner,
): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const { local, tracker } = process.service;
  switch (op.type) {
    case "createSession": {
      const clock = clockOf(world, process);
      const tracked = trackSession(tracker, sessionId, op.timeoutMs, clock);
      return own(withTracker(world, sid, tracked), sid, sessionId, owner);
    }
    case "closeSession": {
      const next = withTracker(world, sid, setClosing(tracker, sessionId));
      return local === null
        ? next
        : withLocal(next, sid, (one) => ({ ...one, tracker: setClosing(one.tracker, sessionId) }));
    }
    default:
      return world;
  }
}

/**
 * A session's birth is committed: it is no longer local, and a learner has heard of it.
 * Source: commitSession of LeaderSessionTracker and LearnerSessionTracker.
 */
export function commitSession(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  timeoutMs: number,
): World {
  const mode = serverOf(world, sid).process?.service.mode;
  const next = withLocal(world, sid, ({ tracker, upgrading }) => ({
    tracker: removeSession(tracker, sessionId),
    upgrading: withoutEntry(upgrading, sessionId),
  }));
  return mode === "learner" ? noteTouched(next, sid, sessionId, timeoutMs) : next;
}

/** A session is over, here or everywhere. Source: removeSession of LeaderSessionTracker and LearnerSessionTracker. */
export function forgetSession(world: World, sid: Sid, sessionId: SessionId): World {
  return withService(world, sid, ({ tracker, touched, local }) => ({
    tracker: removeSession(tracker, sessionId),
    touched: withoutEntry(touched, sessionId),
    local: local === null ? null : { ...local, tracker: removeSession(local.tracker, sessionId) },
  }));
}

/** Tells that a session is over, once, and that its client has closed it unless it was told that it expired. */
export function tellClosed(world: World, sessionId: SessionId, cause: Cause): World {
  const attached = entryOf(world.attached, sessionId);
  if (attached === undefined) return world;
  const next: World = { ...world, attached: withoutEntry(world.attached, sessionId) };
  return tell(next, { type: "session.closed", sid: sessionId, name: attached.name }, cause);
}

/** Tells that a session was silent for too long. */
function tellExpired(world: World, sessionId: SessionId, cause: Cause): World {
  const name = entryOf(world.attached, sessionId)?.name ?? sessionId;
  const next: World = { ...world, attached: withoutEntry(world.attached, sessionId) };
  return tell(next, { type: "session.expired", sid: sessionId, name, during: "led" }, cause);
}

const endOfSession: ClientRequest = { cxid: 0, authInfo: [], op: { type: "closeSession" } };

/**
 * The tracker wakes at a tick boundary; each session that is due gets its end by a transaction like any other.
 * Source: SessionTrackerImpl.run, ZooKeeperServer.expire.
 */
export function expireSessions(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const { tracker, expired } = takeExpired(process.service.tracker, clockOf(world, process));
  let next = withTracker(world, sid, tracker);
  for (const sessionId of expired) {
    next = tellExpired(next, sessionId, cause);
    next = askItself(next, sid, sessionId, endOfSession, cause);
  }
  return next;
}

/** The local sessions that are due: no transaction, this server alone knew them. */
export function takeExpiredLocal(
  world: World,
  sid: Sid,
  cause: Cause,
): { readonly world: World; readonly expired: readonly SessionId[] } {
  const { process } = serverOf(world, sid);
  const local = process?.service.local ?? null;
  if (process === null || local === null) return { world, expired: [] };
  const { tracker, expired } = takeExpired(local.tracker, clockOf(world, process));
  let next = withLocal(world, sid, (one) => ({ ...one, tracker }));
  for (const sessionId of expired) next = tellExpired(next, sessionId, cause);
  return { world: next, expired };
}

/** The leader, or a server alone, asks itself for a transaction. */
export function askItself(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  request: ClientRequest,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const event = { type: "own request" as const, sessionId, request };
  const { world: next, doneUs } = prepareTurn(world, sid);
  return schedule(next, { type: "server", sid, process: process.number, event }, doneUs, cause);
}
