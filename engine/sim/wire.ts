import {
  clientEnd,
  type Connection,
  type End,
  type Flight,
  laneTo,
  otherSide,
  type Packet,
  type Purpose,
  serverEnd,
  type Side,
  sideOf,
  withLane,
  withSent,
} from "../net/connection";
import { drawBetween } from "../random";
import { entryOf, withEntry } from "../tree/persistentMap";
import { type Cause, type Sid, usFromMs, type VirtualUs } from "../units";
import { connectionOf, noteRead, withConnection, withWorld } from "./change";
import type { Dial } from "./event";
import { dropWhere, schedule } from "./queue";
import { contextOf, phaseOf, roleOf, serverOf } from "./read";
import { sendTurn } from "./serviceTimes";
import type { Network, World } from "./world";

/** The first packet of an attempt, sent again after 1, 2, 4 ... s while a cut swallows it. Source: tcp_syn_retries. */
const FIRST_RESEND_US = 1_000_000;
const MOST_RESENDS = 5;

/** Is what goes this way silenced, by a cut link or a blocked port? */
export function isSilenced(
  world: World,
  from: End,
  to: End,
  port: number,
  towardPort: boolean,
): boolean {
  const { cuts, clientCuts, blockedPorts } = world.network;
  if (from.kind === "client" || to.kind === "client") {
    const isCut = (end: End) =>
      end.kind === "client" && clientCuts.some((cut) => cut.name === end.name);
    if (isCut(from) || isCut(to)) return true;
  } else if (cuts.some((cut) => cut.from === from.sid && cut.to === to.sid)) return true;
  if (!towardPort) return false;
  return blockedPorts.some(
    (blocked) =>
      blocked.port === port &&
      ((to.kind === "server" && blocked.sid === to.sid) ||
        (from.kind === "server" && blocked.sid === from.sid)),
  );
}

function endOf(connection: Connection, side: Side): End {
  return side === "dialer" ? connection.dialer : connection.acceptor;
}

function laneSilenced(world: World, connection: Connection, toward: Side): boolean {
  return isSilenced(
    world,
    endOf(connection, otherSide(toward)),
    endOf(connection, toward),
    connection.port,
    toward === "acceptor",
  );
}

/** Is a packet like this held on its way there, because the learner holds such packets? */
function isHeldBack(world: World, to: End, packet: Packet): boolean {
  return world.network.holding.some(
    (one) => one.packet === packet.type && to.kind === "server" && !one.except.includes(to.sid),
  );
}

/** The time a packet needs, drawn for it alone; more on a slow link. */
function packetUs(world: World, place: string, nth: number, from: End, to: End): VirtualUs {
  const [least, most] = world.delays.packetUs;
  const usualUs = drawBetween(world.seed, "packet", place, nth, least, most);
  const { slow } = world.network;
  return slow.length === 0 ? usualUs : usualUs + extraUs(slow, nameOf(from), nameOf(to));
}

function nameOf(end: End): Sid | string {
  return end.kind === "server" ? end.sid : end.name;
}

function extraUs(slow: Network["slow"], a: Sid | string, b: Sid | string): VirtualUs {
  const link = slow.find((one) => (one.a === a && one.b === b) || (one.a === b && one.b === a));
  return link?.extraUs ?? 0;
}

/**
 * Begins to open a TCP connection. The answer comes back as a "dialed" event, unless a cut swallows every try: only
 * an election connection is given up here, the others have limits of their own.
 */
export function dial(world: World, attempt: Omit<Dial, "place" | "resent">, cause: Cause): World {
  const from = attempt.from.kind === "server" ? `${attempt.from.sid}` : attempt.from.name;
  const pair = `${attempt.purpose}/${from}>${attempt.to}`;
  const nth = entryOf(world.network.opened, pair) ?? 0;
  const network = { ...world.network, opened: withEntry(world.network.opened, pair, nth + 1) };
  const place = `${pair}/${nth}`;
  const full: Dial = { ...attempt, place, resent: 0 };
  return schedule(
    withWorld(world, { network }),
    { type: "dial", attempt: full },
    world.nowUs + packetUs(world, place, 0, dialerOf(full), serverEnd(full.to)),
    cause,
  );
}

