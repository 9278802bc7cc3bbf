import type { Acl, Id } from "../tree/acl";
import type { ErrorCode, SessionId } from "../tree/txn";
import type { Data, Stat } from "../tree/znode";
import type { Zxid } from "../zxid";

/** The number an application gives for a kind of znode. Source: CreateMode. */
export const CREATE_MODES = {
  PERSISTENT: 0,
  EPHEMERAL: 1,
  PERSISTENT_SEQUENTIAL: 2,
  EPHEMERAL_SEQUENTIAL: 3,
  CONTAINER: 4,
  PERSISTENT_WITH_TTL: 5,
  PERSISTENT_SEQUENTIAL_WITH_TTL: 6,
} as const;
export type CreateModeName = keyof typeof CREATE_MODES;

/**
 * The four opcodes of a create. All but the first answer with a stat too. `flags` may be any number: which are known
 * is the server's to say. `acl` null is a null vector on the wire. `ttlMs` matters for createTTL only.
 * Source: ZooDefs.OpCode, CreateRequest, CreateTTLRequest.
 */
export interface Create {
  readonly type: "create" | "create2" | "createContainer" | "createTTL";
  readonly path: string;
  readonly data: Data;
  readonly acl: readonly Acl[] | null;
  readonly flags: number;
  readonly ttlMs?: number;
}

/** What may stand inside a multi. `version` -1 matches any. */
export type MultiOperation =
  | Create
  | {
      readonly type: "setData";
      readonly path: string;
      readonly data: Data;
      readonly version: number;
    }
  | { readonly type: "delete"; readonly path: string; readonly version: number }
  | { readonly type: "check"; readonly path: string; readonly version: number };

/** Operations that become transactions. */
export type Write =
  | Exclude<MultiOperation, { readonly type: "check" }>
  | {
      readonly type: "setACL";
      readonly path: string;
      readonly acl: readonly Acl[] | null;
      readonly version: number;
    }
  | { readonly type: "multi"; readonly ops: readonly MultiOperation[] };

const WRITES: Readonly<Record<Write["type"], true>> = {
  create: true,
  create2: true,
  createContainer: true,
  createTTL: true,
  setData: true,
  delete: true,
  setACL: true,
  multi: true,
};

/** Does an application ask for a change? */
export function isWrite<T extends { readonly type: string }>(op: T): op is Extract<T, Write> {
  return Object.hasOwn(WRITES, op.type);
}

/** Reads that may stand inside a multiRead. */
export type MultiReadOperation =
  | { readonly type: "getData"; readonly path: string; readonly watch?: boolean }
  | { readonly type: "getChildren"; readonly path: string; readonly watch?: boolean };

/** Which watches: of children (1), of data (2), of either (3). Source: Watcher.WatcherType. */
export type WatcherType = "Children" | "Data" | "Any";
/** Source: AddWatchMode; another number is refused by the server. */
export type AddWatchMode = "PERSISTENT" | "PERSISTENT_RECURSIVE" | "OTHER";

/** The watches a client held when its connection was lost. Source: SetWatches, SetWatches2. */
export interface SetWatches {
  readonly type: "setWatches" | "setWatches2";
  readonly relativeZxid: Zxid;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
  readonly persistentWatches?: readonly string[];
  readonly recursiveWatches?: readonly string[];
}

/** Operations that the server a client is on answers from its own memory. */
export type Read =
  | MultiReadOperation
  | { readonly type: "exists"; readonly path: string; readonly watch?: boolean }
  | { readonly type: "getChildren2"; readonly path: string; readonly watch?: boolean }
  | { readonly type: "getACL"; readonly path: string }
  | { readonly type: "getAllChildrenNumber"; readonly path: string }
  | { readonly type: "getEphemerals"; readonly prefix: string }
  | { readonly type: "whoAmI" }
  | { readonly type: "multiRead"; readonly ops: readonly MultiReadOperation[] }
  | { readonly type: "addWatch"; readonly path: string; readonly mode: AddWatchMode }
  | {
      readonly type: "removeWatches" | "checkWatches";
      readonly path: string;
      readonly watcherType: WatcherType;
    }
  | SetWatches;

