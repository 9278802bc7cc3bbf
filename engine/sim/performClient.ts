import { unreachable } from "../assert";
import { clientEnd } from "../net/connection";
import { standingOf } from "../programs/programs";
import { drawBetween } from "../random";
import { newHandle, readTimeoutMs, timeToNextPingUs } from "../session/client";
import type { ClientFact } from "../session/clientFacts";
import type { ClientEffect } from "../session/client.chart";
import type { ClientEvent } from "../session/events";
import { type Cause, type Sid, usFromMs, type VirtualUs } from "../units";
import { tell, withClient } from "./change";
import { beginClient, type ClientStep, type Delayed, stepClient } from "./chart";
import { serversFor } from "./clients";
import { ledgerOf } from "./outside";
import type { Dial } from "./event";
import type { FactBody } from "./fact";
import { schedule, unschedule } from "./queue";
import { clientOf, findClient, serverOf, votersOf } from "./read";
import { close, dial, send } from "./wire";
import type { Client, World } from "./world";

/** A process makes its first handle, or another one after the first is over: a new session, a new order of servers. */
export function openHandle(world: World, name: string, cause: Cause): World {
  const client = clientOf(world, name);
  const { connection } = client.chart.context;
  const quiet = connection === null ? world : close(world, connection, clientEnd(name), cause);
  const opened = withClient(stopTimers(quiet, name), name, () => ({
    lastHeardUs: world.nowUs,
    handles: client.handles + 1,
  }));
  const { timeoutMs, library, chroot, canBeReadOnly } = client.setup;
  const handle = newHandle({
    name,
    library: library ?? world.library,
    servers: serversFor(world, client),
    timeoutMs,
    ...(chroot === undefined ? {} : { chroot }),
    ...(canBeReadOnly === undefined ? {} : { canBeReadOnly }),
  });
  return taken(opened, name, beginClient(handle), cause);
}

/** Tells a handle's chart of an event, and does what it wants done; what it has for the program waits in `news`. */
export function tellHandle(world: World, name: string, event: ClientEvent, cause: Cause): World {
  return taken(world, name, stepClient(clientOf(world, name).chart, event), cause);
}

function taken(world: World, name: string, step: ClientStep, cause: Cause): World {
  let next = withClient(world, name, () => ({ chart: step.state }));
  for (const effect of step.effects) next = perform(next, name, effect, cause);
  return next;
}

function perform(
  world: World,
  name: string,
  effect: ClientEffect | Delayed<ClientEvent>,
  cause: Cause,
): World {
  const client = clientOf(world, name);
  const { context } = client.chart;
  switch (effect.type) {
    case "dial later":
      return dialLater(world, client, effect, cause);
    case "dial":
      return dialServer(world, client, effect.sid, cause);
    case "send": {
      if (context.connection === null) return world;
      const sent = send(world, context.connection, clientEnd(name), effect.packet, cause);
      return withClient(sent, name, () => ({ lastSentUs: world.nowUs }));
    }
    case "close":
      return effect.connection === null
        ? world
        : close(world, effect.connection, clientEnd(name), cause);
    case "bound the attempt":
      return startTimer(
        world,
        name,
        "attempt",
        usFromMs(effect.ms),
        { type: "attempt timeout", silentMs: 0 },
        cause,
      );
    case "stop bounding the attempt":
      return stopTimer(world, name, "attempt");
    case "bound the silence": {
      const event = { type: "read timeout" as const, silentMs: 0 };
      return startTimer(world, name, "read", usFromMs(effect.ms), event, cause);
    }
    case "look at the clock":
      return planPing(world, client, cause);
    case "stop looking at the clock":
      return ["read", "ping", "search"].reduce((one, timer) => stopTimer(one, name, timer), world);
    case "search later": {
      const searchMs = effect.again ? Math.min(client.searchMs * 2, LONGEST_SEARCH_MS) : 100;
      const noted = withClient(world, name, () => ({ searchMs }));
      return startTimer(noted, name, "search", usFromMs(searchMs), { type: "search due" }, cause);
    }
    case "ask whether it serves writes":
      return askWhetherItWrites(world, name, effect.sid, cause);
    case "start delay":
      return startTimer(world, name, effect.id, usFromMs(effect.ms), effect.event, cause);
    case "stop delay":
      return stopTimer(world, name, effect.id);
    case "deliver":
      return client.program === null
        ? world
        : withClient(world, name, () => ({ news: [...client.news, effect.news] }));
    case "tell":
      return tell(world, completed(world, client, effect.fact), cause);
    default:
      return unreachable(effect, "perform of a client");
  }
}

/** A write's fact also says how many voters were down; that of a watch on a lock, after which release of it. */
function completed(world: World, client: Client, fact: ClientFact): FactBody {
  if (fact.type === "watch.fired") {
    const { lock, recipe } = standingOf(client.program);
    if (lock === null || recipe === null || !fact.path.startsWith(lock)) return fact;
    return { ...fact, release: ledgerOf(world, lock).releases, recipe };
  }
  if (fact.type !== "write.ack") return fact;
  const voters = votersOf(world);
  return {
    ...fact,
    down: world.servers.filter((one) => voters.includes(one.sid) && one.process === null).length,
  };
}

