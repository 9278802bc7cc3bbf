import { isCut, type QuorumVerifier, type Server, type Sid, type World } from "../../engine/index";
import { edge, rounded, seatOf } from "./geometry";
import type { Layout, Point } from "./layout";
import { tallyOf } from "./tally";

export interface Island {
  readonly sids: readonly Sid[];
  readonly at: Point;
  readonly have: number;
  readonly all: number;
  readonly can: boolean;
}

/** Does this server run and move? A paused one counts for no quorum. */
export function isLive(server: Server): boolean {
  return server.process !== null && server.paused === null;
}

/** The groups of live servers that can still reach each other, when cuts have made more than one. */
export function islandsOf(world: World, layout: Layout, quorum: QuorumVerifier): readonly Island[] {
  if (world.network.cuts.length === 0) return [];
  const live = world.servers
    .filter((server) => server.process !== null)
    .map((server) => server.sid);
  const groups: Sid[][] = [];
  const placed = new Set<Sid>();
  for (const sid of live) {
    if (placed.has(sid)) continue;
    const group = [sid];
    placed.add(sid);
    for (const member of group) {
      for (const other of live) {
        if (placed.has(other) || isCut(world, member, other) || isCut(world, other, member))
          continue;
        placed.add(other);
        group.push(other);
      }
    }
    groups.push(group.sort((a, b) => a - b));
  }
  if (groups.length < 2) return [];
  return groups.map((sids) => {
    const members = world.servers.filter((server) => sids.includes(server.sid) && isLive(server));
    const { have, all, isQuorum } = tallyOf(
      members.map((server) => server.sid),
      quorum,
    );
    return { sids, at: islandLabelAt(world, layout, sids), have, all, can: isQuorum };
  });
}

/** Inside the ring, on the island's side of the gauge. */
function islandLabelAt(world: World, layout: Layout, sids: readonly Sid[]): Point {
  const dials = sids.flatMap((sid) => seatOf(world, layout, sid)?.at ?? []);
  const mean = meanOf(dials);
  const keep = layout.gaugeRadius + 34;
  const { middle } = layout;
  if (dials.length === 1) return edge(mean, middle, layout.dialRadius + 40);
  const away = Math.hypot(mean.x - middle.x, mean.y - middle.y);
  return away >= keep || away < 1 ? mean : edge(middle, mean, keep);
}

/** One smooth line through the middles of the links that a split has silenced. */
export function seamsOf(
  world: World,
  layout: Layout,
  islands: readonly Island[],
): readonly string[] {
  if (islands.length < 2) return [];
  return islands.slice(1).flatMap((island) => {
    const others =
      islands[0] === undefined || islands.length > 2
        ? islands.filter((one) => one !== island)
        : [islands[0]];
    const mine = island.sids.flatMap((sid) => seatOf(world, layout, sid)?.at ?? []);
    const theirs = others
      .flatMap((one) => one.sids)
      .flatMap((sid) => seatOf(world, layout, sid)?.at ?? []);
    if (mine.length === 0 || theirs.length === 0) return [];
    const middles = mine.flatMap((a) =>
      theirs.map((b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })),
    );
    return [seamThrough(middles, meanOf(mine), meanOf(theirs))];
  });
}

function seamThrough(middles: readonly Point[], mine: Point, theirs: Point): string {
  const length = Math.hypot(theirs.x - mine.x, theirs.y - mine.y) || 1;
  const across = { x: (theirs.x - mine.x) / length, y: (theirs.y - mine.y) / length };
  const along = { x: -across.y, y: across.x };
  const mean = meanOf(middles);
  // A little back to the straight line, so that the seam bends without folding.
  const points = middles
    .map((point) => ({
      s: (point.x - mean.x) * along.x + (point.y - mean.y) * along.y,
      d: ((point.x - mean.x) * across.x + (point.y - mean.y) * across.y) * 0.8,
    }))
    .sort((a, b) => a.s - b.s);
  const low = points[0]?.s ?? 0;
  const high = points[points.length - 1]?.s ?? 0;
  const bins = [low - 70, low, (low + high) / 2, high, high + 70];
  const reach = Math.max(40, (high - low) / 3);
  const bent = bins.map((s) => {
    const near = points.filter((point) => Math.abs(point.s - s) < reach);
    const d = near.length === 0 ? 0 : near.reduce((sum, point) => sum + point.d, 0) / near.length;
    return { x: mean.x + along.x * s + across.x * d, y: mean.y + along.y * s + across.y * d };
  });
  return smooth(bent);
}

/** A Catmull-Rom curve through the points. */
function smooth(points: readonly Point[]): string {
  const at = (index: number) => points[Math.min(Math.max(index, 0), points.length - 1)]!;
  let path = `M${rounded(at(0).x)} ${rounded(at(0).y)}`;
  for (let i = 0; i < points.length - 1; i += 1) {
    const [before, from, to, after] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    path +=
      `C${rounded(from.x + (to.x - before.x) / 6)} ${rounded(from.y + (to.y - before.y) / 6)} ` +
      `${rounded(to.x - (after.x - from.x) / 6)} ${rounded(to.y - (after.y - from.y) / 6)} ` +
      `${rounded(to.x)} ${rounded(to.y)}`;
  }
  return path;
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
