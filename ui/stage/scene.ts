import {
  compareVotes,
  type Connection,
  contextOf,
  currentEpochOf,
  type DecidedBy,
  epochOf,
  counterOf,
  formatZxid,
  isCut,
  lastZxidOf,
  logLengthOf,
  logOf,
  leaderOf,
  phaseOf,
  quorumOf,
  type QuorumVerifier,
  roleOf,
  type Server,
  type ServerContext,
  type Sid,
  US_PER_SECOND,
  watchesAt,
  type World,
  type Zxid,
} from "../../engine/index";
import {
  type Box,
  type Layout,
  layoutOf,
  PLATE_HEIGHT,
  PLATE_HEIGHT_VOTE,
  type Point,
  RING_OFFSET,
  type Seat,
  type Size,
} from "./layout";
import { tenths } from "../lab/format";
import { type ClientShape, clientShape } from "./clientShapes";
import { curvePath, edge } from "./geometry";
import { type Island, isLive, islandsOf, seamsOf } from "./partition";
import { type Tally, tallyOf } from "./tally";

/** The world as shapes: plain data, no words of a language, no DOM. What the stage draws is a function of this. */
export interface Scene {
  readonly layout: Layout;
  readonly servers: readonly ServerShape[];
  readonly links: readonly LinkShape[];
  readonly clients: readonly ClientShape[];
  readonly gauge: Gauge;
  /** What cuts have split the live servers into; empty while they all hang together. */
  readonly islands: readonly Island[];
  /** The line along which they are split. */
  readonly seams: readonly string[];
}

export type Look =
  | "starting"
  | "looking"
  | "following"
  | "leading"
  | "observing"
  | "standalone"
  | "down";

/** A phrase the stage's words complete. */
export interface Phrase<Key extends string> {
  readonly key: Key;
  readonly values: Readonly<Record<string, string | number>>;
}

export type PhaseKey =
  | "reads"
  | "round"
  | "wait"
  | "discovery"
  | "sync"
  | "syncBy"
  | "quorum"
  | "broadcast"
  | "noVote"
  | "alone"
  | "diskKept"
  | "exited"
  | "neverRan"
  | "pausedFor"
  | "waiting";

export interface ServerShape {
  readonly sid: Sid;
  readonly seat: Seat;
  readonly radius: number;
  readonly look: Look;
  readonly paused: boolean;
  /** What has arrived for a paused server and waits. */
  readonly waiting: number;
  /** How far it is through discovery and synchronization, 0 to 1; null when it is in neither. */
  readonly syncShare: number | null;
  readonly ring: Ring | null;
  readonly plate: Plate;
  readonly epoch: number;
  readonly zxid: string;
  /** With the hexadecimal form that ZooKeeper prints. */
  readonly zxidLong: string;
  /** Servers it stands in connection with, itself included. */
  readonly connected: number;
  readonly all: number;
  readonly blockedPorts: readonly number[];
  /** How many watches it holds for its clients. */
  readonly watches: number;
  /** Does its vote count? An observer's does not, whatever it does. */
  readonly votes: boolean;
}

/** "Have" against "need", filled in the order of arrival. */
export interface Ring extends Tally {
  readonly tone: "election" | "handshake" | "broadcast";
}

export interface Plate {
  readonly box: Box;
  readonly phase: Phrase<PhaseKey>;
  readonly cells: readonly Cell[];
  /** Entries older than the first cell. */
  readonly earlier: number;
  readonly vote: VoteRow | null;
}

/**
 * One entry of a log strip. `logged`: on this server's disk, not known to be committed. `writing`: its fsync has not
 * ended. `missing`: the most advanced live log has it. `doomed`: about to be truncated.
 */
export interface Cell {
  readonly zxid: Zxid;
  readonly state: "committed" | "logged" | "writing" | "missing" | "doomed";
  readonly x: number;
  /** The first of its epoch: a rule stands before it. */
  readonly newEpoch: boolean;
}

export interface VoteRow {
  readonly leader: Sid;
  readonly own: boolean;
  readonly zxid: string;
  readonly peerEpoch: number;
  /** The field in which this vote beat the server's own; null while it votes for itself. */
  readonly decidedBy: DecidedBy | null;
}

