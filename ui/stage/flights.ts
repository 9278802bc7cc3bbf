import type { Connection, End, Flight, World } from "../../engine/index";
import type { Layout, Point } from "./layout";
import { control, edge, seatOf } from "./geometry";
import { LANE_BOW, linkBow } from "./linkShapes";

/** Where a flight is on its way, 0 to 1; what is held stands where it was stopped. */
export function wayOf(flight: Flight, nowUs: number): number {
  const us = Math.min(flight.heldUs ?? nowUs, nowUs);
  const way = (us - flight.sentUs) / Math.max(1, flight.arriveUs - flight.sentUs);
  return Math.min(1, Math.max(0, way));
}

/** A point of the lane from one place to another, keeping to the right. */
export function laneAt(from: Point, to: Point, way: number, bow = LANE_BOW): Point {
  const bend = control(from, to, bow);
  const back = 1 - way;
  return {
    x: back * back * from.x + 2 * back * way * bend.x + way * way * to.x,
    y: back * back * from.y + 2 * back * way * bend.y + way * way * to.y,
  };
}

/** Position from virtual time alone, so scrubbing back puts the packet where it was. */
export function packetAt(
  flight: Flight,
  from: Point,
  to: Point,
  nowUs: number,
  bow = LANE_BOW,
): Point {
  return laneAt(from, to, wayOf(flight, nowUs), bow);
}

/** One packet as the loop draws it. */
export interface PacketShape {
  readonly flight: Flight;
  readonly connection: Connection;
  readonly at: Point;
  /** Degrees, clockwise from "to the right". */
  readonly heading: number;
  /** Pixels behind it on its lane. */
  readonly travelled: number;
  /** `waiting`: has arrived at a paused server. */
  readonly state: "flying" | "held" | "waiting";
}

/** Held ones of one direction stand bumper to bumper. */
const QUEUE_PX = 15;
/** With less motion a message does not travel: it stands here until it arrives. */
const STANDING_WAY = 0.62;

/** All packets on their way, at this moment of virtual time. */
export function packetsOf(
  world: World,
  layout: Layout,
  lessMotion = false,
): readonly PacketShape[] {
  const shapes: PacketShape[] = [];
  for (const connection of world.network.connections) {
    for (const lane of [connection.toAcceptor, connection.toDialer]) {
      const first = lane[0];
      if (first === undefined) continue;
      const ends = laneEnds(world, layout, first.from, first.to);
      if (ends === null) continue;
      const { from, to, bow } = ends;
      const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
      let ahead = Infinity;
      for (const flight of lane) {
        // What still waits in its sender is not on its way.
        if (flight.packet.type === "FIN" || flight.sentUs > world.nowUs) continue;
        const stopped = flight.heldUs !== null || flight.arriveUs <= world.nowUs;
        let way = wayOf(flight, world.nowUs);
        if (stopped) {
          way = Math.max(0, Math.min(way, ahead - QUEUE_PX / length));
          ahead = way;
        } else if (lessMotion) way = STANDING_WAY;
        const at = laneAt(from, to, way, bow);
        const next = laneAt(from, to, Math.min(1, way + 0.02), bow);
        const back = laneAt(from, to, Math.max(0, way - 0.02), bow);
        shapes.push({
          flight,
          connection,
          at,
          heading: (Math.atan2(next.y - back.y, next.x - back.x) * 180) / Math.PI,
          travelled: way * length,
          state: flight.heldUs !== null ? "held" : stopped ? "waiting" : "flying",
        });
      }
    }
  }
  return shapes.sort((a, b) => a.flight.number - b.flight.number);
}

function laneEnds(
  world: World,
  layout: Layout,
  from: End,
  to: End,
): { from: Point; to: Point; bow: number } | null {
  const a = placeOf(world, layout, from);
  const b = placeOf(world, layout, to);
  if (a === null || b === null) return null;
  // A client has one line; what comes and goes on it needs less room.
  const bow = from.kind === "client" || to.kind === "client" ? LANE_BOW / 2 : LANE_BOW;
  const around = from.kind === "server" && to.kind === "server" ? linkBow(layout, a.at, b.at) : 0;
  const turned =
    from.kind === "server" && to.kind === "server" && from.sid > to.sid ? -around : around;
  return { from: edge(a.at, b.at, a.reach), to: edge(b.at, a.at, b.reach), bow: bow + turned };
}

function placeOf(world: World, layout: Layout, end: End): { at: Point; reach: number } | null {
  if (end.kind === "server") {
    const seat = seatOf(world, layout, end.sid);
    return seat === null ? null : { at: seat.at, reach: layout.dialRadius + 17 };
  }
  const index = world.clients.findIndex((client) => client.name === end.name);
  const at = layout.clientSlots[index % layout.clientSlots.length];
  return at === undefined ? null : { at, reach: layout.clientRadius + 10 };
}
