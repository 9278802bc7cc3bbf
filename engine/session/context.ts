import type { Operation, Reply } from "../net/request";
import type { SessionId } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";
import type { Chroot } from "./chroot";
import type { ClientWatches } from "./clientWatches";
import type { Fifo } from "./fifo";
import type { HostList } from "./hostList";

/**
 * Which release's client library it is. From 3.9.3 a client gives its session up by itself (ZOOKEEPER-4508), from 3.9.5
 * only one that has had a session (ZOOKEEPER-4921).
 */
export type ClientLibrary = "3.8.0" | "3.9.5";

/** What the default watcher is told. Source: Watcher.Event.KeeperState. */
export type KeeperState =
  | "SyncConnected"
  | "ConnectedReadOnly"
  | "Disconnected"
  | "Expired"
  | "AuthFailed"
  | "Closed";

/** What an application has asked for. */
export interface Asked {
  readonly op: Operation;
  /** The application's own mark: it comes back with the result. Source: the ctx of an AsyncCallback. */
  readonly tag: string;
}

/** A request that was sent and is not answered. Its cxid is given when it is sent: -8 for setWatches. */
export interface PendingRequest extends Asked {
  readonly cxid: number;
}

/** The context of a client's chart: one handle, from `new ZooKeeper` to its end. Source: ClientCnxn. */
export interface ClientContext {
  readonly name: string;
  readonly library: ClientLibrary;
  readonly hosts: HostList;
  /** The server it is on, tries, or will try next. */
  readonly server: Sid;
  readonly chroot: Chroot;
  /** Does it put up with a server without a quorum? */
  readonly canBeReadOnly: boolean;
  readonly connection: number | null;
  /** Has any TCP connection of this handle stood? From then on each attempt waits a random while. */
  readonly everConnected: boolean;
  /** Is it on a server that only reads now? */
  readonly readOnly: boolean;
  /** A session given by a read-only server is not one: the others do not know it. Source: seenRwServerBefore. */
  readonly sessionIsReal: boolean;
  readonly requestedTimeoutMs: number;
  /** Negotiated; the requested one before the first connect. */
  readonly timeoutMs: number;
  readonly sessionId: SessionId | null;
  readonly password: string;
  /** Of the last reply. Pings and watch events do not count. Source: ClientCnxn.lastZxid. */
  readonly lastZxidSeen: Zxid;
  readonly nextCxid: number;
  /** Asked for while there is no connection. Source: outgoingQueue. */
  readonly outgoing: readonly Asked[];
  /** Sent and not answered, oldest first. Source: pendingQueue. */
  readonly pending: Fifo<PendingRequest>;
  /** Who it has proved to be, said again on each connection. */
  readonly auths: readonly { readonly scheme: string; readonly credential: string }[];
  readonly watches: ClientWatches;
  /** What the default watcher was told last; it is not told twice. Source: EventThread.sessionState. */
  readonly keeperState: KeeperState;
  /** Has the application asked to close the handle? */
  readonly closing: boolean;
  /** The last answers, newest last; at most 20. */
  readonly replies: readonly (Reply & { readonly op: Operation })[];
}
