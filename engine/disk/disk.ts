import { changed, type Copy } from "../copy";
import type { Txn } from "../tree/txn";
import type { Snapshot } from "../tree/database";
import type { VirtualUs } from "../units";
import { type Zxid, ZERO_ZXID } from "../zxid";
import { type Growing, growingOf, grown, itemAt, itemsOf, lastItem, nothingYet } from "./growing";
import { snapshotBytes } from "./snapshot";
import {
  cutLogFile,
  type LogFile,
  newLogFile,
  placeInFile,
  tornLogFile,
  withEntryAppended,
} from "./txnLog";

/**
 * What one server has under its dataDir and dataLogDir, and the disk they stand on.
 * A transaction goes three ways: it waits for the sync thread in the process, then it is written into a log file (the
 * operating system has it: a kill keeps it, a power loss does not), then an fsync puts it on the platter.
 */
export interface Disk {
  /** By the zxids in their names, lowest first. */
  readonly logs: readonly LogFile[];
  /** The name of the file that the process appends to; null: the next entry begins a new one. Source: FileTxnLog.logStream. */
  readonly appending: Zxid | null;
  /**
   * Up to here the log does not tell all: a snapshot came from a leader, and what it holds beyond the log was never
   * written. 0: there is no such gap. No release keeps it; only `repaired` asks.
   */
  readonly gapUpTo: Zxid;
  /** How many of the last entries written are not on the platter yet. */
  readonly unsynced: number;
  /** Handed to the sync thread, and not written: it is one thread. Oldest first. Source: SyncRequestProcessor.queuedRequests. */
  readonly waiting: Growing<Txn>;
  /** What the fsync that runs now is for; empty while none runs. Source: SyncRequestProcessor.toFlush. */
  readonly syncing: readonly Txn[];
  /** The valid ones by zxid, lowest first: a restart takes the last one, whenever it was written. */
  readonly snapshots: readonly Snapshot[];
  /** Files `snapshot.<zxid>` that were never finished: one is being written, or a kill came. By zxid. */
  readonly brokenSnapshots: readonly Zxid[];
  /** Null while the file does not exist. Source: QuorumPeer.ACCEPTED_EPOCH_FILENAME, CURRENT_EPOCH_FILENAME. */
  readonly acceptedEpoch: number | null;
  readonly currentEpoch: number | null;
  /** What stands beside them while they are written, or since a kill then. Source: AtomicFileOutputStream.TMP_EXTENSION. */
  readonly acceptedEpochTmp: number | null;
  readonly currentEpochTmp: number | null;
  /** Is there a file `initialize` in dataDir? Source: zkServer-initialize.sh; FileTxnSnapLog.restore. */
  readonly initialize: boolean;
  /** No byte more can be written. */
  readonly full: boolean;
  /** How much longer than usual each fsync takes. */
  readonly slowUs: VirtualUs;
}

function copyOfDisk(disk: Disk): Copy<Disk> {
  return {
    logs: disk.logs,
    appending: disk.appending,
    gapUpTo: disk.gapUpTo,
    unsynced: disk.unsynced,
    waiting: disk.waiting,
    syncing: disk.syncing,
    snapshots: disk.snapshots,
    brokenSnapshots: disk.brokenSnapshots,
    acceptedEpoch: disk.acceptedEpoch,
    currentEpoch: disk.currentEpoch,
    acceptedEpochTmp: disk.acceptedEpochTmp,
    currentEpochTmp: disk.currentEpochTmp,
    initialize: disk.initialize,
    full: disk.full,
    slowUs: disk.slowUs,
  };
}

/** A machine on which no server has run yet. */
export function emptyDisk(): Disk {
  return {
    logs: [],
    appending: null,
    gapUpTo: ZERO_ZXID,
    unsynced: 0,
    waiting: nothingYet(),
    syncing: [],
    snapshots: [],
    brokenSnapshots: [],
    acceptedEpoch: null,
    currentEpoch: null,
    acceptedEpochTmp: null,
    currentEpochTmp: null,
    initialize: false,
    full: false,
    slowUs: 0,
  };
}

/** Hands a transaction to the sync thread. Source: SyncRequestProcessor.processRequest. */
export function handToSync(disk: Disk, txn: Txn): Disk {
  return changed(copyOfDisk(disk), { waiting: grown(disk.waiting, txn) });
}

/** Takes the oldest of what waits, for one fsync together. Source: SyncRequestProcessor.run, shouldFlush. */
export function takeBatch(
  disk: Disk,
  most: number,
): { readonly disk: Disk; readonly batch: readonly Txn[] } {
  const batch = itemsOf(disk.waiting, 0, most);
  const waiting =
    disk.waiting.count <= most ? nothingYet<Txn>() : growingOf(itemsOf(disk.waiting, most));
  return { disk: changed(copyOfDisk(disk), { waiting }), batch };
}

