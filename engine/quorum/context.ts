import type { EnsembleConfig } from "../config/ensemble";
import type { ServerState } from "../net/packet";
import type { SessionId, Txn } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";

/** A candidate choice: that server, with its last logged zxid and its current epoch. Source: Vote. */
export interface Vote {
  readonly leader: Sid;
  readonly zxid: Zxid;
  readonly peerEpoch: number;
}

/** A vote as a notification brought it: with its sender's round and state. */
export interface ReceivedVote extends Vote {
  readonly round: number;
  readonly state: ServerState;
}

export type SyncMode = "DIFF" | "SNAP" | "TRUNC";

/** One proposal that is not committed yet, and who has logged it. Source: Leader.Proposal. */
export interface Proposal {
  readonly zxid: Zxid;
  /** In order of arrival. */
  readonly acks: readonly Sid[];
}

/** What the leader knows of one learner on its quorum connection. Source: LearnerHandler. */
export interface LearnerRecord {
  readonly sid: Sid;
  /** The quorum connection it came on. */
  readonly connection: number;
  /** Did it come with OBSERVERINFO? Then it is told what was committed, and nothing else. Source: LearnerHandler.learnerType. */
  readonly observer: boolean;
  readonly acceptedEpoch: number;
  readonly phase: "discovery" | "epoch acked" | "syncing" | "synced" | "up to date";
  /** From ACKEPOCH; null before. */
  readonly summary: { readonly currentEpoch: number; readonly lastZxid: Zxid } | null;
  /** In leader ticks: silent beyond it, the learner is not counted. */
  readonly ackDeadlineTick: number;
  /** The proposal whose ACK is awaited, and the half tick in which it was sent. Source: LearnerHandler.SyncLimitCheck. */
  readonly awaited: { readonly zxid: Zxid; readonly sinceHalfTick: number } | null;
}

/** A learner's sync that waits for the commit of this zxid. Source: Leader.pendingSyncs. */
export interface PendingSync {
  readonly after: Zxid;
  readonly connection: number;
  readonly sessionId: SessionId;
  readonly cxid: number;
}

/** What a leader remembers. Source: Leader. */
export interface LeaderMemory {
  /** Null until a quorum has told its accepted epochs. */
  readonly epoch: number | null;
  readonly learners: Readonly<Record<Sid, LearnerRecord>>;
  /** Voters that told their accepted epoch, and the highest of those. Source: Leader.connectingFollowers. */
  readonly connecting: readonly Sid[];
  readonly highestAcceptedEpoch: number;
  /** Who agreed to its election; and whether it has waited so long that one of them may end it. Source: Leader.voteSet, reportLookingSid. */
  readonly voteSet: readonly Sid[];
  readonly impatient: boolean;
  /** Voters that acknowledged the new epoch. Source: Leader.electingFollowers. */
  readonly epochAcks: readonly Sid[];
  /** Voters that acknowledged NEWLEADER, in order of arrival. Source: Leader.newLeaderProposal. */
  readonly newLeaderAcks: readonly Sid[];
  /** The last zxid given to a transaction; a new epoch's first, until then. Source: ZooKeeperServer.hzxid. */
  readonly lastGiven: Zxid;
  readonly lastProposed: Zxid;
  /** The half tick in which that was. */
  readonly lastProposedHalfTick: number;
  readonly lastCommitted: Zxid;
  /** Not committed yet, oldest first; their zxids follow each other without a gap. Source: Leader.outstandingProposals. */
  readonly proposals: readonly Proposal[];
  readonly syncs: readonly PendingSync[];
  /** Half ticks since it began to serve. Every second one is a full tick. Source: Leader.lead, the tickTime / 2 loop. */
  readonly halfTicks: number;
  /** A thread it cannot do without has died. Source: ZooKeeperServer.isRunning. */
  readonly failed: boolean;
}

/** What a learner remembers while it follows or observes. Source: Learner.syncWithLeader. */
export interface LearnerMemory {
  readonly leader: Sid;
  readonly connection: number | null;
  /** Tries to connect so far; five at most. Source: Learner.connectToLeader. */
  readonly tries: number;
  readonly epoch: number | null;
  readonly syncMode: SyncMode | null;
  /** The last transaction it was sent while being synchronized; 0 before the first. */
  readonly lastQueued: Zxid;
  /** Proposals that wait to be logged or committed during synchronization. Source: packetsNotCommitted, packetsCommitted. */
  readonly collected: readonly Txn[];
  readonly committed: readonly Zxid[];
}

/** What a server without an ensemble remembers. Source: ZooKeeperServer.hzxid. */
export interface AloneMemory {
  readonly lastGiven: Zxid;
}

/** What a server knows from its files and never forgets; the one thing of the context that does not change. */
export type ServerConfig = Pick<
  EnsembleConfig,
  | "sid"
  | "role"
  | "quorum"
  | "standalone"
  | "tickTimeMs"
  | "initLimitTicks"
  | "syncLimitTicks"
  | "connectLimitTicks"
  | "syncEnabled"
  | "version"
  | "settings"
>;

/** The context of a server's chart: small, scalars and short lists. Tree, log and queues live outside, in the world. */
export interface ServerContext extends ServerConfig {
  /** The last zxid in its log or snapshot when it began to look for a leader; -1: it has no database. */
  readonly lastZxid: Zxid;
  /** The election round; begins at 0 with the process. Source: FastLeaderElection.logicalclock. */
  readonly round: number;
  /** What it would vote for alone: itself, its last logged zxid, its current epoch; an observer: nobody. */
  readonly ownVote: Vote;
  /** What it votes for now. */
  readonly proposal: Vote;
  /** What it decided last, told to those who look later. */
  readonly currentVote: Vote;
  /** Votes of this round, by sender. Source: recvset in lookForLeader. */
  readonly recvset: Readonly<Record<Sid, ReceivedVote>>;
  /** Votes of servers that no longer look. Source: outofelection in lookForLeader. */
  readonly outOfElection: Readonly<Record<Sid, ReceivedVote>>;
  /** Do votes equal to its proposal, counted when the last one came, make a quorum? */
  readonly agreed: boolean;
  /** Who has voted for what was decided. Source: FastLeaderElection.leadingVoteSet. */
  readonly voteSet: readonly Sid[];
  /** Highest epoch this server has agreed to, and last epoch whose NEWLEADER it has taken in; as on its disk. */
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** How long it waits for a notification before it sends again. Doubles from 200 ms to 60 s. */
  readonly notificationTimeoutMs: number;
  readonly leading: LeaderMemory | null;
  readonly following: LearnerMemory | null;
  readonly alone: AloneMemory | null;
}
