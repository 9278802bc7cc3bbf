import { serverEnd } from "../net/connection";
import { lengthOf, mayExceed } from "../net/jute";
import { type ClientPacket, isWrite, type Operation } from "../net/request";
import { authenticate } from "../session/access";
import { headOf, isEmpty, withLast, withoutHead } from "../session/fifo";
import type { Id } from "../tree/acl";
import type { ErrorCode } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { type Asked, type Cnxn, cnxnOf, type ServedRequest, withCnxn } from "./clientService";
import { closeCnxn, refuseWrite, touchCnxn } from "./cnxn";
import { passOn, submit } from "./commitProcessor";
import { hearConnectRequest, refuse } from "./handshake";
import { isLocalSession, sessionVerdict, touch } from "./trackSessions";
import { needsUpgrade, upgradeSession } from "./localSessions";
import { passwordOf } from "../session/sessionId";
import { serverOf } from "./read";
import { send } from "./wire";
import type { Process, World } from "./world";

/**
 * A packet of a client reaches its server. While the connection is not read from, it waits.
 * Source: NIOServerCnxn.doIO, readLength, readConnectRequest, readRequest.
 */
export function hearClient(
  world: World,
  sid: Sid,
  connection: number,
  packet: ClientPacket,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  const cnxn = cnxnOf(process, connection);
  if (process === null || cnxn === null) return world;
  if (!cnxn.receiving || !isEmpty(cnxn.unread))
    return withCnxn(world, sid, connection, ({ unread }) => ({ unread: withLast(unread, packet) }));
  return readPacket(world, sid, process, cnxn, packet, cause);
}

/** What has arrived while the connection was not read from is read now, as long as it is. */
export function readOn(world: World, sid: Sid, connection: number, cause: Cause): World {
  let next = world;
  for (;;) {
    const { process } = serverOf(next, sid);
    const cnxn = cnxnOf(process, connection);
    const packet = cnxn === null ? null : headOf(cnxn.unread);
    if (process === null || cnxn === null || packet === null || !cnxn.receiving) return next;
    const unread = withoutHead(cnxn.unread);
    next = withCnxn(next, sid, connection, () => ({ unread }));
    next = readPacket(next, sid, process, { ...cnxn, unread }, packet, cause);
  }
}

function readPacket(
  world: World,
  sid: Sid,
  process: Process,
  cnxn: Cnxn,
  packet: ClientPacket,
  cause: Cause,
): World {
  const { number: connection } = cnxn;
  const { juteMaxBuffer } = process.config.settings;
  if (mayExceed(packet, juteMaxBuffer) && lengthOf(packet) > juteMaxBuffer)
    return closeCnxn(world, sid, connection, cause);
  const next = touchCnxn(world, sid, cnxn);
  if (!cnxn.initialized) {
    if (packet.type !== "ConnectRequest") return closeCnxn(next, sid, connection, cause);
    // "ZooKeeperServer not running": the socket is closed. Source: NIOServerCnxn.readConnectRequest.
    return process.serving
      ? hearConnectRequest(next, sid, process, connection, packet, cause)
      : refuse(next, sid, connection, "not serving", cause);
  }
  switch (packet.type) {
    case "request":
      return packet.op.type === "auth"
        ? hearAuth(next, sid, process, cnxn, packet.cxid, packet.op, cause)
        : hearRequest(next, sid, process, cnxn, packet.cxid, packet.op, cause);
    case "ping":
      return hearRequest(next, sid, process, cnxn, PING_XID, packet, cause);
    case "ConnectRequest":
    case "ConnectResponse":
    case "watchEvent":
    case "response":
    case "pong":
      return next;
  }
}

/** Source: ClientCnxn.PING_XID. */
const PING_XID = -2;

/**
 * Who a client proves to be counts for what it asks on this connection from now on. It is answered at once, before
 * what it has asked earlier. Source: ZooKeeperServer.processPacket, OpCode.auth; ServerCnxn.addAuthInfo.
 */
