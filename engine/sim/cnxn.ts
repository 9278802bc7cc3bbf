import { type End, serverEnd } from "../net/connection";
import { NO_PASSWORD, NO_SESSION, passwordOf } from "../session/sessionId";
import { emptyFifo, isEmpty } from "../session/fifo";
import { nextBucketUs } from "../session/sessionTracker";
import { eachEntry, entryOf, withEntry, withoutEntry } from "../tree/persistentMap";
import type { SessionId } from "../tree/txn";
import { forgetConnection } from "../tree/watches";
import { type Cause, type Sid, usFromMs, type VirtualUs } from "../units";
import { connectionOf, tell, withProcess } from "./change";
import { type Cnxn, cnxnOf, type Duty, withCnxn, withService } from "./clientService";
import { dutyAt, dutyNow } from "./duties";
import { findClient, serverOf } from "./read";
import { close, send } from "./wire";
import type { World } from "./world";

/**
 * How long a connection may be without a session, and how often is looked. Source: NIOServerCnxnFactory.
 * Simpler than real: always the default of zookeeper.nio.sessionlessCnxnTimeout.
 */
const SESSIONLESS_MS = 10_000;

/**
 * A client's connection stands. One too many of the same address is closed at once.
 * Source: NIOServerCnxnFactory.AcceptThread.doAccept, addCnxn.
 * Simpler than real: no limit on the connections of all addresses (zookeeper.maxCnxns), which is off unless set.
 */
export function acceptClient(world: World, sid: Sid, connection: number, cause: Cause): World {
  const { process } = serverOf(world, sid);
  const dialer = connectionOf(world, connection)?.dialer;
  if (process === null || dialer === undefined) return world;
  const address = addressOf(world, dialer);
  const { maxClientCnxns } = process.config;
  const count = entryOf(process.service.byAddress, address) ?? 0;
  if (maxClientCnxns > 0 && count >= maxClientCnxns)
    return close(world, connection, serverEnd(sid), cause);
  const cnxn: Cnxn = {
    number: connection,
    address,
    sessionId: null,
    timeoutMs: SESSIONLESS_MS,
    ids: [{ scheme: "ip", id: address }],
    initialized: false,
    receiving: true,
    unread: emptyFifo(),
    outstanding: 0,
    idleUs: idleTimeUs(world.nowUs, SESSIONLESS_MS),
    lastZxidSeen: 0,
  };
  const added = withService(world, sid, ({ cnxns, byAddress }) => ({
    cnxns: withEntry(cnxns, String(connection), cnxn),
    byAddress: withEntry(byAddress, address, count + 1),
  }));
  return awaitIdle(added, sid, cause);
}

/**
 * The address of the machine a client runs on. What has no client library behind it calls from the server's own.
 */
function addressOf(world: World, end: End): string {
  const client = end.kind === "client" ? findClient(world, end.name) : null;
  return client?.address ?? "127.0.0.1";
}

function idleTimeUs(nowUs: VirtualUs, timeoutMs: number): VirtualUs {
  return nextBucketUs(nowUs + usFromMs(timeoutMs), SESSIONLESS_MS);
}

/** Something came or goes on a connection. Source: NIOServerCnxnFactory.touchCnxn. */
export function touchCnxn(world: World, sid: Sid, cnxn: Cnxn): World {
  const idleUs = idleTimeUs(world.nowUs, cnxn.timeoutMs);
  return idleUs === cnxn.idleUs ? world : withCnxn(world, sid, cnxn.number, () => ({ idleUs }));
}

/** Sets the alarm at which connections are looked through, while there are any. */
function awaitIdle(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  const duty: Duty = { type: "close idle connections" };
  if (process === null || process.timers[duty.type] !== undefined) return world;
  return dutyAt(world, sid, duty, nextBucketUs(world.nowUs, SESSIONLESS_MS), cause);
}

/** Connections on which nothing moved for too long are closed. Source: NIOServerCnxnFactory.ConnectionExpirerThread. */
export function closeIdle(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  let next = world;
  for (const cnxn of process === null ? [] : cnxnsOf(next, sid))
    if (cnxn.idleUs <= world.nowUs) next = closeCnxn(next, sid, cnxn.number, cause);
  return serverOf(next, sid).process?.service.cnxns.size === 0 ? next : awaitIdle(next, sid, cause);
}

/** All connections of clients, oldest first. */
export function cnxnsOf(world: World, sid: Sid): readonly Cnxn[] {
  const cnxns: Cnxn[] = [];
  const { process } = serverOf(world, sid);
  if (process !== null) eachEntry(process.service.cnxns, (_, cnxn) => cnxns.push(cnxn));
  return cnxns.toSorted((a, b) => a.number - b.number);
}

/** The server hangs up. Source: NIOServerCnxn.close, ServerCnxnFactory.closeConn. */
export function closeCnxn(world: World, sid: Sid, connection: number, cause: Cause): World {
  return forgetCnxn(close(world, connection, serverEnd(sid), cause), sid, connection);
}

