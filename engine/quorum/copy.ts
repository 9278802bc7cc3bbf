import type { Copy } from "../copy";
import type { LeaderMemory, LearnerRecord, ServerContext } from "./context";

// What is copied at every step: see ../copy.ts.

export function copyOfServerContext(serverContext: ServerContext): Copy<ServerContext> {
  return {
    sid: serverContext.sid,
    role: serverContext.role,
    quorum: serverContext.quorum,
    standalone: serverContext.standalone,
    tickTimeMs: serverContext.tickTimeMs,
    initLimitTicks: serverContext.initLimitTicks,
    syncLimitTicks: serverContext.syncLimitTicks,
    connectLimitTicks: serverContext.connectLimitTicks,
    syncEnabled: serverContext.syncEnabled,
    version: serverContext.version,
    settings: serverContext.settings,
    lastZxid: serverContext.lastZxid,
    acceptedEpoch: serverContext.acceptedEpoch,
    currentEpoch: serverContext.currentEpoch,
    round: serverContext.round,
    ownVote: serverContext.ownVote,
    proposal: serverContext.proposal,
    currentVote: serverContext.currentVote,
    recvset: serverContext.recvset,
    outOfElection: serverContext.outOfElection,
    agreed: serverContext.agreed,
    voteSet: serverContext.voteSet,
    notificationTimeoutMs: serverContext.notificationTimeoutMs,
    leading: serverContext.leading,
    following: serverContext.following,
    alone: serverContext.alone,
  };
}

export function copyOfLeaderMemory(leaderMemory: LeaderMemory): Copy<LeaderMemory> {
  return {
    epoch: leaderMemory.epoch,
    learners: leaderMemory.learners,
    connecting: leaderMemory.connecting,
    highestAcceptedEpoch: leaderMemory.highestAcceptedEpoch,
    voteSet: leaderMemory.voteSet,
    impatient: leaderMemory.impatient,
    epochAcks: leaderMemory.epochAcks,
    newLeaderAcks: leaderMemory.newLeaderAcks,
    lastGiven: leaderMemory.lastGiven,
    lastProposed: leaderMemory.lastProposed,
    lastProposedHalfTick: leaderMemory.lastProposedHalfTick,
    lastCommitted: leaderMemory.lastCommitted,
    proposals: leaderMemory.proposals,
    syncs: leaderMemory.syncs,
    halfTicks: leaderMemory.halfTicks,
    failed: leaderMemory.failed,
  };
}

export function copyOfLearnerRecord(learnerRecord: LearnerRecord): Copy<LearnerRecord> {
  return {
    sid: learnerRecord.sid,
    connection: learnerRecord.connection,
    observer: learnerRecord.observer,
    acceptedEpoch: learnerRecord.acceptedEpoch,
    phase: learnerRecord.phase,
    summary: learnerRecord.summary,
    ackDeadlineTick: learnerRecord.ackDeadlineTick,
    awaited: learnerRecord.awaited,
  };
}