export interface LinkShape {
  readonly a: Sid;
  readonly b: Sid;
  /** From edge to edge of the dials. */
  readonly from: Point;
  readonly to: Point;
  readonly path: string;
  /** `idle`: both run, no connection stands. `silent`: an end is down. `cut`: silenced in some direction. */
  readonly look: "idle" | "open" | "leader" | "silent" | "cut";
  readonly election: boolean;
  readonly quorum: boolean;
  /** Bars across the link, near the end whose port is blocked. */
  readonly bars: readonly { readonly at: Point; readonly turn: number }[];
}

export interface Gauge {
  /** Voters that run, of all of them. */
  readonly up: number;
  readonly all: number;
  /** The same as a quorum is counted. */
  readonly tally: Tally;
  readonly leader: Sid | null;
  /** One server that needs nobody. */
  readonly alone: boolean;
  /** A quorum was there and is there no more: no side of the cluster can serve. */
  readonly lost: boolean;
  /** The oldest proposal that waits for its quorum. */
  readonly write: {
    readonly zxid: string;
    readonly acks: readonly Sid[];
    readonly tally: Tally;
  } | null;
}

/** How far traffic keeps to the right of a link: the offset of the curve's control point. */
export const LANE_BOW = 24;
/** Links through the middle bow so far around the gauge. */
const AROUND_GAUGE = 40;
const CELL = 13;
const RULE = 5;
const CELLS_SHOWN = 9;
const CELLS_ON_CARD = 4;

export function sceneOf(world: World, size: Size, card = false): Scene {
  const quorum = quorumOf(world);
  const layout = layoutOf(world.servers.length, size, card, observersIn(world, quorum));
  const reference = mostAdvanced(world);
  const servers = world.servers.map((server, index) =>
    serverShape(world, server, layout.seats[index] ?? layout.seats[0]!, layout, quorum, reference),
  );
  const islands = islandsOf(world, layout, quorum);
  return {
    layout,
    servers,
    links: linksOf(world, layout, servers),
    clients: world.clients.map((client, index) =>
      clientShape(world, client, index, layout, (sid) => {
        const shape = servers.find((one) => one.sid === sid);
        return shape === undefined ? null : { at: shape.seat.at, trim: trimOf(shape) };
      }),
    ),
    gauge: gaugeOf(world, quorum, islands),
    islands,
    seams: seamsOf(world, layout, islands),
  };
}

/** The places of those that do not vote: outside the ring. */
function observersIn(world: World, { voters }: QuorumVerifier): readonly number[] {
  return world.servers.flatMap(({ sid }, index) => (voters.includes(sid) ? [] : [index]));
}

/** `e2·4`: epoch 2, counter 4. */
export function shortZxid(zxid: Zxid): string {
  return `e${epochOf(zxid)}·${counterOf(zxid)}`;
}

/** Both forms, for a title: `e2·4 = 0x200000004`. */
export function longZxid(zxid: Zxid): string {
  return `${shortZxid(zxid)} = ${formatZxid(zxid)}`;
}

// Servers

function lookOf(server: Server): Look {
  const role = roleOf(server);
  switch (role) {
    case "DOWN":
      return "down";
    case "STARTING":
      return "starting";
    case "LOOKING":
      return "looking";
    case "FOLLOWING":
      return "following";
    case "LEADING":
      return "leading";
    case "OBSERVING":
      return "observing";
    case "STANDALONE":
      return "standalone";
  }
}

