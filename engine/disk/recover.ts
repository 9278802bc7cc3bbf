import { applyToDatabase, type Database } from "../tree/database";
import { type DataTree, emptyTree } from "../tree/dataTree";
import type { Txn } from "../tree/txn";
import { epochOf, type Zxid, ZERO_ZXID } from "../zxid";
import {
  type Disk,
  entriesAfter,
  newestSnapshot,
  withAcceptedEpoch,
  withCurrentEpoch,
  withoutSnapshotsAbove,
  withSnapshot,
} from "./disk";

/** The rules that a server's files ask. */
export interface DiskRules {
  /**
   * At the start, when the last zxid is of a later epoch than the file currentEpoch says: the process ends, or the file
   * is raised. No release raises it (ZOOKEEPER-1653).
   */
  readonly staleCurrentEpoch: "refuse" | "raise";
  /** Do snapshots above the cut survive TRUNC? In every release they do, and are read again (ZOOKEEPER-1549). */
  readonly snapshotsAboveTrunc: "kept" | "dropped";
  /**
   * A log with a gap, where a SNAP was taken in: does its server, once it leads, read across it for a learner? In every
   * release it does: it sends TRUNC to one that lacks nothing, or DIFF without what the gap swallowed.
   */
  readonly logAcrossSnap: "read" | "refused";
  /**
   * A server that could not write its log may have applied what its log lacks. Does it take that tree into its next
   * role, as every release does, or read its files again?
   */
  readonly treeAfterDiskFailed: "kept" | "read again";
}

/** How a server reads its files. */
export interface Reading {
  readonly settings: {
    /** How many of the latest transactions it keeps in memory. Source: ZKDatabase.commitLogCount. */
    readonly commitLogCount: number;
    /** Is an empty directory an empty database? Source: FileTxnSnapLog.autoCreateDB. */
    readonly dbAutocreate: boolean;
    /** May a log be read without a snapshot? Source: FileTxnSnapLog.trustEmptySnapshot. */
    readonly snapshotTrustEmpty: boolean;
  };
  /** Without an ensemble there are no epoch files. */
  readonly standalone: boolean;
  /** What it holds before it has read anything. */
  readonly empty?: DataTree;
}

/** What a server has in memory once it has read its files. */
export interface Restored extends Database {
  /** -1: it found nothing, and an empty database is not to be trusted. */
  readonly lastProcessed: Zxid;
  /** The latest transactions of the log. */
  readonly committedLog: readonly Txn[];
  /** Its disk afterwards: with `snapshot.0` where there was nothing. */
  readonly disk: Disk;
}

export interface Recovered extends Restored {
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
}

/** Why it cannot go on: the exception with its text, and the exit code. */
export interface RecoveryFatal {
  readonly exception: string;
  readonly text: string;
  readonly exitCode: number;
}

/** Source: ExitCode.UNEXPECTED_ERROR. */
const UNEXPECTED_ERROR = 1;

/**
 * Reads the files as a server does at its start: the newest valid snapshot, then every log entry behind it, committed
 * or not; then the epoch files. Of an epoch file that was being written when the process died, what stands beside it
 * counts if nothing else helps.
 * Source: FileTxnSnapLog.restore, fastForwardFromEdits; QuorumPeer.loadDataBase.
 * Simpler than real: it takes no time of its own, however much is read; that is part of the time a start takes.
 */
export function recover(
  disk: Disk,
  reading: Reading,
  rules: Pick<DiskRules, "staleCurrentEpoch">,
): Recovered | { readonly fatal: RecoveryFatal } {
  const restored = restore(disk, reading);
  if (restored === null)
    return fatal("No snapshot found, but there are log entries. Something is broken!");
  if (reading.standalone) return { ...restored, acceptedEpoch: 0, currentEpoch: 0 };
  const epochOfZxid = epochOf(restored.lastProcessed);
  let currentEpoch = disk.currentEpoch ?? epochOfZxid;
  if (epochOfZxid > currentEpoch) {
    const instead = rules.staleCurrentEpoch === "raise" ? epochOfZxid : disk.currentEpochTmp;
    if (instead === null) {
      return fatal(
        `The current epoch, ${hex(currentEpoch)}, is older than the last zxid, ${restored.lastProcessed}`,
      );
    }
    currentEpoch = instead;
  }
  const acceptedEpoch = disk.acceptedEpoch ?? epochOfZxid;
  if (acceptedEpoch < currentEpoch) {
    return fatal(
      `The accepted epoch, ${hex(acceptedEpoch)} is less than the current epoch, ${hex(currentEpoch)}`,
    );
  }
  let written = restored.disk;
  if (currentEpoch !== disk.currentEpoch) written = withCurrentEpoch(written, currentEpoch);
  if (acceptedEpoch !== disk.acceptedEpoch) written = withAcceptedEpoch(written, acceptedEpoch);
  return { ...restored, acceptedEpoch, currentEpoch, disk: written };
}