/**
 * Writes an entry behind the others. A file that bears the name of a new one is overwritten.
 * Source: FileTxnLog.append.
 */
export function writeEntry(disk: Disk, txn: Txn, preAllocBytes: number): Disk {
  const { logs, appending } = disk;
  const unsynced = disk.unsynced + 1;
  const last = logs[logs.length - 1];
  if (last !== undefined && last.firstZxid === appending) {
    const longer = withEntryAppended(last, txn, preAllocBytes);
    return changed(copyOfDisk(disk), { logs: logs.with(-1, longer), unsynced });
  }
  const open = logs.find((file) => file.firstZxid === appending) ?? newLogFile(txn.zxid);
  const longer = withEntryAppended(open, txn, preAllocBytes);
  const others = logs.filter((file) => file.firstZxid !== longer.firstZxid);
  return {
    ...disk,
    logs: [...others, longer].toSorted((a, b) => a.firstZxid - b.firstZxid),
    appending: longer.firstZxid,
    unsynced,
  };
}

/** The next entry begins a new file. Source: FileTxnLog.rollLog. */
export function rollLog(disk: Disk): Disk {
  return disk.appending === null ? disk : { ...disk, appending: null };
}

/** An fsync of these entries begins. Source: SyncRequestProcessor.flush. */
export function beginSync(disk: Disk, batch: readonly Txn[]): Disk {
  return changed(copyOfDisk(disk), { syncing: batch });
}

/**
 * The fsync has ended, and what it was for may be acknowledged. `forced`: it is on the platter, too.
 * Source: SyncRequestProcessor.flush; FileTxnLog.commit.
 */
export function finishSync(
  disk: Disk,
  forced: boolean,
): { readonly disk: Disk; readonly synced: readonly Txn[] } {
  return {
    disk: changed(copyOfDisk(disk), { syncing: [], unsynced: forced ? 0 : disk.unsynced }),
    synced: disk.syncing,
  };
}

/**
 * Writes and syncs all that waits, as the sync thread does before it ends in good order.
 * Source: SyncRequestProcessor.shutdown.
 */
export function flush(disk: Disk, preAllocBytes: number): Disk {
  let written = disk;
  for (const txn of itemsOf(disk.waiting)) written = writeEntry(written, txn, preAllocBytes);
  return { ...written, waiting: nothingYet(), syncing: [], unsynced: 0 };
}

/** What waits, and what is being synced, will not be: the sync thread has died. */
export function dropWaiting(disk: Disk): Disk {
  return { ...disk, waiting: nothingYet(), syncing: [] };
}

/**
 * What a killed process leaves: what it had written, not what it still held.
 * Simpler than real: the operating system has written its cache to the platter by the time anything else happens.
 */
export function afterKill(disk: Disk): Disk {
  return { ...disk, waiting: nothingYet(), syncing: [], unsynced: 0, appending: null };
}

/**
 * What a power loss leaves: of the log only what an fsync has confirmed, and of files that were being written nothing.
 * Simpler than real: a finished snapshot stays, though ZooKeeper forces only those to the platter that came by SNAP.
 */
export function afterPowerLoss(disk: Disk): Disk {
  let logs = disk.logs;
  for (let left = disk.unsynced; left > 0;) {
    const last = logs[logs.length - 1];
    if (last === undefined) break;
    const kept = last.entries.count - Math.min(left, last.entries.count);
    left -= last.entries.count - kept;
    logs = kept === 0 ? logs.slice(0, -1) : [...logs.slice(0, -1), cutLogFile(last, kept)];
  }
  const none = { brokenSnapshots: [], acceptedEpochTmp: null, currentEpochTmp: null };
  return { ...afterKill(disk), logs, ...none };
}

/**
 * Cuts the log behind this zxid, or null when that cannot be done: then the server ends with exit code 13.
 * Two things are as they are in ZooKeeper. The reader stops at the first entry that is not below the zxid and cuts
 * behind it, so where the zxid itself is not in the log one entry too many stays; and a log that ends below the zxid
 * counts as a failure. The next entry begins a new file. Snapshots above the cut stay (ZOOKEEPER-1549).
 * Source: FileTxnLog.truncate, FileTxnIterator; FileTxnSnapLog.truncateLog.
 */
export function truncateLog(disk: Disk, zxid: Zxid): Disk | null {
  for (let at = fileOf(disk, zxid); at < disk.logs.length; at += 1) {
    const file = disk.logs[at] as LogFile;
    const place = placeInFile(file, zxid);
    if (place === file.entries.count) continue;
    const logs = [...disk.logs.slice(0, at), cutLogFile(file, place + 1)];
    return { ...disk, logs, appending: null, unsynced: 0 };
  }
  return null;
}

