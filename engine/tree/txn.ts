import type { Zxid } from "../zxid";

/** A session's number: its top byte is the sid of the server that created it. Hexadecimal text, as logs print it. */
export type SessionId = string;

/**
 * What a transaction changes. Idempotent: absolute versions, final names, so that replaying it twice is harmless.
 * Source: PrepRequestProcessor.pRequest2Txn.
 */
export type TxnBody =
  | { type: "createSession"; timeoutMs: number; password: string }
  | { type: "closeSession"; ephemerals: readonly string[] }
  | { type: "create"; path: string; data: string; ephemeral: boolean; parentCVersion: number }
  | { type: "setData"; path: string; data: string; version: number }
  | { type: "delete"; path: string }
  /** A change that was refused still takes a zxid and is logged and replicated. Source: PrepRequestProcessor. */
  | { type: "error"; code: ErrorCode };

/** Codes of KeeperException that the engine answers with. Source: KeeperException.Code. */
export type ErrorCode =
  | "OK"
  | "CONNECTIONLOSS"
  | "MARSHALLINGERROR"
  | "BADARGUMENTS"
  | "NONODE"
  | "BADVERSION"
  | "NOCHILDRENFOREPHEMERALS"
  | "NODEEXISTS"
  | "NOTEMPTY"
  | "SESSIONEXPIRED"
  | "SESSIONMOVED";

/** One transaction: its header and its body. Source: TxnHeader. */
export interface Txn {
  readonly zxid: Zxid;
  /** The session that asked, and its request's number there. */
  readonly sessionId: SessionId;
  readonly cxid: number;
  /** The leader's clock when it was made, in ms. */
  readonly timeMs: number;
  readonly body: TxnBody;
}
