import type { Zxid } from "../zxid";
import type { Acl } from "./acl";
import type { Data } from "./znode";

/** A session's number: its top byte is the sid of the server that created it. Hexadecimal text, as logs print it. */
export type SessionId = string;

/**
 * What a transaction changes. Idempotent: absolute versions, final names, so that replaying it twice is harmless.
 * Source: PrepRequestProcessor.pRequest2Txn; zookeeper.jute, org.apache.zookeeper.txn.
 */
export type TxnBody =
  | { type: "createSession"; timeoutMs: number; password: string }
  | { type: "closeSession"; ephemerals: readonly string[] }
  | {
      type: "create";
      path: string;
      data: Data;
      acl: readonly Acl[];
      ephemeral: boolean;
      parentCVersion: number;
    }
  | {
      type: "createContainer";
      path: string;
      data: Data;
      acl: readonly Acl[];
      parentCVersion: number;
    }
  | {
      type: "createTTL";
      path: string;
      data: Data;
      acl: readonly Acl[];
      parentCVersion: number;
      ttlMs: number;
    }
  | { type: "setData"; path: string; data: Data; version: number }
  | { type: "setACL"; path: string; acl: readonly Acl[]; version: number }
  | { type: "delete"; path: string }
  /** Only inside a multi: a check that held changes nothing. */
  | { type: "check"; path: string; version: number }
  /** All or nothing, under one zxid. When one was refused, all are errors: OK before it, RUNTIMEINCONSISTENCY behind. */
  | { type: "multi"; txns: readonly TxnBody[] }
  /** A change that was refused still takes a zxid and is logged and replicated. Source: PrepRequestProcessor. */
  | { type: "error"; code: ErrorCode };

/** Codes of KeeperException that the engine answers with; their numbers are in session/errorCodes.ts. Source: KeeperException.Code. */
export type ErrorCode =
  | "OK"
  | "RUNTIMEINCONSISTENCY"
  | "CONNECTIONLOSS"
  | "MARSHALLINGERROR"
  | "UNIMPLEMENTED"
  | "BADARGUMENTS"
  | "UNKNOWNSESSION"
  | "NEWCONFIGNOQUORUM"
  | "RECONFIGINPROGRESS"
  | "NONODE"
  | "NOAUTH"
  | "BADVERSION"
  | "NOCHILDRENFOREPHEMERALS"
  | "NODEEXISTS"
  | "NOTEMPTY"
  | "SESSIONEXPIRED"
  | "INVALIDACL"
  | "AUTHFAILED"
  | "SESSIONMOVED"
  | "NOTREADONLY"
  | "EPHEMERALONLOCALSESSION"
  | "NOWATCHER"
  | "RECONFIGDISABLED"
  | "QUOTAEXCEEDED";

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
