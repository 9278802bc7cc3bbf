import {
  type Connection,
  isCut,
  msFromUs,
  type Server,
  type Sid,
  type World,
} from "../../engine/index";
import { curvePath, edge } from "./geometry";
import type { Layout, Point } from "./layout";

export interface LinkShape {
  readonly a: Sid;
  readonly b: Sid;
  /** From edge to edge of the dials. */
  readonly from: Point;
  readonly to: Point;
  readonly path: string;
  /** `idle`: both run, no connection stands. `silent`: an end is down. `cut`: silenced in some direction. */
  readonly look: "idle" | "open" | "leader" | "silent" | "cut";
  /** Which way a cut holds what is sent: from a to b, back, or both; null while nothing is cut. */
  readonly silenced: "there" | "back" | "both" | null;
  /** How many ms longer than usual each packet takes; 0 as usual. */
  readonly slowMs: number;
  readonly election: boolean;
  readonly quorum: boolean;
  /** Bars across the link, near the end whose port is blocked. */
  readonly bars: readonly { readonly at: Point; readonly turn: number }[];
}

/** What a link must know of the dial at its end. */
export interface LinkEnd {
  readonly sid: Sid;
  readonly at: Point;
  /** Where the link begins, from the dial's middle. */
  readonly trim: number;
  readonly isDown: boolean;
  readonly votes: boolean;
  readonly hasBlockedPort: boolean;
}

/** How far traffic keeps to the right of a link: the offset of the curve's control point. */
export const LANE_BOW = 24;
/** Links through the middle bow so far around the gauge. */
const AROUND_GAUGE = 40;

function isStanding(connection: Connection): boolean {
  return !connection.closed.dialer && !connection.closed.acceptor;
}

function joins(connection: Connection, a: Sid, b: Sid): boolean {
  const ends = [connection.dialer, connection.acceptor];
  return (
    ends.some((end) => end.kind === "server" && end.sid === a) &&
    ends.some((end) => end.kind === "server" && end.sid === b)
  );
}

export function linksOf(
  world: World,
  layout: Layout,
  ends: readonly LinkEnd[],
): readonly LinkShape[] {
  const links: LinkShape[] = [];
  const standing = world.network.connections.filter(
    (one) => isStanding(one) && one.purpose !== "client",
  );
  for (const [i, one] of ends.entries()) {
    for (const other of ends.slice(i + 1)) {
      // Observers have nothing to say to each other.
      if (!one.votes && !other.votes) continue;
      const between = standing.filter((connection) => joins(connection, one.sid, other.sid));
      const election = between.some((connection) => connection.purpose === "election");
      const quorum = between.some((connection) => connection.purpose === "quorum");
      const there = isCut(world, one.sid, other.sid);
      const back = isCut(world, other.sid, one.sid);
      const silent = one.isDown || other.isDown;
      const bow = linkBow(layout, one.at, other.at);
      const from = edge(one.at, other.at, one.trim);
      const to = edge(other.at, one.at, other.trim);
      links.push({
        a: one.sid,
        b: other.sid,
        from,
        to,
        path: curvePath(from, to, bow),
        look:
          there || back
            ? "cut"
            : silent
              ? "silent"
              : quorum
                ? "leader"
                : election
                  ? "open"
                  : "idle",
        silenced: there && back ? "both" : there ? "there" : back ? "back" : null,
        slowMs: slowMsOf(world, one.sid, other.sid),
        election,
        quorum,
        bars: [
          ...(one.hasBlockedPort ? [barAt(from, to)] : []),
          ...(other.hasBlockedPort ? [barAt(to, from)] : []),
        ],
      });
    }
  }
  return links;
}

function barAt(near: Point, far: Point): { at: Point; turn: number } {
  return {
    at: edge(near, far, 16),
    turn: Math.round((Math.atan2(far.y - near.y, far.x - near.x) * 180) / Math.PI),
  };
}

/** How much longer each packet between these two takes; `a` may be a client. */
export function slowMsOf(world: World, a: Sid | string, b: Sid): number {
  const link = world.network.slow.find(
    (one) => (one.a === a && one.b === b) || (one.a === b && one.b === a),
  );
  return link === undefined ? 0 : msFromUs(link.extraUs);
}

/** Even ensembles have links through the middle; they bow around the gauge. */
export function linkBow(layout: Layout, a: Point, b: Point): number {
  if (layout.gaugeRadius === 0) return 0;
  const { middle } = layout;
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const off = ((b.x - a.x) * (middle.y - a.y) - (b.y - a.y) * (middle.x - a.x)) / length;
  const along = ((middle.x - a.x) * (b.x - a.x) + (middle.y - a.y) * (b.y - a.y)) / length;
  return Math.abs(off) < 12 && along > 0 && along < length ? AROUND_GAUGE * 2 : 0;
}

/** How many servers this one stands in connection with, itself included. */
export function connectedTo(world: World, server: Server): number {
  if (server.process === null) return 0;
  const others = world.servers.filter((other) => {
    if (other.sid === server.sid || other.process === null) return false;
    if (isCut(world, server.sid, other.sid) || isCut(world, other.sid, server.sid)) return false;
    return world.network.connections.some(
      (one) => isStanding(one) && joins(one, server.sid, other.sid),
    );
  });
  return others.length + 1;
}
