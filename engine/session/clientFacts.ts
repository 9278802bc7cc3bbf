import type { ErrorCode, SessionId } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";

/** What a client's chart tells. */
export type ClientFact =
  | { type: "client.connected"; name: string; server: Sid; sid: SessionId; newSession: boolean }
  | { type: "client.disconnected"; name: string; server: Sid }
  | { type: "client.expiredSeen"; name: string; sid: SessionId; by: "server" | "own clock" }
  /** `down`: voters that were down when the answer came. */
  | { type: "write.ack"; client: string; server: Sid; path: string; zxid: Zxid; down: number }
  | { type: "write.fail"; client: string; server: Sid; path: string; code: ErrorCode }
  /** A watch event has reached the application. `release`: after which release of the lock it waits for. */
  | {
      type: "watch.fired";
      client: string;
      path: string;
      kind: string;
      release?: number;
      recipe?: "simple" | "seq";
    };
