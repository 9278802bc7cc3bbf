import { createOf } from "../net/request";
import { expect, test } from "vitest";
import type { VariantName } from "../rules/variants";
import { draw, drawBetween } from "../random";
import { ensembleOf, Trial } from "../scenario/trial";
import { nodeAt, withConfig } from "../tree/dataTree";
import type { Sid } from "../units";
import {
  blockPort,
  breakConnection,
  type Command,
  cut,
  heal,
  kill,
  openPort,
  operate,
  pause,
  powerLoss,
  resume,
  start,
} from "../sim/command";
import { leaderOf, phaseOf, roleOf } from "../sim/read";
import type { World } from "../sim/world";
import { check, type Checking, startChecking, type Violation } from "./check";

/** A run under watch: what was broken, what was acknowledged, and whether a server could not start again. */
class Watched {
  readonly violations: Violation[] = [];
  readonly answered: string[] = [];
  /** After a crash between a SNAP's snapshot and currentEpoch (ZOOKEEPER-1653). */
  stuck = false;
  private checking: Checking | null = null;
  private before: World | null = null;

  constructor(private readonly variant: VariantName) {}

  look = (world: World): void => {
    this.checking ??= startChecking(this.before ?? world);
    if (this.before !== null) this.violations.push(...check(this.checking, this.before, world));
    this.before = world;
    for (const fact of world.facts) {
      if (fact.type === "write.ack") this.answered.push(fact.path);
      if (fact.type !== "srv.exit") continue;
      this.stuck = this.variant !== "repaired" && /current epoch, .* is older/.test(fact.reason);
      if (!this.stuck) expect.fail(`${fact.id} ended itself: ${fact.reason}`);
    }
  };
}

/** The nth fault of a run: mostly one that can do something now. */
function faultOf(world: World, seed: number, nth: number, { size, harsh }: Run): Command {
  const pick = (what: string, most: number) => drawBetween(seed, what, "faults", nth, 1, most);
  const [a, b] = [pick("a", size), pick("b", size)];
  const port = pick("port", 2) === 1 ? 2888 : 3888;
  const connections = world.network.connections.map(({ number }) => number);
  const chance = draw(seed, "kind", "faults", nth);
  if (harsh && chance < 0.07) return powerLoss(a);
  if (chance < 0.15) return kill(a);
  if (chance < 0.32) return start(a);
  if (chance < 0.38) return pause(a);
  if (chance < 0.46) return resume(a);
  if (chance < 0.56) return cut(a, b);
  if (chance < 0.66) return heal(a, b);
  if (chance < 0.69) return blockPort(a, port);
  if (chance < 0.73) return openPort(a, port);
  if (chance < 0.78)
    return breakConnection(connections[pick("c", 1 + connections.length) - 1] ?? 0);
  const op = createOf(`/${nth}`, "");
  return operate(pick("client", 2) === 1 ? "A" : "B", op);
}

const settled = (world: World) =>
  leaderOf(world) !== null && world.servers.every((server) => phaseOf(server) === "broadcast");

/**
 * 40 s of faults, then everything is repaired. Within three minutes all must be well: a voter whose wait for
 * notifications has grown to 60 s is not waked by votes that are no better than its own.
 */
function faultyRun(run: Run) {
  const { seed, variant } = run;
  const watched = new Watched(variant);
  const trial = new Trial(labOf(run), seed, watched.look, variant);

  trial.wait(1_500);
  for (let nth = 0; trial.world.nowUs < 41_500_000; nth += 1) {
    const fault = faultOf(trial.world, seed, nth, run);
    // Some come all at once.
    const mostMs = run.harsh && nth % 7 < 4 ? 40 : 1_600;
    trial.do(fault).wait(draw(seed, "gap", "faults", nth) * mostMs);
  }
  const sids = trial.world.servers.map(({ sid }) => sid);
  for (const a of sids) {
    trial.do(resume(a), start(a), openPort(a, 2888), openPort(a, 3888));
    for (const b of sids) trial.do(heal(a, b));
  }
  trial.until((world) => watched.stuck || settled(world), 180_000).wait(5_000);
  return { trial, watched };
}

/** One run: who is there, what it is true to, and whether power fails and faults come in bursts. */
interface Run {
  readonly seed: number;
  readonly size: number;
  readonly observers: readonly Sid[];
  readonly lines: readonly string[];
  readonly variant: VariantName;
  readonly harsh: boolean;
}

const shapes = [
  { size: 5, observers: [], lines: [] },
  { size: 3, observers: [], lines: [] },
  { size: 5, observers: [4, 5], lines: [] },
  { size: 6, observers: [], lines: ["group.1=1:2:3", "group.2=4:5", "group.3=6"] },
  { size: 4, observers: [2], lines: [] },
];
const variants = ["3.9.5", "3.8.0", "repaired"] as const;

const runs = Array.from({ length: 45 }, (_, index): Run => ({
  seed: index + 1,
  ...(shapes[index % 5] ?? { size: 3, observers: [], lines: [] }),
  variant: variants[Math.floor(index / 5) % 3] ?? "3.9.5",
  harsh: index % 2 === 1,
}));

function labOf({ size, observers, lines }: Run) {
  const clients = ["A", "B"].map((name) => ({ name, timeoutMs: 10_000 }));
  const plain = ensembleOf(size, { up: true, clients });
  const role = (line: string) =>
    observers.some((sid) => line.startsWith(`server.${sid}=`)) ? ":observer" : "";
  const servers = plain.servers.map((server) => ({
    ...server,
    zooCfg: [...server.zooCfg.split("\n").map((line) => line + role(line)), ...lines].join("\n"),
  }));
  return { ...plain, servers };
}

test("forty-five runs full of faults break no invariant, and end with one leader, equal trees and every answered write", () => {
  const failures: string[] = [];
  for (const run of runs) {
    try {
      const { trial, watched } = faultyRun(run);
      const { servers } = trial.world;
      if (watched.stuck) continue;
      expect(watched.violations).toEqual([]);
      expect(leaderOf(trial.world)).not.toBeNull();
      expect(servers.filter((server) => roleOf(server) === "LEADING")).toHaveLength(1);
      const observing = servers.filter((server) => roleOf(server) === "OBSERVING");
      expect(observing.map(({ sid }) => sid)).toEqual(run.observers);
      // Each server has written the membership for itself, at its own time.
      const trees = servers.map(({ process }) =>
        JSON.stringify(process === null ? null : withConfig(process.tree, "", 0, 0)),
      );
      expect(new Set(trees).size).toBe(1);
      for (const path of watched.answered)
        for (const { sid, process } of servers)
          if (process === null || nodeAt(process.tree, path) === null)
            expect.fail(`${path} was acknowledged and is not on ${sid}`);
    } catch (error) {
      const { seed, size, variant } = run;
      failures.push(`seed ${seed}, ${size} servers, ${variant}: ${(error as Error).message}`);
    }
  }
  expect(failures).toEqual([]);
}, 120_000);
