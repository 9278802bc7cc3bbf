import type { Sid } from "../units";
import { makeZxid, type Zxid } from "../zxid";
import type { LeaderMemory, LearnerRecord, ServerContext } from "./context";
import { NO_DATABASE } from "./election";
import { isVoter } from "./quorumVerifier";

/** The rules discovery asks. */
export interface DiscoveryRules {
  /** The epoch a new leader chooses, from the highest epoch a quorum has accepted before. */
  readonly newEpoch: (highestAcceptedEpoch: number) => number;
  /** What a learner answers to LEADERINFO. */
  readonly answerToEpoch: (
    offered: number,
    acceptedEpoch: number,
  ) => "accept" | "join without ack" | "refuse";
  /** Must a leader send this learner away, because its history is more recent than the leader's own? */
  readonly isMoreRecent: (learner: HistorySummary, leader: HistorySummary) => boolean;
}

/** How recent a history is. Source: StateSummary. */
export interface HistorySummary {
  readonly currentEpoch: number;
  readonly lastZxid: Zxid;
}

/** One above all epochs that a quorum has accepted. Source: Leader.getEpochToPropose. */
export function newEpoch(highestAcceptedEpoch: number): number {
  return highestAcceptedEpoch + 1;
}

/**
 * A higher epoch is accepted and acknowledged; the same one again lets it be synchronized but is no acknowledgement;
 * a lower one is refused. Source: Learner.registerWithLeader.
 */
export function answerToEpoch(
  offered: number,
  acceptedEpoch: number,
): "accept" | "join without ack" | "refuse" {
  if (offered > acceptedEpoch) return "accept";
  return offered === acceptedEpoch ? "join without ack" : "refuse";
}

/** Source: StateSummary.isMoreRecentThan, asked by Leader.waitForEpochAck. */
export function isMoreRecent(learner: HistorySummary, leader: HistorySummary): boolean {
  if (learner.currentEpoch !== leader.currentEpoch)
    return learner.currentEpoch > leader.currentEpoch;
  return learner.lastZxid > leader.lastZxid;
}

/** A leader at the beginning of discovery: it has heard from itself only. Source: Leader.lead. */
export function newLeaderMemory(context: ServerContext): LeaderMemory {
  return {
    epoch: null,
    learners: {},
    connecting: [context.sid],
    highestAcceptedEpoch: context.acceptedEpoch,
    voteSet: context.voteSet,
    impatient: false,
    epochAcks: [],
    newLeaderAcks: [],
    lastGiven: 0,
    lastProposed: 0,
    lastProposedHalfTick: 0,
    lastCommitted: 0,
    proposals: [],
    syncs: [],
    halfTicks: 0,
    failed: false,
  };
}

/** Whole ticks since the leader began to serve. Source: QuorumPeer.tick. */
export function tickOf(memory: LeaderMemory): number {
  return Math.floor(memory.halfTicks / 2);
}

/** FOLLOWERINFO, OBSERVERINFO: a learner tells the highest epoch it has accepted. Source: Leader.getEpochToPropose. */
export function noteFollowerInfo(
  context: ServerContext,
  packet: {
    readonly type: "FOLLOWERINFO" | "OBSERVERINFO";
    readonly from: Sid;
    readonly connection: number;
    readonly acceptedEpoch: number;
  },
): LeaderMemory {
  const memory = leaderMemory(context);
  const learner: LearnerRecord = {
    sid: packet.from,
    connection: packet.connection,
    observer: packet.type === "OBSERVERINFO",
    acceptedEpoch: packet.acceptedEpoch,
    phase: "discovery",
    summary: null,
    ackDeadlineTick: tickOf(memory) + context.initLimitTicks + context.syncLimitTicks,
    awaited: null,
  };
  const learners = { ...memory.learners, [packet.from]: learner };
  if (memory.epoch !== null) return { ...memory, learners };
  return {
    ...memory,
    learners,
    connecting: isVoter(packet.from, context.quorum)
      ? withSid(memory.connecting, packet.from)
      : memory.connecting,
    highestAcceptedEpoch: Math.max(memory.highestAcceptedEpoch, packet.acceptedEpoch),
  };
}

/** The epoch is fixed; those who come later get the same one. The leader counts itself among those who acknowledge. */
export function chooseEpoch(context: ServerContext, rules: DiscoveryRules): Partial<ServerContext> {
  const memory = leaderMemory(context);
  const epoch = rules.newEpoch(memory.highestAcceptedEpoch);
  const first = makeZxid(epoch, 0);
  return {
    acceptedEpoch: epoch,
    leading: { ...memory, epoch, epochAcks: [context.sid], lastGiven: first, lastProposed: first },
  };
}

/**
 * ACKEPOCH: how recent the learner's history is. No acknowledgement is -1 as epoch, nor one of a server without a
 * database. Source: Leader.waitForEpochAck.
 */
export function noteEpochAck(
  context: ServerContext,
  packet: { readonly from: Sid; readonly currentEpoch: number; readonly lastZxid: Zxid },
): LeaderMemory {
  const memory = leaderMemory(context);
  const learner = memory.learners[packet.from];
  if (learner === undefined) return memory;
  const counts =
    packet.currentEpoch !== -1 &&
    packet.lastZxid !== NO_DATABASE &&
    isVoter(packet.from, context.quorum);
  return {
    ...memory,
    learners: {
      ...memory.learners,
      [packet.from]: {
        ...learner,
        phase: "epoch acked",
        summary: { currentEpoch: packet.currentEpoch, lastZxid: packet.lastZxid },
      },
    },
    epochAcks: counts ? withSid(memory.epochAcks, packet.from) : memory.epochAcks,
  };
}

/** The history of the leader itself, as it compares it. */
export function ownSummary(context: ServerContext): HistorySummary {
  return { currentEpoch: context.ownVote.peerEpoch, lastZxid: context.ownVote.zxid };
}

/** The leader's memory; only a leader asks. */
export function leaderMemory(context: ServerContext): LeaderMemory {
  return context.leading ?? newLeaderMemory(context);
}

/** The learners at or past a point of their join, by sid. */
export function learnersIn(
  memory: LeaderMemory,
  ...phases: readonly LearnerRecord["phase"][]
): readonly LearnerRecord[] {
  return Object.values(memory.learners).filter((learner) => phases.includes(learner.phase));
}

/** The list with this server in it, once, in order of arrival. */
export function withSid(sids: readonly Sid[], sid: Sid): readonly Sid[] {
  return sids.includes(sid) ? sids : [...sids, sid];
}
