import { performance } from "node:perf_hooks";
import { advance, type History, seek } from "../history/history";
import { startHistory } from "../history/start";
import { draw } from "../random";
import { worldOfLab } from "../scenario/play";
import { ensembleOf } from "../scenario/trial";
import { nextEventUs, takeStep } from "../sim/step";
import type { World } from "../sim/world";
import { treeNodeAt, withNode } from "../tree/dataTree";
import { usFromMs, US_PER_SECOND } from "../units";

// What the engine costs on one core. It prints figures and judges nothing. Times are of the processor, not of the clock
// on the wall, where a neighbour would count too. An event is an entry of the queue.

interface Load {
  readonly servers: number;
  readonly clients: number;
  readonly writesPerSecond: number;
}

const USUAL: Load = { servers: 5, clients: 3, writesPerSecond: 10 };

/** An ensemble with a leader, its clients connected and writing; the engine's code is warm by then. */
function settled({ servers, clients, writesPerSecond }: Load): World {
  const everyMs = (1_000 * clients) / writesPerSecond;
  const setups = Array.from({ length: clients }, (_, nth) => ({
    name: `c${nth}`,
    timeoutMs: 10_000,
    ...(writesPerSecond === 0
      ? {}
      : { behaviour: { type: "writer" as const, path: `/c${nth}`, everyMs } }),
  }));
  const world = worldOfLab(ensembleOf(servers, { up: true, clients: setups }), 1);
  return run(world, usFromMs(20_000));
}

function run(from: World, untilUs: number): World {
  let world = from;
  while ((nextEventUs(world) ?? Infinity) < untilUs) world = takeStep(world);
  return world;
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};

function say(title: string, ...figures: readonly string[]): void {
  console.log(`${title.padEnd(44)} ${figures.join(", ")}`);
}

const whole = (value: number) => String(Math.round(value));

function rates(title: string, from: World, seconds: number): void {
  const began = cpuSeconds();
  const world = run(from, from.nowUs + seconds * US_PER_SECOND);
  const tookS = cpuSeconds() - began;
  const events = world.steps - from.steps;
  say(
    title,
    `${whole(events / tookS)} events/s`,
    `${whole(seconds / tookS)} virtual s/s`,
    `${whole(events)} events`,
  );
}

/** The world with so many znodes more on each server, as a client might have made them. */
function withZnodes(world: World, count: number): World {
  return {
    ...world,
    servers: world.servers.map((server) => {
      const { process } = server;
      const sample = process === null ? null : treeNodeAt(process.tree, "/c0");
      if (process === null || sample === null) return server;
      let { tree } = process;
      for (let nth = 0; nth < count; nth += 1) tree = withNode(tree, `/more${nth}`, sample);
      return { ...server, process: { ...process, tree } };
    }),
  };
}

const bytesInUse = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

/** A run with its history: how fast it grows, how large it is, and how long it takes to go to a moment in it. */
function histories(title: string, from: World, until: (history: History) => boolean): void {
  let history = startHistory(from);
  const before = bytesInUse();
  const began = cpuSeconds();
  while (!until(history)) history = advance(history, history.endUs + 60 * US_PER_SECOND);
  const tookS = cpuSeconds() - began;
  const events = history.endStep - from.steps;
  const bytes = bytesInUse() - before;
  const seeks: number[] = [];
  const rangeUs = history.endUs - from.nowUs;
  for (let nth = 0; nth < 50; nth += 1) {
    const toUs = from.nowUs + Math.floor(draw(1, "seek", "bench", nth) * rangeUs);
    const start = performance.now();
    history = seek(history, toUs);
    seeks.push(performance.now() - start);
  }
  seeks.sort((a, b) => a - b);
  const at = (share: number) => (seeks[Math.floor(share * (seeks.length - 1))] ?? 0).toFixed(1);
  const size = globalThis.gc === undefined ? [] : [`${whole(bytes / events)} bytes/event`];
  say(
    title,
    `${whole(events / tookS)} events/s`,
    `seek ${at(0.5)} ms, at most ${at(1)} ms`,
    ...size,
    `${events} events`,
  );
}

const usual = settled(USUAL);
// Twice, so that the first figure is not that of cold code.
run(usual, usual.nowUs + 120 * US_PER_SECOND);
rates("5 servers, 3 clients, 10 writes/s", usual, 240);
rates("5 servers, 3 clients, idle", settled({ ...USUAL, writesPerSecond: 0 }), 2_400);
for (const servers of [3, 5, 9, 15, 25])
  rates(`${servers} servers`, settled({ ...USUAL, servers }), 120);
for (const clients of [3, 30, 100])
  rates(
    `${clients} clients, 1 write/s each`,
    settled({ servers: 5, clients, writesPerSecond: clients }),
    30,
  );
for (const znodes of [10, 1_000, 100_000])
  rates(`${znodes} znodes`, withZnodes(usual, znodes), 120);
const tenMinutesUs = usual.nowUs + 600 * US_PER_SECOND;
histories("history of ten minutes", usual, ({ endUs }) => endUs >= tenMinutesUs);
histories(
  "history of a million events",
  usual,
  ({ endStep }) => endStep - usual.steps >= 1_000_000,
);
