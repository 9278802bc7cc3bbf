import type { Snapshot } from "../tree/database";
import type { Notification, QuorumPacket, TouchedSession } from "../net/packet";
import type { ClientRequest } from "../net/request";
import type { SessionId, Txn } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";
import type { PendingSync, Proposal } from "./context";
import type { ServerEvent } from "./events";
import type { QuorumFact } from "./quorumFacts";

/** What a server's chart wants done. One file does it: sim/perform.ts. */
export type ServerEffect =
  // election, port 3888
  | { readonly type: "send vote"; readonly to: readonly Sid[]; readonly notification: Notification }
  /** Nothing was heard: send again where something got through before, else connect again. */
  | {
      readonly type: "send vote again";
      readonly to: readonly Sid[];
      readonly notification: Notification;
    }
  // quorum, port 2888
  | { readonly type: "connect to leader"; readonly leader: Sid }
  | { readonly type: "send"; readonly connection: number; readonly packet: QuorumPacket }
  | { readonly type: "send pings"; readonly to: readonly number[]; readonly zxid: Zxid }
  | { readonly type: "answer ping"; readonly connection: number; readonly zxid: Zxid }
  /** From now on, a silence of this length on the connection is an event; null: nobody reads from it. */
  | { readonly type: "set read timeout"; readonly connection: number; readonly ms: number | null }
  | { readonly type: "close"; readonly connection: number }
  /** Nothing and nobody is served any more: clients and learners are dropped, what is logged goes into the tree. */
  | { readonly type: "shut down" }
  // files
  | { readonly type: "write acceptedEpoch"; readonly epoch: number }
  | { readonly type: "write currentEpoch"; readonly epoch: number }
  /** Shuts down what served, reads the whole log into memory, and answers "database loaded". */
  | { readonly type: "load database" }
  | { readonly type: "save snapshot" }
  | { readonly type: "load snapshot"; readonly snapshot: Snapshot }
  | { readonly type: "truncate log"; readonly zxid: Zxid }
  /** The membership as this server's file says it, put into the tree. */
  | { readonly type: "note config" }
  | { readonly type: "log"; readonly txns: readonly Txn[] }
  /** Hands these to the sync thread and answers "handed over" when that is done; the thread may be quicker. */
  | { readonly type: "hand over"; readonly txns: readonly Txn[] }
  /** Logs, syncs and applies these, and answers "history persisted". */
  | { readonly type: "persist"; readonly txns: readonly Txn[] }
  // transactions
  /** Chooses DIFF, TRUNC or SNAP for a learner and sends it all, NEWLEADER last; or refuses it, with a closed connection. */
  | {
      readonly type: "synchronize";
      readonly sid: Sid;
      readonly connection: number;
      readonly observer: boolean;
      readonly peerLastZxid: Zxid;
      readonly epoch: number;
    }
  /** The learner on this connection has been synchronized: tells how, and counts it no longer. */
  | { readonly type: "end sync"; readonly sid: Sid; readonly connection: number }
  | {
      readonly type: "propose";
      readonly zxid: Zxid;
      readonly sessionId: SessionId;
      readonly request: ClientRequest;
      /** The quorum connection of the learner that passed it on; null: this server's own clients, or itself. */
      readonly from: number | null;
      readonly to: readonly number[];
    }
  /** COMMIT to followers, INFORM to observers, and behind each the syncs that waited for it. */
  | {
      readonly type: "commit";
      readonly proposals: readonly Proposal[];
      readonly to: readonly number[];
      readonly observers: readonly number[];
      readonly syncs: readonly PendingSync[];
    }
  /** A COMMIT came: the transaction at the head of what is pending is applied. */
  | { readonly type: "apply"; readonly zxid: Zxid }
  /** Committed before the tree is saved: straight into the tree, and not into the log. */
  | { readonly type: "apply collected"; readonly txn: Txn }
  /** An observer learns what is committed: into the log, if it keeps one, and into the tree. */
  | { readonly type: "inform"; readonly txn: Txn; readonly log: boolean }
  // clients
  | { readonly type: "start serving"; readonly lastProcessed: Zxid | null }
  | { readonly type: "serve read-only" }
  | { readonly type: "stop read-only" }
  | { readonly type: "touch sessions"; readonly sessions: readonly TouchedSession[] }
  | {
      readonly type: "revalidate";
      readonly connection: number;
      readonly sessionId: SessionId;
      readonly timeoutMs: number;
      readonly from: Sid;
    }
  | {
      readonly type: "revalidated";
      readonly sessionId: SessionId;
      readonly timeoutMs: number;
      readonly valid: boolean;
    }
  | { readonly type: "expire sessions" }
  /** A sync of a client of this server is done. */
  | { readonly type: "answer sync"; readonly sessionId: SessionId; readonly cxid: number }
  // time, and what is told
  | {
      readonly type: "start timer";
      readonly name: string;
      readonly ms: number;
      readonly event: ServerEvent;
    }
  /** A whole number of ms below `belowMs`, drawn. */
  | {
      readonly type: "start random timer";
      readonly name: string;
      readonly belowMs: number;
      readonly event: ServerEvent;
    }
  | { readonly type: "stop timer"; readonly name: string }
  | { readonly type: "tell"; readonly fact: QuorumFact };
