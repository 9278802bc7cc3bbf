import type { DecidedBy } from "./decidedBy";
import type { QuorumVerifier } from "../config/ensemble";
import type { Vote } from "./context";
import { weightOf } from "./quorumVerifier";

/** Which of two votes is better, and in which field it is decided. */
export interface Comparison {
  readonly better: "a" | "b" | "equal";
  /** The first field that differs, or null. */
  readonly decidedBy: DecidedBy | null;
}

/**
 * Compares two votes: current epoch, then last logged zxid, then server id.
 * The round is no part of it: it decides which votes are compared at all.
 * Source: FastLeaderElection.totalOrderPredicate; TLA+ TotalOrderPredicate.
 */
export function compareVotes(a: Vote, b: Vote): Comparison {
  if (a.peerEpoch !== b.peerEpoch)
    return { better: a.peerEpoch > b.peerEpoch ? "a" : "b", decidedBy: "epoch" };
  if (a.zxid !== b.zxid) return { better: a.zxid > b.zxid ? "a" : "b", decidedBy: "zxid" };
  if (a.leader !== b.leader) return { better: a.leader > b.leader ? "a" : "b", decidedBy: "sid" };
  return { better: "equal", decidedBy: null };
}

/**
 * Does a new vote beat the one held now? A server whose vote weighs nothing may not lead.
 * Source: FastLeaderElection.totalOrderPredicate.
 */
export function betterVote(candidate: Vote, current: Vote, quorum: QuorumVerifier): boolean {
  if (weightOf(candidate.leader, quorum) === 0) return false;
  return compareVotes(candidate, current).better === "a";
}

/** Do two votes name the same server with the same history? */
export function sameVote(a: Vote, b: Vote): boolean {
  return compareVotes(a, b).better === "equal";
}
