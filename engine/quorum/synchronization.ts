import type { QuorumPacket } from "../net/packet";
import type { Snapshot } from "../tree/database";
import type { Txn } from "../tree/txn";
import type { Sid } from "../units";
import { counterOf, epochOf, makeZxid, type Zxid } from "../zxid";
import type { LeaderMemory, LearnerMemory, ServerContext, SyncMode } from "./context";
import { leaderMemory, withSid } from "./discovery";
import { isVoter } from "./quorumVerifier";

/** The rules synchronization asks. */
export interface SynchronizationRules {
  /** How the leader brings a learner to its own history. */
  readonly planSync: (leader: LeaderHistory, peerLastZxid: Zxid) => SyncPlan;
  /** Does this ACK answer our NEWLEADER? */
  readonly isNewLeaderAck: (ack: { readonly zxid: Zxid }, epoch: number) => boolean;
  /**
   * In what order a learner takes in NEWLEADER. "epoch first": currentEpoch and ACK at once, all proposals are handed
   * to the log behind (form A). "data first": what is committed is logged and synced, then currentEpoch, then ACK; the
   * rest stays collected (form C).
   */
  readonly newLeaderOrder: "epoch first" | "data first";
  /** A COMMIT that finds nothing collected: the learner fails on it (ZOOKEEPER-4394), or passes it over. */
  readonly commitOfNothing: "fails" | "is passed over";
  /**
   * What is committed before a SNAP is saved goes straight into the tree: is it also kept for learners that catch up
   * later? Only since 3.9.4 (ZOOKEEPER-4925).
   */
  readonly appliedBeforeSaved: "kept for others" | "only applied";
  /** May this proposal follow that one while a learner is being synchronized by DIFF? */
  readonly mayFollow: (zxid: Zxid, lastQueued: Zxid) => boolean;
  /** After which modes the tree is thrown away when the learner fails before it has saved it (ZOOKEEPER-3642). */
  readonly dropsUnsaved: readonly SyncMode[];
}

/** What a leader has to offer. */
export interface LeaderHistory {
  /** The latest committed transactions in memory, oldest first. */
  readonly committedLog: readonly Txn[];
  /** The last zxid applied to its tree; the former one while it is being established. */
  readonly lastProcessed: Zxid;
  /** Its database now. */
  readonly snapshot: () => Snapshot;
  readonly onDisk: LogOnDisk;
  /** How much log may be sent, in parts of the newest snapshot's size; negative: none. Source: ZKDatabase.snapshotSizeFactor. */
  readonly snapshotSizeFactor: number;
  /** Source: LearnerHandler.FORCE_SNAP_SYNC. */
  readonly forceSnapshotSync: boolean;
}