function fatal(text: string): { readonly fatal: RecoveryFatal } {
  return { fatal: { exception: "java.io.IOException", text, exitCode: UNEXPECTED_ERROR } };
}

/** Source: ZxidUtils.zxidToString. */
function hex(value: number): string {
  return value < 0 ? "f".repeat(16) : value.toString(16);
}

/**
 * The database as snapshot and log give it; null for a log without any snapshot, unless that is trusted. Nothing at
 * all is an empty database, unless that is not trusted: then it is zxid -1, and no snapshot.
 * A learner that has truncated its log reads itself again so.
 * Source: FileTxnSnapLog.restore; ZKDatabase.loadDataBase.
 */
export function restore(disk: Disk, { settings, empty = emptyTree() }: Reading): Restored | null {
  const { commitLogCount, dbAutocreate, snapshotTrustEmpty } = settings;
  const asked = disk.initialize ? { ...disk, initialize: false } : disk;
  const snapshot = newestSnapshot(disk);
  if (snapshot !== null) return replayed(asked, snapshot, snapshot.zxid, commitLogCount);
  const nothing = { tree: empty, sessions: {} };
  if (disk.logs.length > 0)
    return snapshotTrustEmpty ? replayed(asked, nothing, ZERO_ZXID, commitLogCount) : null;
  if (!dbAutocreate && !disk.initialize)
    return { ...nothing, lastProcessed: -1, committedLog: [], disk: asked };
  const first = withSnapshot(asked, { zxid: ZERO_ZXID, ...nothing });
  return { ...nothing, lastProcessed: ZERO_ZXID, committedLog: [], disk: first };
}

/** Source: FileTxnSnapLog.fastForwardFromEdits. */
function replayed(disk: Disk, from: Database, zxid: Zxid, commitLogCount: number): Restored {
  const entries = entriesAfter(disk, zxid);
  const { tree, sessions } = replay(from, entries);
  return {
    tree,
    sessions,
    lastProcessed: entries.reduce((highest, txn) => Math.max(highest, txn.zxid), zxid),
    committedLog: entries.slice(-commitLogCount - 1),
    disk,
  };
}

/** The database after these transactions. Source: FileTxnSnapLog.processTransaction. */
export function replay(from: Database, entries: readonly Txn[]): Database {
  let db = from;
  for (const txn of entries) {
    const { tree, sessions } = applyToDatabase(db, txn);
    db = { tree, sessions };
  }
  return db;
}

/**
 * The learner's log has been cut behind the zxid; it reads its files again. Null when it cannot: where snapshots above
 * the cut are dropped, one below it must be left.
 * Source: ZKDatabase.truncateLog.
 */
export function restoreCut(
  disk: Disk,
  zxid: Zxid,
  reading: Reading,
  rules: Pick<DiskRules, "snapshotsAboveTrunc">,
): Restored | null {
  if (rules.snapshotsAboveTrunc === "kept") return restore(disk, reading);
  const dropped = withoutSnapshotsAbove(disk, zxid);
  return dropped.snapshots.length === 0 ? null : restore(dropped, reading);
}

/**
 * Notes a committed transaction for those who will have to catch up. The list is shortened before it grows, so it
 * holds up to one more than its limit.
 * Source: ZKDatabase.addCommittedProposal.
 */
export function addCommitted(
  committedLog: readonly Txn[],
  txn: Txn,
  commitLogCount: number,
): readonly Txn[] {
  return committedLog.length > commitLogCount
    ? [...committedLog.slice(-commitLogCount), txn]
    : [...committedLog, txn];
}
