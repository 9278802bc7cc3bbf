import { assert } from "../assert";
import { emptyDisk } from "../disk/disk";
import {
  advance,
  factsAt,
  type History,
  nextMomentUs,
  record,
  stepForward,
} from "../history/history";
import { startHistory } from "../history/start";
import type { VariantName } from "../rules/variants";
import type { ClientLibrary } from "../session/context";
import { startClient } from "../sim/clientCommands";
import { expanded, makeClient } from "../sim/clients";
import { startProcess } from "../sim/process";
import type { Delays, Server, World } from "../sim/world";
import { emptyMap } from "../tree/persistentMap";
import { usFromMs } from "../units";
import type { Lab } from "./lab";
import { type Check, matches } from "./objective";
import type { ScriptLine } from "./script";

/** Message latency 5 ± 2 ms, fsync 2 ± 1 ms, start-up 300 to 800 ms. */
export const usualDelays: Delays = {
  packetUs: [3_000, 7_000],
  fsyncUs: [1_000, 3_000],
  startUpUs: [300_000, 800_000],
};

/** The ensemble of a lab before anything has happened in it. */
export function worldOfLab(
  lab: Pick<Lab, "servers" | "clients" | "delays" | "library">,
  seed: number,
  variant: VariantName = "3.9.5",
  library: ClientLibrary = lab.library ?? "3.9.5",
): World {
  const clients = lab.clients.flatMap(expanded);
  const servers = lab.servers.map(({ zooCfg, myid, jvmFlags = [] }): Server => {
    const sid = Number(myid.trim());
    assert(sid > 0, "a lab's server has a number in its myid");
    return {
      sid,
      zooCfg,
      myid,
      jvmFlags,
      disk: emptyDisk(),
      process: null,
      paused: null,
      down: null,
      draws: { startUp: 0, fsync: 0 },
    };
  });
  let world: World = {
    seed,
    variant,
    library,
    mutants: [],
    delays: lab.delays ?? usualDelays,
    nowUs: 0,
    steps: 0,
    nextNumber: 1,
    queue: [],
    servers: servers.toSorted((a, b) => a.sid - b.sid),
    clients: clients
      .map((setup, nth) => makeClient(setup, nth, library))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    clientsMade: clients.length,
    ledgers: {},
    bare: [],
    network: {
      connections: [],
      cuts: [],
      clientCuts: [],
      blockedPorts: [],
      slow: [],
      holding: [],
      opened: emptyMap(),
    },
    lastCommitted: 0,
    attached: emptyMap(),
    facts: [],
  };
  for (const { myid, up } of lab.servers)
    if (up) world = startProcess(world, Number(myid.trim()), 0);
  for (const { name } of clients) world = startClient(world, name, 0);
  return world;
}

/** What a script came to. */
export interface Played {
  readonly history: History;
  /** The checks met on the way, in order. */
  readonly reached: readonly string[];
}

/** A wait that lasts longer fails the script. */
const LONGEST_WAIT_MS = 120_000;

/** Plays a script on a lab's ensemble, without a page; every check is asked after every step. */
export function playScript(lab: Lab, script: readonly ScriptLine[], seed: number): Played {
  let played: Played = { history: startHistory(worldOfLab(lab, seed)), reached: [] };
  let lineBegan = 0;
  for (const line of script) {
    const since = lineBegan;
    lineBegan = played.history.now.nextNumber;
    if (line.type === "wait") {
      played = runWhile(lab, played, played.history.now.nowUs + usFromMs(line.ms), () => true);
    } else if (line.type === "until") {
      const done = ({ history }: Played) => holds(history, line.what, since);
      const endUs = played.history.now.nowUs + usFromMs(LONGEST_WAIT_MS);
      played = runWhile(lab, played, endUs, (now) => !done(now));
      assert(
        done(played),
        `"until ${typeof line.what === "function" ? line.what.name : JSON.stringify(line.what)}" comes true within 120 s`,
      );
    } else {
      const commands = line.type === "act" ? line.what(played.history.now) : [line];
      for (const command of commands)
        played = judged(lab, { ...played, history: record(played.history, command) });
    }
  }
  return played;
}

function holds(
  history: History,
  what: Extract<ScriptLine, { type: "until" }>["what"],
  since: number,
): boolean {
  if (typeof what === "function") return what({ world: history.now, facts: factsAt(history) });
  return history.facts.some((fact) => fact.number >= since && matches(fact, what));
}

function runWhile(
  lab: Lab,
  from: Played,
  untilUs: number,
  goesOn: (played: Played) => boolean,
): Played {
  let played = from;
  for (
    let due = nextMomentUs(played.history);
    due !== null && due <= untilUs && goesOn(played);
    due = nextMomentUs(played.history)
  ) {
    played = judged(lab, { ...played, history: stepForward(played.history) });
  }
  return goesOn(played) ? { ...played, history: advance(played.history, untilUs) } : played;
}

function judged(lab: Lab, played: Played): Played {
  const reached = judge(lab, played.history, played.reached);
  return reached === played.reached ? played : { ...played, reached };
}

/** Adds the checks that hold now to those met before; the same list when nothing is new. */
export function judge(lab: Lab, history: History, reached: readonly string[]): readonly string[] {
  const open = Object.entries<Check>(lab.met).filter(([id]) => !reached.includes(id));
  if (open.length === 0) return reached;
  const view = { world: history.now, facts: factsAt(history) };
  const met = open.filter(([, check]) => check(view)).map(([id]) => id);
  return met.length === 0 ? reached : [...reached, ...met];
}
