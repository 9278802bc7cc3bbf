import { unreachable } from "../assert";
import { wiped, withoutSnapshots, withTornLog } from "../disk/disk";
import { type Cause, type Sid, usFromMs } from "../units";
import { closeBare, openBare, sendBare } from "./bareConnection";
import { connectionOf, tell, withServer } from "./change";
import type { Command } from "./command";
import { killProcess, losePower } from "./end";
import { changeFiles, editConfig, fillDisk, freeDisk, purgeDisk, slowDisk } from "./hostCommands";
import {
  blockPort,
  cutClient,
  cutWays,
  deliverPackets,
  healClient,
  healWays,
  holdPackets,
  openPort,
  releasePackets,
  slowLink,
} from "./networkCommands";
import {
  addClients,
  closeClient,
  configureClient,
  killClient,
  operateClient,
  pauseClient,
  releaseLock,
  removeClient,
  restartClient,
  resumeClient,
  updateServerList,
} from "./clientCommands";
import { fence } from "./outside";
import { startProcess } from "./process";
import { inOrderOfWaking, requeueFirst } from "./queue";
import { serverOf } from "./read";
import { breakConnectionNow, delayFlight } from "./wire";
import type { World } from "./world";

/**
 * What a learner does, done to the world now. A command that has nothing to act on (kill what is down, heal what is
 * whole) changes nothing. The command takes a number of its own: the first cause of all that follows.
 */
export function apply(world: World, command: Command): World {
  const cause: Cause = world.nextNumber;
  const next: World = { ...world, nextNumber: cause + 1, steps: world.steps + 1, facts: [] };
  switch (command.type) {
    case "kill":
      return killProcess(next, command.sid, "kill", cause);
    case "stop":
      return killProcess(next, command.sid, "stop", cause);
    case "powerLoss":
      return losePower(next, command.sid, cause);
    case "start":
      return startProcess(next, command.sid, cause);
    case "pause":
      return pauseProcess(next, command.sid, cause);
    case "resume":
      return resumeProcess(next, command.sid, cause);
    case "cut":
      return cutWays(next, command.a, command.b, ["there", "back"], cause);
    case "heal":
      return healWays(next, command.a, command.b, ["there", "back"], cause);
    case "cutOneWay":
      return cutWays(next, command.from, command.to, ["there"], cause);
    case "healOneWay":
      return healWays(next, command.from, command.to, ["there"], cause);
    case "cutClient":
      return cutClient(next, command.name, cause);
    case "healClient":
      return healClient(next, command.name, cause);
    case "slowLink":
      return slowLink(next, command.a, command.b, command.extraMs);
    case "delayFlight":
      return delayFlight(next, command.flight, Math.floor(usFromMs(command.ms)), cause);
    case "hold":
      return holdPackets(next, command.packet, cause);
    case "deliver":
      return deliverPackets(next, command.packet, command.to, cause);
    case "release":
      return releasePackets(next, cause);
    case "slowDisk":
      return slowDisk(next, command.sid, command.fsyncMs, cause);
    case "fullDisk":
      return fillDisk(next, command.sid, cause);
    case "freeDisk":
      return freeDisk(next, command.sid, cause);
    case "wipe":
      return changeFiles(next, command.sid, wiped, cause);
    case "removeSnapshots":
      return changeFiles(next, command.sid, withoutSnapshots, cause);
    case "tearLog":
      return changeFiles(next, command.sid, (disk) => withTornLog(disk, 7), cause);
    case "initialize":
      return changeFiles(next, command.sid, (disk) => ({ ...disk, initialize: true }), cause);
    case "purge":
      return purgeDisk(next, command.sid, command.keep, cause);
    case "editConfig":
      return editConfig(next, command, cause);
    case "blockPort":
      return blockPort(next, command.sid, command.port, cause);
    case "openPort":
      return openPort(next, command.sid, command.port, cause);
    case "break": {
      const connection = connectionOf(next, command.connection);
      if (connection === null) return next;
      const { number, purpose } = connection;
      return breakConnectionNow(
        tell(next, { type: "connection.broken", connection: number, purpose }, cause),
        number,
        cause,
      );
    }
    case "operate":
      return operateClient(next, command.client, command.op, cause);
    case "closeClient":
      return closeClient(next, command.client, cause);
    case "killClient":
      return killClient(next, command.client, cause);
    case "pauseClient":
      return pauseClient(next, command.client, cause);
    case "resumeClient":
      return resumeClient(next, command.client, cause);
    case "restartClient":
      return restartClient(next, command.client, command.behaviour, cause);
    case "addClient":
      return addClients(next, command.setup, cause);
    case "removeClient":
      return removeClient(next, command.client, cause);
    case "updateServerList":
      return updateServerList(next, command.client, command.servers, cause);
    case "configureClient":
      return configureClient(next, command.client, command.options, cause);
    case "releaseLock":
      return releaseLock(next, command.lock, cause);
    case "fence":
      return fence(next, command.lock, command.fenced, cause);
    case "openBare":
      return openBare(next, command.name, command.sid, cause);
    case "sendBare":
      return sendBare(next, command.name, command.packet, cause);
    case "closeBare":
      return closeBare(next, command.name, cause);
    default:
      return unreachable(command, "apply");
  }
}

function pauseProcess(world: World, sid: Sid, cause: Cause): World {
  const server = serverOf(world, sid);
  if (server.process === null || server.paused !== null) return world;
  const stopped = withServer(world, sid, (one) => ({
    ...one,
    paused: { sinceUs: world.nowUs, inbox: [] },
  }));
  return tell(stopped, { type: "srv.pause", id: sid }, cause);
}

/** What has arrived is read first, in order; then the timers that have run out meanwhile end. */
function resumeProcess(world: World, sid: Sid, cause: Cause): World {
  const { paused } = serverOf(world, sid);
  if (paused === null) return world;
  const pausedMs = (world.nowUs - paused.sinceUs) / 1_000;
  const awake = withServer(world, sid, (one) => ({ ...one, paused: null }));
  const next = tell(awake, { type: "srv.resume", id: sid, pausedMs }, cause);
  return requeueFirst(next, inOrderOfWaking(paused.inbox));
}
