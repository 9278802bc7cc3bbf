import { applyTxn, type TreeChange, type TxnResult } from "./applyTxn";
import type { DataTree } from "./dataTree";
import type { SessionId, Txn } from "./txn";
import type { Zxid } from "../zxid";

/** A replicated session: who may come back, and after how long a silence it dies. */
export interface SessionRecord {
  readonly id: SessionId;
  readonly timeoutMs: number;
  readonly password: string;
}

/** What every server of an ensemble holds in memory, and what a snapshot is a copy of. Source: ZKDatabase. */
export interface Database {
  readonly tree: DataTree;
  readonly sessions: Readonly<Record<SessionId, SessionRecord>>;
}

/**
 * The database at one moment: the tree and the sessions. In a file `snapshot.<zxid>`, and in a SNAP packet.
 * Written while transactions go on, it may hold some of their changes already: replaying the log makes it exact.
 * Source: FileSnap.serialize, SerializeUtils.serializeSnapshot.
 */
export interface Snapshot extends Database {
  readonly zxid: Zxid;
}

/**
 * Applies one committed transaction to tree and sessions.
 * Source: FileTxnSnapLog.processTransaction; FinalRequestProcessor, ZooKeeperServer.processTxnInSessionTracker.
 */
export function applyToDatabase(
  db: Database,
  txn: Txn,
): Database & { readonly result: TxnResult; readonly changes: readonly TreeChange[] } {
  const { tree, result, changes } = applyTxn(db.tree, txn);
  return { tree, sessions: sessionsAfter(db.sessions, txn), result, changes };
}

/** The sessions that are known once this transaction is taken in. */
export function sessionsAfter(
  sessions: Readonly<Record<SessionId, SessionRecord>>,
  { sessionId, body }: Txn,
): Readonly<Record<SessionId, SessionRecord>> {
  if (body.type === "createSession") {
    return {
      ...sessions,
      [sessionId]: { id: sessionId, timeoutMs: body.timeoutMs, password: body.password },
    };
  }
  if (body.type === "closeSession" && Object.hasOwn(sessions, sessionId)) {
    return Object.fromEntries(Object.entries(sessions).filter(([id]) => id !== sessionId));
  }
  return sessions;
}
