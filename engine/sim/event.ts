import type { End, Purpose } from "../net/connection";
import type { Cause, Sid, VirtualUs } from "../units";
import type { ServerEvent } from "../quorum/events";
import type { ClientEvent } from "../session/events";
import type { Duty } from "./clientService";

/** What the queue holds: something that will happen at a moment. */
export type EventBody =
  /** The oldest flight of one direction of a connection arrives. */
  | {
      readonly type: "arrival";
      readonly connection: number;
      readonly flight: number;
      /** It has arrived before, and waited at its server for its turn. */
      readonly turn?: boolean;
    }
  /** A connect attempt reaches the other machine: `port` is the one called. */
  | { readonly type: "dial"; readonly attempt: Dial }
  /** The answer to an attempt has come back: the connection's number, or null when it was refused. */
  | { readonly type: "dialed"; readonly attempt: Dial; readonly connection: number | null }
  /** One end learns that its connection was broken. */
  | {
      readonly type: "broken";
      readonly connection: number;
      readonly purpose: Purpose;
      readonly end: End;
      readonly other: End;
    }
  /** Something inside a server's process, meant for that process only. */
  | {
      readonly type: "server";
      readonly sid: Sid;
      readonly process: number;
      readonly event: ServerEvent;
    }
  | {
      readonly type: "timer";
      readonly sid: Sid;
      readonly process: number;
      readonly name: string;
      readonly event: ServerEvent;
    }
  /** The process has read its files and is ready to look for a leader. */
  | { readonly type: "started"; readonly sid: Sid; readonly process: number }
  | { readonly type: "disk synced"; readonly sid: Sid; readonly process: number }
  /** The hours between two automatic purges are over. */
  | { readonly type: "purge due"; readonly sid: Sid; readonly process: number }
  /** A server that bears another's id has tried often enough to listen at the other's address. */
  | { readonly type: "cannot listen"; readonly sid: Sid; readonly process: number }
  /** The file that the main thread waits for is there; the snapshot thread is through. */
  | { readonly type: "written" | "snapshot written"; readonly sid: Sid; readonly process: number }
  /** A client has connected to this process. */
  | {
      readonly type: "accepted";
      readonly sid: Sid;
      readonly process: number;
      readonly connection: number;
    }
  /** Something the process has to do for its clients. */
  | {
      readonly type: "service due";
      readonly sid: Sid;
      readonly process: number;
      readonly duty: Duty;
    }
  | {
      readonly type: "client timer";
      readonly name: string;
      readonly timer: string;
      readonly event: ClientEvent;
    }
  /** What a program waited for. */
  | { readonly type: "program timer"; readonly name: string; readonly timer: string };

/** One attempt to open a TCP connection. */
export interface Dial {
  readonly purpose: Purpose;
  readonly port: number;
  readonly from:
    | { readonly kind: "server"; readonly sid: Sid; readonly process: number }
    | { readonly kind: "client"; readonly name: string; readonly attempt?: number };
  readonly to: Sid;
  /** The place of its random draws; its connection inherits it. */
  readonly place: string;
  /** How often the first packet was lost to a cut and sent again. */
  readonly resent: number;
}

export type QueuedEvent = EventBody & {
  readonly atUs: VirtualUs;
  /** Unique in the world; among events of one moment, the lower goes first. */
  readonly number: number;
  readonly cause: Cause;
};