/**
 * Cuts the log exactly behind this zxid, whether it stands there or not. No release does it so: it belongs to the repair
 * of TRUNC.
 */
export function truncateLogExactly(disk: Disk, zxid: Zxid): Disk {
  const logs: LogFile[] = [];
  for (const file of disk.logs) {
    const place = placeInFile(file, zxid + 1);
    if (place > 0) logs.push(place === file.entries.count ? file : cutLogFile(file, place));
  }
  return { ...disk, logs, appending: null, unsynced: 0 };
}

/** Where reading for this zxid begins: the last file whose name is below it, else the first. Source: FileTxnIterator.init. */
function fileOf({ logs }: Disk, zxid: Zxid): number {
  let at = 0;
  while (at + 1 < logs.length && (logs[at + 1] as LogFile).firstZxid < zxid) at += 1;
  return at;
}

/** How many entries are written. */
export function entryCount(disk: Disk): number {
  let count = 0;
  for (const { entries } of disk.logs) count += entries.count;
  return count;
}

/** What is written in the log files, oldest first. */
export function entriesOf(disk: Disk): readonly Txn[] {
  return disk.logs.flatMap(({ entries }) => itemsOf(entries));
}

/** The newest entries that are written, oldest first, and whether each is on the platter. */
export function newestEntries(
  disk: Disk,
  most: number,
): readonly { readonly txn: Txn; readonly synced: boolean }[] {
  const newest: { txn: Txn; synced: boolean }[] = [];
  for (let at = disk.logs.length - 1; at >= 0 && newest.length < most; at -= 1) {
    const { entries } = disk.logs[at] as LogFile;
    for (let place = entries.count - 1; place >= 0 && newest.length < most; place -= 1)
      newest.push({ txn: itemAt(entries, place) as Txn, synced: newest.length >= disk.unsynced });
  }
  return newest.reverse();
}

/** The last entry that was handed to the log, written or not. */
export function lastEntry(disk: Disk): Txn | null {
  return lastItem(disk.waiting) ?? lastWritten(disk);
}

function lastWritten({ logs }: Disk): Txn | null {
  for (let at = logs.length - 1; at >= 0; at -= 1) {
    const last = lastItem((logs[at] as LogFile).entries);
    if (last !== undefined) return last;
  }
  return null;
}

/** The newest zxid in its files, handed to the log or in a snapshot; 0 on an empty disk. */
export function lastLoggedZxid(disk: Disk): Zxid {
  return Math.max(lastEntry(disk)?.zxid ?? 0, newestSnapshot(disk)?.zxid ?? 0);
}

/**
 * All that was handed to the log after this zxid, oldest first: a reader skips what is not above it, and takes all that
 * follows. Source: FileTxnLog.read.
 */
export function entriesAfter(disk: Disk, zxid: Zxid): readonly Txn[] {
  const waiting = itemsOf(disk.waiting).filter((txn) => txn.zxid > zxid);
  for (let at = fileOf(disk, zxid + 1); at < disk.logs.length; at += 1) {
    const file = disk.logs[at] as LogFile;
    const place = placeInFile(file, zxid + 1);
    if (place === file.entries.count) continue;
    const later = disk.logs.slice(at + 1).flatMap(({ entries }) => itemsOf(entries));
    return [...itemsOf(file.entries, place), ...later, ...waiting];
  }
  return waiting;
}

/** What a leader can read of its own files for a learner. Source: ZKDatabase.getProposalsFromTxnLog, calculateTxnLogSizeLimit. */
export interface LogOnDisk {
  readonly readFrom: (zxid: Zxid) => LogReading;
  /** 0 when there is none. */
  readonly newestSnapshotBytes: () => number;
}

/** A reading begins where a file begins, not at the zxid it is for. */
export interface LogReading {
  /** The zxid of its first entry, or null when nothing is there. */
  readonly first: Zxid | null;
  /** Size of the files behind the first, with the space that is taken ahead. Source: FileTxnIterator.getStorageSize. */
  readonly laterFilesBytes: number;
  readonly entries: () => readonly Txn[];
}

/** Where it is not read across a gap, there is nothing to read for a learner that is behind it. */
export function logOnDisk(disk: Disk, acrossSnap: "read" | "refused"): LogOnDisk {
  const { gapUpTo } = disk;
  return {
    readFrom: (zxid) => {
      if (acrossSnap === "refused" && gapUpTo > ZERO_ZXID && zxid <= gapUpTo)
        return { first: null, laterFilesBytes: 0, entries: () => [] };
      const files = disk.logs.slice(fileOf(disk, zxid));
      const first = files.find(({ entries }) => entries.count > 0);
      return {
        first: first === undefined ? null : (itemAt(first.entries, 0)?.zxid ?? null),
        laterFilesBytes: files.slice(1).reduce((sum, file) => sum + file.sizeBytes, 0),
        entries: () => files.flatMap(({ entries }) => itemsOf(entries)),
      };
    },
    newestSnapshotBytes: () => {
      const newest = newestSnapshot(disk);
      return newest === null ? 0 : snapshotBytes(newest);
    },
  };
}

