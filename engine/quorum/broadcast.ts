import type { QuorumVerifier } from "../config/ensemble";
import { changed } from "../copy";
import type { Sid } from "../units";
import { counterOf, makeZxid, type Zxid } from "../zxid";
import type { LeaderMemory, LearnerRecord, PendingSync, Proposal, ServerContext } from "./context";
import { copyOfLeaderMemory, copyOfLearnerRecord } from "./copy";
import { leaderMemory, tickOf } from "./discovery";
import { isVoter } from "./quorumVerifier";

/** The rules broadcast asks. */
export interface BroadcastRules {
  /** May this proposal be committed, with these servers having logged it? */
  readonly isCommitted: (acks: readonly Sid[], quorum: QuorumVerifier) => boolean;
  /** When a server acknowledges a proposal. */
  readonly ackWhen: "synced" | "received";
  /** A proposal with this counter is not made: a new epoch must begin. */
  readonly lastCounter: number;
  /** Has this learner left a proposal unacknowledged for too long? */
  readonly lagsBehind: (
    learner: LearnerRecord,
    halfTicks: number,
    syncLimitTicks: number,
  ) => boolean;
}

/** A proposal whose counter would be this ends the epoch. Source: Leader.propose (ZOOKEEPER-1277). */
export const LAST_COUNTER = 0xffffffff;

/** The next zxid, and a proposal that nobody has logged yet. Source: PrepRequestProcessor, Leader.propose. */
export function takeNextZxid(context: ServerContext): LeaderMemory {
  const memory = leaderMemory(context);
  const zxid = memory.lastGiven + 1;
  return changed(copyOfLeaderMemory(memory), {
    lastGiven: zxid,
    lastProposed: zxid,
    lastProposedHalfTick: memory.halfTicks,
    proposals: [...memory.proposals, { zxid, acks: [] }],
    learners: awaiting(memory, zxid),
  });
}

/** Who waits for no ACK yet waits for this one. Source: LearnerHandler.SyncLimitCheck.updateProposal. */
function awaiting(memory: LeaderMemory, zxid: Zxid): LeaderMemory["learners"] {
  let learners: Record<Sid, LearnerRecord> | null = null;
  for (const learner of Object.values(memory.learners)) {
    if (learner.observer || learner.awaited !== null || !isChecked(learner)) continue;
    learners ??= { ...memory.learners };
    const awaited = { zxid, sinceHalfTick: memory.halfTicks };
    learners[learner.sid] = changed(copyOfLearnerRecord(learner), { awaited });
  }
  return learners ?? memory.learners;
}

function withLearner(memory: LeaderMemory, learner: LearnerRecord): LeaderMemory {
  const learners = { ...memory.learners, [learner.sid]: learner };
  return changed(copyOfLeaderMemory(memory), { learners });
}

/** Only what is sent after the ACK of NEWLEADER is watched. Source: LearnerHandler.SyncLimitCheck.start. */
const isChecked = ({ phase }: LearnerRecord) => phase === "synced" || phase === "up to date";

/**
 * An ACK of the proposal that was waited for: now the last one sent is, if it is a later one.
 * Source: LearnerHandler.SyncLimitCheck.updateAck.
 */
export function noteAck(context: ServerContext, from: Sid, zxid: Zxid): LeaderMemory {
  const memory = leaderMemory(context);
  const learner = memory.learners[from];
  if (learner?.awaited?.zxid !== zxid) return memory;
  const awaited =
    memory.lastProposed > zxid
      ? { zxid: memory.lastProposed, sinceHalfTick: memory.lastProposedHalfTick }
      : null;
  return withLearner(memory, changed(copyOfLearnerRecord(learner), { awaited }));
}

/** More than syncLimit ticks: the ping step sends such a learner away. Source: LearnerHandler.SyncLimitCheck.check. */
export function lagsBehind(
  { awaited }: LearnerRecord,
  halfTicks: number,
  syncLimitTicks: number,
): boolean {
  return awaited !== null && halfTicks - awaited.sinceHalfTick > 2 * syncLimitTicks;
}

/** Would the next proposal use up the counter of this epoch? */
export function rollsOver(context: ServerContext, rules: BroadcastRules): boolean {
  return counterOf(leaderMemory(context).lastGiven) + 1 >= rules.lastCounter;
}

/**
 * ACK of proposals: each server once, in order of arrival. What is committed, unknown or no transaction is ignored.
 * Source: Leader.processAck.
 */
export function countAcks(context: ServerContext, from: Sid, zxids: readonly Zxid[]): LeaderMemory {
  const memory = leaderMemory(context);
  const [oldest] = memory.proposals;
  if (oldest === undefined) return memory;
  let proposals: Proposal[] | null = null;
  for (const zxid of zxids) {
    // Proposals follow each other without a gap.
    const at = zxid - oldest.zxid;
    const proposal = memory.proposals[at];
    if (proposal === undefined || proposal.acks.includes(from)) continue;
    proposals ??= memory.proposals.slice();
    proposals[at] = { ...proposal, acks: [...proposal.acks, from] };
  }
  return proposals === null ? memory : changed(copyOfLeaderMemory(memory), { proposals });
}

