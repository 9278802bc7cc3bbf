import { expect, test } from "vitest";
import { type Behaviour, seqlockOf, standingOf, workerOf } from "../programs/programs";
import { draw, drawBetween } from "../random";
import { ensembleOf, Trial } from "../scenario/trial";
import { childrenOf, nodeAt } from "../tree/dataTree";
import {
  breakConnection,
  type Command,
  cut,
  cutClient,
  fence,
  heal,
  healClient,
  kill,
  killClient,
  pause,
  pauseClient,
  releaseLock,
  restartClient,
  resume,
  resumeClient,
  start,
} from "./command";
import { clientOf, leaderOf, serverOf } from "./read";
import type { World } from "./world";

const LOCK = "/lock";
const NAMES = ["A", "B", "C", "D"];

/** What must hold while owners, servers and links fail: two may believe at once, but only one rightly. */
class Judge {
  private readonly over = new Set<string>();
  private highest = 0;
  acquired = 0;

  look = (world: World): void => {
    for (const fact of world.facts) {
      if (fact.type === "session.expired" || fact.type === "session.closed")
        this.over.add(fact.sid);
      if (fact.type === "app.doubleRun" && fact.fenced)
        expect.fail("a fenced ledger took an old write");
      if (fact.type !== "lock.acquired") continue;
      const { token } = standingOf(clientOf(world, fact.name).program);
      this.acquired += 1;
      if (token <= this.highest) expect.fail(`${fact.name} acquired with the old token ${token}`);
      this.highest = token;
    }
    const believers = world.clients.flatMap(({ chart, program }) => {
      const { believesLock, token } = standingOf(program);
      return believesLock ? [{ token, session: chart.context.sessionId ?? "" }] : [];
    });
    if (believers.length < 2) return;
    const newest = Math.max(...believers.map(({ token }) => token));
    for (const { token, session } of believers)
      if (token < newest && !this.over.has(session))
        expect.fail(`two owners, and the session ${session} of the older one lives`);
  };
}

/** The nth fault of a run. */
function faultOf(world: World, seed: number, nth: number): Command {
  const pick = (what: string, most: number) => drawBetween(seed, what, "faults", nth, 1, most);
  const [a, b] = [pick("a", 3), pick("b", 3)];
  const name = NAMES[pick("client", NAMES.length) - 1] ?? "A";
  const connections = world.network.connections.map(({ number }) => number);
  const chance = draw(seed, "kind", "faults", nth);
  if (chance < 0.06) return kill(a);
  if (chance < 0.16) return start(a);
  if (chance < 0.2) return pause(a);
  if (chance < 0.3) return resume(a);
  if (chance < 0.34) return cut(a, b);
  if (chance < 0.42) return heal(a, b);
  if (chance < 0.48)
    return breakConnection(connections[pick("c", 1 + connections.length) - 1] ?? 0);
  if (chance < 0.54) return killClient(name);
  if (chance < 0.62) return restartClient(name);
  if (chance < 0.7) return pauseClient(name);
  if (chance < 0.8) return resumeClient(name);
  if (chance < 0.85) return cutClient(name);
  if (chance < 0.92) return healClient(name);
  return releaseLock(LOCK);
}

function faultyRun(seed: number, behaviour: Behaviour) {
  const clients = NAMES.map((name) => ({ name, behaviour, timeoutMs: 4_000 }));
  const judge = new Judge();
  const lab = {
    ...ensembleOf(3, { up: true, clients, keys: { tickTime: 1_000 } }),
    library: seed % 2 === 0 ? ("3.8.0" as const) : ("3.9.5" as const),
  };
  const trial = new Trial(lab, seed, judge.look).do(fence(LOCK)).wait(3_000);
  for (let nth = 0; trial.world.nowUs < 90_000_000; nth += 1)
    trial.do(faultOf(trial.world, seed, nth)).wait(draw(seed, "gap", "faults", nth) * 1_500);
  for (const a of [1, 2, 3]) {
    trial.do(resume(a), start(a));
    for (const b of [1, 2, 3]) trial.do(heal(a, b));
  }
  for (const name of NAMES) {
    trial.do(healClient(name), resumeClient(name));
    if (clientOf(trial.world, name).down !== null) trial.do(restartClient(name));
  }
  trial.until((world) => leaderOf(world) !== null, 180_000).wait(40_000);
  return { trial, judge };
}

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

test.each([
  ["one node", workerOf(LOCK)],
  ["a queue", seqlockOf(LOCK)],
] as const)(
  "whatever fails, a lock of %s has one rightful owner at a time, and one in the end",
  (_, behaviour) => {
    const failures: string[] = [];
    let acquired = 0;
    for (const seed of seeds) {
      try {
        const { trial, judge } = faultyRun(seed, behaviour);
        const standings = NAMES.map((name) => standingOf(clientOf(trial.world, name).program));
        expect(standings.filter(({ believesLock }) => believesLock)).toHaveLength(1);
        expect(standings.filter(({ waiting }) => waiting)).toHaveLength(NAMES.length - 1);
        const tree = serverOf(trial.world, leaderOf(trial.world) ?? 0).process?.tree;
        if (tree === undefined) expect.fail("somebody leads");
        if (behaviour.type === "seqlock") expect(childrenOf(tree, LOCK)).toHaveLength(NAMES.length);
        else
          expect(nodeAt(tree, LOCK)?.czxid).toBe(Math.max(...standings.map(({ token }) => token)));
        acquired += judge.acquired;
      } catch (error) {
        failures.push(`seed ${seed}: ${(error as Error).message}`);
      }
    }
    expect(failures).toEqual([]);
    expect(acquired).toBeGreaterThan(seeds.length * 5);
  },
  120_000,
);
