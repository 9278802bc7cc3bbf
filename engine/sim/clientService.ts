import type { ClientPacket, ClientRequest, Operation } from "../net/request";
import { emptyFifo, type Fifo } from "../session/fifo";
import type { SessionTracker } from "../session/sessionTracker";
import type { Id } from "../tree/acl";
import { emptyMap, entryOf, type PersistentMap, withEntry } from "../tree/persistentMap";
import type { ErrorCode, SessionId } from "../tree/txn";
import type { Sid, VirtualUs } from "../units";
import type { Zxid } from "../zxid";
import { changed } from "../copy";
import { withProcess } from "./change";
import { copyOfClientService, copyOfCnxn } from "./copy";
import type { Process, World } from "./world";

/**
 * Which server answers the clients of a process: none while it looks for a leader, unless it may serve reads alone.
 * Source: LeaderZooKeeperServer, LearnerZooKeeperServer, ZooKeeperServer, ReadOnlyZooKeeperServer.
 */
export type ServiceMode = "leader" | "learner" | "standalone" | "read-only";

/** A client's connection as the server at its end sees it. Source: ServerCnxn, NIOServerCnxn. */
export interface Cnxn {
  /** The connection's number. */
  readonly number: number;
  /** Of the machine that called. */
  readonly address: string;
  /** From its ConnectRequest on, even before the session is known to be valid. */
  readonly sessionId: SessionId | null;
  /** Negotiated; before, how long a connection may be without a session. */
  readonly timeoutMs: number;
  /** Who its client has proved to be. */
  readonly ids: readonly Id[];
  /** Has its ConnectRequest been taken? */
  readonly initialized: boolean;
  /** Is it read from? Not while its session is made sure of, nor while too much is under way. Source: disableRecv. */
  readonly receiving: boolean;
  /** What has arrived meanwhile. */
  readonly unread: Fifo<ClientPacket>;
  /** Its requests that wait for an answer. */
  readonly outstanding: number;
  /** When it is closed as idle: moved on by whatever comes or goes. Source: cnxnExpiryQueue. */
  readonly idleUs: VirtualUs;
  /** The highest zxid its client is known to have seen. */
  readonly lastZxidSeen: Zxid;
}

/** What a server is asked: by a client, or by itself on a client's behalf. */
export type Asked =
  | Operation
  | Extract<ClientRequest["op"], { readonly type: "createSession" }>
  | { readonly type: "ping" };

/** One request on its way through a server. Source: Request. */
export interface ServedRequest {
  readonly connection: number;
  readonly sessionId: SessionId;
  readonly cxid: number;
  readonly op: Asked;
  /** Who its client had proved to be when it came. Source: Request.authInfo. */
  readonly ids: readonly Id[];
  /** Does it wait for a commit, or for the leader's SYNC? Source: CommitProcessor.needCommit. */
  readonly needsCommit: boolean;
  /** What was found against it before it was a transaction. Source: Request.getException. */
  readonly exception: ErrorCode | null;
}

/** Sessions that only this server knows. Source: LocalSessionTracker, UpgradeableSessionTracker. */
export interface LocalSessions {
  readonly tracker: SessionTracker;
  /** On their way to become global ones: their timeouts. */
  readonly upgrading: PersistentMap<number>;
}

/** All that a process knows of clients; it begins anew whenever the process begins to serve. */
export interface ClientService {
  readonly mode: ServiceMode | null;
  /** By number. */
  readonly cnxns: PersistentMap<Cnxn>;
  /** The connection of each session that has one here. Source: ServerCnxnFactory.sessionMap. */
  readonly bySession: PersistentMap<number>;
  /** How many connections each address has. Source: NIOServerCnxnFactory.ipMap. */
  readonly byAddress: PersistentMap<number>;
  /** What waits in each session, behind a write or a sync of its own. Source: CommitProcessor.pendingRequests. */
  readonly pending: PersistentMap<Fifo<ServedRequest>>;
  /** The writes and syncs among them, of all sessions, in order. Source: CommitProcessor.queuedWriteRequests. */
  readonly writes: Fifo<{ readonly sessionId: SessionId; readonly cxid: number }>;
  /** How many requests wait. Source: ZooKeeperServer.requestsInProcess. */
  readonly inProcess: number;
  /** Sessions about which the leader was asked, and the connection that waits for the answer. Source: Learner.pendingRevalidations. */
  readonly revalidating: PersistentMap<number>;
  /** Leader and standalone server: all sessions of the ensemble. */
  readonly tracker: SessionTracker;
  /** Null where there are no local sessions. */
  readonly local: LocalSessions | null;
  /** Learner: heard of since the last ping to the leader, with their timeouts. Source: LearnerSessionTracker.touchTable. */
  readonly touched: PersistentMap<number>;
  /** What the next session is called, below this server's own byte. */
  readonly nextSession: number;
}

const NO_TRACKER: SessionTracker = { sessions: emptyMap(), buckets: emptyMap(), nextUs: 0 };

/** Of a process that serves nobody. */
export const NO_SERVICE: ClientService = {
  mode: null,
  cnxns: emptyMap(),
  bySession: emptyMap(),
  byAddress: emptyMap(),
  pending: emptyMap(),
  writes: emptyFifo(),
  inProcess: 0,
  revalidating: emptyMap(),
  tracker: NO_TRACKER,
  local: null,
  touched: emptyMap(),
  nextSession: 0,
};

/** What a server's process has to do for its clients, beside what its chart decides. */
export type Duty =
  | { readonly type: "close idle connections" }
  | { readonly type: "expire local sessions" }
  | { readonly type: "look for containers" }
  /** They go one after the other, with a pause between. */
  | { readonly type: "delete containers"; readonly paths: readonly string[] }
  /** A connection is read from again, and something has arrived meanwhile. */
  | { readonly type: "read on"; readonly connection: number };

/** The world with the service of one server changed; nothing happens when its process is down. */
export function withService(
  world: World,
  sid: Sid,
  change: (service: ClientService, process: Process) => Partial<ClientService>,
): World {
  return withProcess(world, sid, (process) => ({
    service: changed(copyOfClientService(process.service), change(process.service, process)),
  }));
}

export function cnxnOf(process: Process | null, connection: number): Cnxn | null {
  return process === null ? null : (entryOf(process.service.cnxns, String(connection)) ?? null);
}

/** The world with one connection changed, when the server still has it. */
export function withCnxn(
  world: World,
  sid: Sid,
  connection: number,
  change: (cnxn: Cnxn) => Partial<Cnxn>,
): World {
  return withService(world, sid, ({ cnxns }) => {
    const cnxn = entryOf(cnxns, String(connection));
    return cnxn === undefined
      ? {}
      : { cnxns: withEntry(cnxns, String(connection), changed(copyOfCnxn(cnxn), change(cnxn))) };
  });
}