function dialerOf({ from }: Dial): End {
  return from.kind === "server" ? serverEnd(from.sid) : clientEnd(from.name);
}

/** An attempt reaches the other machine: accepted, refused, or swallowed by a cut. */
export function answerDial(world: World, attempt: Dial, cause: Cause): World {
  const from = dialerOf(attempt);
  const to = serverEnd(attempt.to);
  if (
    isSilenced(world, from, to, attempt.port, true) ||
    isSilenced(world, to, from, attempt.port, false)
  ) {
    const nextUs = FIRST_RESEND_US * 2 ** attempt.resent;
    // Since the first packet 0, 1, 3, 7 ... s have passed: one less than the next pause, in units of the first.
    const leftUs = electionConnectUs(world, attempt) - (nextUs - FIRST_RESEND_US);
    if (attempt.purpose === "election" && nextUs > leftUs)
      return schedule(
        world,
        { type: "dialed", attempt, connection: null },
        world.nowUs + leftUs,
        cause,
      );
    if (attempt.resent >= MOST_RESENDS) return world;
    const again = { ...attempt, resent: attempt.resent + 1 };
    return schedule(world, { type: "dial", attempt: again }, world.nowUs + nextUs, cause);
  }
  const backUs = world.nowUs + packetUs(world, attempt.place, 1, to, from);
  if (!listens(world, attempt))
    return schedule(world, { type: "dialed", attempt, connection: null }, backUs, cause);
  const number = world.nextNumber;
  const connection: Connection = {
    number,
    purpose: attempt.purpose,
    port: attempt.port,
    dialer: from,
    acceptor: to,
    place: attempt.place,
    sentCount: 2,
    closed: { dialer: false, acceptor: false },
    ready: { dialer: false, acceptor: false },
    toAcceptor: [],
    toDialer: [],
  };
  const network = { ...world.network, connections: [...world.network.connections, connection] };
  const opened = withWorld(world, { nextNumber: number + 1, network });
  const stands = accepted(opened, connection, cause);
  return schedule(stands, { type: "dialed", attempt, connection: number }, backUs, cause);
}

/** How long an attempt to connect for an election may take. Source: QuorumCnxManager.cnxTO. */
function electionConnectUs(world: World, { from }: Dial): VirtualUs {
  const process = from.kind === "server" ? serverOf(world, from.sid).process : null;
  return usFromMs(process?.config.settings.cnxTimeoutMs ?? 5_000);
}

/** The server's process hears of a client's connection when it looks. */
function accepted(world: World, { number, purpose, acceptor }: Connection, cause: Cause): World {
  if (purpose !== "client" || acceptor.kind !== "server") return world;
  const { sid } = acceptor;
  const process = serverOf(world, sid).process?.number ?? 0;
  const body = { type: "accepted" as const, sid, process, connection: number };
  return schedule(world, body, world.nowUs, cause);
}

/**
 * Is there a process that accepts on this port? The kernel accepts for a paused one. The quorum port is open only
 * while the server leads. Source: Leader.LearnerCnxAcceptor, QuorumCnxManager.Listener.
 */
function listens(world: World, attempt: Dial): boolean {
  // A file may name a machine that is not there.
  const server = world.servers.find((one) => one.sid === attempt.to);
  if (server === undefined || server.process === null) return false;
  switch (attempt.purpose) {
    case "election":
      return contextOf(server)?.standalone === false;
    case "quorum":
      return roleOf(server) === "LEADING" && phaseOf(server) !== "stopped";
    case "client": {
      // An ensemble's server opens its port when it has read its files. Source: QuorumPeer.start.
      const { clientPort, standalone } = server.process.config;
      return clientPort === attempt.port && (standalone || contextOf(server) !== null);
    }
  }
}

