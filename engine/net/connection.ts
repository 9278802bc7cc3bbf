import type { Cause, Sid, VirtualUs } from "../units";
import type { Fin, Hello, Notification, QuorumPacket } from "./packet";
import type { ClientPacket } from "./request";

/** Who stands at one end of a connection. */
export type End =
  | { readonly kind: "server"; readonly sid: Sid }
  | { readonly kind: "client"; readonly name: string };

/** What a connection is for: election (3888), quorum (2888) or client (2181), by the port of the end that was called. */
export type Purpose = "election" | "quorum" | "client";

export type Packet = Hello | Notification | QuorumPacket | ClientPacket | Fin;

/** A packet on its way. It is at `(nowUs - sentUs) / (arriveUs - sentUs)` of the way, unless it is held. */
export interface Flight {
  /** Unique in the world. */
  readonly number: number;
  readonly packet: Packet;
  readonly from: End;
  readonly to: End;
  readonly sentUs: VirtualUs;
  readonly arriveUs: VirtualUs;
  /** When a cut or a blocked port stopped it, or null. What is held moves on, in order, when the way is free. */
  readonly heldUs: VirtualUs | null;
  readonly cause: Cause;
}

/** One TCP connection. Each direction is ordered and loses nothing while the connection lives. */
export interface Connection {
  /** Unique in the world, and increasing with time. */
  readonly number: number;
  readonly purpose: Purpose;
  /** The port of the end that was called. */
  readonly port: number;
  readonly dialer: End;
  readonly acceptor: End;
  /** Names the place for random draws: purpose, ends and how many such connections came before. */
  readonly place: string;
  /** Packets sent so far, in both directions: the nth of the draws. */
  readonly sentCount: number;
  /** Has that end closed its socket? What is on the way to a closed end is lost. */
  readonly closed: { readonly dialer: boolean; readonly acceptor: boolean };
  /** Election only: may that end send votes yet? The caller may once it is connected, the called once it was greeted. */
  readonly ready: { readonly dialer: boolean; readonly acceptor: boolean };
  /** What is on the way, oldest first. */
  readonly toAcceptor: readonly Flight[];
  readonly toDialer: readonly Flight[];
}

/** Which side of a connection an end is on. */
export type Side = "dialer" | "acceptor";

export function sameEnd(a: End, b: End): boolean {
  return a.kind === "server"
    ? b.kind === "server" && a.sid === b.sid
    : b.kind === "client" && a.name === b.name;
}

/** The side of this connection that an end is on, or null. */
export function sideOf(connection: Connection, end: End): Side | null {
  if (sameEnd(connection.dialer, end)) return "dialer";
  return sameEnd(connection.acceptor, end) ? "acceptor" : null;
}

export function otherSide(side: Side): Side {
  return side === "dialer" ? "acceptor" : "dialer";
}

/** What is on its way to this side. */
export function laneTo(connection: Connection, side: Side): readonly Flight[] {
  return side === "dialer" ? connection.toDialer : connection.toAcceptor;
}

/** The connection with another list of flights to this side. */
export function withLane(connection: Connection, side: Side, lane: readonly Flight[]): Connection {
  return withSent(connection, side, lane, connection.sentCount);
}

/** The same, and so many packets sent. Written out: see sim/copy.ts. */
export function withSent(
  connection: Connection,
  side: Side,
  lane: readonly Flight[],
  sentCount: number,
): Connection {
  const { number, purpose, port, dialer, acceptor, place, closed, ready } = connection;
  const toAcceptor = side === "acceptor" ? lane : connection.toAcceptor;
  const toDialer = side === "dialer" ? lane : connection.toDialer;
  return {
    number,
    purpose,
    port,
    dialer,
    acceptor,
    place,
    sentCount,
    closed,
    ready,
    toAcceptor,
    toDialer,
  };
}

export const serverEnd = (sid: Sid): End => ({ kind: "server", sid });
export const clientEnd = (name: string): End => ({ kind: "client", name });
