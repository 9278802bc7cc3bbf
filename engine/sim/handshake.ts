import { serverEnd } from "../net/connection";
import type { ClientPacket } from "../net/request";
import { rulesOf } from "../rules/rules";
import { NO_SESSION, passwordOf, sessionIdOf } from "../session/sessionId";
import { trackSession } from "../session/sessionTracker";
import { entryOf, withEntry, withoutEntry } from "../tree/persistentMap";
import type { SessionId } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { connectionOf, tell } from "./change";
import { type ServedRequest, cnxnOf, withCnxn, withService } from "./clientService";
import { closeCnxn, closeSessionsCnxn, finishSessionInit, giveSession, refuseWrite } from "./cnxn";
import { submit } from "./commitProcessor";
import { trackLocally } from "./localSessions";
import { contextOf, serverOf } from "./read";
import { clockOf, isGlobalSession, isLocalSession, own, touch } from "./trackSessions";
import { send } from "./wire";
import type { Process, World } from "./world";

/** Why a client is sent away without a word. */
export type Refusal = "zxid" | "not serving" | "read-only";

/** The connection is closed; the client will try another server. Source: ServerCnxn.CloseRequestException. */
export function refuse(
  world: World,
  sid: Sid,
  connection: number,
  reason: Refusal,
  cause: Cause,
): World {
  const dialer = connectionOf(world, connection)?.dialer;
  const closed = closeCnxn(world, sid, connection, cause);
  if (dialer?.kind !== "client") return closed;
  return tell(closed, { type: "client.refused", name: dialer.name, server: sid, reason }, cause);
}

type ConnectRequest = Extract<ClientPacket, { type: "ConnectRequest" }>;

/**
 * A client says who it is and what it has seen. Source: ZooKeeperServer.processConnectRequest.
 * Simpler than real: no throttle of connections, which is off unless somebody sets it.
 */
export function hearConnectRequest(
  world: World,
  sid: Sid,
  process: Process,
  connection: number,
  packet: ConnectRequest,
  cause: Cause,
): World {
  const isReadOnly = process.service.mode === "read-only";
  if (isReadOnly && !packet.readOnly) return refuse(world, sid, connection, "read-only", cause);
  // A client must never see an older state than it has seen: it has to find another server.
  if (packet.lastZxidSeen > process.lastProcessed)
    return refuse(world, sid, connection, "zxid", cause);
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = process.config;
  const timeoutMs = rulesOf(world.variant).negotiateTimeoutMs(
    packet.timeoutMs,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
  );
  const { lastZxidSeen, sessionId, password } = packet;
  const begun = withCnxn(world, sid, connection, () => ({
    timeoutMs,
    lastZxidSeen,
    initialized: true,
    receiving: false,
  }));
  if (sessionId === null || sessionId === NO_SESSION)
    return createSession(begun, sid, connection, timeoutMs, cause);
  if (isReadOnly && isGlobalSession(process, sessionId))
    return refuse(begun, sid, connection, "read-only", cause);
  // Whoever comes again has left its old connection, even if nobody has noticed.
  const closed = closeSessionsCnxn(begun, sid, sessionId, cause);
  const given = giveSession(closed, sid, connection, sessionId);
  return password === passwordOf(sessionId)
    ? revalidate(given, sid, connection, sessionId, timeoutMs, cause)
    : finishSessionInit(given, sid, connection, "expired", cause);
}

/**
 * A new session: a transaction like a write, unless sessions are local here. A read-only server cannot make one then,
 * and says so where the client waits for something else.
 * Source: ZooKeeperServer.createSession, setLocalSessionFlag, ReadOnlyRequestProcessor.
 */
function createSession(
  world: World,
  sid: Sid,
  connection: number,
  timeoutMs: number,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const { mode, local, nextSession } = process.service;
  const sessionId = sessionIdOf(mode === "standalone" ? 1 : sid, nextSession);
  const isLocal = local !== null;
  let next = withService(world, sid, ({ tracker }) => ({
    nextSession: nextSession + 1,
    tracker:
      !isLocal && (mode === "leader" || mode === "standalone")
        ? trackSession(tracker, sessionId, timeoutMs, clockOf(world, process))
        : tracker,
  }));
  if (isLocal) next = trackLocally(next, sid, sessionId, timeoutMs);
  next = giveSession(next, sid, connection, sessionId);
  if (mode === "read-only" && !isLocal) return refuseWrite(next, sid, connection, 0, cause);
  const request: ServedRequest = {
    connection,
    sessionId,
    cxid: 0,
    op: { type: "createSession", timeoutMs, password: passwordOf(sessionId) },
    ids: [],
    needsCommit: !isLocal,
    exception: null,
  };
  return submit(touch(next, sid, sessionId, timeoutMs).world, sid, request, cause);
}

/**
 * Does the session still live? The leader, and a server alone, know; a learner asks the leader, except for a session
 * of its own. Source: revalidateSession of ZooKeeperServer, LeaderZooKeeperServer and LearnerZooKeeperServer.
 */
function revalidate(
  world: World,
  sid: Sid,
  connection: number,
  sessionId: SessionId,
  timeoutMs: number,
  cause: Cause,
): World {
  const server = serverOf(world, sid);
  const { process } = server;
  if (process === null) return world;
  const { mode } = process.service;
  if (mode === "learner" && !isLocalSession(process, sessionId)) {
    const asked = withService(world, sid, ({ revalidating }) => ({
      revalidating: withEntry(revalidating, sessionId, connection),
    }));
    const leader = contextOf(server)?.following?.connection ?? null;
    if (leader === null) return asked;
    const packet = { type: "REVALIDATE" as const, sessionId, timeoutMs, valid: null };
    return send(asked, leader, serverEnd(sid), packet, cause);
  }
  const { world: touched, known } = touch(world, sid, sessionId, timeoutMs);
  const owned = known && mode === "leader" ? own(touched, sid, sessionId, "this server") : touched;
  return finishSessionInit(owned, sid, connection, known ? "again" : "expired", cause);
}

/** The leader's answer about a session has come. Source: Learner.revalidate. */
export function revalidated(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  valid: boolean,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const connection = entryOf(process.service.revalidating, sessionId);
  if (connection === undefined) return world;
  const next = withService(world, sid, ({ revalidating }) => ({
    revalidating: withoutEntry(revalidating, sessionId),
  }));
  if (cnxnOf(process, connection) === null) return next;
  return finishSessionInit(next, sid, connection, valid ? "again" : "expired", cause);
}
