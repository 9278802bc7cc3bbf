import type { ClientPacket, Operation } from "../net/request";
import type { Sid } from "../units";

/** Like `kill -9`: the process and what it had not handed to the operating system are gone, its files stay. */
export type Kill = { readonly type: "kill"; readonly sid: Sid };
/** Starts the server process of a machine whose process is down. */
export type Start = { readonly type: "start"; readonly sid: Sid };
/** Like `kill -STOP`: the process stands still, its connections stay open, what arrives waits. */
export type Pause = { readonly type: "pause"; readonly sid: Sid };
/** Like `kill -CONT`. */
export type Resume = { readonly type: "resume"; readonly sid: Sid };
/** Silences the link between two servers in both directions, on every port; nothing is closed. */
export type Cut = { readonly type: "cut"; readonly a: Sid; readonly b: Sid };
export type Heal = { readonly type: "heal"; readonly a: Sid; readonly b: Sid };
/** Silences what goes to this port of the server, and what this server sends to that port elsewhere. */
export type BlockPort = { readonly type: "blockPort"; readonly sid: Sid; readonly port: number };
export type OpenPort = { readonly type: "openPort"; readonly sid: Sid; readonly port: number };
/** Breaks one connection, as a firewall that sends a reset to both ends: what is on the way is lost, both notice at once. */
export type Break = { readonly type: "break"; readonly connection: number };
/** A client's application asks its ZooKeeper handle for one operation. */
export type ClientOperation = {
  readonly type: "operate";
  readonly client: string;
  readonly op: Operation;
};

/** Dials a client port with nothing behind it; says one packet; hangs up. What comes back stands in `World.bare`. */
export type OpenBare = { readonly type: "openBare"; readonly name: string; readonly sid: Sid };
export type SendBare = {
  readonly type: "sendBare";
  readonly name: string;
  readonly packet: ClientPacket;
};
export type CloseBare = { readonly type: "closeBare"; readonly name: string };

/** All that a learner can do. Every hand, key and script goes through one of these. */
export type Command =
  | Kill
  | Start
  | Pause
  | Resume
  | Cut
  | Heal
  | BlockPort
  | OpenPort
  | Break
  | ClientOperation
  | OpenBare
  | SendBare
  | CloseBare;

export const kill = (sid: Sid): Kill => ({ type: "kill", sid });
export const start = (sid: Sid): Start => ({ type: "start", sid });
export const pause = (sid: Sid): Pause => ({ type: "pause", sid });
export const resume = (sid: Sid): Resume => ({ type: "resume", sid });
export const cut = (a: Sid, b: Sid): Cut => ({ type: "cut", a, b });
export const heal = (a: Sid, b: Sid): Heal => ({ type: "heal", a, b });
export const blockPort = (sid: Sid, port: number): BlockPort => ({ type: "blockPort", sid, port });
export const openPort = (sid: Sid, port: number): OpenPort => ({ type: "openPort", sid, port });
export const breakConnection = (connection: number): Break => ({ type: "break", connection });
export const operate = (client: string, op: Operation): ClientOperation => ({
  type: "operate",
  client,
  op,
});
export const openBare = (name: string, sid: Sid): OpenBare => ({ type: "openBare", name, sid });
export const sendBare = (name: string, packet: ClientPacket): SendBare => ({
  type: "sendBare",
  name,
  packet,
});
export const closeBare = (name: string): CloseBare => ({ type: "closeBare", name });
