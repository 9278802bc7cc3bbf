import { unreachable } from "../assert";
import { clientEnd, type End, serverEnd } from "../net/connection";
import type { QuorumPacket } from "../net/packet";
import type { ClientPacket } from "../net/request";
import type { Received } from "../quorum/events";
import type { ClientEvent } from "../session/events";
import { type Cause, type Sid, type VirtualUs } from "../units";
import { bareClosed, bareDialed, bareOf, hearBare } from "./bareConnection";
import { clientDialed, clientTimer, programTimer, tellClient } from "./behave";
import { atTheClientsDoor } from "./clientCommands";
import { cnxnOf } from "./clientService";
import { acceptClient, forgetCnxn, touchCnxn } from "./cnxn";
import {
  connectionOf,
  noteRead,
  withClient,
  withConnection,
  withProcess,
  withServer,
  withWorld,
} from "./change";
import { electionDialed, hearHello } from "./electionWire";
import type { Dial, QueuedEvent } from "./event";
import { exitProcess } from "./end";
import { purgeRegularly } from "./hostCommands";
import { diskSynced, followTrees, snapshotWritten } from "./fileWork";
import { tellServer } from "./perform";
import { awaitRead, forgetTimer } from "./timers";
import { goOnAfterWriting, processStarted } from "./process";
import { firstOf, schedule, withoutFirst } from "./queue";
import { findClient, serverOf } from "./read";
import { hearClient } from "./serve";
import { answerTurn, clientPacketAt, prepareTurn } from "./serviceTimes";
import { doDuty } from "./service";
import { touch } from "./trackSessions";
import { answerDial, close, takeFlight, targetOf } from "./wire";
import type { World } from "./world";

/** When the next thing happens, or null when nothing will. */
export function nextEventUs(world: World): VirtualUs | null {
  return firstOf(world)?.atUs ?? null;
}

/** Takes the earliest event. Its number is the cause of all that follows from it. */
export function takeStep(world: World): World {
  const event = firstOf(world);
  if (event === null) return world;
  const next = withWorld(withoutFirst(world), {
    nowUs: event.atUs,
    steps: world.steps + 1,
    facts: [],
  });
  const end = addressee(next, event);
  const waiting =
    end === null
      ? null
      : end.kind === "server"
        ? atTheDoor(next, end.sid, event)
        : atTheClientsDoor(next, end.name, event);
  return followTrees(waiting ?? happen(next, event));
}

/** Lets time pass in which nothing happens. */
export function rest(world: World, untilUs: VirtualUs): World {
  return untilUs === world.nowUs && world.facts.length === 0
    ? world
    : { ...world, nowUs: untilUs, facts: [] };
}

/** What comes for a process that stands still, or that is writing a file, waits at its door; null: it may go in. */
function atTheDoor(world: World, sid: Sid, event: QueuedEvent): World | null {
  const { paused, process } = serverOf(world, sid);
  if (paused !== null) {
    const inbox = [...paused.inbox, event];
    return withServer(world, sid, (server) => ({ ...server, paused: { ...paused, inbox } }));
  }
  const writing = process?.files.writing ?? null;
  if (process === null || writing === null || event.type === "written") return null;
  const files = { ...process.files, writing: { ...writing, inbox: [...writing.inbox, event] } };
  return withProcess(world, sid, () => ({ files }));
}

/** In whose process this happens, or null. */
function addressee(world: World, event: QueuedEvent): End | null {
  switch (event.type) {
    case "server":
    case "timer":
    case "started":
    case "disk synced":
    case "written":
    case "snapshot written":
    case "purge due":
    case "cannot listen":
    case "accepted":
    case "service due":
      return serverEnd(event.sid);
    case "arrival":
      return targetOf(world, event.connection, event.flight);
    case "broken":
      return event.end;
    case "dialed":
      return event.attempt.from;
    case "client timer":
    case "program timer":
      return clientEnd(event.name);
    // The kernel of a paused process accepts for it.
    case "dial":
      return null;
    default:
      return unreachable(event, "addressee");
  }
}

