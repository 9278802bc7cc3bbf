import type { EnsembleConfig } from "../config/ensemble";
import type { Disk } from "../disk/disk";
import type { SessionRecord } from "../tree/database";
import type { Connection } from "../net/connection";
import type { Notification, QuorumPacket } from "../net/packet";
import type { ServerContext, SyncMode } from "../quorum/context";
import type { ClientContext, ClientLibrary } from "../session/context";
import type { DataTree } from "../tree/dataTree";
import type { PersistentMap } from "../tree/persistentMap";
import type { SessionId, Txn } from "../tree/txn";
import type { Watches } from "../tree/watches";
import type { MutantName } from "../rules/mutants";
import type { VariantName } from "../rules/variants";
import type { Sid, VirtualUs } from "../units";
import type { Zxid } from "../zxid";
import type { BareConnection } from "./bareConnection";
import type { ClientService } from "./clientService";
import type { ClientSetup } from "./clients";
import type { Behaviour, Program } from "../programs/programs";
import type { Happening } from "../programs/program";
import type { QueuedEvent } from "./event";
import type { Fact } from "./fact";
import type { Busy, ServiceTimes } from "./serviceTimes";
import type { Ledger } from "./outside";
import type { FileWork } from "./fileWork";

/** A statechart's state as plain data: never a live snapshot. */
export interface ChartState<Context> {
  /** Nested as XState nests it: `{ looking: "collect" }`. */
  readonly value: ChartValue;
  readonly context: Context;
}
export type ChartValue = string | { readonly [state: string]: ChartValue };

/** A socket that is read with a timeout. */
export interface Reader {
  readonly connection: number;
  readonly timeoutUs: VirtualUs;
  readonly lastReadUs: VirtualUs;
}

/** One running server process: all that a kill destroys. */
export interface Process {
  /** Unique in the world; an event meant for an earlier process of the same server finds another number and is dropped. */
  readonly number: number;
  readonly startedUs: VirtualUs;
  readonly config: EnsembleConfig;
  /** Null during start-up, before the server looks for a leader. */
  readonly chart: ChartState<ServerContext> | null;
  /** The database in memory, and the last zxid applied to it. */
  readonly tree: DataTree;
  readonly sessions: Readonly<Record<SessionId, SessionRecord>>;
  readonly lastProcessed: Zxid;
  /** Is the database a SNAP that has not been saved yet? Then it is lost with the connection. Source: SyncMode.SNAP (ZOOKEEPER-3642). */
  readonly unsavedSnap: boolean;
  /** The latest committed transactions, at most 501. Source: ZKDatabase.committedLog. */
  readonly committedLog: readonly Txn[];
  /** Proposals logged here whose COMMIT has not come. Source: FollowerZooKeeperServer.pendingTxns. */
  readonly pendingTxns: readonly Txn[];
  /** Leader: the tree with all that is proposed applied; null when that is no more than what is applied. */
  readonly ahead: DataTree | null;
  /** Does it accept client sessions? */
  readonly serving: boolean;
  /** What it knows of its clients, and what they watch. */
  readonly service: ClientService;
  readonly watches: Watches;
  /**
   * Per server that was ever spoken to or heard of on the election port: the newest message that waits for a connection,
   * or null; and the last one sent. Source: QuorumCnxManager.queueSendMap, lastMessageSent.
   */
  readonly electionQueue: Readonly<Record<Sid, Notification | null>>;
  readonly lastNotification: Readonly<Record<Sid, Notification>>;
  /** Servers that are being dialled for an election connection. */
  readonly electionDialing: readonly Sid[];
  /** Leader: how and since when each learner's connection is being synchronized. */
  readonly syncs: Readonly<
    Record<number, { readonly mode: SyncMode; readonly sinceUs: VirtualUs; readonly zxid: Zxid }>
  >;
  /** Running timers by name: the number of the queued event that will end each. */
  readonly timers: Readonly<Record<string, number>>;
  /** Sockets with a read timeout: how long a silence may last, and when something was read last. */
  readonly readers: readonly Reader[];
  readonly files: FileWork;
  readonly busy: Busy;
}

/** A server's machine: files that survive the process, and the process while there is one. */
export interface Server {
  readonly sid: Sid;
  readonly zooCfg: string;
  readonly myid: string;
  /** What stands on the command line of java: `-Dkey=value`. */
  readonly jvmFlags: readonly string[];
  readonly disk: Disk;
  readonly process: Process | null;
  /** While the process is stopped by a signal: since when, and what has arrived for it meanwhile. */
  readonly paused: { readonly sinceUs: VirtualUs; readonly inbox: readonly QueuedEvent[] } | null;
  /** When the process last died, and the exit code when it ended itself. */
  readonly down: { readonly sinceUs: VirtualUs; readonly exitCode: number | null } | null;
  /** Counters of random draws at this place. */
  readonly draws: { readonly startUp: number; readonly fsync: number };
}