/** Puts a packet on its way from this end. It arrives after what was sent before it; a silenced way holds it. */
export function send(world: World, number: number, from: End, packet: Packet, cause: Cause): World {
  const connection = connectionOf(world, number);
  const side = connection === null ? null : sideOf(connection, from);
  if (connection === null || side === null || connection.closed[side]) return world;
  const toward = otherSide(side);
  if (connection.closed[toward] && packet.type !== "FIN") return world;
  const lane = laneTo(connection, toward);
  const before = lane[lane.length - 1];
  const to = endOf(connection, toward);
  // What is behind something that is held does not pass it.
  const held =
    (before !== undefined && before.heldUs !== null) ||
    laneSilenced(world, connection, toward) ||
    isHeldBack(world, to, packet);
  const wayUs = packetUs(world, connection.place, connection.sentCount, from, to);
  const transferUs = packet.type === "SNAP" ? (world.delays.snapTransferUs ?? 0) : 0;
  const { world: sending, doneUs: sentUs } = sendTurn(world, from, packet);
  const arriveUs = Math.max(sentUs + wayUs + transferUs, (before?.arriveUs ?? 0) + 1);
  const flight: Flight = {
    number: world.nextNumber,
    packet,
    from,
    to,
    sentUs,
    arriveUs,
    heldUs: held ? world.nowUs : null,
    cause,
  };
  const numbered = withWorld(sending, { nextNumber: world.nextNumber + 1 });
  let next = withConnection(numbered, number, (one) =>
    withSent(one, toward, [...lane, flight], one.sentCount + 1),
  );
  if (transferUs > 0) for (const end of [from, to]) next = readsUntil(next, end, number, arriveUs);
  return held ? next : arrivalOf(next, number, flight, cause);
}

/**
 * A snapshot takes its time, and both ends are busy with it: its parts break the learner's silence, and the leader waits
 * for an answer only when all is sent. Source: Learner.syncWithLeader, LearnerHandler.run; Socket.setSoTimeout.
 */
function readsUntil(world: World, end: End, number: number, atUs: VirtualUs): World {
  if (end.kind !== "server") return world;
  return noteRead(world, end.sid, number, atUs);
}

/** Takes an arriving flight off its connection; null when it was lost or is held. */
export function takeFlight(
  world: World,
  number: number,
  flightNumber: number,
): {
  readonly world: World;
  readonly flight: Flight;
  readonly connection: Connection;
  readonly side: Side;
} | null {
  const connection = connectionOf(world, number);
  if (connection === null) return null;
  for (const side of ["acceptor", "dialer"] as const) {
    const lane = laneTo(connection, side);
    const at = lane.findIndex((one) => one.number === flightNumber);
    const flight = lane[at];
    if (flight === undefined || flight.heldUs !== null) continue;
    const rest = lane.toSpliced(at, 1);
    return {
      world: withConnection(world, number, (one) => withLane(one, side, rest)),
      flight,
      connection,
      side,
    };
  }
  return null;
}

/** Where a flight is going, without taking it. */
export function targetOf(world: World, number: number, flightNumber: number): End | null {
  const connection = connectionOf(world, number);
  if (connection === null) return null;
  const isIt = ({ number: one }: Flight) => one === flightNumber;
  return (connection.toAcceptor.find(isIt) ?? connection.toDialer.find(isIt))?.to ?? null;
}

/**
 * This end closes its socket. What was on its way to it is lost; the other end learns of it behind all that this end
 * had sent before.
 */
