import type { Notification, QuorumPacket } from "../net/packet";
import type { ClientRequest } from "../net/request";
import type { SessionId } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";

/** A packet on the quorum connection: which connection brought it, and the server at its other end. */
export type Received<P> = P & { readonly connection: number; readonly from: Sid };

/** What a server's chart hears. Packets keep their names. */
export type ServerEvent =
  | Notification
  | Received<QuorumPacket>
  /** The answer to "load database": the last zxid in memory after the whole log was replayed; -1: there is no database. */
  | { readonly type: "database loaded"; readonly lastZxid: Zxid }
  /** An observer that lost its leader has waited long enough. */
  | { readonly type: "delay over" }
  /** No notification came for as long as the server was willing to wait. */
  | { readonly type: "notification timeout" }
  /** Looking for so long that a server without a quorum may serve reads. */
  | { readonly type: "read-only due" }
  /** The answers to "connect to leader". */
  | { readonly type: "leader connected"; readonly connection: number }
  | { readonly type: "leader refused" }
  | { readonly type: "retry to connect" }
  | { readonly type: "connect limit" }
  /** The other end closed a quorum connection, or this end gave up reading from it. */
  | { readonly type: "connection closed"; readonly connection: number; readonly from: Sid }
  | { readonly type: "read timeout"; readonly connection: number; readonly from: Sid }
  /** Logged entries have reached the platter; ascending. */
  | { readonly type: "disk synced"; readonly zxids: readonly Zxid[] }
  /** The sync thread could not write. Source: ZooKeeperCriticalThread.handleException. */
  | { readonly type: "disk failed" }
  /** The answer to "persist": what was committed before NEWLEADER is on the platter and in the tree. */
  | { readonly type: "history persisted" }
  /** The answer to "hand over": the proposals are in the hands of the sync thread. */
  | { readonly type: "handed over" }
  /** The leader has written the whole of a SNAP to a learner's connection. */
  | { readonly type: "snapshot sent"; readonly connection: number }
  /** An elected leader has waited for its quorum as long as the setting allows. */
  | { readonly type: "patience over" }
  | { readonly type: "half tick" }
  /** The leader's sessions of one expiry bucket are due. */
  | { readonly type: "session bucket due" }
  /** A write of one of the leader's own clients, or the end of a session. */
  | {
      readonly type: "own request";
      readonly sessionId: SessionId;
      readonly request: ClientRequest;
    };
