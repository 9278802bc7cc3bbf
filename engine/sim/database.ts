import {
  beginSync,
  entriesAfter,
  finishSync,
  flush,
  handToSync,
  rollLog,
  takeBatch,
  truncateLog,
  writeEntry,
} from "../disk/disk";
import { addCommitted, replay, restore, restoreCut } from "../disk/recover";
import { serverEnd } from "../net/connection";
import type { ServerEffect } from "../quorum/effects";
import { drawBetween } from "../random";
import { rulesOf } from "../rules/rules";
import type { Txn } from "../tree/txn";
import type { Cause, Sid, VirtualUs } from "../units";
import type { Zxid } from "../zxid";
import { tell, withProcess, withServer } from "./change";
import { applyCommitted } from "./commitProcessor";
import { exitProcess } from "./end";
import { schedule } from "./queue";
import { serverOf } from "./read";
import { closeService } from "./service";
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
  let next = closeService(world, sid, cause);
  for (const connection of connectionsOf(next, serverEnd(sid), "quorum")) {
    next = close(next, connection.number, serverEnd(sid), cause);
  }
  for (const name of Object.keys(process.timers)) next = stopTimer(next, sid, name);
  next = {
    ...next,
    queue: next.queue.filter((event) => !(event.type === "disk synced" && event.sid === sid)),
  };
  const disk = flush(serverOf(next, sid).disk, preAllocBytes(process));
  next = withServer(next, sid, (server) => ({ ...server, disk }));
  // Half a synchronization by SNAP is thrown away, and the files are read again.
  const kept = process.unsavedSnap ? restore(disk, process.config) : null;
  let { lastProcessed, committedLog } = kept ?? process;
  const entries = entriesAfter(disk, lastProcessed);
  const { tree, sessions } = replay(kept ?? process, entries);
  for (const txn of entries) {
    lastProcessed = Math.max(lastProcessed, txn.zxid);
    committedLog = addCommitted(committedLog, txn, process.config.settings.commitLogCount);
  }
  return withProcess(next, sid, () => ({
    tree,
    sessions,
    lastProcessed,
    unsavedSnap: false,
    committedLog,
    pendingTxns: [],
    ahead: null,
    syncs: {},
    readers: {},
  }));
}

/** Source: Learner.syncWithLeader, case TRUNC; ZKDatabase.truncateLog. */
export function truncate(world: World, sid: Sid, zxid: number, cause: Cause): World {
  const { disk, process } = serverOf(world, sid);
  if (process === null) return world;
  const cut = truncateLog(disk, zxid);
  const restored =
    cut === null ? null : restoreCut(cut, zxid, process.config, rulesOf(world.variant));
  if (cut === null || restored === null)
    return exitProcess(world, sid, 13, "Not able to truncate the log", cause);
  let next = world;
  const left = new Set(entriesAfter(cut, zxid));
  for (const txn of entriesAfter(disk, zxid)) {
    if (left.has(txn)) continue;
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
    disk: txns.reduce(handToSync, server.disk),
  }));
  const syncing = syncDisk(appended, sid, cause);
  const { process } = serverOf(syncing, sid);
  if (process === null || rulesOf(world.variant).ackWhen === "synced") return syncing;
  // Acknowledged before it is durable; the second ACK, after the fsync, changes nothing.
  const event = { type: "disk synced" as const, zxids: txns.map((txn) => txn.zxid) };
  const body = { type: "server" as const, sid, process: process.number, event };
  return schedule(syncing, body, syncing.nowUs, cause);
}

/**
 * The sync thread takes what waits, writes it, and begins an fsync for all of it; unless one runs, or nothing waits.
 * Source: SyncRequestProcessor.run, flush; FileTxnLog.append, commit.
 * Simpler than real: no flushDelay.
 */
export function syncDisk(world: World, sid: Sid, cause: Cause): World {
  const { disk, process } = serverOf(world, sid);
  if (process === null || disk.syncing.length > 0 || disk.waiting.count === 0) return world;
  const { batch, disk: taken } = takeBatch(disk, process.config.settings.maxBatchSize);
  let written = taken;
  for (const txn of batch) written = writeEntry(written, txn, preAllocBytes(process));
  const { world: drawn, fsyncUs } = drawFsync(world, sid, process);
  const next = withServer(drawn, sid, (one) => ({ ...one, disk: beginSync(written, batch) }));
  const synced = { type: "disk synced" as const, sid, process: process.number };
  return schedule(next, synced, next.nowUs + fsyncUs, cause);
}

/** How long this fsync takes; nothing where the log is not forced to the platter. */
function drawFsync(
  world: World,
  sid: Sid,
  { config }: Process,
): { readonly world: World; readonly fsyncUs: VirtualUs } {
  if (!config.settings.forceSync) return { world, fsyncUs: 0 };
  const { disk, draws } = serverOf(world, sid);
  const [least, most] = world.delays.fsyncUs;
  const nth = draws.fsync;
  const usualUs = drawBetween(world.seed, "fsync", `server ${sid}`, nth, least, most);
  const counted = withServer(world, sid, (one) => ({
    ...one,
    draws: { ...one.draws, fsync: nth + 1 },
  }));
  return { world: counted, fsyncUs: usualUs + disk.slowUs };
}

/** An fsync has ended: what it was for is told, and the next one begins when more is waiting. */
export function diskSynced(
  world: World,
  sid: Sid,
  cause: Cause,
): { readonly world: World; readonly zxids: readonly Zxid[] } {
  const { disk, process } = serverOf(world, sid);
  if (process === null) return { world, zxids: [] };
  const { forceSync, txnLogSizeLimitInKb } = process.config.settings;
  const finished = finishSync(disk, forceSync);
  const open = finished.disk.logs.find((file) => file.firstZxid === finished.disk.appending);
  const tooLong =
    open !== undefined &&
    txnLogSizeLimitInKb > 0 &&
    open.sizeBytes > txnLogSizeLimitInKb * BYTES_PER_KB;
  let next = withServer(world, sid, (server) => ({
    ...server,
    disk: tooLong ? rollLog(finished.disk) : finished.disk,
  }));
  for (const txn of finished.synced)
    next = tell(next, { type: "txn.logged", id: sid, zxid: txn.zxid, ...pathOf(txn) }, cause);
  return {
    world: syncDisk(next, sid, cause),
    zxids: finished.synced.map((txn) => txn.zxid),
  };
}

const BYTES_PER_KB = 1_024;

function preAllocBytes({ config }: Process): number {
  return config.settings.preAllocSizeKb * BYTES_PER_KB;
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
    disk: txns.reduce(handToSync, server.disk),
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
