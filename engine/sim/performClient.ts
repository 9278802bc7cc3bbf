import { unreachable } from "../assert";
import { clientEnd } from "../net/connection";
import { drawBetween } from "../random";
import { timeToNextPingUs } from "../session/client";
import type { ClientEffect } from "../session/client.chart";
import type { ClientEvent } from "../session/events";
import { type Cause, usFromMs, type VirtualUs } from "../units";
import { tell, withClient } from "./change";
import { beginClient, type ClientStep, type Delayed, stepClient } from "./chart";
import type { FactBody } from "./fact";
import { schedule, unschedule } from "./queue";
import { clientOf, serverOf, votersOf } from "./read";
import { close, dial, send } from "./wire";
import type { World } from "./world";

/** A client's handle comes to life: it tries its first server. */
export function startClient(world: World, name: string): World {
  const client = clientOf(world, name);
  return taken(world, name, beginClient(client.chart.context), 0);
}

/** Tells a client's chart of an event, and does what it wants done. */
export function tellClient(world: World, name: string, event: ClientEvent, cause: Cause): World {
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
      return dialLater(world, name, effect.wait, cause);
    case "dial": {
      const port = portOf(world, effect.sid);
      return dial(
        world,
        { purpose: "client", port, from: { kind: "client", name }, to: effect.sid },
        cause,
      );
    }
    case "send": {
      if (context.connection === null) return world;
      const sent = send(world, context.connection, clientEnd(name), effect.packet, cause);
      return withClient(sent, name, () => ({ lastSentUs: world.nowUs }));
    }
    case "close":
      return effect.connection === null
        ? world
        : close(world, effect.connection, clientEnd(name), cause);
    case "start timer":
      return startTimer(world, name, effect.name, usFromMs(effect.ms), effect.event, cause);
    case "bound the silence": {
      const leftUs = client.lastHeardUs + usFromMs(effect.ms) - world.nowUs;
      return startTimer(world, name, effect.name, Math.max(leftUs, 0), effect.event, cause);
    }
    case "stop timer":
      return stopTimer(world, name, effect.name);
    case "plan the next ping": {
      const waitUs = timeToNextPingUs(context.timeoutMs, world.nowUs - client.lastSentUs);
      return startTimer(world, name, "ping", Math.max(waitUs, 0), { type: "ping due" }, cause);
    }
    case "start delay":
      return startTimer(world, name, effect.id, usFromMs(effect.ms), effect.event, cause);
    case "stop delay":
      return stopTimer(world, name, effect.id);
    case "tell":
      return tell(world, completed(world, effect.fact), cause);
    default:
      return unreachable(effect, "perform of a client");
  }
}

/** A write's fact also says how many voters were down. */
function completed(world: World, fact: FactBody): FactBody {
  if (fact.type !== "write.ack") return fact;
  const voters = votersOf(world);
  return {
    ...fact,
    down: world.servers.filter((one) => voters.includes(one.sid) && one.process === null).length,
  };
}

/** Source: ClientCnxn.SendThread.cleanup (100 ms), startConnect (up to 999 ms); StaticHostProvider.next (1 s). */
function dialLater(
  world: World,
  name: string,
  wait: Extract<ClientEffect, { type: "dial later" }>["wait"],
  cause: Cause,
): World {
  const nth = clientOf(world, name).draws.connect;
  const pauseMs =
    wait === "none" ? 0 : 100 + drawBetween(world.seed, "reconnect", `client ${name}`, nth, 0, 999);
  const listMs = wait === "pause after the whole list" ? 1_000 : 0;
  const drawn = withClient(world, name, () => ({ draws: { connect: nth + 1 } }));
  return startTimer(drawn, name, "dial", usFromMs(pauseMs + listMs), { type: "dial" }, cause);
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
  return forgetClientTimer(unschedule(world, number), name, timer);
}

/** A timer has ended, or is not wanted any more. */
export function forgetClientTimer(world: World, name: string, timer: string): World {
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
