import type { ErrorCode, SessionId } from "../tree/txn";
import type { Stat } from "../tree/znode";
import type { Zxid } from "../zxid";

/** What an application asks of ZooKeeper. Source: ZooDefs.OpCode. `version` -1 matches any. */
export type Operation =
  | {
      readonly type: "create";
      readonly path: string;
      readonly data: string;
      readonly ephemeral: boolean;
    }
  | {
      readonly type: "setData";
      readonly path: string;
      readonly data: string;
      readonly version: number;
    }
  | { readonly type: "delete"; readonly path: string; readonly version: number }
  | { readonly type: "getData"; readonly path: string }
  | { readonly type: "exists"; readonly path: string };

/** What reaches the leader's request queue: a client's write, or a session's birth and death. */
export type ClientRequest =
  | { readonly cxid: number; readonly op: Operation }
  | {
      readonly cxid: number;
      readonly op: {
        readonly type: "createSession";
        readonly timeoutMs: number;
        readonly password: string;
      };
    }
  | { readonly cxid: number; readonly op: { readonly type: "closeSession" } };

/** The answer to one operation. */
export interface Reply {
  readonly cxid: number;
  /** The zxid of the write, or the last one the answering server has applied. */
  readonly zxid: Zxid;
  readonly code: ErrorCode;
  readonly data: string | null;
  readonly stat: Stat | null;
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
    }
  /** `timeoutMs` 0 means: that session has expired. */
  | {
      readonly type: "ConnectResponse";
      readonly timeoutMs: number;
      readonly sessionId: SessionId;
      readonly password: string;
    }
  | { readonly type: "request"; readonly cxid: number; readonly op: Operation }
  | { readonly type: "closeSession"; readonly cxid: number }
  | ({ readonly type: "response" } & Reply)
  | { readonly type: "ping" }
  | { readonly type: "pong"; readonly zxid: Zxid };
