import type { Operation, Reply } from "../net/request";
import type { SessionId } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";

/** A request the application waits for. */
export interface PendingRequest {
  readonly cxid: number;
  readonly op: Operation;
}

/** The context of a client's chart. Source: ClientCnxn. */
export interface ClientContext {
  readonly name: string;
  /** The servers it tries, in this order, round and round. */
  readonly servers: readonly Sid[];
  /** Index into `servers` of the one it is on or tries. */
  readonly at: number;
  readonly connection: number | null;
  readonly requestedTimeoutMs: number;
  /** Negotiated; the requested one before the first connect. */
  readonly timeoutMs: number;
  readonly sessionId: SessionId | null;
  readonly password: string;
  readonly lastZxidSeen: Zxid;
  readonly nextCxid: number;
  readonly pending: readonly PendingRequest[];
  /** The last answers, newest last; at most 20. */
  readonly replies: readonly (Reply & { readonly op: Operation })[];
}
