import { append, beginSync, entriesAfter, flush, truncateLog } from "../disk/disk";
import { addCommitted, restore } from "../disk/recover";
import { serverEnd } from "../net/connection";
import type { ServerEffect } from "../quorum/effects";
import { drawBetween } from "../random";
import { rulesOf } from "../rules/rules";
import { applyToDatabase } from "../tree/database";
import type { Txn } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { tell, withProcess, withServer } from "./change";
import { exitProcess } from "./end";
import { schedule } from "./queue";
import { serverOf } from "./read";
import { applyCommitted, closeClients } from "./serve";
import { stopTimer } from "./timers";
import { close, connectionsOf, send } from "./wire";
import type { Process, World } from "./world";

/**
 * Whatever served is shut down: clients and learners are dropped, and what is logged becomes part of the tree, also
 * what was never committed, because it counts in the vote.
 * Source: Learner.shutdown, Leader.shutdown, ZooKeeperServer.shutdown, ZKDatabase.fastForwardDataBase (ZOOKEEPER-2845).
 */
export function loadDatabase(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  let next = closeClients(world, sid, cause);
  for (const connection of connectionsOf(next, serverEnd(sid), "quorum")) {
    next = close(next, connection.number, serverEnd(sid), cause);
  }
  for (const name of Object.keys(process.timers)) next = stopTimer(next, sid, name);
  next = {
    ...next,
    queue: next.queue.filter((event) => !(event.type === "disk synced" && event.sid === sid)),
  };
  next = withServer(next, sid, (server) => ({ ...server, disk: flush(server.disk).disk }));
  // Half a synchronization by SNAP is thrown away, and the files are read again.
  const kept = process.unsavedSnap ? restore(serverOf(next, sid).disk) : null;
  let { tree, sessions, lastProcessed, committedLog } = kept ?? process;
  for (const txn of entriesAfter(serverOf(next, sid).disk, lastProcessed)) {
    ({ tree, sessions } = applyToDatabase({ tree, sessions }, txn));
    lastProcessed = txn.zxid;
    committedLog = addCommitted(committedLog, txn);
  }
  return withProcess(next, sid, (one) => ({
    tree,
    sessions,
    lastProcessed,
    unsavedSnap: false,
    committedLog,
    pendingTxns: [],
    ahead: null,
    serving: false,
    forwarded: [],
    client: { ...one.client, served: {}, touched: [], expiry: {}, closing: [], revalidating: {} },
    syncs: {},
    readers: {},
  }));
}

/** Source: Learner.syncWithLeader, case TRUNC; ZKDatabase.truncateLog. */
export function truncate(world: World, sid: Sid, zxid: number, cause: Cause): World {
  const { disk } = serverOf(world, sid);
  const cut = truncateLog(disk, zxid);
  const restored = cut === null ? null : restore(cut);
  if (cut === null || restored === null)
    return exitProcess(world, sid, 13, "Not able to truncate the log", cause);
  let next = world;
  for (const txn of flush(disk).disk.log.slice(cut.log.length)) {
    next = tell(next, { type: "txn.discarded", id: sid, zxid: txn.zxid, ...pathOf(txn) }, cause);
  }
  const { tree, sessions, committedLog } = restored;
  next = withServer(next, sid, (server) => ({ ...server, disk: restored.disk }));
  return withProcess(next, sid, () => ({ tree, sessions, lastProcessed: zxid, committedLog }));
}

/** Hands transactions to the sync thread, and keeps them until their COMMIT. Source: FollowerZooKeeperServer.logRequest. */
export function logTxns(world: World, sid: Sid, txns: readonly Txn[], cause: Cause): World {
  if (txns.length === 0) return world;
  const kept = withProcess(world, sid, (process) => ({
    pendingTxns: [...process.pendingTxns, ...txns],
  }));
  const appended = withServer(kept, sid, (server) => ({
    ...server,
    disk: txns.reduce(append, server.disk),
  }));
  const syncing = syncDisk(appended, sid, cause);
  const { process } = serverOf(syncing, sid);
  if (process === null || rulesOf(world.variant).ackWhen === "synced") return syncing;
  // Acknowledged before it is durable; the second ACK, after the fsync, changes nothing.
  const event = { type: "disk synced" as const, zxids: txns.map((txn) => txn.zxid) };
  const body = { type: "server" as const, sid, process: process.number, event };
  return schedule(syncing, body, syncing.nowUs, cause);
}

/** Begins an fsync when there is something to sync and none runs. */
export function syncDisk(world: World, sid: Sid, cause: Cause): World {
  const server = serverOf(world, sid);
  const { disk, began } = beginSync(server.disk);
  if (!began || server.process === null) return world;
  const [least, most] = world.delays.fsyncUs;
  const fsyncUs = drawBetween(
    world.seed,
    "fsync",
    `server ${sid}`,
    server.draws.fsync,
    least,
    most,
  );
  const next = withServer(world, sid, (one) => ({
    ...one,
    disk,
    draws: { ...one.draws, fsync: one.draws.fsync + 1 },
  }));
  return schedule(
    next,
    { type: "disk synced", sid, process: server.process.number },
    next.nowUs + fsyncUs,
    cause,
  );
}

/** What is committed must be durable before NEWLEADER is acknowledged. Source: Learner.syncWithLeader from 3.9.3. */
export function persist(
  world: World,
  sid: Sid,
  process: Process,
  txns: readonly Txn[],
  cause: Cause,
): World {
  let next = withServer(world, sid, (server) => ({
    ...server,
    disk: txns.reduce(append, server.disk),
  }));
  for (const txn of txns) next = applyCommitted(next, sid, txn, cause);
  const before = next.queue.length;
  next = syncDisk(next, sid, cause);
  const synced = next.queue.find((event) => event.type === "disk synced" && event.sid === sid);
  const atUs = next.queue.length === before || synced === undefined ? next.nowUs : synced.atUs;
  const body = {
    type: "server" as const,
    sid,
    process: process.number,
    event: { type: "history persisted" as const },
  };
  return schedule(next, body, atUs, cause);
}

/** Source: LearnerHandler.syncFollower, Leader.startForwarding. */
export function synchronize(
  world: World,
  sid: Sid,
  process: Process,
  effect: Extract<ServerEffect, { type: "synchronize" }>,
  cause: Cause,
): World {
  const self = serverEnd(sid);
  const { tree, sessions, lastProcessed, committedLog } = process;
  const plan = rulesOf(world.variant).planSync(
    { committedLog, lastProcessed, snapshot: () => ({ zxid: lastProcessed, tree, sessions }) },
    effect.peerLastZxid,
  );
  let next = withProcess(world, sid, (one) => ({
    syncs: {
      ...one.syncs,
      [effect.connection]: { mode: plan.mode, sinceUs: world.nowUs, zxid: plan.lastSent },
    },
  }));
  for (const packet of plan.packets) next = send(next, effect.connection, self, packet, cause);
  for (const txn of process.pendingTxns) {
    if (txn.zxid > plan.lastSent)
      next = send(next, effect.connection, self, { type: "PROPOSAL", txn }, cause);
  }
  return send(next, effect.connection, self, { type: "NEWLEADER", epoch: effect.epoch }, cause);
}

export function pathOf(txn: Txn): { readonly path?: string } {
  return "path" in txn.body ? { path: txn.body.path } : {};
}
