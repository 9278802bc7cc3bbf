import {
  contextOf,
  counterOf,
  type Fact,
  type FactType,
  flightsOf,
  type FlightOn,
  phaseOf,
  roleOf,
  US_PER_MS,
  US_PER_SECOND,
  type VirtualUs,
  type World,
} from "../../engine/index";
import type { Pace, PaceReason } from "./store";

/**
 * Picks how fast virtual time runs, so that what matters can be followed by eye: a message takes 650 ms of wall time
 * to fly, a wait in which nothing flies is over within 700 ms, a quiet ensemble runs four times as fast as the clock.
 */

/** What the Director must remember of the moments before this one. */
export interface Trail {
  /** When the last step was taken: the wait for the next one began. */
  readonly sinceUs: VirtualUs;
  readonly steps: number;
  /** When something worth seeing last flew or happened. */
  readonly busyUs: VirtualUs;
  /** When something last became different: a state, a vote, a commit. Repeated words are not news. */
  readonly newsUs: VirtualUs;
}

/** Wall time of one flight. */
const FLIGHT_SECONDS = 0.65;
/** Wall time of a flight that repeats what is known, and keeps nobody waiting. */
const STALE_FLIGHT_SECONDS = 0.2;
/** The longest wall time in which nothing moves. */
const WAIT_SECONDS = 0.7;
const SLOWEST_FLIGHT = 0.005;
/** A wait of a few ms, for a disk, needs no whole breath. */
const SLOWEST_WAIT = 0.02;
const QUIET = 4;
/** Servers wait for their own patience to end: no slower than this, and no faster, or the clock could not be read. */
const PATIENT = 4;
const IMPATIENT = 10;
/** For so long after something changed, the next event is awaited with a held breath. */
const FRESH_US = 50 * US_PER_MS;
const EXPIRY = 0.25;
/** Without anything to see for so long, a stretch is quiet. */
const QUIET_AFTER_US = 1 * US_PER_SECOND;
const STALE_AFTER_US = 2 * US_PER_SECOND;

const NEWS: ReadonlySet<FactType> = new Set<FactType>([
  "srv.start",
  "srv.kill",
  "srv.exit",
  "srv.pause",
  "srv.resume",
  "vote.changed",
  "vote.decided",
  "leader.elected",
  "leader.lost",
  "srv.serving",
  "disk.full",
  "disk.freed",
  "net.cut",
  "net.heal",
  "port.block",
  "port.open",
  "txn.proposed",
  "txn.committed",
  "session.new",
  "session.expired",
  "client.disconnected",
]);

export function trailAt(world: World): Trail {
  return { sinceUs: world.nowUs, steps: world.steps, busyUs: world.nowUs, newsUs: world.nowUs };
}

/** The trail one look later. A jump back in time begins a new one. */
export function trailOn(trail: Trail, world: World): Trail {
  if (world.nowUs < trail.sinceUs || world.steps < trail.steps) return trailAt(world);
  const stepped = world.steps !== trail.steps;
  const news = stepped && world.facts.some((fact: Fact) => NEWS.has(fact.type));
  const busy = news || flightsToSee(world).length > 0;
  if (!stepped && !busy) return trail;
  return {
    sinceUs: stepped ? world.nowUs : trail.sinceUs,
    steps: world.steps,
    busyUs: busy ? world.nowUs : trail.busyUs,
    newsUs: news ? world.nowUs : trail.newsUs,
  };
}

/** How fast, and why. `nextUs` is the time of the next queued event, null when nothing will ever happen by itself. */
export function pace(world: World, nextUs: VirtualUs | null, trail: Trail): Pace {
  if (nextUs === null) return { factor: 1, reason: "none" };
  const chosen = flyingPace(world, trail) ?? waitingPace(world, nextUs, trail);
  return sessionEnds(world) && chosen.factor > EXPIRY
    ? { factor: EXPIRY, reason: "expiry" }
    : chosen;
}

