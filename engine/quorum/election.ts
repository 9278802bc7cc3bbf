import type { EnsembleConfig, QuorumVerifier } from "../config/ensemble";
import type { Notification, ServerState } from "../net/packet";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";
import type { ReceivedVote, ServerContext, Vote } from "./context";
import { isVoter } from "./quorumVerifier";

/** The rules an election asks. */
export interface ElectionRules {
  /** Does a new vote beat the one held now? */
  readonly betterVote: (candidate: Vote, current: Vote, quorum: QuorumVerifier) => boolean;
  /** Do these servers make a quorum of the voters? */
  readonly containsQuorum: (servers: readonly Sid[], quorum: QuorumVerifier) => boolean;
  /** Do a vote that was kept and one of a server that follows or leads speak for the same ensemble? */
  readonly sameEnsemble: (kept: ReceivedVote, n: Notification, map: VoteMap) => boolean;
  /** Is the leader that these votes name really there? */
  readonly saysItLeads: (
    votes: Readonly<Record<Sid, ReceivedVote>>,
    n: Notification,
    context: ServerContext,
  ) => boolean;
  /** How long after a quorum has agreed a better vote may still come. */
  readonly finalizeWaitMs: number;
}

/** Where votes are kept: those of this round, and those of servers that no longer look. */
export type VoteMap = "recvset" | "outOfElection";

/** Waits for a better vote after a quorum agrees. Source: FastLeaderElection.finalizeWait. */
export const FINALIZE_WAIT_MS = 200;

/** The smallest 64-bit integer: what an observer votes with, so that it can never win. Source: Long.MIN_VALUE. */
export const SMALLEST = -(2 ** 63);
/** The zxid of a server without any database, which may not vote. Source: FileTxnSnapLog.restore, db.autocreate. */
export const NO_DATABASE: Zxid = -1;

/** What a server votes for alone: itself with its history, or as an observer nobody. Source: FastLeaderElection.getInitId. */
export function firstVote(
  { sid, role }: Pick<EnsembleConfig, "sid" | "role">,
  lastZxid: Zxid,
  currentEpoch: number,
): Vote {
  return role === "observer"
    ? { leader: SMALLEST, zxid: SMALLEST, peerEpoch: SMALLEST }
    : { leader: sid, zxid: lastZxid, peerEpoch: currentEpoch };
}

/** The vote a notification carries. */
export function voteOf(n: Notification): Vote {
  return { leader: n.leader, zxid: n.zxid, peerEpoch: n.peerEpoch };
}

/** A notification as this server would send it now. */
export function notificationOf(
  context: ServerContext,
  vote: Vote,
  state: ServerState,
): Notification {
  return {
    type: "NOTIFICATION",
    sid: context.sid,
    state,
    leader: vote.leader,
    zxid: vote.zxid,
    peerEpoch: vote.peerEpoch,
    round: context.round,
    configVersion: context.version,
  };
}

/**
 * Enters the election: one round on, nothing received, its own vote proposed.
 * Source: FastLeaderElection.lookForLeader.
 */
export function beginRound(context: ServerContext, lastZxid: Zxid): Partial<ServerContext> {
  const ownVote = firstVote(context, lastZxid, context.currentEpoch);
  return {
    lastZxid,
    round: context.round + 1,
    ownVote,
    proposal: ownVote,
    currentVote: context.round === 0 ? ownVote : context.currentVote,
    recvset: {},
    outOfElection: {},
    agreed: false,
    voteSet: [],
    notificationTimeoutMs: context.settings.minNotificationIntervalMs,
    leading: null,
    following: null,
  };
}

/**
 * A vote of a later round: forget this round's votes, take over the round, and propose the better of the
 * sender's vote and one's own first vote. Source: FastLeaderElection.lookForLeader, case LOOKING.
 */
export function joinRound(
  context: ServerContext,
  n: Notification,
  rules: ElectionRules,
): Partial<ServerContext> {
  const { ownVote, quorum } = context;
  const proposal = rules.betterVote(voteOf(n), ownVote, quorum) ? voteOf(n) : ownVote;
  return counted({ ...context, round: n.round, recvset: {}, proposal }, n, rules);
}

/** A better vote of this round is taken over. Source: FastLeaderElection.lookForLeader, case LOOKING. */
export function adoptVote(
  context: ServerContext,
  n: Notification,
  rules: ElectionRules,
): Partial<ServerContext> {
  return counted({ ...context, proposal: voteOf(n) }, n, rules);
}

/** A vote of this round is remembered, and the votes for the own proposal are counted. */
export function recordVote(
  context: ServerContext,
  n: Notification,
  rules: ElectionRules,
): Partial<ServerContext> {
  return counted(context, n, rules);
}

function counted(
  context: ServerContext,
  n: Notification,
  rules: ElectionRules,
): Partial<ServerContext> {
  const recvset = { ...context.recvset, [n.sid]: received(n) };
  const { round, proposal } = context;
  const voteSet = agreeing(recvset, proposal, round);
  return {
    round,
    proposal,
    recvset,
    voteSet,
    agreed: rules.containsQuorum(voteSet, context.quorum),
  };
}

