import { assert } from "../assert";
import type { Txn } from "../tree/txn";
import type { Zxid } from "../zxid";
import type { Snapshot } from "../tree/database";

/**
 * What one server has under its dataDir and dataLogDir.
 * The log is ordered by zxid: the first `syncedCount` entries are on the platter, those up to `writtenCount` are in
 * the operating system's cache (a kill keeps them, a power loss does not), the rest only in the process.
 */
export interface Disk {
  readonly log: readonly Txn[];
  readonly writtenCount: number;
  readonly syncedCount: number;
  /** By zxid, lowest first: a restart takes the last one, whenever it was written. */
  readonly snapshots: readonly Snapshot[];
  /** Null while the file does not exist. Source: QuorumPeer.ACCEPTED_EPOCH_FILENAME, CURRENT_EPOCH_FILENAME. */
  readonly acceptedEpoch: number | null;
  readonly currentEpoch: number | null;
  /** Appended while an fsync runs, or before the next begins; the sync thread is one thread. Zxids, oldest first. */
  readonly waiting: readonly Txn[];
  /** Is the sync thread inside an fsync now? */
  readonly syncing: boolean;
}

/** A machine on which no server has run yet. */
export function emptyDisk(): Disk {
  return {
    log: [],
    writtenCount: 0,
    syncedCount: 0,
    snapshots: [],
    acceptedEpoch: null,
    currentEpoch: null,
    waiting: [],
    syncing: false,
  };
}

/**
 * Hands a transaction to the sync thread. It is in the log at once when the thread is idle, and waits while an fsync
 * runs. Neither is durable before the next fsync has ended.
 * Source: SyncRequestProcessor.run; FileTxnLog.append.
 */
export function append(disk: Disk, txn: Txn): Disk {
  const last = disk.waiting[disk.waiting.length - 1] ?? disk.log[disk.log.length - 1];
  assert(last === undefined || last.zxid < txn.zxid, "a log is ordered by zxid");
  if (disk.syncing) return { ...disk, waiting: [...disk.waiting, txn] };
  return { ...disk, log: [...disk.log, ...disk.waiting, txn], waiting: [] };
}

/**
 * Begins an fsync of all that was appended, unless one runs or there is nothing to sync. From here on the operating
 * system holds the entries.
 * Source: SyncRequestProcessor.flush; FileTxnLog.commit.
 * Simpler than real: a batch is what came during the last fsync; there is no maxBatchSize and no flushDelay.
 */
export function beginSync(disk: Disk): { readonly disk: Disk; readonly began: boolean } {
  const log = disk.waiting.length === 0 ? disk.log : [...disk.log, ...disk.waiting];
  if (disk.syncing || log.length === disk.syncedCount) return { disk, began: false };
  return {
    disk: { ...disk, log, waiting: [], writtenCount: log.length, syncing: true },
    began: true,
  };
}

/** The fsync has ended: what it covered is durable, and may be acknowledged. Source: SyncRequestProcessor.flush. */
export function finishSync(disk: Disk): { readonly disk: Disk; readonly synced: readonly Txn[] } {
  const synced = disk.log.slice(disk.syncedCount, disk.writtenCount);
  return { disk: { ...disk, syncedCount: disk.writtenCount, syncing: false }, synced };
}

/**
 * Writes and syncs all that was appended, as the sync thread does before it ends in good order.
 * Source: SyncRequestProcessor.shutdown.
 */
export function flush(disk: Disk): { readonly disk: Disk; readonly synced: readonly Txn[] } {
  const log = [...disk.log, ...disk.waiting];
  const synced = log.slice(disk.syncedCount);
  const { length } = log;
  return {
    disk: { ...disk, log, waiting: [], writtenCount: length, syncedCount: length, syncing: false },
    synced,
  };
}

/**
 * What a killed process leaves: what it had written, not what it still held.
 * Simpler than real: the operating system has written its cache to the platter by the time anything else happens.
 */
export function afterKill(disk: Disk): Disk {
  return keepFirst(disk, disk.writtenCount);
}

/** What a power loss leaves: only what an fsync has confirmed. */
export function afterPowerLoss(disk: Disk): Disk {
  return keepFirst(disk, disk.syncedCount);
}

/** The first entries of the log, all of them durable, and an idle sync thread. */
function keepFirst(disk: Disk, count: number): Disk {
  return {
    ...disk,
    log: disk.log.slice(0, count),
    writtenCount: count,
    syncedCount: count,
    waiting: [],
    syncing: false,
  };
}

/**
 * Cuts the log behind this zxid, or null when that cannot be done: then the server ends with exit code 13.
 * Two things are as they are in ZooKeeper. The reader stops at the first entry that is not below the zxid and cuts
 * behind it, so where the zxid itself is not in the log one entry too many stays; and a log that ends below the zxid
 * counts as a failure. Snapshots above the cut stay (ZOOKEEPER-1549).
 * Source: FileTxnLog.truncate, FileTxnIterator; ZKDatabase.truncateLog.
 */
export function truncateLog(disk: Disk, zxid: Zxid): Disk | null {
  const whole = flush(disk).disk;
  const at = whole.log.findIndex((txn) => txn.zxid >= zxid);
  return at < 0 ? null : keepFirst(whole, at + 1);
}

/** The newest zxid in its files, appended or in a snapshot; 0 on an empty disk. */
export function lastLoggedZxid(disk: Disk): Zxid {
  const appended = disk.waiting[disk.waiting.length - 1] ?? disk.log[disk.log.length - 1];
  return Math.max(appended?.zxid ?? 0, newestSnapshot(disk)?.zxid ?? 0);
}

/** All that was appended after this zxid, oldest first. Source: FileTxnLog.read. */
export function entriesAfter(disk: Disk, zxid: Zxid): readonly Txn[] {
  return [...disk.log, ...disk.waiting].filter((txn) => txn.zxid > zxid);
}

/** The snapshot a restart begins with, or null. Source: FileSnap.findNValidSnapshots. */
export function newestSnapshot(disk: Disk): Snapshot | null {
  return disk.snapshots[disk.snapshots.length - 1] ?? null;
}

/**
 * With a file `snapshot.<zxid>` more; one of the same zxid is overwritten.
 * Source: FileTxnSnapLog.save.
 * Simpler than real: it is written in no time, is durable at once and is never purged.
 */
export function withSnapshot(disk: Disk, snapshot: Snapshot): Disk {
  const others = disk.snapshots.filter((other) => other.zxid !== snapshot.zxid);
  return { ...disk, snapshots: [...others, snapshot].toSorted((a, b) => a.zxid - b.zxid) };
}

/** Durable at once: the file is written, synced and renamed. Source: QuorumPeer.setAcceptedEpoch. */
export function withAcceptedEpoch(disk: Disk, acceptedEpoch: number): Disk {
  return { ...disk, acceptedEpoch };
}

/** Durable at once: the file is written, synced and renamed. Source: QuorumPeer.setCurrentEpoch. */
export function withCurrentEpoch(disk: Disk, currentEpoch: number): Disk {
  return { ...disk, currentEpoch };
}