function flyingPace(world: World, trail: Trail): Pace | null {
  const flights = flightsToSee(world);
  if (flights.length === 0) return null;
  const stale = world.nowUs - trail.newsUs > STALE_AFTER_US && flights.every(isRepeated);
  const seconds = stale ? STALE_FLIGHT_SECONDS : FLIGHT_SECONDS;
  const factor =
    median(flights.map(({ flight }) => flight.arriveUs - flight.sentUs)) / US_PER_SECOND / seconds;
  return { factor: Math.max(SLOWEST_FLIGHT, factor), reason: mostOf(flights.map(familyOf)) };
}

function waitingPace(world: World, nextUs: VirtualUs, trail: Trail): Pace {
  const waitUs = nextUs - trail.sinceUs;
  const factor = waitUs / US_PER_SECOND / WAIT_SECONDS;
  const reason = whatIsAwaited(world);
  const isCalm = world.nowUs - trail.busyUs > QUIET_AFTER_US || waitUs > QUIET_AFTER_US;
  if (isCalm) return { factor: Math.min(IMPATIENT, Math.max(PATIENT, factor)), reason };
  if (reason !== "quiet") return { factor: Math.max(SLOWEST_WAIT, factor), reason };
  const isFresh = world.nowUs - trail.newsUs < FRESH_US;
  return isFresh
    ? { factor: Math.max(SLOWEST_WAIT, factor), reason: "news" }
    : { factor: QUIET, reason };
}

/** What the ensemble is in the middle of while nothing flies. */
function whatIsAwaited(world: World): PaceReason {
  const running = world.servers.filter(
    (server) => server.process !== null && server.paused === null,
  );
  if (running.some((server) => roleOf(server) === "LOOKING" || roleOf(server) === "STARTING"))
    return "election";
  if (
    running.some(
      (server) => phaseOf(server) === "discovery" || phaseOf(server) === "synchronization",
    )
  )
    return "sync";
  if (running.some((server) => (contextOf(server)?.leading?.proposals.length ?? 0) > 0))
    return "write";
  return "quiet";
}

/** Packets that are seen moving: no heartbeats, no greetings, nothing that a cut holds. */
function flightsToSee(world: World): readonly FlightOn[] {
  return flightsOf(world).filter(({ flight }) => {
    const { type } = flight.packet;
    return (
      flight.heldUs === null &&
      type !== "PING" &&
      type !== "ping" &&
      type !== "pong" &&
      type !== "HELLO"
    );
  });
}

/** Packets that come again and again while nothing changes: they need not be studied each time. */
function isRepeated({ flight }: FlightOn): boolean {
  const { type } = flight.packet;
  return type === "NOTIFICATION" || type === "ConnectRequest" || type === "ConnectResponse";
}

function familyOf({ flight, connection }: FlightOn): PaceReason {
  if (connection.purpose === "election") return "election";
  if (connection.purpose === "client") return "client";
  switch (flight.packet.type) {
    case "ACK":
      // The one that answers NEWLEADER bears the first zxid of the epoch.
      return counterOf(flight.packet.zxid) === 0 ? "sync" : "write";
    case "REQUEST":
    case "PROPOSAL":
    case "COMMIT":
      return "write";
    case "REVALIDATE":
      return "client";
    default:
      return "sync";
  }
}

/** Is a client that lost its server in the last tenth of its session? */
function sessionEnds(world: World): boolean {
  return world.clients.some((client) => {
    const { sessionId, timeoutMs } = client.chart.context;
    if (sessionId === null || client.chart.value === "connected") return false;
    const left = (client.lastHeardUs + timeoutMs * 1_000 - world.nowUs) / (timeoutMs * 1_000);
    return left > 0 && left < 0.1;
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function mostOf(reasons: readonly PaceReason[]): PaceReason {
  const counts = new Map<PaceReason, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "none";
}