export function close(world: World, number: number, end: End, cause: Cause): World {
  const connection = connectionOf(world, number);
  const side = connection === null ? null : sideOf(connection, end);
  if (connection === null || side === null || connection.closed[side]) return world;
  const other = otherSide(side);
  if (connection.closed[other]) return remove(world, number);
  const said = send(withoutUnsent(world, number, other), number, end, { type: "FIN" }, cause);
  const lost = laneTo(connection, side);
  const quiet = forgetArrivals(said, number, lost);
  return withConnection(quiet, number, (one) => ({
    ...withLane(one, side, []),
    closed: { ...one.closed, [side]: true },
  }));
}

/** A snapshot that is still being sent is never received whole, and what was to follow is not sent at all. */
function withoutUnsent(world: World, number: number, toward: Side): World {
  const { packetUs: wayUs, snapTransferUs = 0 } = world.delays;
  const connection = connectionOf(world, number);
  if (connection === null || snapTransferUs === 0) return world;
  const lane = laneTo(connection, toward);
  const from = lane.findIndex(
    ({ packet, arriveUs }) => packet.type === "SNAP" && world.nowUs < arriveUs - wayUs[1],
  );
  if (from < 0) return world;
  return withConnection(forgetArrivals(world, number, lane.slice(from)), number, (one) =>
    withLane(one, toward, lane.slice(0, from)),
  );
}

/** The connection ends for both; nothing of it is left. */
export function remove(world: World, number: number): World {
  const connection = connectionOf(world, number);
  if (connection === null) return world;
  const lost = [...connection.toAcceptor, ...connection.toDialer];
  return forgetArrivals(
    withConnection(world, number, () => null),
    number,
    lost,
  );
}

/** These flights do not arrive any more. */
function forgetArrivals(world: World, number: number, lost: readonly Flight[]): World {
  if (lost.length === 0) return world;
  return dropWhere(
    world,
    (event) =>
      event.type === "arrival" &&
      event.connection === number &&
      lost.some((flight) => flight.number === event.flight),
  );
}

/**
 * This end is gone without a word, as when its machine loses power: what was on its way to it is lost, and the other
 * end goes on sending into nothing.
 */
export function vanish(world: World, number: number, end: End): World {
  const connection = connectionOf(world, number);
  const side = connection === null ? null : sideOf(connection, end);
  if (connection === null || side === null || connection.closed[side]) return world;
  if (connection.closed[otherSide(side)]) return remove(world, number);
  const unsent = withoutUnsent(world, number, otherSide(side));
  const quiet = forgetArrivals(unsent, number, laneTo(connection, side));
  return withConnection(quiet, number, (one) => ({
    ...withLane(one, side, []),
    closed: { ...one.closed, [side]: true },
  }));
}

/**
 * A machine is there again. It knows nothing of connections that it had before it lost power, and resets them.
 * Simpler than real: the reset comes at once, not with the next packet of the other end.
 */
export function resetVanished(world: World, end: End, cause: Cause): World {
  let next = world;
  for (const connection of world.network.connections) {
    const side = sideOf(connection, end);
    if (side === null || !connection.closed[side]) continue;
    const said = laneTo(connection, otherSide(side));
    if (!said.some((flight) => flight.packet.type === "FIN"))
      next = breakConnectionNow(next, connection.number, cause);
  }
  return next;
}

/** Both ends find their connection broken at once; what was on the way is lost. */
export function breakConnectionNow(world: World, number: number, cause: Cause): World {
  const connection = connectionOf(world, number);
  if (connection === null) return world;
  let next = remove(world, number);
  for (const side of ["dialer", "acceptor"] as const) {
    if (connection.closed[side]) continue;
    const end = endOf(connection, side);
    const other = endOf(connection, otherSide(side));
    next = schedule(
      next,
      { type: "broken", connection: number, purpose: connection.purpose, end, other },
      next.nowUs,
      cause,
    );
  }
  return next;
}