/** The snapshot a restart begins with, or null. Source: FileSnap.findNValidSnapshots. */
export function newestSnapshot(disk: Disk): Snapshot | null {
  return disk.snapshots[disk.snapshots.length - 1] ?? null;
}

/**
 * A file `snapshot.<zxid>` is begun; until it is finished it is not valid.
 * Simpler than real: an older one of the same name stays valid meanwhile; ZooKeeper overwrites it.
 * Source: FileTxnSnapLog.save.
 */
export function withSnapshotBegun(disk: Disk, zxid: Zxid): Disk {
  if (disk.brokenSnapshots.includes(zxid)) return disk;
  const brokenSnapshots = [...disk.brokenSnapshots, zxid].toSorted((a, b) => a - b);
  return { ...disk, brokenSnapshots };
}

/** The snapshot is finished. Source: FileTxnSnapLog.save. */
export function withSnapshot(disk: Disk, snapshot: Snapshot): Disk {
  const others = disk.snapshots.filter((other) => other.zxid !== snapshot.zxid);
  return {
    ...disk,
    snapshots: [...others, snapshot].toSorted((a, b) => a.zxid - b.zxid),
    brokenSnapshots: disk.brokenSnapshots.filter((zxid) => zxid !== snapshot.zxid),
  };
}

/** The snapshot that a leader has sent is finished. Where the log does not lead up to it, it has a gap from now on. */
export function withSnapshotReceived(disk: Disk, snapshot: Snapshot): Disk {
  const { zxid } = snapshot;
  const gapUpTo = lastWritten(disk)?.zxid === zxid ? disk.gapUpTo : zxid;
  return { ...withSnapshot(disk, snapshot), gapUpTo };
}

/** Without any snapshot above this zxid: what `repaired` does before it reads itself again after TRUNC. */
export function withoutSnapshotsAbove(disk: Disk, zxid: Zxid): Disk {
  return {
    ...disk,
    snapshots: disk.snapshots.filter((snapshot) => snapshot.zxid <= zxid),
    brokenSnapshots: disk.brokenSnapshots.filter((broken) => broken <= zxid),
  };
}

/** The file is written, synced and renamed. Source: QuorumPeer.setAcceptedEpoch. */
export function withAcceptedEpoch(disk: Disk, acceptedEpoch: number): Disk {
  return { ...disk, acceptedEpoch, acceptedEpochTmp: null };
}

/** The file is written, synced and renamed. Source: QuorumPeer.setCurrentEpoch. */
export function withCurrentEpoch(disk: Disk, currentEpoch: number): Disk {
  return { ...disk, currentEpoch, currentEpochTmp: null };
}

/** Has no server ever written here? */
export function isEmpty({ logs, snapshots, brokenSnapshots }: Disk): boolean {
  return logs.length + snapshots.length + brokenSnapshots.length === 0;
}

/** What `ls` shows of version-2, in its order. Logs and snapshots stand there together, as long as there is no dataLogDir. */
export function filesOf(disk: Disk): readonly string[] {
  const epochs: readonly (readonly [string, number | null])[] = [
    ["acceptedEpoch", disk.acceptedEpoch],
    ["acceptedEpoch.tmp", disk.acceptedEpochTmp],
    ["currentEpoch", disk.currentEpoch],
    ["currentEpoch.tmp", disk.currentEpochTmp],
  ];
  const snapshots = new Set([...disk.snapshots.map(({ zxid }) => zxid), ...disk.brokenSnapshots]);
  return [
    ...epochs.filter(([, epoch]) => epoch !== null).map(([name]) => name),
    ...disk.logs.map(({ firstZxid }) => `log.${firstZxid.toString(16)}`),
    ...[...snapshots].map((zxid) => `snapshot.${zxid.toString(16)}`),
  ].toSorted();
}

// What an operator does to the files of a server that is stopped.

/** All of version-2 is removed; myid and zoo.cfg stay. */
export function wiped(disk: Disk): Disk {
  return { ...emptyDisk(), initialize: disk.initialize, full: disk.full, slowUs: disk.slowUs };
}

export function withoutSnapshots(disk: Disk): Disk {
  return { ...disk, snapshots: [], brokenSnapshots: [] };
}

/** The newest log loses its last bytes, so that its final record is torn. */
export function withTornLog(disk: Disk, lostBytes: number): Disk {
  const last = disk.logs[disk.logs.length - 1];
  if (last === undefined) return disk;
  return { ...disk, logs: [...disk.logs.slice(0, -1), tornLogFile(last, lostBytes)] };
}