/** Source: ClientCnxn.SendThread.startConnect (up to 999 ms); StaticHostProvider.next (1 s). */
function dialLater(
  world: World,
  client: Client,
  wait: Extract<ClientEffect, { type: "dial later" }>,
  cause: Cause,
): World {
  const { name } = client;
  const nth = client.draws.connect;
  const randomMs = wait.random
    ? drawBetween(world.seed, "reconnect", `client ${name}`, nth, 0, 999)
    : 0;
  const waitUs = usFromMs(randomMs + (wait.wholeList ? 1_000 : 0));
  const drawn = wait.random
    ? withClient(world, name, ({ draws }) => ({ draws: { ...draws, connect: nth + 1 } }))
    : world;
  return startTimer(drawn, name, "dial", waitUs, { type: "dial", silentMs: 0 }, cause);
}

function dialServer(world: World, client: Client, to: Sid, cause: Cause): World {
  const attempt = client.attempts + 1;
  const { name } = client;
  const noted = withClient(world, name, () => ({ attempts: attempt }));
  const from = { kind: "client" as const, name, attempt };
  return dial(noted, { purpose: "client", port: portOf(world, to), from, to }, cause);
}

/** An attempt was answered; nobody waits for the answer to an older one, and its connection is closed. */
export function handleDialed(
  world: World,
  name: string,
  attempt: Dial,
  connection: number | null,
  cause: Cause,
): World {
  const client = findClient(world, name);
  if (client === null) return world;
  const mine =
    client.chart.value === "dialing" &&
    attempt.from.kind === "client" &&
    attempt.from.attempt === client.attempts;
  if (!mine) return connection === null ? world : close(world, connection, clientEnd(name), cause);
  if (connection === null) return tellHandle(world, name, { type: "tcp refused" }, cause);
  const heard = withClient(world, name, () => ({ lastHeardUs: world.nowUs }));
  return tellHandle(heard, name, { type: "tcp connected", connection }, cause);
}

/**
 * A timer of the library has run out. The silence that it bounds may have been broken since it was set, and then it
 * waits for the rest; so does a ping for which something else was sent.
 */
export function handleTimer(
  world: World,
  name: string,
  timer: string,
  event: ClientEvent,
  cause: Cause,
): World {
  const ended = forgetTimer(world, name, timer);
  const client = clientOf(ended, name);
  const { timeoutMs } = client.chart.context;
  const silentUs = world.nowUs - client.lastHeardUs;
  const silentMs = silentUs / 1_000;
  switch (event.type) {
    case "read timeout": {
      const leftUs = usFromMs(readTimeoutMs(timeoutMs)) - silentUs;
      return leftUs > 0
        ? startTimer(ended, name, timer, leftUs, event, cause)
        : tellHandle(ended, name, { ...event, silentMs }, cause);
    }
    case "ping due": {
      const idleUs = world.nowUs - client.lastSentUs;
      return timeToNextPingUs(timeoutMs, idleUs) > 0
        ? planPing(ended, client, cause)
        : tellHandle(ended, name, event, cause);
    }
    case "dial":
    case "attempt timeout":
      return tellHandle(ended, name, { ...event, silentMs }, cause);
    default:
      return tellHandle(ended, name, event, cause);
  }
}

/**
 * The library is awake: it pings when it is time, or sleeps until then. A timer that will wake it earlier is left to
 * run, it looks again then. Source: ClientCnxn.SendThread.run.
 */
function planPing(world: World, client: Client, cause: Cause): World {
  const { name } = client;
  const { timeoutMs } = client.chart.context;
  const waitUs = timeToNextPingUs(timeoutMs, world.nowUs - client.lastSentUs);
  const dueUs = world.nowUs + Math.max(waitUs, 0);
  const planned = client.timers["ping"];
  if (planned !== undefined && client.pingDueUs <= dueUs) return world;
  const noted = withClient(world, name, () => ({ pingDueUs: dueUs }));
  return startTimer(noted, name, "ping", Math.max(waitUs, 0), { type: "ping due" }, cause);
}

/** The pause between two searches doubles up to this. Source: ClientCnxn.SendThread.maxPingRwTimeout. */
const LONGEST_SEARCH_MS = 60_000;

/**
 * Asks another server "isro". Source: ClientCnxn.SendThread.pingRwServer.
 * Simpler than real: the words are not on the wire, and the answer is there at once.
 */
function askWhetherItWrites(world: World, name: string, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  const writes = process?.serving === true && process.service.mode !== "read-only";
  return writes ? tellHandle(world, name, { type: "read/write server found", sid }, cause) : world;
}

function startTimer(
  world: World,
  name: string,
  timer: string,
  delayUs: VirtualUs,
  event: ClientEvent,
  cause: Cause,
): World {
  const stopped = stopTimer(world, name, timer);
  const number = stopped.nextNumber;
  const next = schedule(
    stopped,
    { type: "client timer", name, timer, event },
    stopped.nowUs + delayUs,
    cause,
  );
  return withClient(next, name, (client) => ({ timers: { ...client.timers, [timer]: number } }));
}

function stopTimer(world: World, name: string, timer: string): World {
  const number = clientOf(world, name).timers[timer];
  if (number === undefined) return world;
  return forgetTimer(unschedule(world, number), name, timer);
}

function stopTimers(world: World, name: string): World {
  return Object.keys(clientOf(world, name).timers).reduce(
    (one, timer) => stopTimer(one, name, timer),
    world,
  );
}

/** A timer has ended, or is not wanted any more. */
function forgetTimer(world: World, name: string, timer: string): World {
  return withClient(world, name, (client) => {
    const timers = { ...client.timers };
    delete timers[timer];
    return { timers };
  });
}

/** The port this server's clients are told to use. */
function portOf(world: World, sid: number): number {
  return serverOf(world, sid).process?.config.clientPort ?? 2181;
}