/**
 * A connection is gone, and its watches with it; its session lives on, unattended, and what it has asked for is done.
 * Source: NIOServerCnxnFactory.removeCnxn, NIOServerCnxn.close, DataTree.removeCnxn.
 */
export function forgetCnxn(world: World, sid: Sid, connection: number): World {
  const { process } = serverOf(world, sid);
  const cnxn = cnxnOf(process, connection);
  if (process === null || cnxn === null) return world;
  return withProcess(world, sid, ({ service, watches }) => {
    const { sessionId, address } = cnxn;
    const count = (entryOf(service.byAddress, address) ?? 1) - 1;
    const holds =
      sessionId !== null && entryOf(service.bySession, sessionId) === connection ? sessionId : null;
    return {
      watches: forgetConnection(watches, connection),
      service: {
        ...service,
        cnxns: withoutEntry(service.cnxns, String(connection)),
        bySession: holds === null ? service.bySession : withoutEntry(service.bySession, holds),
        byAddress:
          count <= 0
            ? withoutEntry(service.byAddress, address)
            : withEntry(service.byAddress, address, count),
      },
    };
  });
}

/** Hangs up on the client of a session, when it is here. Source: ServerCnxnFactory.closeSession. */
export function closeSessionsCnxn(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  const connection = process === null ? undefined : entryOf(process.service.bySession, sessionId);
  return connection === undefined ? world : closeCnxn(world, sid, connection, cause);
}

/** The connection belongs to this session from now on. Source: NIOServerCnxn.setSessionId, ServerCnxnFactory.addSession. */
export function giveSession(
  world: World,
  sid: Sid,
  connection: number,
  sessionId: SessionId,
): World {
  return withService(
    withCnxn(world, sid, connection, () => ({ sessionId })),
    sid,
    (service) => ({
      bySession: withEntry(service.bySession, sessionId, connection),
    }),
  );
}

/**
 * A read-only server is asked for what it cannot do. It says so and never counts the request as done.
 * Source: ReadOnlyRequestProcessor.sendErrorResponse.
 */
export function refuseWrite(
  world: World,
  sid: Sid,
  connection: number,
  cxid: number,
  cause: Cause,
): World {
  const zxid = serverOf(world, sid).process?.lastProcessed ?? 0;
  const reply = { cxid, zxid, code: "NOTREADONLY" as const, data: null, stat: null };
  const counted = withService(world, sid, ({ inProcess }) => ({ inProcess: inProcess + 1 }));
  return send(counted, connection, serverEnd(sid), { type: "response", ...reply }, cause);
}

/** How a handshake ends: with a session that begins, with the one the client had, or with none. */
export type Outcome = "new" | "again" | "expired";

/**
 * The client hears whether it has its session. A timeout of 0 and no session say that it has expired.
 * Source: ZooKeeperServer.finishSessionInit.
 */
export function finishSessionInit(
  world: World,
  sid: Sid,
  connection: number,
  outcome: Outcome,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  const cnxn = cnxnOf(process, connection);
  if (process === null || cnxn === null || cnxn.sessionId === null) return world;
  const { sessionId, timeoutMs } = cnxn;
  const session =
    outcome === "expired"
      ? { timeoutMs: 0, sessionId: NO_SESSION, password: NO_PASSWORD }
      : { timeoutMs, sessionId, password: passwordOf(sessionId) };
  const readOnly = process.service.mode === "read-only";
  const answered = send(
    world,
    connection,
    serverEnd(sid),
    { type: "ConnectResponse", ...session, readOnly },
    cause,
  );
  if (outcome === "expired") return closeCnxn(answered, sid, connection, cause);
  const told = tellAttached(answered, sid, cnxn, sessionId, outcome, cause);
  return enableReceive(told, sid, connection, cause);
}

/** The connection is read from again, first of all what has arrived meanwhile. Source: ServerCnxn.enableRecv. */
export function enableReceive(world: World, sid: Sid, connection: number, cause: Cause): World {
  const cnxn = cnxnOf(serverOf(world, sid).process, connection);
  if (cnxn === null || cnxn.receiving) return world;
  const next = withCnxn(world, sid, connection, () => ({ receiving: true }));
  return isEmpty(cnxn.unread) ? next : dutyNow(next, sid, { type: "read on", connection }, cause);
}

/** Tells that a session begins, or that it has come from another server. */
function tellAttached(
  world: World,
  sid: Sid,
  { number, timeoutMs }: Cnxn,
  sessionId: SessionId,
  outcome: "new" | "again",
  cause: Cause,
): World {
  const dialer = connectionOf(world, number)?.dialer;
  const name = dialer?.kind === "client" ? dialer.name : sessionId;
  const from = entryOf(world.attached, sessionId)?.server ?? sid;
  const attached = withEntry(world.attached, sessionId, { name, server: sid });
  const noted: World = { ...world, attached };
  if (outcome === "new")
    return tell(
      noted,
      { type: "session.new", sid: sessionId, name, server: sid, timeout: timeoutMs },
      cause,
    );
  if (from === sid) return noted;
  return tell(noted, { type: "session.moved", sid: sessionId, name, from, to: sid }, cause);
}