/** What an application asks of ZooKeeper. Source: ZooDefs.OpCode. */
export type Operation =
  | Write
  | Read
  | { readonly type: "sync"; readonly path: string }
  /** `addauth`: who the client is, proved. Source: AuthPacket. */
  | { readonly type: "auth"; readonly scheme: string; readonly credential: string }
  | { readonly type: "closeSession" };

/** A create in the words of an application, with the opcode its mode asks for. Source: ZooKeeper.create. */
export function createOf(
  path: string,
  data: Data,
  mode: CreateModeName = "PERSISTENT",
  more: { readonly acl?: readonly Acl[]; readonly ttlMs?: number } = {},
): Create {
  const flags = CREATE_MODES[mode];
  const type =
    mode === "CONTAINER" ? "createContainer" : flags >= 5 ? "createTTL" : ("create2" as const);
  const acl = more.acl ?? [{ scheme: "world", id: "anyone", perms: 31 }];
  return more.ttlMs === undefined
    ? { type, path, data, acl, flags }
    : { type, path, data, acl, flags, ttlMs: more.ttlMs };
}

/** What reaches the leader's request queue: a client's write, a sync, or a session's birth and death. */
export interface ClientRequest {
  readonly cxid: number;
  /** Who the client has proved to be on its connection. Source: Request.authInfo. */
  readonly authInfo: readonly Id[];
  readonly op:
    | Write
    | { readonly type: "sync"; readonly path: string }
    | { readonly type: "createSession"; readonly timeoutMs: number; readonly password: string }
    | { readonly type: "closeSession" }
    /** The leader removes a container or a TTL node that is due. Source: ContainerManager. */
    | { readonly type: "deleteContainer"; readonly path: string };
}

/** What came of one operation inside a multi or a multiRead. */
export interface OpResult {
  /** The operation, or `error` for one that failed or was undone. */
  readonly type: MultiOperation["type"] | MultiReadOperation["type"] | "error";
  readonly code: ErrorCode;
  readonly path?: string;
  readonly data?: Data;
  readonly stat?: Stat;
  readonly children?: readonly string[];
}

/** What a reply tells beside its header; a field is there when the operation answers with it. */
export interface ReplyBody {
  readonly data: Data;
  readonly stat: Stat | null;
  /** The final path of a create; the path of a sync. */
  readonly path?: string;
  readonly children?: readonly string[];
  readonly acl?: readonly Acl[];
  readonly results?: readonly OpResult[];
  /** How many descendants. */
  readonly total?: number;
  readonly ephemerals?: readonly string[];
  readonly ids?: readonly Id[];
}

/** The answer to one operation. */
export interface Reply extends ReplyBody {
  readonly cxid: number;
  /** The zxid of the write, or the last one the answering server has applied. */
  readonly zxid: Zxid;
  readonly code: ErrorCode;
}

/** Source: Watcher.Event.EventType. */
export type WatchEventType =
  | "NodeCreated"
  | "NodeDeleted"
  | "NodeDataChanged"
  | "NodeChildrenChanged"
  | "DataWatchRemoved"
  | "ChildWatchRemoved"
  | "PersistentWatchRemoved";

/** A server tells a client that what it watched has happened. Source: WatcherEvent (xid -1). */
export interface WatchEvent {
  readonly type: "watchEvent";
  readonly event: WatchEventType;
  readonly path: string;
  /** The transaction that fired it; servers before 3.9 send -1. */
  readonly zxid: Zxid;
}

/** Between a client and its server, port 2181. Source: zookeeper.jute (ConnectRequest, ConnectResponse, RequestHeader). */
export type ClientPacket =
  | {
      readonly type: "ConnectRequest";
      readonly lastZxidSeen: Zxid;
      readonly timeoutMs: number;
      /** Null asks for a new session. */
      readonly sessionId: SessionId | null;
      readonly password: string;
      /** May a server without a quorum serve it? */
      readonly readOnly: boolean;
    }
  /** `timeoutMs` 0 means: that session has expired. */
  | {
      readonly type: "ConnectResponse";
      readonly timeoutMs: number;
      readonly sessionId: SessionId;
      readonly password: string;
      readonly readOnly: boolean;
    }
  /** `cxid` -4 for auth, -8 for setWatches. */
  | { readonly type: "request"; readonly cxid: number; readonly op: Operation }
  | ({ readonly type: "response" } & Reply)
  | WatchEvent
  | { readonly type: "ping" }
  | { readonly type: "pong"; readonly zxid: Zxid };
