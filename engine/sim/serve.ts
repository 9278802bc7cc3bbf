import { addCommitted } from "../disk/recover";
import { applyToDatabase } from "../tree/database";
import { serverEnd } from "../net/connection";
import type { ClientPacket, ClientRequest, Operation, Reply } from "../net/request";
import { draw } from "../random";
import { rulesOf } from "../rules/rules";
import { nodeAt, statOf } from "../tree/dataTree";
import type { ErrorCode, SessionId, Txn } from "../tree/txn";
import { msFromUs, type Cause, type Sid } from "../units";
import { connectionOf, tell, withProcess } from "./change";
import { schedule } from "./queue";
import { touch, touchOnLeader, trackSession } from "./sessions";
import { contextOf, serverOf, takesWrites } from "./read";
import { close, connectionsOf, send } from "./wire";
import type { Process, World } from "./world";

/**
 * A packet of a client reaches its server. Source: ZooKeeperServer.processConnectRequest, processPacket.
 * Simpler than real: a session has no owner, so a request that comes by an old way is not refused with SESSIONMOVED.
 */
export function hearClient(
  world: World,
  sid: Sid,
  connection: number,
  packet: ClientPacket,
  cause: Cause,
): World {
  const process = serverOf(world, sid).process;
  if (process === null) return world;
  // "ZooKeeperServer not running": the socket is closed. Source: NIOServerCnxn.readConnectRequest.
  if (!process.serving) return refuse(world, sid, connection, "not serving", cause);
  switch (packet.type) {
    case "ConnectRequest":
      return hearConnectRequest(world, sid, process, connection, packet, cause);
    case "request":
      return hearRequest(world, sid, connection, { cxid: packet.cxid, op: packet.op }, cause);
    case "ping": {
      const touched = touch(world, sid, process.client.served[connection] ?? null);
      return send(
        touched,
        connection,
        serverEnd(sid),
        { type: "pong", zxid: process.lastProcessed },
        cause,
      );
    }
    case "ConnectResponse":
    case "watchEvent":
    case "response":
    case "pong":
      return world;
  }
}

function refuse(
  world: World,
  sid: Sid,
  connection: number,
  reason: "zxid" | "not serving",
  cause: Cause,
): World {
  const dialer = connectionOf(world, connection)?.dialer;
  const closed = close(world, connection, serverEnd(sid), cause);
  if (dialer?.kind !== "client") return closed;
  return tell(closed, { type: "client.refused", name: dialer.name, server: sid, reason }, cause);
}

/** Source: ZooKeeperServer.processConnectRequest. */
function hearConnectRequest(
  world: World,
  sid: Sid,
  process: Process,
  connection: number,
  packet: Extract<ClientPacket, { type: "ConnectRequest" }>,
  cause: Cause,
): World {
  // A client must never see an older state than it has seen: it has to find another server.
  if (packet.lastZxidSeen > process.lastProcessed)
    return refuse(world, sid, connection, "zxid", cause);
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = process.config;
  const timeoutMs = rulesOf(world.variant).negotiateTimeoutMs(
    packet.timeoutMs,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
  );
  if (packet.sessionId === null) {
    const { id, password } = newSession(world, sid, process);
    const counted = withProcess(world, sid, (one) => ({
      client: { ...one.client, created: one.client.created + 1 },
    }));
    const named = withProcess(counted, sid, (one) => ({
      client: { ...one.client, served: { ...one.client.served, [connection]: id } },
    }));
    return forward(
      named,
      sid,
      connection,
      { cxid: 0, authInfo: [], op: { type: "createSession", timeoutMs, password } },
      cause,
    );
  }
  const { sessionId } = packet;
  if (
    process.sessions[sessionId] !== undefined &&
    process.sessions[sessionId].password !== packet.password
  ) {
    return answerConnect(world, sid, connection, sessionId, 0, cause);
  }
  const asked = withProcess(world, sid, (one) => ({
    client: {
      ...one.client,
      revalidating: { ...one.client.revalidating, [sessionId]: connection },
    },
  }));
  const leader = contextOf(serverOf(asked, sid))?.following;
  if (leader?.connection !== undefined && leader.connection !== null) {
    return send(
      asked,
      leader.connection,
      serverEnd(sid),
      { type: "REVALIDATE", sessionId, timeoutMs, valid: null },
      cause,
    );
  }
  return revalidated(
    asked,
    sid,
    sessionId,
    timeoutMs,
    touchOnLeader(asked, sid, sessionId, timeoutMs),
    cause,
  );
}