/** An application's machine: its process, and the handle that connects it. */
export interface Client {
  readonly name: string;
  readonly setup: ClientSetup;
  /** As the servers see it. */
  readonly address: string;
  readonly chart: ChartState<ClientContext>;
  readonly timers: Readonly<Record<string, number>>;
  /** When something came from a server last, a TCP connection included, and when something was sent last. */
  readonly lastHeardUs: VirtualUs;
  readonly lastSentUs: VirtualUs;
  /** When the planned ping is due. */
  readonly pingDueUs: VirtualUs;
  /** On a read-only server: the pause before the present search for another one. */
  readonly searchMs: number;
  /** Attempts to connect so far: an answer is for one of them. */
  readonly attempts: number;
  /** Handles made so far. */
  readonly handles: number;
  /** The application above the handle, or null when only the learner uses it; and what it remembers while it runs. */
  readonly behaviour: Behaviour | null;
  readonly program: Program | null;
  /** What the library has for the program; empty between two steps. */
  readonly news: readonly Happening[];
  /** While the process is stopped by a signal: since when, and what has come for it meanwhile. */
  readonly paused: { readonly sinceUs: VirtualUs; readonly inbox: readonly QueuedEvent[] } | null;
  /** When the process was killed, or null while it runs. */
  readonly down: { readonly sinceUs: VirtualUs } | null;
  readonly draws: { readonly connect: number; readonly hosts: number };
}

/** The cables. A direction that is silenced holds what is sent into it. */
export interface Network {
  readonly connections: readonly Connection[];
  /** Silenced directions between two servers, all ports. */
  readonly cuts: readonly { readonly from: Sid; readonly to: Sid; readonly sinceUs: VirtualUs }[];
  /** Clients whose ways to all servers are silenced. */
  readonly clientCuts: readonly { readonly name: string; readonly sinceUs: VirtualUs }[];
  readonly blockedPorts: readonly { readonly sid: Sid; readonly port: number }[];
  /** Links on which each packet takes so much longer, both ways: between two servers, or a client and a server. */
  readonly slow: readonly {
    readonly a: Sid | string;
    readonly b: Sid;
    readonly extraUs: VirtualUs;
  }[];
  /** Packets between servers that are held on their way, except to some; what follows on a connection waits behind. */
  readonly holding: readonly {
    readonly packet: QuorumPacket["type"];
    readonly except: readonly Sid[];
  }[];
  /** How many connections each pair and purpose has had, for the places of random draws. */
  readonly opened: PersistentMap<number>;
}

/** What time things take, as [lowest, highest] in us; drawn for each one. */
export interface Delays {
  readonly packetUs: readonly [number, number];
  readonly fsyncUs: readonly [number, number];
  readonly startUpUs: readonly [number, number];
  /** What reading, writing and sending cost a server; nothing where a lab does not say. */
  readonly service?: ServiceTimes;
  /** How long a thread may be held up where it hands work to another one and goes on; no time where it is not said. */
  readonly threadUs?: readonly [number, number];
  /** How long the transfer of a SNAP takes; no time where a lab does not say. */
  readonly snapTransferUs?: VirtualUs;
  /** A snapshot: what it takes at least, and for each znode; 2 ms and 20 us where a lab does not say. */
  readonly snapshotUs?: { readonly headUs: VirtualUs; readonly nodeUs: VirtualUs };
}

/** Everything there is, as one immutable value of plain data. It can be printed, compared and replayed. */
export interface World {
  readonly seed: number;
  readonly variant: VariantName;
  /** Which release's library clients use, where theirs is not said. */
  readonly library: ClientLibrary;
  readonly mutants: readonly MutantName[];
  readonly delays: Delays;
  readonly nowUs: VirtualUs;
  /** Steps taken so far: each command and each event is one. */
  readonly steps: number;
  /** The next number for an event, flight, connection, process or fact. */
  readonly nextNumber: number;
  /** Ordered by time, then by number; what waited at a process that was paused goes before its moment. */
  readonly queue: readonly QueuedEvent[];
  /** Ordered by sid. */
  readonly servers: readonly Server[];
  /** Ordered by name. */
  readonly clients: readonly Client[];
  /** Clients made so far, those that were removed included. */
  readonly clientsMade: number;
  /** What locks protect, outside ZooKeeper, by the lock's path. */
  readonly ledgers: Readonly<Record<string, Ledger>>;
  /** Connections without a client library; the page has none. */
  readonly bare: readonly BareConnection[];
  readonly network: Network;
  /** Highest zxid that has ever been committed: what the fact `txn.committed` has told. No server reads it. */
  readonly lastCommitted: Zxid;
  /** Whose each living session is, and the server that gave it to its client last: what facts tell. No server reads it. */
  readonly attached: PersistentMap<{ readonly name: string; readonly server: Sid }>;
  /** What the last step brought about. */
  readonly facts: readonly Fact[];
}