function hearAuth(
  world: World,
  sid: Sid,
  process: Process,
  { number: connection }: Cnxn,
  cxid: number,
  op: Extract<Operation, { type: "auth" }>,
  cause: Cause,
): World {
  const proved = authenticate(op.scheme, op.credential, process.config.settings);
  const code: ErrorCode = proved === null ? "AUTHFAILED" : "OK";
  const reply = { cxid, zxid: 0, code, data: null, stat: null };
  const next = send(world, connection, serverEnd(sid), { type: "response", ...reply }, cause);
  return proved === null
    ? closeCnxn(next, sid, connection, cause)
    : withCnxn(next, sid, connection, ({ ids }) => ({ ids: proved.reduce(withId, ids) }));
}

function withId(ids: readonly Id[], added: Id): readonly Id[] {
  return ids.some(({ scheme, id }) => scheme === added.scheme && id === added.id)
    ? ids
    : [...ids, added];
}

/**
 * A request enters its server's chain of processors. A session that is not known here any more gets no answer.
 * Source: ZooKeeperServer.submitRequestNow; the first processor of each chain.
 * Simpler than real: no RequestThrottler and no enableEagerACLCheck, which are off unless somebody sets them.
 */
function hearRequest(
  world: World,
  sid: Sid,
  process: Process,
  { number: connection, sessionId, timeoutMs, ids }: Cnxn,
  cxid: number,
  op: Exclude<Asked, { readonly type: "createSession" | "auth" }>,
  cause: Cause,
): World {
  if (sessionId === null) return world;
  const { mode } = process.service;
  const touched = touch(world, sid, sessionId, timeoutMs);
  if (!touched.known) return world;
  const isLocal = op.type === "closeSession" && isLocalSession(process, sessionId);
  const request: ServedRequest = {
    connection,
    sessionId,
    cxid,
    op,
    ids,
    needsCommit: !isLocal && needsCommit(op, mode === "learner"),
    exception: null,
  };
  if (mode === "read-only" && (request.needsCommit || op.type === "sync"))
    return refuseWrite(touched.world, sid, connection, cxid, cause);
  const raised = upgraded(touched.world, sid, request, cause);
  if (mode === "learner" || request.needsCommit)
    return submit(raised.world, sid, raised.request, cause);
  // Of the others, PrepRequestProcessor asks the session tracker; for a write when its transaction is made.
  const { world: checked, verdict } = sessionVerdict(raised.world, sid, sessionId, "this server");
  return submit(checked, sid, { ...raised.request, exception: verdict.any }, cause);
}

/**
 * An ephemeral node of a local session: the session becomes one of the ensemble first, or it is refused.
 * Source: QuorumZooKeeperServer.checkUpgradeSession; FollowerRequestProcessor.processRequest.
 */
function upgraded(
  world: World,
  sid: Sid,
  request: ServedRequest,
  cause: Cause,
): { readonly world: World; readonly request: ServedRequest } {
  const { process } = serverOf(world, sid);
  const { sessionId, op } = request;
  if (process === null || !needsUpgrade(process, sessionId, op)) return { world, request };
  if (!process.config.localSessionsUpgradingEnabled)
    return { world, request: { ...request, exception: "EPHEMERALONLOCALSESSION" } };
  const { world: next, timeoutMs } = upgradeSession(world, sid, sessionId);
  const password = passwordOf(sessionId);
  const birth = { type: "createSession" as const, timeoutMs, password };
  return {
    world: passOn(next, sid, sessionId, { cxid: 0, authInfo: [], op: birth }, cause),
    request,
  };
}

/**
 * Does it wait for a commit? A sync does where it goes to the leader and back; for clients of the leader itself it
 * only keeps its place among the others. Source: CommitProcessor.needCommit, matchSyncs.
 */
function needsCommit(op: Asked, matchesSyncs: boolean): boolean {
  if (op.type === "sync") return matchesSyncs;
  return isWrite(op) || op.type === "createSession" || op.type === "closeSession";
}
