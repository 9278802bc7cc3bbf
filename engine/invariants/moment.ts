import { connectionOf } from "../sim/change";
import { type Connection, type End, laneTo, type Packet, type Side } from "../net/connection";
import type { QueuedEvent } from "../sim/event";
import type { World } from "../sim/world";
import type { Sid, VirtualUs } from "../units";

/** Something that must never be. `name` is the invariant's; the others are values, no sentences. */
export interface Violation {
  readonly name: string;
  readonly atUs: VirtualUs;
  readonly servers: readonly Sid[];
  /** The numbers of the events and commands that led to it, the first cause first. */
  readonly events: readonly number[];
  readonly detail: string;
}

/** A packet that its receiver has read in this step. */
export interface HandledPacket {
  readonly packet: Packet;
  readonly connection: Connection;
  /** The side that read it. */
  readonly side: Side;
  readonly from: End;
  readonly to: End;
  readonly sentUs: VirtualUs;
}

/** One step: the world before and after it, what was taken from the queue, and whom to tell. */
export interface Moment {
  readonly before: World;
  readonly after: World;
  /** Null: a command, or nothing. */
  readonly event: QueuedEvent | null;
  readonly handled: HandledPacket | null;
  readonly report: (name: string, servers: readonly Sid[], detail: string) => void;
}

/** The event that led from one world to the next, or null when it was a command. */
export function eventBetween(before: World, after: World): QueuedEvent | null {
  const first = before.queue[0];
  if (first === undefined || first.atUs > after.nowUs || after.steps === before.steps) return null;
  return after.queue[0] === first ? null : first;
}

/** The packet that this event brought to its reader; null when it has to wait, or nobody reads it. */
export function handledBy(
  before: World,
  after: World,
  event: QueuedEvent | null,
): HandledPacket | null {
  if (event === null || event.type !== "arrival") return null;
  const connection = connectionOf(before, event.connection);
  if (connection === null) return null;
  const side: Side = connection.toAcceptor[0]?.number === event.flight ? "acceptor" : "dialer";
  const flight = laneTo(connection, side)[0];
  if (flight?.number !== event.flight || connection.closed[side]) return null;
  const later = connectionOf(after, event.connection);
  if (later !== null && laneTo(later, side)[0] === flight) return null;
  const { packet, from, to, sentUs } = flight;
  return { packet, connection, side, from, to, sentUs };
}
