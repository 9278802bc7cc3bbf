import { type Connection, serverEnd, sideOf } from "../net/connection";
import type { Hello, Notification } from "../net/packet";
import type { Cause, Sid } from "../units";
import { connectionOf, withConnection, withProcess } from "./change";
import type { Dial } from "./event";
import { schedule } from "./queue";
import { serverOf } from "./read";
import { close, connectionsOf, dial, peerOf, send } from "./wire";
import type { World } from "./world";

/**
 * Election connections: one per pair, kept by the server with the larger sid; and per peer a queue of one message, in
 * which the newest wins. Source: QuorumCnxManager.
 * Simpler than real: a caller that never says who it is does not keep the listener from others (quorumCnxnTimeoutMs).
 */

/** The connection to this peer on which votes can be sent now, or null. */
function standing(world: World, sid: Sid, peer: Sid): Connection | null {
  const end = serverEnd(sid);
  const found = connectionsOf(world, end, "election").filter((connection) => {
    const side = sideOf(connection, end);
    return peerOf(connection, sid) === peer && side !== null && connection.ready[side];
  });
  return found[found.length - 1] ?? null;
}

/** Sends a vote to a peer, over the connection there is or the one that is opened for it. Source: QuorumCnxManager.toSend. */
export function sendVote(
  world: World,
  sid: Sid,
  peer: Sid,
  notification: Notification,
  cause: Cause,
): World {
  const process = serverOf(world, sid).process;
  if (process === null) return world;
  if (peer === sid) {
    // A copy for itself goes straight into its own receive queue.
    return schedule(
      world,
      { type: "server", sid, process: process.number, event: notification },
      world.nowUs,
      cause,
    );
  }
  const connection = standing(world, sid, peer);
  if (connection !== null) return sendOn(world, sid, peer, connection.number, notification, cause);
  const queued = withProcess(world, sid, (one) => ({
    electionQueue: { ...one.electionQueue, [peer]: notification },
  }));
  return connectTo(queued, sid, peer, cause);
}

function sendOn(
  world: World,
  sid: Sid,
  peer: Sid,
  connection: number,
  notification: Notification,
  cause: Cause,
): World {
  const noted = withProcess(world, sid, (process) => ({
    lastNotification: { ...process.lastNotification, [peer]: notification },
    electionQueue: { ...process.electionQueue, [peer]: null },
  }));
  return send(noted, connection, serverEnd(sid), notification, cause);
}

/**
 * One attempt at a time per peer. A server that is no member can only be called back, at the port that it has told.
 * Source: QuorumCnxManager.connectOne.
 */
function connectTo(world: World, sid: Sid, peer: Sid, cause: Cause, told?: number): World {
  const process = serverOf(world, sid).process;
  const port = told ?? process?.config.members.find((one) => one.sid === peer)?.electionPort;
  if (process === null || port === undefined || process.electionDialing.includes(peer))
    return world;
  const noted = withProcess(world, sid, (one) => ({
    electionDialing: [...one.electionDialing, peer],
  }));
  return dial(
    noted,
    {
      purpose: "election",
      port,
      from: { kind: "server", sid, process: process.number },
      to: peer,
    },
    cause,
  );
}

/**
 * Nothing was heard for a while. Where anything has got through to anyone, the vote is sent to all voters again; else
 * all servers ever spoken to are called again. Source: QuorumCnxManager.haveDelivered, connectAll.
 */
export function sendVoteAgain(
  world: World,
  sid: Sid,
  to: readonly Sid[],
  notification: Notification,
  cause: Cause,
): World {
  const process = serverOf(world, sid).process;
  if (process === null) return world;
  let next = world;
  if (Object.values(process.electionQueue).includes(null)) {
    for (const peer of to) next = sendVote(next, sid, peer, notification, cause);
    return next;
  }
  for (const peer of Object.keys(process.electionQueue).map(Number))
    if (standing(next, sid, peer) === null) next = connectTo(next, sid, peer, cause);
  return next;
}

/**
 * The caller's connection stands: it says who it is. A smaller sid then hangs up and waits to be called back.
 * Source: QuorumCnxManager.startConnection.
 */
export function electionDialed(
  world: World,
  attempt: Dial,
  connection: number | null,
  cause: Cause,
): World {
  if (attempt.from.kind !== "server") return world;
  const { sid } = attempt.from;
  const next = withProcess(world, sid, (process) => ({
    electionDialing: process.electionDialing.filter((peer) => peer !== attempt.to),
  }));
  if (connection === null || connectionOf(next, connection) === null) return next;
  const { process } = serverOf(next, sid);
  const own = process?.config.members.find((member) => member.sid === sid);
  const hello: Hello = { type: "HELLO", sid, electionPort: own?.electionPort ?? attempt.port };
  const greeted = send(next, connection, serverEnd(sid), hello, cause);
  if (sid < attempt.to) return close(greeted, connection, serverEnd(sid), cause);
  return begin(
    replaceOlder(greeted, sid, attempt.to, connection, cause),
    sid,
    attempt.to,
    connection,
    cause,
  );
}

/**
 * A caller says who it is. A smaller one is called back over a connection of one's own; a larger one's connection is
 * kept, instead of any older. Source: QuorumCnxManager.handleConnection.
 */
export function hearHello(
  world: World,
  sid: Sid,
  connection: number,
  hello: Hello,
  cause: Cause,
): World {
  if (hello.sid < sid) {
    const closed = close(world, connection, serverEnd(sid), cause);
    const alone = replaceOlder(closed, sid, hello.sid, -1, cause);
    return connectTo(alone, sid, hello.sid, cause, hello.electionPort);
  }
  return begin(
    replaceOlder(world, sid, hello.sid, connection, cause),
    sid,
    hello.sid,
    connection,
    cause,
  );
}

function replaceOlder(world: World, sid: Sid, peer: Sid, kept: number, cause: Cause): World {
  let next = world;
  for (const old of connectionsOf(world, serverEnd(sid), "election")) {
    const side = sideOf(old, serverEnd(sid));
    if (peerOf(old, sid) === peer && old.number !== kept && side !== null && old.ready[side]) {
      next = close(next, old.number, serverEnd(sid), cause);
    }
  }
  return next;
}

/** Votes can flow: what waits is sent, or else the last one again. Source: QuorumCnxManager.SendWorker.run. */
function begin(world: World, sid: Sid, peer: Sid, connection: number, cause: Cause): World {
  const ready = withConnection(world, connection, (one) => {
    const side = sideOf(one, serverEnd(sid));
    return side === null ? one : { ...one, ready: { ...one.ready, [side]: true } };
  });
  const known = withProcess(ready, sid, ({ electionQueue }) => ({
    electionQueue: { ...electionQueue, [peer]: electionQueue[peer] ?? null },
  }));
  const process = serverOf(known, sid).process;
  const message = process?.electionQueue[peer] ?? process?.lastNotification[peer];
  return message === undefined ? known : sendOn(known, sid, peer, connection, message, cause);
}
