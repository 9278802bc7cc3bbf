import type { QuorumVerifier } from "../config/ensemble";
import type { Sid } from "../units";
import { counterOf, makeZxid, type Zxid } from "../zxid";
import type { LeaderMemory, Proposal, ServerContext } from "./context";
import { leaderMemory } from "./discovery";

/** The rules broadcast asks. */
export interface BroadcastRules {
  /** May this proposal be committed, with these servers having logged it? */
  readonly isCommitted: (acks: readonly Sid[], quorum: QuorumVerifier) => boolean;
  /** When a server acknowledges a proposal. */
  readonly ackWhen: "synced" | "received";
}

/** A proposal whose counter would be this ends the epoch. Source: Leader.propose (ZOOKEEPER-1277). */
export const LAST_COUNTER = 0xffffffff;

/** The next zxid, and a proposal that nobody has logged yet. Source: Leader.propose. */
export function takeNextZxid(context: ServerContext): LeaderMemory {
  const memory = leaderMemory(context);
  const zxid = memory.lastProposed + 1;
  return { ...memory, lastProposed: zxid, proposals: [...memory.proposals, { zxid, acks: [] }] };
}

/** Would the next proposal use up the counter of this epoch? */
export function rollsOver(context: ServerContext): boolean {
  return counterOf(leaderMemory(context).lastProposed) + 1 >= LAST_COUNTER;
}

/**
 * ACK of proposals: each server once, in order of arrival. What is committed, unknown or no transaction is ignored.
 * Source: Leader.processAck.
 */
export function countAcks(context: ServerContext, from: Sid, zxids: readonly Zxid[]): LeaderMemory {
  const memory = leaderMemory(context);
  const proposals = memory.proposals.map((proposal) =>
    zxids.includes(proposal.zxid) && !proposal.acks.includes(from)
      ? { ...proposal, acks: [...proposal.acks, from] }
      : proposal,
  );
  return { ...memory, proposals };
}

/**
 * Which proposals may be committed now: in order, each only when the one before it is.
 * Source: Leader.tryToCommit.
 */
export function committable(context: ServerContext, rules: BroadcastRules): readonly Proposal[] {
  const ready: Proposal[] = [];
  for (const proposal of leaderMemory(context).proposals) {
    if (!rules.isCommitted(proposal.acks, context.quorum)) break;
    ready.push(proposal);
  }
  return ready;
}

/** What was committed is outstanding no longer. */
export function dropCommitted(context: ServerContext, rules: BroadcastRules): LeaderMemory {
  const memory = leaderMemory(context);
  const ready = committable(context, rules);
  const last = ready[ready.length - 1];
  if (last === undefined) return memory;
  return { ...memory, lastCommitted: last.zxid, proposals: memory.proposals.slice(ready.length) };
}

/**
 * A leader that a quorum has acknowledged begins to serve: its zxid is the first of the epoch.
 * Source: Leader.startZkServer.
 */
export function beginBroadcast(context: ServerContext): Partial<ServerContext> {
  const memory = leaderMemory(context);
  const epoch = memory.epoch ?? 0;
  const first = makeZxid(epoch, 0);
  return {
    currentVote: { ...context.proposal, peerEpoch: epoch },
    leading: { ...memory, lastProposed: first, lastCommitted: first },
  };
}

/** A learner gave a sign of life: it counts for syncLimit more ticks. Source: LearnerHandler.run, tickOfNextAckDeadline. */
export function hearFrom(context: ServerContext, sid: Sid): LeaderMemory {
  const memory = leaderMemory(context);
  const learner = memory.learners[sid];
  const ackDeadlineTick = memory.tick + context.syncLimitTicks;
  if (learner === undefined || learner.ackDeadlineTick === ackDeadlineTick) return memory;
  return { ...memory, learners: { ...memory.learners, [sid]: { ...learner, ackDeadlineTick } } };
}

/** Half a tick has passed; every second time it is a full one. Source: Leader.lead. */
export function advanceTick(context: ServerContext): LeaderMemory {
  const memory = leaderMemory(context);
  return {
    ...memory,
    halfTick: !memory.halfTick,
    tick: memory.halfTick ? memory.tick + 1 : memory.tick,
  };
}

/**
 * The servers a leader may count now: itself and the learners heard from in time. Source: LearnerHandler.synced.
 * Simpler than real: a learner that answers pings but leaves a proposal unacknowledged for syncLimit is not sent away
 * (LearnerHandler.SyncLimitCheck).
 */
export function inTouch(context: ServerContext): readonly Sid[] {
  const memory = leaderMemory(context);
  const heard = Object.values(memory.learners).filter(
    (learner) => memory.tick <= learner.ackDeadlineTick,
  );
  return [context.sid, ...heard.map((learner) => learner.sid)];
}

/** A learner whose connection ended is forgotten at once. Source: Leader.removeLearnerHandler. */
export function forgetLearner(context: ServerContext, connection: number): LeaderMemory {
  const memory = leaderMemory(context);
  const learners: Record<Sid, LeaderMemory["learners"][Sid]> = {};
  for (const learner of Object.values(memory.learners)) {
    if (learner.connection !== connection) learners[learner.sid] = learner;
  }
  return { ...memory, learners };
}
