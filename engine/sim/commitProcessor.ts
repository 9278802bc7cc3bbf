import { addCommitted } from "../disk/recover";
import { serverEnd } from "../net/connection";
import { type ClientRequest, isWrite } from "../net/request";
import { emptyFifo, type Fifo, headOf, isEmpty, withLast, withoutHead } from "../session/fifo";
import { applyToDatabase } from "../tree/database";
import { entryOf, withEntry, withoutEntry } from "../tree/persistentMap";
import type { SessionId, Txn } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { withProcess } from "./change";
import {
  type Asked,
  type ClientService,
  cnxnOf,
  type ServedRequest,
  withCnxn,
  withService,
} from "./clientService";
import { closeSessionsCnxn, enableReceive } from "./cnxn";
import { type Committed, finishRequest, tellWatchers } from "./finalProcessor";
import { contextOf, serverOf } from "./read";
import { spendOnWrite } from "./serviceTimes";
import { askItself, commitSession, forgetSession, tellClosed } from "./trackSessions";
import { send } from "./wire";
import type { Process, World } from "./world";

/**
 * A request of this server's client goes its way. Requests of one session are done in the order in which they came: a
 * read waits behind the session's own writes and syncs, and behind nobody else's. A server alone has one queue for
 * all: there every read waits behind every write that came before it.
 * Source: CommitProcessor.processRequest, run; SyncRequestProcessor.run for a server alone.
 */
export function submit(world: World, sid: Sid, request: ServedRequest, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const key = queueOf(process, request.sessionId);
  const queue = entryOf(process.service.pending, key);
  if (!request.needsCommit && queue === undefined)
    return finishRequest(world, sid, request, null, cause);
  const queued = withService(world, sid, (service) => queuedIn(service, key, request));
  const counted = countUp(queued, sid, request);
  return request.needsCommit ? pass(counted, sid, request, cause) : counted;
}

function queueOf(process: Process, sessionId: SessionId): string {
  return process.service.mode === "standalone" ? "" : sessionId;
}

function queuedIn(
  { pending, writes, inProcess }: ClientService,
  key: string,
  request: ServedRequest,
): Partial<ClientService> {
  const queue = entryOf(pending, key) ?? emptyFifo<ServedRequest>();
  const { sessionId, cxid } = request;
  return {
    pending: withEntry(pending, key, withLast(queue, request)),
    writes: request.needsCommit ? withLast(writes, { sessionId, cxid }) : writes,
    inProcess: inProcess + 1,
  };
}

/**
 * Is more under way on this server than it wants? Leader and followers share the limit among them.
 * Source: ZooKeeperServer.shouldThrottle; getGlobalOutstandingLimit of LeaderZooKeeperServer, FollowerZooKeeperServer.
 */
function isBusy(process: Process): boolean {
  const { mode, inProcess } = process.service;
  const { quorum, role, settings } = process.config;
  const shares = mode === "leader" || (mode === "learner" && role === "participant");
  const voters = shares ? quorum.voters.length : 1;
  const limit = Math.floor(settings.globalOutstandingLimit / (voters > 2 ? voters - 1 : 1));
  return inProcess > limit;
}

/** A connection that waits for answers is read from no more while the server is busy. Source: ServerCnxn.incrOutstandingAndCheckThrottle. */
function countUp(world: World, sid: Sid, { connection, cxid }: ServedRequest): World {
  const { process } = serverOf(world, sid);
  if (process === null || cxid <= 0) return world;
  const stops = isBusy(process);
  return withCnxn(world, sid, connection, ({ outstanding, receiving }) => ({
    outstanding: outstanding + 1,
    receiving: receiving && !stops,
  }));
}

/** Source: ServerCnxn.decrOutstandingAndCheckThrottle. */
function countDown(
  world: World,
  sid: Sid,
  { connection, cxid }: ServedRequest,
  cause: Cause,
): World {
  const next = withService(world, sid, ({ inProcess }) => ({ inProcess: inProcess - 1 }));
  const { process } = serverOf(next, sid);
  const cnxn = cnxnOf(process, connection);
  if (process === null || cnxn === null || cxid <= 0) return next;
  const outstanding = cnxn.outstanding - 1;
  const counted = withCnxn(next, sid, connection, () => ({ outstanding }));
  return isBusy(process) && outstanding > 0
    ? counted
    : enableReceive(counted, sid, connection, cause);
}

/**
 * A write goes to the leader, whichever server the client is on, and so does a learner's sync.
 * Source: FollowerRequestProcessor, ObserverRequestProcessor, LeaderRequestProcessor.
 */
function pass(world: World, sid: Sid, request: ServedRequest, cause: Cause): World {
  const { sessionId, cxid, ids } = request;
  const op = leaderOp(request.op);
  return op === null ? world : passOn(world, sid, sessionId, { cxid, authInfo: ids, op }, cause);
}

