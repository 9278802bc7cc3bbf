import { unreachable } from "../assert";
import type { Cause, Sid } from "../units";
import { closeBare, openBare, sendBare } from "./bareConnection";
import { connectionOf, tell, withServer } from "./change";
import type { Command } from "./command";
import { tellClient } from "./performClient";
import { killProcess } from "./end";
import { startProcess } from "./process";
import { inOrderOfWaking, requeueFirst } from "./queue";
import { serverOf } from "./read";
import { breakConnectionNow, holdAndRelease } from "./wire";
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
      return killProcess(next, command.sid, cause);
    case "start":
      return startProcess(next, command.sid, cause);
    case "pause":
      return pauseProcess(next, command.sid, cause);
    case "resume":
      return resumeProcess(next, command.sid, cause);
    case "cut":
      return cutLink(next, command.a, command.b, cause);
    case "heal":
      return healLink(next, command.a, command.b, cause);
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
      return tellClient(next, command.client, { type: "operate", op: command.op, tag: "" }, cause);
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

function cutLink(world: World, a: Sid, b: Sid, cause: Cause): World {
  const { cuts } = world.network;
  const whole = (from: Sid, to: Sid) => !cuts.some((cut) => cut.from === from && cut.to === to);
  const added = [
    { from: a, to: b },
    { from: b, to: a },
  ].filter(({ from, to }) => from !== to && whole(from, to));
  if (added.length === 0) return world;
  const silenced = added.map((way) => ({ ...way, sinceUs: world.nowUs }));
  const network = { ...world.network, cuts: [...cuts, ...silenced] };
  return holdAndRelease(
    tell({ ...world, network }, { type: "net.cut", sides: [[a], [b]] }, cause),
    cause,
  );
}

function healLink(world: World, a: Sid, b: Sid, cause: Cause): World {
  const { cuts } = world.network;
  const healed = cuts.filter(
    (cut) => (cut.from === a && cut.to === b) || (cut.from === b && cut.to === a),
  );
  const [first] = healed;
  if (first === undefined) return world;
  const network = { ...world.network, cuts: cuts.filter((cut) => !healed.includes(cut)) };
  const cutMs = (world.nowUs - first.sinceUs) / 1_000;
  return holdAndRelease(
    tell({ ...world, network }, { type: "net.heal", sides: [[a], [b]], cutMs }, cause),
    cause,
  );
}

function blockPort(world: World, sid: Sid, port: number, cause: Cause): World {
  const { blockedPorts } = world.network;
  if (blockedPorts.some((blocked) => blocked.sid === sid && blocked.port === port)) return world;
  const network = { ...world.network, blockedPorts: [...blockedPorts, { sid, port }] };
  return holdAndRelease(
    tell({ ...world, network }, { type: "port.block", id: sid, port }, cause),
    cause,
  );
}

function openPort(world: World, sid: Sid, port: number, cause: Cause): World {
  const { blockedPorts } = world.network;
  const rest = blockedPorts.filter((blocked) => blocked.sid !== sid || blocked.port !== port);
  if (rest.length === blockedPorts.length) return world;
  const network = { ...world.network, blockedPorts: rest };
  return holdAndRelease(
    tell({ ...world, network }, { type: "port.open", id: sid, port }, cause),
    cause,
  );
}