function serverShape(
  world: World,
  server: Server,
  seat: Seat,
  layout: Layout,
  quorum: QuorumVerifier,
  reference: Server | null,
): ServerShape {
  const look = lookOf(server);
  const votes = quorum.voters.includes(server.sid);
  const context = contextOf(server);
  const vote = look === "looking" && context !== null ? voteRow(context) : null;
  const strip = stripOf(world, server, reference, layout.detail === "strips");
  return {
    sid: server.sid,
    seat,
    radius: layout.dialRadius,
    look,
    paused: server.paused !== null,
    waiting: waitingAt(server),
    syncShare: syncShareOf(server, look, context),
    ring: ringOf(look, context, quorum),
    plate: {
      box: plateBoxOf(seat, vote !== null),
      phase: phraseOf(world, server, look, context),
      ...strip,
      vote,
    },
    epoch: currentEpochOf(server),
    zxid: shortZxid(lastZxidOf(server)),
    zxidLong: longZxid(lastZxidOf(server)),
    connected: connectedTo(world, server),
    // An observer has nothing to do with other observers.
    all: votes ? world.servers.length : quorum.voters.length + 1,
    blockedPorts: world.network.blockedPorts
      .filter((block) => block.sid === server.sid)
      .map((block) => block.port),
    watches: watchesAt(server),
    votes,
  };
}

function waitingAt(server: Server): number {
  return server.paused?.inbox.filter((event) => event.type === "arrival").length ?? 0;
}

/** The plate without a vote is lower; it keeps the edge that faces its dial. */
function plateBoxOf(seat: Seat, withVote: boolean): Box {
  const height = withVote ? PLATE_HEIGHT_VOTE : PLATE_HEIGHT;
  const spare = seat.plate.height - height;
  const { plate, plateSide } = seat;
  const moved = plateSide === "above" ? spare : plateSide === "below" ? 0 : spare / 2;
  return { ...plate, y: plate.y + moved, height };
}

function phraseOf(
  world: World,
  server: Server,
  look: Look,
  context: ServerContext | null,
): Phrase<PhaseKey> {
  if (server.paused !== null) {
    const seconds = tenths((world.nowUs - server.paused.sinceUs) / US_PER_SECOND);
    const n = waitingAt(server);
    return { key: n > 0 ? "waiting" : "pausedFor", values: { seconds, n } };
  }
  const phase = phaseOf(server);
  switch (look) {
    case "down":
      if (server.down === null) return { key: "neverRan", values: {} };
      return server.down.exitCode === null
        ? { key: "diskKept", values: {} }
        : { key: "exited", values: { code: server.down.exitCode } };
    case "starting":
      return { key: "reads", values: {} };
    case "looking":
      return { key: phase === "finalize" ? "wait" : "round", values: { n: context?.round ?? 0 } };
    case "standalone":
      return { key: server.process?.serving === true ? "alone" : "reads", values: {} };
    case "leading":
    case "following":
    case "observing": {
      if (phase === "discovery") return { key: "discovery", values: {} };
      if (phase === "broadcast")
        return { key: look === "observing" ? "noVote" : "broadcast", values: {} };
      if (look === "leading") return { key: "quorum", values: {} };
      const mode = context?.following?.syncMode ?? null;
      return mode === null ? { key: "sync", values: {} } : { key: "syncBy", values: { mode } };
    }
  }
}

function voteRow(context: ServerContext): VoteRow {
  const { proposal, ownVote, sid } = context;
  const own = proposal.leader === sid;
  return {
    leader: proposal.leader,
    own,
    zxid: shortZxid(proposal.zxid),
    peerEpoch: proposal.peerEpoch,
    decidedBy: own ? null : compareVotes(proposal, ownVote).decidedBy,
  };
}

/** Known steps stand for the share: a learner does not know how much will come. */
function syncShareOf(server: Server, look: Look, context: ServerContext | null): number | null {
  const phase = phaseOf(server);
  if (look !== "following" && look !== "observing") return null;
  if (phase !== "discovery" && phase !== "synchronization") return null;
  const learner = context?.following;
  if (learner === null || learner === undefined || learner.connection === null) return 0.08;
  if (phase === "discovery") return 0.25;
  const value = server.process?.chart?.value;
  const inner = typeof value === "object" ? Object.values(value)[0] : undefined;
  const leaf = typeof inner === "object" ? Object.values(inner)[0] : undefined;
  if (leaf === "awaitUptodate") return 0.92;
  if (leaf === "persist") return 0.82;
  return learner.syncMode === null ? 0.45 : 0.66;
}