/**
 * Which of the proposals just acknowledged may be committed: the oldest, when a quorum has logged it, and then the next.
 * One that came to its quorum before its turn waits for another ACK of its own.
 * Source: Leader.tryToCommit.
 */
export function committable(
  context: ServerContext,
  zxids: readonly Zxid[],
  rules: BroadcastRules,
): readonly Proposal[] {
  const { proposals } = leaderMemory(context);
  let count = 0;
  for (const zxid of zxids) {
    const proposal = proposals[count];
    if (proposal?.zxid === zxid && rules.isCommitted(proposal.acks, context.quorum)) count += 1;
  }
  return count === 0 ? [] : proposals.slice(0, count);
}

/** What was committed is outstanding no longer, and the syncs that waited for it go out. */
export function dropCommitted(
  context: ServerContext,
  zxids: readonly Zxid[],
  rules: BroadcastRules,
): LeaderMemory {
  const memory = leaderMemory(context);
  const ready = committable(context, zxids, rules);
  const last = ready[ready.length - 1];
  if (last === undefined) return memory;
  return changed(copyOfLeaderMemory(memory), {
    lastCommitted: last.zxid,
    proposals: memory.proposals.slice(ready.length),
    syncs:
      memory.syncs.length === 0
        ? memory.syncs
        : memory.syncs.filter((sync) => sync.after > last.zxid),
  });
}

/** A learner's sync waits for the last proposal that is outstanding now. Source: Leader.processSync. */
export function keepSync(context: ServerContext, sync: Omit<PendingSync, "after">): LeaderMemory {
  const memory = leaderMemory(context);
  return { ...memory, syncs: [...memory.syncs, { ...sync, after: memory.lastProposed }] };
}

/**
 * A leader that a quorum has acknowledged begins to serve: its zxid is the first of the epoch, or what the setting for
 * tests says. Source: Leader.lead, startZkServer; QuorumPeer.updateElectionVote.
 */
export function beginBroadcast(context: ServerContext): Partial<ServerContext> {
  const memory = leaderMemory(context);
  const epoch = memory.epoch ?? 0;
  const first = makeZxid(epoch, 0);
  return {
    currentVote: { ...context.currentVote, peerEpoch: epoch },
    leading: {
      ...memory,
      lastGiven: makeZxid(epoch, context.settings.initialZxid ?? 0),
      lastProposed: first,
      lastCommitted: first,
    },
  };
}

/** A learner gave a sign of life: it counts for syncLimit more ticks. Source: LearnerHandler.run, tickOfNextAckDeadline. */
export function hearFrom(context: ServerContext, sid: Sid): LeaderMemory {
  const memory = leaderMemory(context);
  const learner = memory.learners[sid];
  const ackDeadlineTick = tickOf(memory) + context.syncLimitTicks;
  if (learner === undefined || learner.ackDeadlineTick === ackDeadlineTick) return memory;
  return withLearner(memory, changed(copyOfLearnerRecord(learner), { ackDeadlineTick }));
}

/** Half a tick has passed; every second time it is a full one. Source: Leader.lead. */
export function advanceTick(context: ServerContext): LeaderMemory {
  const memory = leaderMemory(context);
  return changed(copyOfLeaderMemory(memory), { halfTicks: memory.halfTicks + 1 });
}

/** Is the half tick that has just passed the end of a full one? */
export function endsFullTick(memory: LeaderMemory): boolean {
  return memory.halfTicks % 2 === 1;
}

/**
 * The servers a leader may count now: itself and the voters heard from in time. An observer counts for nothing, also
 * where it stands in a group and has a weight. Source: LearnerHandler.synced; SyncedLearnerTracker.addAck.
 */
export function inTouch(context: ServerContext): readonly Sid[] {
  const memory = leaderMemory(context);
  const tick = tickOf(memory);
  const heard = Object.values(memory.learners).filter(
    (learner) => tick <= learner.ackDeadlineTick && isVoter(learner.sid, context.quorum),
  );
  return [context.sid, ...heard.map((learner) => learner.sid)];
}

/** Learners that get pings: those to which something is being sent already. Source: LearnerHandler.ping. */
export function pinged(memory: LeaderMemory): readonly LearnerRecord[] {
  return Object.values(memory.learners).filter(
    ({ phase }) => phase !== "discovery" && phase !== "epoch acked",
  );
}

/** A learner whose connection ended is forgotten at once. Source: Leader.removeLearnerHandler. */
export function forgetLearner(context: ServerContext, connection: number): LeaderMemory {
  const memory = leaderMemory(context);
  const learners: Record<Sid, LearnerRecord> = {};
  for (const learner of Object.values(memory.learners)) {
    if (learner.connection !== connection) learners[learner.sid] = learner;
  }
  return {
    ...memory,
    learners,
    syncs: memory.syncs.filter((one) => one.connection !== connection),
  };
}