/**
 * The id of a new session: the server's sid, the low part of its clock when it started, a counter; and a password that
 * every server can compute. Source: SessionTrackerImpl.initializeNextSessionId, ZooKeeperServer.generatePasswd.
 */
function newSession(
  world: World,
  sid: Sid,
  process: Process,
): { readonly id: SessionId; readonly password: string } {
  const clock = hex(msFromUs(process.startedUs), 10);
  const id = `0x${sid.toString(16)}${clock}${hex(process.client.created, 4)}`;
  return { id, password: hex(Math.floor(draw(world.seed, "password", id, 0) * 2 ** 32), 8) };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0").slice(-digits);
}

/** The answer about a session has come: the client may go on, or its session is over. */
export function revalidated(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  timeoutMs: number,
  valid: boolean,
  cause: Cause,
): World {
  const connection = serverOf(world, sid).process?.client.revalidating[sessionId];
  if (connection === undefined) return world;
  const next = withProcess(world, sid, (process) => {
    const revalidating = { ...process.client.revalidating };
    delete revalidating[sessionId];
    const served = valid
      ? { ...process.client.served, [connection]: sessionId }
      : process.client.served;
    return { client: { ...process.client, revalidating, served } };
  });
  return answerConnect(next, sid, connection, sessionId, valid ? timeoutMs : 0, cause);
}

/** A timeout of 0 tells the client that its session has expired. Source: ZooKeeperServer.finishSessionInit. */
function answerConnect(
  world: World,
  sid: Sid,
  connection: number,
  sessionId: SessionId,
  timeoutMs: number,
  cause: Cause,
): World {
  const password = serverOf(world, sid).process?.sessions[sessionId]?.password ?? "";
  const touched = timeoutMs === 0 ? world : touch(world, sid, sessionId);
  return send(
    touched,
    connection,
    serverEnd(sid),
    { type: "ConnectResponse", timeoutMs, sessionId, password, readOnly: false },
    cause,
  );
}

function hearRequest(
  world: World,
  sid: Sid,
  connection: number,
  request: { cxid: number; op: Operation },
  cause: Cause,
): World {
  const process = serverOf(world, sid).process;
  const sessionId = process?.client.served[connection];
  if (process === null || sessionId === undefined) return world;
  const touched = touch(world, sid, sessionId);
  switch (request.op.type) {
    case "create":
    case "create2":
    case "setData":
    case "delete":
      return forward(
        touched,
        sid,
        connection,
        { cxid: request.cxid, authInfo: [], op: request.op },
        cause,
      );
    case "closeSession":
      return forward(
        touched,
        sid,
        connection,
        { cxid: request.cxid, authInfo: [], op: request.op },
        cause,
      );
    case "getData":
    case "exists": {
      // Simpler than real: a read does not wait for this session's earlier writes; a client here sends one at a time.
      const node = nodeAt(process.tree, request.op.path);
      const reply: Reply = {
        cxid: request.cxid,
        zxid: process.lastProcessed,
        code: node === null ? "NONODE" : "OK",
        data: node !== null && request.op.type === "getData" ? node.data : null,
        stat: statOf(process.tree, request.op.path),
      };
      return send(touched, connection, serverEnd(sid), { type: "response", ...reply }, cause);
    }
    default:
      return touched;
  }
}

/**
 * A write goes to the leader, whichever server the client is on. Source: FollowerRequestProcessor, LeaderRequestProcessor.
 */
function forward(
  world: World,
  sid: Sid,
  connection: number,
  request: ClientRequest,
  cause: Cause,
): World {
  const server = serverOf(world, sid);
  const { process } = server;
  const sessionId = process?.client.served[connection];
  if (process === null || sessionId === undefined) return world;
  const noted = withProcess(world, sid, (one) => ({
    forwarded: [...one.forwarded, { connection, sessionId, cxid: request.cxid }],
  }));
  if (takesWrites(server)) {
    const event = { type: "own request" as const, sessionId, request };
    return schedule(
      noted,
      { type: "server", sid, process: process.number, event },
      world.nowUs,
      cause,
    );
  }
  const leader = contextOf(server)?.following?.connection;
  if (leader === undefined || leader === null) return noted;
  return send(noted, leader, serverEnd(sid), { type: "REQUEST", sessionId, request }, cause);
}

