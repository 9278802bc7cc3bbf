import type { Sid, World } from "../../engine/index";
import type { Layout, Point, Seat } from "./layout";

/** The point `distance` from `from` on the way to `to`. */
export function edge(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: rounded(from.x + ((to.x - from.x) / length) * distance),
    y: rounded(from.y + ((to.y - from.y) / length) * distance),
  };
}

/** The control point of a curve that bows to the right of its way. */
export function control(from: Point, to: Point, bow: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: (from.x + to.x) / 2 - ((to.y - from.y) / length) * bow,
    y: (from.y + to.y) / 2 + ((to.x - from.x) / length) * bow,
  };
}

export function curvePath(from: Point, to: Point, bow: number): string {
  if (bow === 0) return `M${from.x} ${from.y}L${to.x} ${to.y}`;
  const bend = control(from, to, bow);
  return `M${from.x} ${from.y}Q${rounded(bend.x)} ${rounded(bend.y)} ${to.x} ${to.y}`;
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

export function seatOf(world: World, layout: Layout, sid: Sid): Seat | null {
  return layout.seats[world.servers.findIndex((server) => server.sid === sid)] ?? null;
}