/** The log files of a leader, as far as they can be sent to a learner. Source: ZKDatabase.getProposalsFromTxnLog. */
export interface LogOnDisk {
  /** Reading begins with the file in which the zxid would stand, at its first entry. Source: FileTxnLog.read. */
  readonly readFrom: (zxid: Zxid) => {
    /** The first entry of that file; null: nothing to read. */
    readonly first: Zxid | null;
    /** What the files behind it take on the disk. */
    readonly laterFilesBytes: number;
    readonly entries: () => Iterable<Txn>;
  };
  readonly newestSnapshotBytes: () => number;
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
 * Source: LearnerHandler.syncFollower; TLA+ SyncFollower.
 */
export function planSync(leader: LeaderHistory, peerLastZxid: Zxid): SyncPlan {
  const { committedLog, lastProcessed } = leader;
  const min = committedLog[0]?.zxid ?? lastProcessed;
  const max = committedLog[committedLog.length - 1]?.zxid ?? lastProcessed;
  if (leader.forceSnapshotSync) return snap(leader);
  if (lastProcessed === peerLastZxid)
    return {
      mode: "DIFF",
      packets: [{ type: "DIFF", zxid: peerLastZxid }],
      lastSent: peerLastZxid,
    };
  if (peerLastZxid > max && !beginsEpoch(peerLastZxid))
    return { mode: "TRUNC", packets: [{ type: "TRUNC", zxid: max }], lastSent: max };
  if (min <= peerLastZxid && peerLastZxid <= max)
    return (
      planOf(queueCommitted(noPlan(peerLastZxid), committedLog, peerLastZxid, max)) ?? snap(leader)
    );
  if (peerLastZxid < min) return fromDisk(leader, peerLastZxid, min, max) ?? snap(leader);
  return snap(leader);
}

/**
 * The learner is behind all that stands in memory: the log on disk fills the gap, if it reaches back far enough and is
 * not too long. Source: LearnerHandler.syncFollower; ZKDatabase.calculateTxnLogSizeLimit, getProposalsFromTxnLog.
 */
function fromDisk(leader: LeaderHistory, peer: Zxid, min: Zxid, max: Zxid): SyncPlan | null {
  const { onDisk, snapshotSizeFactor, committedLog } = leader;
  if (snapshotSizeFactor < 0) return null;
  const limitBytes = Math.floor(onDisk.newestSnapshotBytes() * snapshotSizeFactor);
  const { first, laterFilesBytes, entries } = onDisk.readFrom(peer);
  if (first === null || first > peer) return null;
  if (limitBytes > 0 && laterFilesBytes > limitBytes) return null;
  const old = queueCommitted(noPlan(peer), upTo(entries(), min), peer, max);
  // A gap between the log and what stands in memory.
  if (old.queued < min) return null;
  return planOf(queueCommitted(old, committedLog, old.queued, max));
}

function* upTo(txns: Iterable<Txn>, last: Zxid): Iterable<Txn> {
  for (const txn of txns) {
    if (txn.zxid > last) return;
    yield txn;
  }
}

/** What is queued for a learner so far: nothing is decided while `mode` is null. */
interface Queued {
  readonly mode: "DIFF" | "TRUNC" | null;
  readonly packets: readonly QuorumPacket[];
  /** The last zxid that is queued, or that the learner has. */
  readonly queued: Zxid;
}

const noPlan = (peerLastZxid: Zxid): Queued => ({ mode: null, packets: [], queued: peerLastZxid });

function planOf({ mode, packets, queued }: Queued): SyncPlan | null {
  return mode === null ? null : { mode, packets, lastSent: queued };
}

/**
 * Walks through committed transactions. The first that the learner does not lie behind decides: it has it, or has only
 * begun an epoch: DIFF. It has something else that the leader never had: TRUNC to the one before, but never across an
 * epoch. Source: LearnerHandler.queueCommittedProposals.
 */
function queueCommitted(so: Queued, txns: Iterable<Txn>, peer: Zxid, lastCommitted: Zxid): Queued {
  let { mode, queued } = so;
  const packets = [...so.packets];
  const diff = () => {
    mode = "DIFF";
    packets.push({ type: "DIFF", zxid: lastCommitted });
  };
  let previous: Zxid = -1;
  for (const txn of txns) {
    const { zxid } = txn;
    if (zxid < peer) {
      previous = zxid;
      continue;
    }
    if (mode === null) {
      if (zxid === peer || beginsEpoch(peer)) diff();
      else if (epochOf(zxid) !== epochOf(peer)) return { mode, packets, queued };
      else {
        mode = "TRUNC";
        packets.push({ type: "TRUNC", zxid: previous });
      }
    }
    if (zxid <= queued) continue;
    packets.push({ type: "PROPOSAL", txn }, { type: "COMMIT", zxid });
    queued = zxid;
  }
  if (mode === null && beginsEpoch(peer)) diff();
  return { mode, packets, queued };
}

function snap(leader: LeaderHistory): SyncPlan {
  const zxid = leader.lastProcessed;
  return {
    mode: "SNAP",
    packets: [{ type: "SNAP", zxid, snapshot: leader.snapshot() }],
    lastSent: zxid,
  };
}

/**
 * What a learner gets besides, so that nothing is lost between the plan and the live stream: what is committed and not
 * applied yet, with its COMMIT; and, unless it observes, what is outstanding. Source: Leader.startForwarding.
 */
export function forwardingOf(
  toBeApplied: readonly Txn[],
  outstanding: readonly Txn[],
  lastSent: Zxid,
  observer: boolean,
): readonly QuorumPacket[] {
  const packets: QuorumPacket[] = [];
  for (const txn of toBeApplied)
    if (txn.zxid > lastSent)
      packets.push({ type: "PROPOSAL", txn }, { type: "COMMIT", zxid: txn.zxid });
  if (observer) return packets;
  for (const txn of outstanding) if (txn.zxid > lastSent) packets.push({ type: "PROPOSAL", txn });
  return packets;
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

/**
 * The first ACK of a learner is taken for that of NEWLEADER, whichever it is: only the right one of a voter counts, but
 * the learner goes on (ZOOKEEPER-4685). Source: LearnerHandler.run, Leader.waitForNewLeaderAck.
 */
export function countNewLeaderAck(
  context: ServerContext,
  sid: Sid,
  ack: { readonly zxid: Zxid },
  rules: SynchronizationRules,
): LeaderMemory {
  const memory = leaderMemory(context);
  const learner = memory.learners[sid];
  const learners =
    learner === undefined
      ? memory.learners
      : { ...memory.learners, [sid]: { ...learner, phase: "synced" as const } };
  const counts = isVoter(sid, context.quorum) && rules.isNewLeaderAck(ack, memory.epoch ?? 0);
  return {
    ...memory,
    learners,
    newLeaderAcks: counts ? withSid(memory.newLeaderAcks, sid) : memory.newLeaderAcks,
  };
}

/** 3.8.0 warns at any gap and goes on. Source: Learner.syncWithLeader. */
export const anyMayFollow = (): boolean => true;

/**
 * A gap within an epoch is refused; where another epoch begins nobody can tell, and the first one is not compared.
 * Source: Learner.syncWithLeader from 3.9.4 (ZOOKEEPER-4925).
 */
export function followsWithoutGap(zxid: Zxid, lastQueued: Zxid): boolean {
  return lastQueued === 0 || zxid === lastQueued + 1 || epochOf(zxid) > epochOf(lastQueued);
}

/** Was the tree replaced by this synchronization, so that it must be saved? */
export function replacesTree(mode: SyncMode | null): boolean {
  return mode === "SNAP" || mode === "TRUNC";
}

/**
 * Of what a learner has collected: what is committed, in order. A COMMIT that does not name the next proposal is passed
 * over. Source: Learner.syncWithLeader.
 */
export function committedOf({ collected, committed }: LearnerMemory): {
  readonly ready: readonly Txn[];
  readonly rest: readonly Txn[];
} {
  let count = 0;
  for (const zxid of committed) if (collected[count]?.zxid === zxid) count += 1;
  return { ready: collected.slice(0, count), rest: collected.slice(count) };
}

/**
 * What an observer takes in once it is up to date: each proposal that the next COMMIT names; others are passed over.
 * Source: Learner.syncWithLeader, for ObserverZooKeeperServer.
 */
export function informedOf({ collected, committed }: LearnerMemory): readonly Txn[] {
  let next = 0;
  return collected.filter((txn) => {
    if (txn.zxid !== committed[next]) return false;
    next += 1;
    return true;
  });
}
