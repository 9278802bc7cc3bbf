import { createOf } from "../net/request";
import { expect, test } from "vitest";
import { ensembleOf, Trial } from "../scenario/trial";
import { type Command, cut, heal, kill, operate, pause, resume, start } from "./command";
import type { World } from "./world";

const lab = ensembleOf(5, {
  up: true,
  clients: [
    {
      name: "A",
      timeoutMs: 6_000,
      behaviour: { type: "writer", path: "/a", everyMs: 300 },
    },
    { name: "B", timeoutMs: 4_000 },
  ],
});

/** Ten seconds in which much goes wrong. */
function troubled(seed: number, after?: (world: World) => void): Trial {
  const trial = new Trial(lab, seed, after).wait(3_000);
  trial.do(cut(1, 2), kill(5)).wait(1_500);
  trial.do(pause(4), heal(1, 2), start(5)).wait(1_500);
  trial.do(operate("B", createOf("/b", "", "EPHEMERAL"))).wait(1_000);
  return trial.do(resume(4), kill(3)).wait(3_000);
}

/** All draws of one run: how long each packet of each connection and each fsync took. */
function drawsOf(seed: number, disturb: (trial: Trial) => void): Map<string, number> {
  const draws = new Map<string, number>();
  const noted = new Set<number>();
  const trial = new Trial(lab, seed, ({ network }) => {
    for (const connection of network.connections) {
      for (const lane of [connection.toAcceptor, connection.toDialer]) {
        for (const [index, { number, sentUs, arriveUs }] of lane.entries()) {
          // A packet right behind another may have to wait for it; the others show their own time.
          if (noted.has(number) || index > 0) continue;
          noted.add(number);
          draws.set(`${connection.place} at ${sentUs}`, arriveUs - sentUs);
        }
      }
    }
  });
  trial.wait(3_000);
  disturb(trial);
  trial.wait(2_000);
  return draws;
}

test("the same seed and the same commands give the same world, byte for byte", () => {
  const first = troubled(7);
  const second = troubled(7);
  expect(JSON.stringify(second.world)).toBe(JSON.stringify(first.world));
  expect(JSON.stringify(second.facts)).toBe(JSON.stringify(first.facts));
});

test("a world is plain data: read back from its text it goes on as before", () => {
  const trial = troubled(3);
  const copy = new Trial(lab, 3);
  copy.world = JSON.parse(JSON.stringify(trial.world)) as World;
  trial.wait(5_000);
  copy.wait(5_000);
  expect(JSON.stringify(copy.world)).toBe(JSON.stringify(trial.world));
});

test("twenty seeds give twenty different runs", () => {
  const runs = Array.from({ length: 20 }, (_, index) =>
    JSON.stringify(new Trial(lab, index + 1).wait(2_000).facts),
  );
  expect(new Set(runs).size).toBe(20);
});

test("one more packet on one connection changes no draw on any other", () => {
  const quiet = drawsOf(5, () => {});
  const more = drawsOf(5, (trial) => {
    trial.do(operate("B", { type: "exists", path: "/" }));
  });
  const place = [...more.keys()].find((one) => !quiet.has(one))?.split(" at ")[0] ?? "";
  expect(place).toMatch(/^client\/B/);
  const elsewhere = [...quiet].filter(([one]) => !one.startsWith(place));
  expect(elsewhere.length).toBeGreaterThan(50);
  for (const [one, us] of elsewhere) expect([one, more.get(one)]).toEqual([one, us]);
});

test("every fact can be traced back, cause by cause, to a command or to the beginning", () => {
  const causeOf = new Map<number, number>();
  const commands = new Set<number>();
  const trial = new Trial(lab, 11, ({ queue }) => {
    for (const { number, cause } of queue) causeOf.set(number, cause);
  });
  for (const { number, cause } of trial.world.queue) causeOf.set(number, cause);
  const does = (...list: readonly Command[]) => {
    for (const command of list) {
      commands.add(trial.world.nextNumber);
      trial.do(command);
    }
  };
  trial.wait(3_000);
  does(kill(5), pause(2));
  trial.wait(2_000);
  does(start(5), resume(2), cut(1, 4));
  trial.wait(13_000);
  does(heal(1, 4), operate("B", createOf("/b", "")));
  trial.wait(5_000);
  const roots = new Set<number>();
  for (const fact of trial.facts) {
    let cause = fact.cause;
    while (cause !== 0 && !commands.has(cause)) {
      const before = causeOf.get(cause);
      expect(before, `${fact.type} at ${fact.t} comes from ${cause}`).toBeDefined();
      expect(before).toBeLessThan(cause);
      cause = before ?? 0;
    }
    roots.add(cause);
  }
  expect(roots.has(0)).toBe(true);
  expect(roots.size).toBeGreaterThan(5);
});

test("the numbers of facts increase and are never used twice", () => {
  const numbers = troubled(2).facts.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
});
