import { emptyTree } from "../tree/dataTree";
import type { Txn } from "../tree/txn";
import { epochOf, type Zxid, ZERO_ZXID } from "../zxid";
import {
  type Disk,
  entriesAfter,
  newestSnapshot,
  withAcceptedEpoch,
  withCurrentEpoch,
  withSnapshot,
} from "./disk";
import { applyToDatabase, type Database } from "../tree/database";

/** How many committed transactions a server keeps in memory for others to catch up. Source: ZKDatabase.commitLogCount. */
export const COMMIT_LOG_COUNT = 500;

/** What a server has in memory once it has read its files. */
export interface Recovered extends Database {
  readonly lastProcessed: Zxid;
  /** The latest transactions of the log. */
  readonly committedLog: readonly Txn[];
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** Its disk afterwards: with `snapshot.0` and epoch files where they were missing. */
  readonly disk: Disk;
}

/** Why it cannot go on: the text of the exception, and the exit code. */
export interface RecoveryFatal {
  readonly text: string;
  readonly exitCode: number;
}

/** Source: ExitCode.UNEXPECTED_ERROR. */
const UNEXPECTED_ERROR = 1;

/**
 * Reads the files as a server does at its start: the newest snapshot, then every log entry behind it, committed or not;
 * then the epoch files.
 * Source: FileTxnSnapLog.restore, fastForwardFromEdits; QuorumPeer.loadDataBase.
 * Simpler than real: no currentEpoch.tmp, no torn entries and no invalid snapshots; db.autocreate is true.
 */
export function recover(disk: Disk): Recovered | { readonly fatal: RecoveryFatal } {
  const restored = restore(disk);
  if (restored === null)
    return fatal("No snapshot found, but there are log entries. Something is broken!");
  const epochOfZxid = epochOf(restored.lastProcessed);
  const currentEpoch = disk.currentEpoch ?? epochOfZxid;
  if (epochOfZxid > currentEpoch) {
    return fatal(
      `The current epoch, ${currentEpoch.toString(16)}, is older than the last zxid, ${restored.lastProcessed}`,
    );
  }
  const acceptedEpoch = disk.acceptedEpoch ?? epochOfZxid;
  if (acceptedEpoch < currentEpoch) {
    return fatal(
      `The accepted epoch, ${acceptedEpoch.toString(16)} is less than the current epoch, ${currentEpoch.toString(16)}`,
    );
  }
  const written = withAcceptedEpoch(withCurrentEpoch(restored.disk, currentEpoch), acceptedEpoch);
  return { ...restored, acceptedEpoch, currentEpoch, disk: written };
}

function fatal(text: string): { readonly fatal: RecoveryFatal } {
  return { fatal: { text, exitCode: UNEXPECTED_ERROR } };
}

/**
 * The database as snapshot and log give it; null for a log without any snapshot.
 * A learner that has truncated its log reads itself again so.
 * Source: FileTxnSnapLog.restore; ZKDatabase.loadDataBase.
 */
export function restore(
  disk: Disk,
): (Database & Pick<Recovered, "lastProcessed" | "committedLog" | "disk">) | null {
  const snapshot = newestSnapshot(disk);
  if (snapshot === null) {
    if (disk.log.length > 0) return null;
    const empty = { zxid: ZERO_ZXID, tree: emptyTree(), sessions: {} };
    const { tree, sessions } = empty;
    return {
      tree,
      sessions,
      lastProcessed: ZERO_ZXID,
      committedLog: [],
      disk: withSnapshot(disk, empty),
    };
  }
  const entries = entriesAfter(disk, snapshot.zxid);
  let db: Database = { tree: snapshot.tree, sessions: snapshot.sessions };
  for (const txn of entries) {
    const { tree, sessions } = applyToDatabase(db, txn);
    db = { tree, sessions };
  }
  return {
    ...db,
    lastProcessed: entries[entries.length - 1]?.zxid ?? snapshot.zxid,
    committedLog: entries.slice(-COMMIT_LOG_COUNT - 1),
    disk,
  };
}

/**
 * Notes a committed transaction for those who will have to catch up. The list is shortened before it grows, so it
 * holds up to one more than its limit.
 * Source: ZKDatabase.addCommittedProposal.
 */
export function addCommitted(committedLog: readonly Txn[], txn: Txn): readonly Txn[] {
  return [...committedLog.slice(-COMMIT_LOG_COUNT), txn];
}