/** Who votes for this proposal in this round? Source: FastLeaderElection.getVoteTracker, Vote.equals for LOOKING votes. */
export function agreeing(
  recvset: Readonly<Record<Sid, ReceivedVote>>,
  proposal: Vote,
  round: number,
): readonly Sid[] {
  return sidsOf(recvset).filter((sid) => {
    const vote = recvset[sid];
    return (
      vote !== undefined &&
      vote.leader === proposal.leader &&
      vote.zxid === proposal.zxid &&
      vote.peerEpoch === proposal.peerEpoch &&
      vote.round === round
    );
  });
}

/**
 * May this vote count at all? A server whose database does not exist yet neither votes nor is voted with; it waits
 * until others lead. Source: FastLeaderElection.lookForLeader (ZOOKEEPER-3056).
 */
export function lacksDatabase(context: ServerContext, n: Notification): boolean {
  return n.state === "LOOKING" && (context.ownVote.zxid === NO_DATABASE || n.zxid === NO_DATABASE);
}

/** Are both the sender and the server it names voters here? Source: FastLeaderElection.validVoter. */
export function namesVoters(context: ServerContext, n: Notification): boolean {
  return isVoter(n.sid, context.quorum) && isVoter(n.leader, context.quorum);
}

/**
 * Does this notification, of a server that follows or leads, complete the proof that there is a leader to join?
 * A quorum must name it, in this round or as members of one established ensemble, and the leader itself must have
 * said that it leads: else a restarted server would "join" a leader that is dead.
 * Source: FastLeaderElection.receivedFollowingNotification, checkLeader.
 */
export function confirmsLeader(
  context: ServerContext,
  n: Notification,
  rules: ElectionRules,
): boolean {
  return whoConfirms(context, n, rules) !== null;
}

/** Those who name the leader together with this notification, when that is proof enough; else null. */
function whoConfirms(
  context: ServerContext,
  n: Notification,
  rules: ElectionRules,
): readonly Sid[] | null {
  if (n.round === context.round) {
    const recvset = { ...context.recvset, [n.sid]: received(n) };
    const naming = namedBy(recvset, n, "recvset", rules);
    if (rules.containsQuorum(naming, context.quorum) && rules.saysItLeads(recvset, n, context))
      return naming;
  }
  const outside = { ...context.outOfElection, [n.sid]: received(n) };
  const naming = namedBy(outside, n, "outOfElection", rules);
  return rules.containsQuorum(naming, context.quorum) && rules.saysItLeads(outside, n, context)
    ? naming
    : null;
}

/** Remembers the vote of a server that no longer looks. Source: FastLeaderElection.receivedFollowingNotification. */
export function rememberOutside(context: ServerContext, n: Notification): Partial<ServerContext> {
  const vote = received(n);
  return {
    outOfElection: { ...context.outOfElection, [n.sid]: vote },
    recvset: n.round === context.round ? { ...context.recvset, [n.sid]: vote } : context.recvset,
  };
}

/** Takes over the vote and the round of an established ensemble. */
export function joinEnsemble(
  context: ServerContext,
  n: Notification,
  rules: ElectionRules,
): Partial<ServerContext> {
  return {
    ...rememberOutside(context, n),
    round: n.round,
    proposal: voteOf(n),
    voteSet: whoConfirms(context, n, rules) ?? [],
  };
}

function namedBy(
  votes: Readonly<Record<Sid, ReceivedVote>>,
  n: Notification,
  map: VoteMap,
  rules: ElectionRules,
): readonly Sid[] {
  return sidsOf(votes).filter((sid) => {
    const vote = votes[sid];
    return vote !== undefined && rules.sameEnsemble(vote, n, map);
  });
}

/**
 * Where one of two votes is LOOKING, everything must be equal. In recvset the stored vote has no format version while
 * the new one has, and then only the id decides; else id and epoch (ZOOKEEPER-1732). Source: Vote.equals.
 */
export function sameEnsemble(kept: ReceivedVote, n: Notification, map: VoteMap): boolean {
  if (kept.leader !== n.leader) return false;
  if (kept.state === "LOOKING")
    return kept.zxid === n.zxid && kept.peerEpoch === n.peerEpoch && kept.round === n.round;
  return map === "recvset" || kept.peerEpoch === n.peerEpoch;
}

/** Another server must have said itself that it leads; I myself lead only in the round I am in. Source: FastLeaderElection.checkLeader. */
export function saysItLeads(
  votes: Readonly<Record<Sid, ReceivedVote>>,
  n: Notification,
  context: ServerContext,
): boolean {
  if (n.leader === context.sid) return n.round === context.round;
  return votes[n.leader]?.state === "LEADING";
}

function received(n: Notification): ReceivedVote {
  return { leader: n.leader, zxid: n.zxid, peerEpoch: n.peerEpoch, round: n.round, state: n.state };
}

/** Keys of a record of servers, as numbers in ascending order. */
export function sidsOf(record: Readonly<Record<Sid, unknown>>): readonly Sid[] {
  return Object.keys(record)
    .map(Number)
    .toSorted((a, b) => a - b);
}