/** After a cut, a block or their end: what may not move is held where it is, what may move again goes on, in order. */
export function holdAndRelease(world: World, cause: Cause): World {
  let next = world;
  for (const connection of world.network.connections) {
    for (const side of ["acceptor", "dialer"] as const) {
      const lane = laneTo(connection, side);
      if (lane.length === 0) continue;
      const stopped = laneSilenced(world, connection, side)
        ? 0
        : lane.findIndex(
            (flight) =>
              isWaiting(flight, world.nowUs) && isHeldBack(world, flight.to, flight.packet),
          );
      next = settleLane(next, connection.number, side, stopped < 0 ? lane.length : stopped, cause);
    }
  }
  return next;
}

/** Is it on its way still? What has arrived and waits before a process that stands still is not. */
function isWaiting(flight: Flight, nowUs: VirtualUs): boolean {
  return flight.heldUs !== null || flight.arriveUs >= nowUs;
}

/** From this place on a lane is held; before it, all goes on with the way it had left, and overtakes nothing. */
function settleLane(world: World, number: number, side: Side, from: number, cause: Cause): World {
  const { nowUs } = world;
  const stopped = new Set<number>();
  const released: Flight[] = [];
  let lastUs = 0;
  const settled = withConnection(world, number, (connection) =>
    withLane(
      connection,
      side,
      laneTo(connection, side).map((flight, place) => {
        const held = place >= from && isWaiting(flight, nowUs);
        let moved = flight;
        if (held && flight.heldUs === null) {
          stopped.add(flight.number);
          moved = { ...flight, heldUs: nowUs };
        } else if (!held && flight.heldUs !== null) {
          const waitedUs = nowUs - flight.heldUs;
          const arriveUs = Math.max(flight.arriveUs + waitedUs, lastUs + 1);
          moved = { ...flight, heldUs: null, sentUs: flight.sentUs + waitedUs, arriveUs };
          released.push(moved);
        }
        lastUs = moved.arriveUs;
        return moved;
      }),
    ),
  );
  if (stopped.size + released.length === 0) return world;
  return released.reduce(
    (next, flight) => arrivalOf(next, number, flight, cause),
    dropWhere(settled, (event) => event.type === "arrival" && stopped.has(event.flight)),
  );
}

function arrivalOf(world: World, number: number, flight: Flight, cause: Cause): World {
  const arrival = { type: "arrival" as const, connection: number, flight: flight.number };
  return schedule(world, arrival, flight.arriveUs, cause);
}

/** One packet, and all that is behind it on its way, needs so much longer. */
export function delayFlight(world: World, flight: number, extraUs: VirtualUs, cause: Cause): World {
  for (const connection of world.network.connections) {
    for (const side of ["acceptor", "dialer"] as const) {
      const lane = laneTo(connection, side);
      const from = lane.findIndex((one) => one.number === flight);
      if (from < 0 || !isWaiting(lane[from] as Flight, world.nowUs)) continue;
      const late = lane.slice(from).map((one) => ({ ...one, arriveUs: one.arriveUs + extraUs }));
      const { number } = connection;
      const next = withConnection(forgetArrivals(world, number, late), number, (one) =>
        withLane(one, side, [...lane.slice(0, from), ...late]),
      );
      return late
        .filter((one) => one.heldUs === null)
        .reduce((before, one) => arrivalOf(before, number, one, cause), next);
    }
  }
  return world;
}

/** All connections of one end that it has not closed, oldest first. */
export function connectionsOf(world: World, end: End, purpose?: Purpose): readonly Connection[] {
  return world.network.connections.filter((connection) => {
    const side = sideOf(connection, end);
    return (
      side !== null &&
      !connection.closed[side] &&
      (purpose === undefined || connection.purpose === purpose)
    );
  });
}

/** The sid at the other end, of a connection between servers. */
export function peerOf(connection: Connection, sid: Sid): Sid {
  const other =
    connection.dialer.kind === "server" && connection.dialer.sid === sid
      ? connection.acceptor
      : connection.dialer;
  return other.kind === "server" ? other.sid : 0;
}
