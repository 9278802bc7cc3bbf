import {
  cutClient,
  healClient,
  type Command,
  kill,
  pauseClient,
  resumeClient,
  start,
  stop,
} from "../sim/command";
import { leaderOf, roleOf } from "../sim/read";
import type { World } from "../sim/world";
import type { Sid } from "../units";
import type { Check, FactMatch } from "./objective";

/** Lets so much simulated time pass. */
export type Wait = { readonly type: "wait"; readonly ms: number };
/** Runs until it holds; a fact counts from the beginning of the line before. Fails after 120 simulated seconds. */
export type Until = { readonly type: "until"; readonly what: FactMatch | Check };

/** Commands that depend on how things stand when the line is reached: kill whoever leads, pause whoever owns a lock. */
export type Act = { readonly type: "act"; readonly what: (world: World) => readonly Command[] };

/** One line of a script: a command, or several, or time. */
export type ScriptLine = Command | Act | Wait | Until;

export const wait = (ms: number): Wait => ({ type: "wait", ms });
export const until = (what: FactMatch | Check): Until => ({ type: "until", what });
export const act = (what: Act["what"]): Act => ({ type: "act", what });

/** Who leads, who follows, who is down: servers named by what they are. */
export type Who = "leader" | "followers" | "down";

function whoIs(world: World, who: Who): readonly Sid[] {
  const leader = leaderOf(world);
  switch (who) {
    case "leader":
      return leader === null ? [] : [leader];
    case "followers":
      return world.servers.filter((one) => roleOf(one) === "FOLLOWING").map(({ sid }) => sid);
    case "down":
      return world.servers.filter(({ process }) => process === null).map(({ sid }) => sid);
  }
}

export const killThe = (who: Who): Act => act((world) => whoIs(world, who).map(kill));
export const stopThe = (who: Who): Act => act((world) => whoIs(world, who).map(stop));
export const startThe = (who: Who): Act => act((world) => whoIs(world, who).map(start));

/** Freezes an application for so long; cuts it off from all servers for so long. */
export const pauseClientFor = (client: string, ms: number): readonly ScriptLine[] => [
  pauseClient(client),
  wait(ms),
  resumeClient(client),
];
export const cutClientFor = (client: string, ms: number): readonly ScriptLine[] => [
  cutClient(client),
  wait(ms),
  healClient(client),
];
