import type { Snapshot } from "../tree/database";
import type { QuorumPacket } from "../net/packet";
import type { Txn } from "../tree/txn";
import type { Sid } from "../units";
import { counterOf, epochOf, makeZxid, type Zxid } from "../zxid";
import type { LeaderMemory, ServerContext, SyncMode } from "./context";
import { leaderMemory, withSid } from "./discovery";
import { isVoter } from "./quorumVerifier";

/** The rules synchronization asks. */
export interface SynchronizationRules {
  /** How the leader brings a learner to its own history. */
  readonly planSync: (leader: LeaderHistory, peerLastZxid: Zxid) => SyncPlan;
  /** Does this ACK answer our NEWLEADER? */
  readonly isNewLeaderAck: (ack: { readonly zxid: Zxid }, epoch: number) => boolean;
  /**
   * In what order a learner takes in NEWLEADER. "epoch first": currentEpoch and ACK at once, the proposals are logged
   * behind (form A). "data first": what is committed is logged and synced, then currentEpoch, then ACK (form C).
   */
  readonly newLeaderOrder: "epoch first" | "data first";
}

/** What a leader has to offer. */
export interface LeaderHistory {
  /** The latest committed transactions in memory, oldest first. */
  readonly committedLog: readonly Txn[];
  /** The last zxid applied to its tree; the former one while it is being established. */
  readonly lastProcessed: Zxid;
  /** Its database now. */
  readonly snapshot: () => Snapshot;
}

/** What is sent to the learner before NEWLEADER, in this order. */
export interface SyncPlan {
  readonly mode: SyncMode;
  readonly packets: readonly QuorumPacket[];
  /** The last zxid the packets bring it to; what is proposed later follows. */
  readonly lastSent: Zxid;
}

/**
 * DIFF, TRUNC or SNAP? The cases are tried in this order.
 * Simpler than real: what is older than the transactions in memory is not read from the log on disk, so such a
 * learner always gets a snapshot.
 * Source: LearnerHandler.syncFollower; TLA+ SyncFollower.
 */
export function planSync(leader: LeaderHistory, peerLastZxid: Zxid): SyncPlan {
  const { committedLog, lastProcessed } = leader;
  const min = committedLog[0]?.zxid ?? lastProcessed;
  const max = committedLog[committedLog.length - 1]?.zxid ?? lastProcessed;
  if (lastProcessed === peerLastZxid) return diff(peerLastZxid, []);
  if (peerLastZxid > max && !beginsEpoch(peerLastZxid)) {
    return { mode: "TRUNC", packets: [{ type: "TRUNC", zxid: max }], lastSent: max };
  }
  if (min <= peerLastZxid && peerLastZxid <= max)
    return fromCommittedLog(leader, peerLastZxid, max) ?? snap(leader);
  return snap(leader);
}

/** Source: LearnerHandler.queueCommittedProposals. Null when the learner cannot be served from this list. */
function fromCommittedLog(leader: LeaderHistory, peerLastZxid: Zxid, max: Zxid): SyncPlan | null {
  const missing = leader.committedLog.filter((txn) => txn.zxid > peerLastZxid);
  const known = leader.committedLog.some((txn) => txn.zxid === peerLastZxid);
  if (known || beginsEpoch(peerLastZxid)) return diff(max, missing);
  const next = missing[0];
  if (next === undefined) return null;
  // The learner has something this leader never had. TRUNC never crosses an epoch.
  if (epochOf(next.zxid) !== epochOf(peerLastZxid)) return null;
  const before = leader.committedLog.filter((txn) => txn.zxid < peerLastZxid);
  const cutTo = before[before.length - 1]?.zxid ?? 0;
  return {
    mode: "TRUNC",
    packets: [{ type: "TRUNC", zxid: cutTo }, ...asCommitted(missing)],
    lastSent: max,
  };
}

function diff(zxid: Zxid, missing: readonly Txn[]): SyncPlan {
  return {
    mode: "DIFF",
    packets: [{ type: "DIFF", zxid }, ...asCommitted(missing)],
    lastSent: zxid,
  };
}

function snap(leader: LeaderHistory): SyncPlan {
  const zxid = leader.lastProcessed;
  return {
    mode: "SNAP",
    packets: [{ type: "SNAP", zxid, snapshot: leader.snapshot() }],
    lastSent: zxid,
  };
}

function asCommitted(txns: readonly Txn[]): readonly QuorumPacket[] {
  return txns.flatMap((txn): QuorumPacket[] => [
    { type: "PROPOSAL", txn },
    { type: "COMMIT", zxid: txn.zxid },
  ]);
}

/** Is this the zxid an epoch begins at, which no transaction has? Also true of 0x0. */
function beginsEpoch(zxid: Zxid): boolean {
  return counterOf(zxid) === 0;
}

/**
 * Does this ACK answer our NEWLEADER, rather than a proposal or an older leader?
 * No packet is called "NEWLEADER ack": it is an ACK whose zxid is the first of the epoch, counter 0.
 * Source: Leader.waitForNewLeaderAck; TLA+ LeaderProcessACKLD.
 */
export function isNewLeaderAck(ack: { readonly zxid: Zxid }, epoch: number): boolean {
  return ack.zxid === makeZxid(epoch, 0);
}

/** The leader has chosen how to synchronize this learner; from here on it gets every proposal. */
export function noteSyncBegan(context: ServerContext, sid: Sid): LeaderMemory {
  const memory = leaderMemory(context);
  const learner = memory.learners[sid];
  if (learner === undefined) return memory;
  return { ...memory, learners: { ...memory.learners, [sid]: { ...learner, phase: "syncing" } } };
}

/** ACK of NEWLEADER: once per learner, and only voters count. Source: Leader.waitForNewLeaderAck. */
export function countNewLeaderAck(context: ServerContext, sid: Sid): LeaderMemory {
  const memory = leaderMemory(context);
  const learner = memory.learners[sid];
  const learners =
    learner === undefined
      ? memory.learners
      : { ...memory.learners, [sid]: { ...learner, phase: "synced" as const } };
  const counts = isVoter(sid, context.quorum);
  return {
    ...memory,
    learners,
    newLeaderAcks: counts ? withSid(memory.newLeaderAcks, sid) : memory.newLeaderAcks,
  };
}
