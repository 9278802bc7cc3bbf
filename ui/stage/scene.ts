import {
  compareVotes,
  contextOf,
  currentEpochOf,
  type DecidedBy,
  lastZxidOf,
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
} from "../../engine/index";
import {
  type Box,
  type Layout,
  layoutOf,
  PLATE_HEIGHT,
  PLATE_HEIGHT_VOTE,
  RING_OFFSET,
  type Seat,
  type Size,
} from "./layout";
import { tenths } from "../lab/format";
import { type ClientShape, clientShape } from "./clientShapes";
import { connectedTo, type LinkEnd, type LinkShape, linksOf } from "./linkShapes";
import { type Island, isLive, islandsOf, seamsOf } from "./partition";
import { type Cell, mostAdvanced, stripOf } from "./strips";
import { type Tally, tallyOf } from "./tally";
import { longZxid, shortZxid } from "./zxidText";

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
  | "pauses"
  | "failing"
  | "diskFull"
  | "diskSlow"
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
  /** What ails its disk. */
  readonly disk: "full" | "slow" | null;
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

export interface VoteRow {
  readonly leader: Sid;
  readonly own: boolean;
  readonly zxid: string;
  readonly peerEpoch: number;
  /** The field in which this vote beat the server's own; null while it votes for itself. */
  readonly decidedBy: DecidedBy | null;
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
    links: linksOf(world, layout, servers.map(linkEnd)),
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

/** How far from a dial's middle the lines to it end. */
function trimOf(shape: ServerShape): number {
  return shape.radius + (shape.ring === null ? 4 : RING_OFFSET + 5);
}

function linkEnd(shape: ServerShape): LinkEnd {
  return {
    sid: shape.sid,
    at: shape.seat.at,
    trim: trimOf(shape),
    isDown: shape.look === "down",
    votes: shape.votes,
    hasBlockedPort: shape.blockedPorts.length > 0,
  };
}

/** The places of those that do not vote: outside the ring. */
function observersIn(world: World, { voters }: QuorumVerifier): readonly number[] {
  return world.servers.flatMap(({ sid }, index) => (voters.includes(sid) ? [] : [index]));
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
    disk: server.disk.full ? "full" : server.disk.slowUs > 0 ? "slow" : null,
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
      // An observer that has lost its leader waits a random while before it asks again.
      if (context === null || isPausing(server)) return { key: "pauses", values: {} };
      return { key: phase === "finalize" ? "wait" : "round", values: { n: context.round } };
    case "standalone":
      return { key: server.process?.serving === true ? "alone" : "reads", values: {} };
    case "leading":
    case "following":
    case "observing": {
      if (phase === "failing" || phase === "stopped") return { key: "failing", values: {} };
      if (phase === "discovery") return { key: "discovery", values: {} };
      if (phase === "broadcast" && server.disk.full) return { key: "diskFull", values: {} };
      if (phase === "broadcast" && server.disk.slowUs > 0) return { key: "diskSlow", values: {} };
      if (phase === "broadcast")
        return { key: look === "observing" ? "noVote" : "broadcast", values: {} };
      if (look === "leading") return { key: "quorum", values: {} };
      const mode = context?.following?.syncMode ?? null;
      return mode === null ? { key: "sync", values: {} } : { key: "syncBy", values: { mode } };
    }
  }
}

function isPausing(server: Server): boolean {
  const value = server.process?.chart?.value;
  return typeof value === "object" && Object.values(value)[0] === "pause";
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
  if (leaf === "persist" || leaf === "handOver") return 0.82;
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
