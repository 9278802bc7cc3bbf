import type { Snapshot } from "../tree/database";
import type { ClientRequest } from "./request";
import type { SessionId, Txn } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";

/** Source: QuorumPeer.ServerState. */
export type ServerState = "LOOKING" | "FOLLOWING" | "LEADING" | "OBSERVING";

/** First words on an election connection: who calls, and where it can be called back. Source: QuorumCnxManager.InitialMessage. */
export interface Hello {
  readonly type: "HELLO";
  readonly sid: Sid;
  readonly electionPort: number;
}

/** One vote on its way. Source: FastLeaderElection.Notification, and ToSend.buildMsg for the fields on the wire. */
export interface Notification {
  readonly type: "NOTIFICATION";
  /** The sender, and its state when it sent. */
  readonly sid: Sid;
  readonly state: ServerState;
  /** The server it votes for, with that server's last logged zxid and current epoch. */
  readonly leader: Sid;
  readonly zxid: Zxid;
  readonly peerEpoch: number;
  /** The sender's election round (`electionEpoch` on the wire, `logicalclock` in the sender). */
  readonly round: number;
  readonly configVersion: number;
}

/** A session that a learner has heard of, and how long it may be silent. */
export interface TouchedSession {
  readonly sessionId: SessionId;
  readonly timeoutMs: number;
}

/** Between leader and learner, port 2888. Source: Leader.java (the packet numbers), QuorumPacket. */
export type QuorumPacket =
  /** From a participant and from an observer. */
  | {
      readonly type: "FOLLOWERINFO" | "OBSERVERINFO";
      readonly sid: Sid;
      readonly acceptedEpoch: number;
      readonly configVersion: number;
    }
  | { readonly type: "LEADERINFO"; readonly epoch: number }
  /** `currentEpoch` -1 means: heard, but this epoch was accepted before, so it is no acknowledgement. */
  | { readonly type: "ACKEPOCH"; readonly currentEpoch: number; readonly lastZxid: Zxid }
  | { readonly type: "DIFF"; readonly zxid: Zxid }
  | { readonly type: "TRUNC"; readonly zxid: Zxid }
  | { readonly type: "SNAP"; readonly zxid: Zxid; readonly snapshot: Snapshot }
  | { readonly type: "NEWLEADER"; readonly epoch: number }
  | { readonly type: "UPTODATE" }
  | { readonly type: "REQUEST"; readonly sessionId: SessionId; readonly request: ClientRequest }
  | { readonly type: "PROPOSAL"; readonly txn: Txn }
  /** Of a proposal; of NEWLEADER when its counter is 0. */
  | { readonly type: "ACK"; readonly zxid: Zxid }
  | { readonly type: "COMMIT"; readonly zxid: Zxid }
  /** To an observer, which never saw the proposal: what was committed. */
  | { readonly type: "INFORM"; readonly txn: Txn }
  /** A client's sync comes back, behind all that was proposed before it. */
  | { readonly type: "SYNC"; readonly sessionId: SessionId; readonly cxid: number }
  /** From the leader: its last proposed zxid. From a learner: the sessions heard from since the last one. */
  | {
      readonly type: "PING";
      readonly zxid: Zxid;
      readonly touched: readonly TouchedSession[];
      readonly reply: boolean;
    }
  /** A learner asks whether a session still lives; the leader answers with `valid`. */
  | {
      readonly type: "REVALIDATE";
      readonly sessionId: SessionId;
      readonly timeoutMs: number;
      readonly valid: boolean | null;
    };

/** The end of a connection, travelling behind what was sent before it: the other end closed its socket. */
export interface Fin {
  readonly type: "FIN";
}
