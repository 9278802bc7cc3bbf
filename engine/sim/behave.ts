import type { Act, Happening } from "../programs/program";
import { hear } from "../programs/programs";
import { draw } from "../random";
import { unreachable } from "../assert";
import type { ClientEvent } from "../session/events";
import { type Cause, usFromMs } from "../units";
import { tell, withClient } from "./change";
import { actAsOwner, callService, countRelease } from "./outside";
import { handleDialed, handleTimer, openHandle, tellHandle } from "./performClient";
import type { Dial } from "./event";
import { schedule, unschedule } from "./queue";
import { clientOf, findClient } from "./read";
import type { World } from "./world";

/**
 * Gives the program above a handle what has come for it, one after the other, until nothing is left. What it does may
 * bring more. Source: ClientCnxn.EventThread.
 */
export function heedNews(world: World, name: string, cause: Cause): World {
  let next = world;
  for (;;) {
    const [first, ...news] = clientOf(next, name).news;
    if (first === undefined) return next;
    next = withClient(next, name, () => ({ news }));
    next = behave(next, name, first, cause);
  }
}

/** Tells a client's handle of an event; its program hears what comes of it. */
export function tellClient(world: World, name: string, event: ClientEvent, cause: Cause): World {
  return heedNews(tellHandle(world, name, event, cause), name, cause);
}

/** An attempt to connect was answered. */
export function clientDialed(
  world: World,
  name: string,
  attempt: Dial,
  connection: number | null,
  cause: Cause,
): World {
  const dialed = handleDialed(world, name, attempt, connection, cause);
  return findClient(dialed, name) === null ? dialed : heedNews(dialed, name, cause);
}

/** A timer of the library has run out. */
export function clientTimer(
  world: World,
  name: string,
  timer: string,
  event: ClientEvent,
  cause: Cause,
): World {
  return heedNews(handleTimer(world, name, timer, event, cause), name, cause);
}

/** What a program waited for has come. */
export function programTimer(world: World, name: string, timer: string, cause: Cause): World {
  const ended = withClient(world, name, (client) => {
    const timers = { ...client.timers };
    delete timers[keyOf(timer)];
    return { timers };
  });
  return happen(ended, name, { type: "timer", timer }, cause);
}

/** Something else happens to a program: its process begins, a time has come, the learner asks. */
export function happen(world: World, name: string, happening: Happening, cause: Cause): World {
  return heedNews(behave(world, name, happening, cause), name, cause);
}

function behave(world: World, name: string, happening: Happening, cause: Cause): World {
  const { program } = clientOf(world, name);
  if (program === null) return world;
  const { state, acts } = hear(program, happening, name);
  let next = withClient(world, name, () => ({ program: state }));
  for (const act of acts) next = perform(next, name, act, cause);
  // A handle that was closed stays closed, and its program is done.
  return happening.type === "state" && happening.state === "Closed"
    ? stopWaiting(next, name)
    : next;
}

function perform(world: World, name: string, act: Act, cause: Cause): World {
  switch (act.type) {
    case "ask":
      return tellHandle(world, name, { type: "operate", op: act.op, tag: act.tag }, cause);
    case "open a handle":
      return openHandle(world, name, cause);
    case "wait": {
      const share = act.spread === true ? draw(world.seed, "phase", `client ${name}`, 0) : 1;
      return wait(world, name, act.timer, Math.floor(usFromMs(act.ms) * share), cause);
    }
    case "act as owner":
      return actAsOwner(world, name, act.lock, act.token, cause);
    case "count a release":
      return countRelease(world, act.lock);
    case "call":
      return callService(world, act.service, act.providers, cause);
    case "tell":
      return tell(world, act.fact, cause);
    default:
      return unreachable(act, "perform of a program");
  }
}

/** The program's timers are kept beside those of its library. */
const keyOf = (timer: string) => `program ${timer}`;

function wait(world: World, name: string, timer: string, delayUs: number, cause: Cause): World {
  const stopped = stop(world, name, keyOf(timer));
  const number = stopped.nextNumber;
  const event = { type: "program timer" as const, name, timer };
  const next = schedule(stopped, event, stopped.nowUs + delayUs, cause);
  return withClient(next, name, ({ timers }) => ({
    timers: { ...timers, [keyOf(timer)]: number },
  }));
}

function stop(world: World, name: string, key: string): World {
  const number = clientOf(world, name).timers[key];
  if (number === undefined) return world;
  return withClient(unschedule(world, number), name, (client) => {
    const timers = { ...client.timers };
    delete timers[key];
    return { timers };
  });
}

function stopWaiting(world: World, name: string): World {
  return Object.keys(clientOf(world, name).timers)
    .filter((key) => key.startsWith(keyOf("")))
    .reduce((next, key) => stop(next, name, key), world);
}
