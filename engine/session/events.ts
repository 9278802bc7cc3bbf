import type { ClientPacket, Operation } from "../net/request";

/** What a client's chart hears. */
export type ClientEvent =
  | Extract<ClientPacket, { type: "ConnectResponse" | "response" | "pong" }>
  /** It is time to try the next server. */
  | { readonly type: "dial" }
  | { readonly type: "tcp connected"; readonly connection: number }
  | { readonly type: "tcp refused" }
  | { readonly type: "attempt timeout" }
  | { readonly type: "connection closed"; readonly connection: number }
  | { readonly type: "read timeout" }
  | { readonly type: "ping due" }
  /** The client itself decides that its session is over (from 3.9.3, ZOOKEEPER-4508). */
  | { readonly type: "own expiry" }
  /** The application asks for something; or opens a new handle after its session is over. */
  | { readonly type: "operate"; readonly op: Operation }
  | { readonly type: "reopen" };