/**
 * A committed transaction changes the database, and the client that waits for it here gets its answer.
 * Source: FinalRequestProcessor.processRequest.
 */
export function applyCommitted(world: World, sid: Sid, txn: Txn, cause: Cause): World {
  const process = serverOf(world, sid).process;
  if (process === null) return world;
  const { tree, sessions, result } = applyToDatabase(process, txn);
  const waiting = process.forwarded.find(
    (one) => one.sessionId === txn.sessionId && one.cxid === txn.cxid,
  );
  let next = withProcess(world, sid, (one) => ({
    tree,
    sessions,
    lastProcessed: txn.zxid,
    committedLog: addCommitted(one.committedLog, txn, one.config.settings.commitLogCount),
    forwarded:
      waiting === undefined ? one.forwarded : one.forwarded.filter((other) => other !== waiting),
  }));
  next = trackSession(next, sid, txn);
  if (waiting !== undefined && connectionOf(next, waiting.connection) !== null) {
    next = answer(next, sid, waiting.connection, txn, result, cause);
  }
  return txn.body.type === "closeSession" ? dropClientsOf(next, sid, txn.sessionId, cause) : next;
}

function answer(
  world: World,
  sid: Sid,
  connection: number,
  txn: Txn,
  result: { readonly code: ErrorCode },
  cause: Cause,
): World {
  if (txn.body.type === "createSession") {
    const dialer = connectionOf(world, connection)?.dialer;
    const told =
      dialer?.kind === "client"
        ? tell(
            world,
            {
              type: "session.new",
              sid: txn.sessionId,
              name: dialer.name,
              server: sid,
              timeout: txn.body.timeoutMs,
            },
            cause,
          )
        : world;
    return answerConnect(told, sid, connection, txn.sessionId, txn.body.timeoutMs, cause);
  }
  const path = "path" in txn.body ? txn.body.path : null;
  const tree = serverOf(world, sid).process?.tree;
  const reply: Reply = {
    cxid: txn.cxid,
    zxid: txn.zxid,
    code: txn.body.type === "error" ? txn.body.code : result.code,
    data: null,
    stat: path === null || tree === undefined ? null : statOf(tree, path),
  };
  return send(world, connection, serverEnd(sid), { type: "response", ...reply }, cause);
}

/** A sync has come back, or goes no further than this server: its client gets its answer. */
export function answerSync(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  cxid: number,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  const waiting = process?.forwarded.find(
    (one) => one.sessionId === sessionId && one.cxid === cxid,
  );
  if (process === null || waiting === undefined) return world;
  const next = withProcess(world, sid, (one) => ({
    forwarded: one.forwarded.filter((other) => other !== waiting),
  }));
  const reply: Reply = { cxid, zxid: process.lastProcessed, code: "OK", data: null, stat: null };
  return send(next, waiting.connection, serverEnd(sid), { type: "response", ...reply }, cause);
}

/** The server closes the connections of a session that is over. Source: ZooKeeperServer.closeSession. */
function dropClientsOf(world: World, sid: Sid, sessionId: SessionId, cause: Cause): World {
  const served = serverOf(world, sid).process?.client.served ?? {};
  let next = world;
  for (const [connection, id] of Object.entries(served)) {
    if (id === sessionId)
      next = forgetClient(
        close(next, Number(connection), serverEnd(sid), cause),
        sid,
        Number(connection),
      );
  }
  return next;
}

/** A client's connection is gone: its session lives on, unattended. */
export function forgetClient(world: World, sid: Sid, connection: number): World {
  return withProcess(world, sid, (process) => {
    const served = { ...process.client.served };
    delete served[connection];
    return {
      client: { ...process.client, served },
      forwarded: process.forwarded.filter((one) => one.connection !== connection),
    };
  });
}

/** All client connections of a server that stops serving are closed. Source: Learner.shutdown, Leader.shutdown. */
export function closeClients(world: World, sid: Sid, cause: Cause): World {
  let next = world;
  for (const connection of connectionsOf(world, serverEnd(sid), "client")) {
    next = close(next, connection.number, serverEnd(sid), cause);
  }
  return next;
}
