import {
  dropWaiting,
  entriesAfter,
  flush,
  handToSync,
  truncateLog,
  truncateLogExactly,
} from "../disk/disk";
import { addCommitted, replay, restore, restoreCut } from "../disk/recover";
import { serverEnd } from "../net/connection";
import { rulesOf } from "../rules/rules";
import type { Txn } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { tell, withDisk, withProcess } from "./change";
import { applyCommitted } from "./commitProcessor";
import { exitProcess } from "./end";
import { appendEntries, beginWriting, pathOf, preAllocBytes, syncDisk } from "./fileWork";
import { dropWhere, schedule } from "./queue";
import { serverOf } from "./read";
import { closeService } from "./service";
import { stopTimer } from "./timers";
import { close, connectionsOf } from "./wire";
import type { Process, World } from "./world";

/**
 * Whatever served is shut down: clients and learners are dropped, and what is logged becomes part of the tree, also
 * what was never committed, because it counts in the vote.
 * Source: Learner.shutdown, Leader.shutdown, ZooKeeperServer.shutdown, ZKDatabase.fastForwardDataBase (ZOOKEEPER-2845).
 * Simpler than real: what waits is written and synced in no time, and before the tree is brought up. In 3.8.0 a
 * learner's sync thread is not ended at all and the tree does not wait for it (ZOOKEEPER-4712), so that a server whose
 * disk is busy may vote below its log; that bug is in no variant.
 */
export function loadDatabase(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  let next = closeService(world, sid, cause);
  for (const connection of connectionsOf(next, serverEnd(sid), "quorum")) {
    next = close(next, connection.number, serverEnd(sid), cause);
  }
  for (const name of Object.keys(process.timers)) next = stopTimer(next, sid, name);
  next = dropWhere(next, (event) => event.type === "disk synced" && event.sid === sid);
  const before = serverOf(next, sid).disk;
  // What waits is written before the sync thread ends, unless there is no room for it.
  const disk = before.full ? dropWaiting(before) : flush(before, preAllocBytes(process));
  next = withDisk(next, sid, () => disk);
  // Half a synchronization by SNAP is thrown away, and the files are read again.
  const { treeAfterDiskFailed } = rulesOf(world.variant);
  const mayLackLog = process.files.syncDead && treeAfterDiskFailed === "read again";
  const kept = process.unsavedSnap || mayLackLog ? restore(disk, process.config) : null;
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
    files: { ...process.files, syncDead: false },
    committedLog,
    pendingTxns: [],
    ahead: null,
    syncs: {},
    readers: [],
  }));
}

/** Source: Learner.syncWithLeader, case TRUNC; ZKDatabase.truncateLog. */
export function truncate(world: World, sid: Sid, zxid: number, cause: Cause): World {
  const { disk, process } = serverOf(world, sid);
  if (process === null) return world;
  const rules = rulesOf(world.variant);
  const exact = rules.snapshotsAboveTrunc === "dropped";
  const cut = disk.full ? null : (exact ? truncateLogExactly : truncateLog)(disk, zxid);
  const restored = cut === null ? null : restoreCut(cut, zxid, process.config, rules);
  // Repaired, it says that it has a history only when it has.
  const lacks = exact && restored !== null && restored.lastProcessed !== zxid;
  if (cut === null || restored === null || lacks)
    return exitProcess(world, sid, 13, "Not able to truncate the log", cause);
  let next = world;
  const left = new Set(entriesAfter(cut, zxid));
  for (const txn of entriesAfter(disk, zxid)) {
    if (left.has(txn)) continue;
    next = tell(next, { type: "txn.discarded", id: sid, zxid: txn.zxid, ...pathOf(txn) }, cause);
  }
  const { tree, sessions, committedLog } = restored;
  next = withDisk(next, sid, () => restored.disk);
  return withProcess(next, sid, (one) => ({
    tree,
    sessions,
    lastProcessed: zxid,
    committedLog,
    unsavedSnap: rules.dropsUnsaved.includes("TRUNC"),
    files: { ...one.files, snapshotApart: true },
  }));
}

/** Hands transactions to the sync thread, and keeps them until their COMMIT. Source: FollowerZooKeeperServer.logRequest. */
export function logTxns(world: World, sid: Sid, txns: readonly Txn[], cause: Cause): World {
  if (txns.length === 0) return world;
  const kept = withProcess(world, sid, (process) => ({
    pendingTxns: [...process.pendingTxns, ...txns],
  }));
  const appended = withDisk(kept, sid, (disk) => txns.reduce(handToSync, disk));
  const syncing = syncDisk(appended, sid, cause);
  const { process } = serverOf(syncing, sid);
  if (process === null || rulesOf(world.variant).ackWhen === "synced") return syncing;
  // Acknowledged before it is durable; the second ACK, after the fsync, changes nothing.
  const event = { type: "disk synced" as const, zxids: txns.map((txn) => txn.zxid) };
  const body = { type: "server" as const, sid, process: process.number, event };
  return schedule(syncing, body, syncing.nowUs, cause);
}

/** What is committed must be durable before NEWLEADER is acknowledged. Source: Learner.syncWithLeader from 3.9.3. */
export function persist(
  world: World,
  sid: Sid,
  process: Process,
  txns: readonly Txn[],
  cause: Cause,
): World {
  const told = { type: "history persisted" as const };
  if (txns.length === 0) {
    const body = { type: "server" as const, sid, process: process.number, event: told };
    return schedule(world, body, world.nowUs, cause);
  }
  let next = appendEntries(world, sid, txns);
  for (const txn of txns) next = applyCommitted(next, sid, txn, cause);
  return beginWriting(next, sid, { type: "log", told }, cause);
}