/** What the leader is asked for, as a learner passes it on or the leader's own clients hand it in. */
export function passOn(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  request: ClientRequest,
  cause: Cause,
): World {
  const server = serverOf(world, sid);
  if (server.process === null) return world;
  if (server.process.service.mode !== "learner") {
    return askItself(world, sid, sessionId, request, cause);
  }
  const leader = contextOf(server)?.following?.connection;
  if (leader === undefined || leader === null) return world;
  return send(world, leader, serverEnd(sid), { type: "REQUEST", sessionId, request }, cause);
}

/** The operation as the leader takes it, or null for one that it never sees. */
function leaderOp(op: Asked): ClientRequest["op"] | null {
  if (isWrite(op) || op.type === "sync") return op;
  return op.type === "createSession" || op.type === "closeSession" ? op : null;
}

/**
 * A committed transaction changes the database; this server's clients hear what they watch, then the one who asked
 * gets its answer, then what waited behind is answered.
 * Source: CommitProcessor.run, FinalRequestProcessor.applyRequest, ZooKeeperServer.processTxn.
 */
export function applyCommitted(world: World, sid: Sid, txn: Txn, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const { tree, sessions, result, changes } = applyToDatabase(process, txn);
  let next = withProcess(spendOnWrite(world, sid), sid, (one) => ({
    tree,
    sessions,
    lastProcessed: txn.zxid,
    committedLog: addCommitted(one.committedLog, txn, one.config.settings.commitLogCount),
  }));
  const { sessionId, body } = txn;
  if (body.type === "createSession") next = commitSession(next, sid, sessionId, body.timeoutMs);
  if (body.type === "closeSession")
    next = tellClosed(forgetSession(next, sid, sessionId), sessionId, cause);
  if (process.service.mode === null) return next;
  next = tellWatchers(next, sid, changes, txn.zxid, cause);
  const isAwaited = isHead(process.service, sessionId, txn.cxid);
  if (isAwaited) next = finishHead(next, sid, sessionId, { txn, result }, cause);
  else if (body.type === "closeSession") next = closeSessionsCnxn(next, sid, sessionId, cause);
  return isAwaited ? drain(next, sid, sessionId, cause) : next;
}

/** The leader's SYNC has come: all that it had proposed before is applied here. Source: LearnerZooKeeperServer.sync. */
export function answerSync(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  cxid: number,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  if (process === null || !isHead(process.service, sessionId, cxid)) return world;
  return drain(finishHead(world, sid, sessionId, null, cause), sid, sessionId, cause);
}

/**
 * Does a commit answer the oldest write that waits here? Commits come in the order of requests, so any other is of a
 * client elsewhere. Source: CommitProcessor.run.
 */
function isHead({ writes }: ClientService, sessionId: SessionId, cxid: number): boolean {
  const head = headOf(writes);
  return head !== null && head.sessionId === sessionId && head.cxid === cxid;
}

function finishHead(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  committed: Committed | null,
  cause: Cause,
): World {
  const taken = takeHead(world, sid, sessionId);
  if (taken === null) return world;
  const next = withService(taken.world, sid, ({ writes }) => ({ writes: withoutHead(writes) }));
  const finished = finishRequest(next, sid, taken.request, committed, cause);
  return countDown(finished, sid, taken.request, cause);
}

/** What waited behind a write that is done is done now, up to the next write. */
function drain(world: World, sid: Sid, sessionId: SessionId, cause: Cause): World {
  let next = world;
  for (;;) {
    const head = headOf(queueIn(next, sid, sessionId));
    const taken = head === null || head.needsCommit ? null : takeHead(next, sid, sessionId);
    if (taken === null) return next;
    next = finishRequest(taken.world, sid, taken.request, null, cause);
    next = countDown(next, sid, taken.request, cause);
  }
}

function queueIn(world: World, sid: Sid, sessionId: SessionId): Fifo<ServedRequest> {
  const { process } = serverOf(world, sid);
  if (process === null) return emptyFifo();
  return entryOf(process.service.pending, queueOf(process, sessionId)) ?? emptyFifo();
}

function takeHead(
  world: World,
  sid: Sid,
  sessionId: SessionId,
): { readonly world: World; readonly request: ServedRequest } | null {
  const { process } = serverOf(world, sid);
  const queue = queueIn(world, sid, sessionId);
  const request = headOf(queue);
  if (process === null || request === null) return null;
  const key = queueOf(process, sessionId);
  const left = withoutHead(queue);
  const next = withService(world, sid, ({ pending }) => ({
    pending: isEmpty(left) ? withoutEntry(pending, key) : withEntry(pending, key, left),
  }));
  return { world: next, request };
}