/** Around a LOOKING server: votes like its own. Around a leader: ACKs of NEWLEADER, then of its oldest open proposal. */
function ringOf(look: Look, context: ServerContext | null, quorum: QuorumVerifier): Ring | null {
  if (context === null) return null;
  if (look === "looking") {
    const { recvset, proposal, round } = context;
    const same = Object.entries(recvset).flatMap(([sid, vote]) =>
      vote.leader === proposal.leader &&
      vote.zxid === proposal.zxid &&
      vote.peerEpoch === proposal.peerEpoch &&
      vote.round === round
        ? [Number(sid)]
        : [],
    );
    return { tone: "election", ...tallyOf(same, quorum) };
  }
  const leading = context.leading;
  if (look !== "leading" || leading === null) return null;
  const oldest = leading.proposals[0];
  if (oldest !== undefined) return { tone: "broadcast", ...tallyOf(oldest.acks, quorum) };
  const acked = tallyOf(leading.newLeaderAcks, quorum);
  return acked.isQuorum ? null : { tone: "handshake", ...acked };
}

function connectedTo(world: World, server: Server): number {
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

// Log strips

/** The live server with the most advanced log: what others are compared with. */
function mostAdvanced(world: World): Server | null {
  let best: Server | null = null;
  for (const server of world.servers) {
    if (server.process === null) continue;
    if (best === null || lastZxidOf(server) > lastZxidOf(best)) best = server;
  }
  return best;
}

function snapshotZxid(server: Server): Zxid {
  return server.disk.snapshots[server.disk.snapshots.length - 1]?.zxid ?? 0;
}

function stripOf(
  world: World,
  server: Server,
  reference: Server | null,
  card: boolean,
): { cells: readonly Cell[]; earlier: number } {
  const wanted = card ? CELLS_ON_CARD : CELLS_SHOWN;
  const own = logOf(server, wanted);
  const theirs =
    reference === null || reference === server
      ? []
      : logOf(reference, wanted).map((entry) => entry.zxid);
  const held = new Map(own.map((entry) => [entry.zxid, entry.synced]));
  const oldestOwn = own[0]?.zxid;
  const inSnapshot = snapshotZxid(server);
  const zxids = [...new Set([...own.map((entry) => entry.zxid), ...theirs])]
    // What is older than the own window is not missing: it is behind "+n", or in the snapshot.
    .filter((zxid) => held.has(zxid) || zxid > (oldestOwn ?? -1))
    .sort((a, b) => a - b);
  const applied = appliedOf(world, server);
  const cut = contextOf(server)?.following?.syncMode === "TRUNC";
  const states = zxids.map((zxid): Pick<Cell, "zxid" | "state"> => {
    const synced = held.get(zxid);
    if (synced === undefined) return { zxid, state: zxid <= inSnapshot ? "committed" : "missing" };
    if (cut && reference !== null && !theirs.includes(zxid)) return { zxid, state: "doomed" };
    if (zxid <= applied) return { zxid, state: "committed" };
    return { zxid, state: synced ? "logged" : "writing" };
  });
  const room = card ? wanted * CELL : 148 - 6.9 * shortZxid(lastZxidOf(server)).length - 6;
  return fitted(states, logLengthOf(server), wanted, room);
}

/** As many of the newest cells as fit, with the count of own entries before them. */
function fitted(
  states: readonly Pick<Cell, "zxid" | "state">[],
  ownCount: number,
  wanted: number,
  room: number,
): { cells: readonly Cell[]; earlier: number } {
  for (let count = Math.min(wanted, states.length); ; count -= 1) {
    const shown = states.slice(states.length - count);
    const shownOwn = shown.filter((cell) => cell.state !== "missing").length;
    const earlier = Math.max(0, ownCount - shownOwn);
    const cells: Cell[] = [];
    let x = earlier > 0 && room > 60 ? 6.9 * (1 + String(earlier).length) + 5 : 0;
    for (const [index, cell] of shown.entries()) {
      const before = shown[index - 1];
      const newEpoch = before !== undefined && epochOf(before.zxid) !== epochOf(cell.zxid);
      if (newEpoch) x += RULE;
      cells.push({ ...cell, x, newEpoch });
      x += CELL;
    }
    if (x - 3 <= room || count <= 1) return { cells, earlier };
  }
}

/** Up to which zxid this server's entries are known to be committed; of one that is down, the others know. */
function appliedOf(world: World, server: Server): Zxid {
  if (server.process !== null) return server.process.lastProcessed;
  const leader = leaderOf(world);
  return world.servers.reduce((highest, other) => {
    if (other.process === null || (leader !== null && other.sid !== leader)) return highest;
    return Math.max(highest, other.process.lastProcessed);
  }, -1);
}

// Links

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

function linksOf(
  world: World,
  layout: Layout,
  shapes: readonly ServerShape[],
): readonly LinkShape[] {
  const links: LinkShape[] = [];
  const standing = world.network.connections.filter(
    (one) => isStanding(one) && one.purpose !== "client",
  );
  for (const [i, one] of shapes.entries()) {
    for (const other of shapes.slice(i + 1)) {
      // Observers have nothing to say to each other.
      if (!one.votes && !other.votes) continue;
      const between = standing.filter((connection) => joins(connection, one.sid, other.sid));
      const election = between.some((connection) => connection.purpose === "election");
      const quorum = between.some((connection) => connection.purpose === "quorum");
      const cut = isCut(world, one.sid, other.sid) || isCut(world, other.sid, one.sid);
      const silent = one.look === "down" || other.look === "down";
      const bow = linkBow(layout, one.seat.at, other.seat.at);
      const from = edge(one.seat.at, other.seat.at, trimOf(one));
      const to = edge(other.seat.at, one.seat.at, trimOf(other));
      links.push({
        a: one.sid,
        b: other.sid,
        from,
        to,
        path: curvePath(from, to, bow),
        look: cut ? "cut" : silent ? "silent" : quorum ? "leader" : election ? "open" : "idle",
        election,
        quorum,
        bars: [
          ...(one.blockedPorts.length > 0 ? [barAt(from, to)] : []),
          ...(other.blockedPorts.length > 0 ? [barAt(to, from)] : []),
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

function trimOf(shape: ServerShape): number {
  return shape.radius + (shape.ring === null ? 4 : RING_OFFSET + 5);
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

// The middle

function gaugeOf(world: World, quorum: QuorumVerifier, islands: readonly Island[]): Gauge {
  const live = world.servers.filter(isLive).map((server) => server.sid);
  const up = live.filter((sid) => quorum.voters.includes(sid)).length;
  const tally = tallyOf(live, quorum);
  const leader = leaderOf(world);
  const can = islands.length === 0 ? tally.isQuorum : islands.some((island) => island.can);
  const ran =
    world.servers.some((server) => server.down !== null || server.paused !== null) ||
    islands.length > 0;
  const leading =
    leader === null
      ? null
      : contextOf(world.servers.find((server) => server.sid === leader)!)?.leading;
  const oldest = leading?.proposals[0];
  return {
    up,
    all: quorum.voters.length,
    tally,
    leader,
    alone: world.servers.some((server) => roleOf(server) === "STANDALONE"),
    lost: ran && !can,
    write:
      oldest === undefined
        ? null
        : {
            zxid: shortZxid(oldest.zxid),
            acks: oldest.acks,
            tally: tallyOf(oldest.acks, quorum),
          },
  };
}

/**
 * The same value again where nothing changed, part by part: what is drawn from an unchanged part need not be drawn anew.
 * For plain data only.
 */
export function reuse<Value>(before: Value, now: Value): Value {
  if (Object.is(before, now)) return before;
  if (typeof before !== "object" || typeof now !== "object" || before === null || now === null)
    return now;
  if (Array.isArray(before) !== Array.isArray(now)) return now;
  const old = before as Record<string, unknown>;
  const fresh = now as Record<string, unknown>;
  const keys = Object.keys(fresh);
  let same = keys.length === Object.keys(old).length;
  const merged: Record<string, unknown> = {};
  for (const key of keys) {
    merged[key] = reuse(old[key], fresh[key]);
    if (!Object.is(merged[key], old[key]) || !(key in old)) same = false;
  }
  if (same) return before;
  return (Array.isArray(now) ? keys.map((key) => merged[key]) : merged) as Value;
}
