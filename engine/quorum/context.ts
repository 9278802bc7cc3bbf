import type { EnsembleConfig } from "../config/ensemble";
import type { ServerState } from "../net/packet";
import type { Txn } from "../tree/txn";
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
  readonly acceptedEpoch: number;
  readonly phase: "discovery" | "epoch acked" | "syncing" | "synced" | "up to date";
  /** From ACKEPOCH; null before. */
  readonly summary: { readonly currentEpoch: number; readonly lastZxid: Zxid } | null;
  /** In leader ticks: silent beyond it, the learner is not counted. */
  readonly ackDeadlineTick: number;
}

/** What a leader remembers. Source: Leader. */
export interface LeaderMemory {
  /** Null until a quorum has told its accepted epochs. */
  readonly epoch: number | null;
  readonly learners: Readonly<Record<Sid, LearnerRecord>>;
  /** Voters that told their accepted epoch, and the highest of those. Source: Leader.connectingFollowers. */
  readonly connecting: readonly Sid[];
  readonly highestAcceptedEpoch: number;
  /** Voters that acknowledged the new epoch. Source: Leader.electingFollowers. */
  readonly epochAcks: readonly Sid[];
  /** Voters that acknowledged NEWLEADER, in order of arrival. Source: Leader.newLeaderProposal. */
  readonly newLeaderAcks: readonly Sid[];
  readonly lastProposed: Zxid;
  readonly lastCommitted: Zxid;
  /** Not committed yet, oldest first. Source: Leader.outstandingProposals. */
  readonly proposals: readonly Proposal[];
  /** Whole ticks since it began to serve. */
  readonly tick: number;
  /** Every second wake-up is a full tick. Source: Leader.lead, the tickTime / 2 loop. */
  readonly halfTick: boolean;
}

/** What a learner remembers while it follows. Source: Learner.syncWithLeader. */
export interface LearnerMemory {
  readonly leader: Sid;
  readonly connection: number | null;
  /** Tries to connect so far; five, 100 ms apart. Source: Learner.connectToLeader. */
  readonly tries: number;
  readonly epoch: number | null;
  readonly syncMode: SyncMode | null;
  /** Proposals that wait to be logged or committed during synchronization. Source: packetsNotCommitted, packetsCommitted. */
  readonly collected: readonly Txn[];
  readonly committed: readonly Zxid[];
}

/** What a server without an ensemble remembers. Source: ZooKeeperServer.hzxid. */
export interface AloneMemory {
  readonly lastProposed: Zxid;
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
  /** The election round; begins at 0 with the process. Source: FastLeaderElection.logicalclock. */
  readonly round: number;
  /** What it would vote for alone: itself, its last logged zxid, its current epoch. */
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
  /** Highest epoch this server has agreed to, and last epoch whose NEWLEADER it has taken in; as on its disk. */
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** How long it waits for a notification before it sends again. Doubles from 200 ms to 60 s. */
  readonly notificationTimeoutMs: number;
  readonly leading: LeaderMemory | null;
  readonly following: LearnerMemory | null;
  readonly alone: AloneMemory | null;
}