function happen(world: World, event: QueuedEvent): World {
  const cause = event.number;
  switch (event.type) {
    case "arrival":
      return event.turn === true
        ? arrive(world, event.connection, event.flight, cause)
        : arriveInTurn(world, event.connection, event.flight, cause);
    case "dial":
      return answerDial(world, event.attempt, cause);
    case "dialed":
      return dialed(world, event.attempt, event.connection, cause);
    case "broken":
      return broken(world, event, cause);
    case "server":
      return isRunning(world, event.sid, event.process)
        ? tellServer(world, event.sid, event.event, cause)
        : world;
    case "timer": {
      if (!isRunning(world, event.sid, event.process)) return world;
      const ended = forgetTimer(world, event.sid, event.name);
      if (event.event.type === "read timeout")
        return readTimeout(ended, event.sid, event.event.connection, event.event.from, cause);
      return tellServer(ended, event.sid, event.event, cause);
    }
    case "started":
      return isRunning(world, event.sid, event.process)
        ? processStarted(world, event.sid, cause)
        : world;
    case "accepted":
      return isRunning(world, event.sid, event.process)
        ? acceptClient(world, event.sid, event.connection, cause)
        : world;
    case "service due":
      return isRunning(world, event.sid, event.process)
        ? doDuty(world, event.sid, event.duty, cause)
        : world;
    case "written":
      return isRunning(world, event.sid, event.process)
        ? goOnAfterWriting(world, event.sid, cause)
        : world;
    case "purge due":
      return isRunning(world, event.sid, event.process)
        ? purgeRegularly(world, event.sid, cause)
        : world;
    case "cannot listen":
      return isRunning(world, event.sid, event.process)
        ? exitProcess(world, event.sid, 14, "Cannot assign requested address", cause)
        : world;
    case "snapshot written":
      return isRunning(world, event.sid, event.process)
        ? snapshotWritten(world, event.sid, cause)
        : world;
    case "disk synced": {
      if (!isRunning(world, event.sid, event.process)) return world;
      const { world: next, zxids } = diskSynced(world, event.sid, cause);
      return tellServer(next, event.sid, { type: "disk synced", zxids }, cause);
    }
    case "client timer":
      return clientTimer(world, event.name, event.timer, event.event, cause);
    case "program timer":
      return programTimer(world, event.name, event.timer, cause);
    default:
      return unreachable(event, "happen");
  }
}

function isRunning(world: World, sid: Sid, process: number): boolean {
  return serverOf(world, sid).process?.number === process;
}

/** A packet of a client waits until its server has time for it. */
function arriveInTurn(world: World, number: number, flight: number, cause: Cause): World {
  const asked = world.delays.service === undefined ? null : clientPacketAt(world, number, flight);
  if (asked === null) return arrive(world, number, flight, cause);
  const { world: next, doneUs } = answerTurn(world, asked.sid, asked.packet);
  if (doneUs === world.nowUs) return arrive(next, number, flight, cause);
  const turn = { type: "arrival" as const, connection: number, flight, turn: true };
  return schedule(heardFrom(next, asked.sid, number), turn, doneUs, cause);
}

/** It has been read: its session counts as alive, however long its turn takes to come. Source: NIOServerCnxn.doIO, ZooKeeperServer.submitRequestNow. */
function heardFrom(world: World, sid: Sid, connection: number): World {
  const cnxn = cnxnOf(serverOf(world, sid).process, connection);
  if (cnxn === null) return world;
  const awake = touchCnxn(world, sid, cnxn);
  return cnxn.sessionId === null ? awake : touch(awake, sid, cnxn.sessionId, cnxn.timeoutMs).world;
}

