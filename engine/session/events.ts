import type { ClientPacket, Operation } from "../net/request";
import type { Sid } from "../units";
import type { HostList } from "./hostList";

/** How long no server has been heard of, in ms; what the library looks at when it wakes. */
interface Woken {
  readonly silentMs: number;
}

/** What a client's chart hears. */
export type ClientEvent =
  | Extract<ClientPacket, { type: "ConnectResponse" | "response" | "pong" | "watchEvent" }>
  /** The pause is over: it is time to try the next server. */
  | ({ readonly type: "dial" } & Woken)
  | { readonly type: "tcp connected"; readonly connection: number }
  | { readonly type: "tcp refused" }
  | ({ readonly type: "attempt timeout" } & Woken)
  | { readonly type: "connection closed"; readonly connection: number }
  | ({ readonly type: "read timeout" } & Woken)
  | { readonly type: "ping due" }
  /** The application asks for something; `tag` comes back with the result. */
  | { readonly type: "operate"; readonly op: Operation; readonly tag: string }
  /** The application is done with its handle. */
  | { readonly type: "close"; readonly tag: string }
  /** The process is killed. */
  | { readonly type: "end" }
  /** On a read-only server: another one serves writes too. */
  | { readonly type: "read/write server found"; readonly sid: Sid }
  /** It is time to ask the next server whether it serves writes. */
  | { readonly type: "search due" }
  /** The application has another list of servers, and whether it should leave the one it is on. */
  | { readonly type: "new hosts"; readonly hosts: HostList; readonly move: boolean };