/** A packet has arrived and is read. */
function arrive(world: World, number: number, flightNumber: number, cause: Cause): World {
  const taken = takeFlight(world, number, flightNumber);
  if (taken === null) return world;
  const { flight, connection, side } = taken;
  const { packet, to, from } = flight;
  if (packet.type === "FIN") {
    const silent = withConnection(taken.world, number, () => null);
    return closedByPeer(silent, number, to, from, connection.purpose, cause);
  }
  if (connection.closed[side]) return taken.world;
  if (to.kind === "client")
    return hearAsClient(taken.world, to.name, packet as ClientPacket, cause);
  const read = noteRead(taken.world, to.sid, number, world.nowUs);
  // The purpose of a connection says which packets it carries.
  switch (connection.purpose) {
    case "election":
      if (packet.type === "HELLO") return hearHello(read, to.sid, number, packet, cause);
      return packet.type === "NOTIFICATION" ? tellServer(read, to.sid, packet, cause) : read;
    case "quorum":
      return hearQuorum(
        read,
        to.sid,
        {
          ...packet,
          connection: number,
          from: from.kind === "server" ? from.sid : 0,
        } as Received<QuorumPacket>,
        cause,
      );
    case "client":
      return hearClient(read, to.sid, number, packet as ClientPacket, cause);
  }
}

/** A write that is passed on waits until the leader has time to prepare it. */
function hearQuorum(world: World, sid: Sid, packet: Received<QuorumPacket>, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null || packet.type !== "REQUEST") return tellServer(world, sid, packet, cause);
  const { world: next, doneUs } = prepareTurn(world, sid);
  if (doneUs === world.nowUs) return tellServer(next, sid, packet, cause);
  return schedule(
    next,
    { type: "server", sid, process: process.number, event: packet },
    doneUs,
    cause,
  );
}

function hearAsClient(world: World, name: string, packet: ClientPacket, cause: Cause): World {
  if (bareOf(world, name) !== null) return hearBare(world, name, packet);
  if (findClient(world, name) === null) return world;
  const heard = withClient(world, name, () => ({ lastHeardUs: world.nowUs }));
  return tellClient(heard, name, packet as ClientEvent, cause);
}

/** The other end has closed the connection, or it broke. */
function closedByPeer(
  world: World,
  number: number,
  end: End,
  other: End,
  purpose: string,
  cause: Cause,
): World {
  if (end.kind === "client" && bareOf(world, end.name) !== null)
    return bareClosed(world, end.name, number);
  if (end.kind === "client")
    return findClient(world, end.name) === null
      ? world
      : tellClient(world, end.name, { type: "connection closed", connection: number }, cause);
  if (purpose === "client") return forgetCnxn(world, end.sid, number);
  if (purpose !== "quorum" || other.kind !== "server") return world;
  return tellServer(
    world,
    end.sid,
    { type: "connection closed", connection: number, from: other.sid },
    cause,
  );
}

function broken(
  world: World,
  event: Extract<QueuedEvent, { type: "broken" }>,
  cause: Cause,
): World {
  return closedByPeer(world, event.connection, event.end, event.other, event.purpose, cause);
}

/** An attempt was answered. Whoever does not want the connection any more hangs up. */
function dialed(world: World, attempt: Dial, connection: number | null, cause: Cause): World {
  const alive = connection !== null && connectionOf(world, connection) !== null ? connection : null;
  if (attempt.from.kind === "client") {
    const { name } = attempt.from;
    return bareOf(world, name) === null
      ? clientDialed(world, name, attempt, alive, cause)
      : bareDialed(world, name, alive);
  }
  const { sid, process } = attempt.from;
  if (!isRunning(world, sid, process))
    return alive === null ? world : close(world, alive, serverEnd(sid), cause);
  if (attempt.purpose === "election") return electionDialed(world, attempt, alive, cause);
  const following = serverOf(world, sid).process?.chart?.context.following;
  const wanted = following?.leader === attempt.to && following.connection === null;
  if (!wanted) return alive === null ? world : close(world, alive, serverEnd(sid), cause);
  return tellServer(
    world,
    sid,
    alive === null ? { type: "leader refused" } : { type: "leader connected", connection: alive },
    cause,
  );
}

/** A reader's alarm: the silence may have been broken since it was set. */
function readTimeout(world: World, sid: Sid, connection: number, from: Sid, cause: Cause): World {
  const reader = serverOf(world, sid).process?.readers.find((one) => one.connection === connection);
  if (reader === undefined || connectionOf(world, connection) === null) return world;
  const leftUs = reader.lastReadUs + reader.timeoutUs - world.nowUs;
  if (leftUs > 0) return awaitRead(world, sid, connection, leftUs, cause);
  return tellServer(world, sid, { type: "read timeout", connection, from }, cause);
}
