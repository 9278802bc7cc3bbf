import { expect, test } from "vitest";
import { createOf, type Operation } from "../net/request";
import type { ClientSetup, ServerSetup } from "../scenario/lab";
import { usualDelays } from "../scenario/play";
import { Trial } from "../scenario/trial";
import { isEmpty, lengthOf } from "../session/fifo";
import { operate } from "./command";
import { clientOf, leaderOf } from "./read";
import { backlogOf, type ServiceTimes } from "./serviceTimes";
import type { World } from "./world";

/** So many voters and observers, each with one client of its own, all up and serving. */
function ensemble(voters: number, observers: number, service: ServiceTimes | null): Trial {
  const sids = [...Array(voters + observers).keys()].map((index) => index + 1);
  const lines = sids.map(
    (sid) => `server.${sid}=zk${sid}:2888:3888${sid > voters ? ":observer" : ""}`,
  );
  const keys = ["tickTime=2000", "initLimit=10", "syncLimit=5", "dataDir=/data", "clientPort=2181"];
  const zooCfg = [...keys, ...lines].join("\n");
  const servers = sids.map((sid): ServerSetup => ({
    zooCfg,
    myid: `${sid}`,
    disk: "empty",
    up: true,
  }));
  const clients = sids.map((sid): ClientSetup => {
    return { name: `c${sid}`, timeoutMs: 20_000, servers: [sid] };
  });
  const delays = service === null ? usualDelays : { ...usualDelays, service };
  const trial = new Trial({ servers, clients, delays }, 1);
  const ready = (world: World) =>
    world.clients.every(({ chart }) => chart.value === "connected") && leaderOf(world) !== null;
  return trial.until(ready).wait(1_000);
}

/** How many a second are answered when every client asks for so many at once. */
function throughput(trial: Trial, each: number, op: (name: string, nth: number) => Operation) {
  const names = trial.world.clients.map(({ name }) => name);
  for (const name of names)
    for (let nth = 0; nth < each; nth += 1) trial.do(operate(name, op(name, nth)));
  const beganUs = trial.world.nowUs;
  const answered = (world: World) =>
    names.every((name) => isEmpty(clientOf(world, name).chart.context.pending));
  trial.until(answered, 120_000);
  return (names.length * each * 1_000_000) / (trial.world.nowUs - beganUs);
}
const read = (): Operation => ({ type: "getData", path: "/" });
const write = (name: string, nth: number): Operation => createOf(`/${name}-${nth}`, "");
const costs = { readUs: 2_000, writeUs: 500, sendUs: 1_000 };

test("a server answers so many reads a second, and more servers answer more", () => {
  const [three, five, withObservers] = [
    ensemble(3, 0, costs),
    ensemble(5, 0, costs),
    ensemble(3, 2, costs),
  ].map((trial) => throughput(trial, 60, read));
  // 500 each, less the way there and back.
  expect(three).toBeGreaterThan(1_200);
  expect(three).toBeLessThan(1_500);
  expect(five).toBeGreaterThan(2_000);
  expect(five).toBeLessThan(2_500);
  expect(withObservers).toBeGreaterThan(2_000);
}, 30_000);

test("writes become fewer with every voter, because the leader sends each to all of them", () => {
  const [three, five, seven] = [3, 5, 7].map((voters) =>
    throughput(ensemble(voters, 0, costs), Math.floor(105 / voters), write),
  );
  expect(three).toBeGreaterThan(350);
  expect(three).toBeLessThan(500);
  expect(five ?? 0).toBeLessThan((three ?? 0) * 0.65);
  expect(seven ?? 0).toBeLessThan((five ?? 0) * 0.8);
}, 30_000);

test("a write takes longer the more voters there are, and observers leave it as it is", () => {
  const latencyMs = (voters: number, observers: number) => {
    const trial = ensemble(voters, observers, { ...costs, sendUs: 5_000 });
    let sum = 0;
    for (let nth = 0; nth < 20; nth += 1) {
      const before = trial.world.nowUs;
      const leader = leaderOf(trial.world) ?? expect.fail("nobody leads");
      trial.do(operate(`c${leader}`, write("w", nth)));
      trial.untilFact({ type: "write.ack", path: `/w-${nth}` });
      sum += (trial.world.nowUs - before) / 1_000;
      trial.wait(300);
    }
    return sum / 20;
  };
  const three = latencyMs(3, 0);
  expect(latencyMs(7, 0)).toBeGreaterThan(three + 8);
  expect(Math.round(latencyMs(3, 4) - three)).toBeLessThanOrEqual(1);
}, 30_000);

test("writes take away from reads, and an overloaded server shows it", () => {
  const trial = ensemble(3, 0, { ...costs, readUs: 20_000 });
  for (let nth = 0; nth < 120; nth += 1) trial.do(operate("c1", read()));
  trial.wait(1_600);
  expect(backlogOf(trial.world, 1, 1_000_000)).toBeGreaterThan(30);
  expect(backlogOf(trial.world, 2, 1_000_000)).toBe(0);
  const before = trial.world.nowUs;
  trial.until((world) => isEmpty(clientOf(world, "c1").chart.context.pending));
  const leftMs = (trial.world.nowUs - before) / 1_000;
  expect(leftMs).toBeGreaterThan(600);
  expect(trial.all("session.expired")).toEqual([]);
}, 30_000);

test("answers of one client come in the order in which it asked, however long each takes", () => {
  const trial = ensemble(3, 0, { ...costs, servers: { 1: { readUs: 30_000 } } });
  const ops = [read(), write("o", 0), read(), read(), write("o", 1), read()];
  for (const op of ops) trial.do(operate("c1", op));
  let done: readonly number[] = [];
  trial.until((world) => {
    const pending = lengthOf(clientOf(world, "c1").chart.context.pending);
    if (pending !== ops.length - done.length) done = [...done, pending];
    return pending === 0;
  });
  expect(done).toEqual([5, 4, 3, 2, 1, 0]);
}, 30_000);

test("where nothing costs anything, everything happens as if there were no costs", () => {
  const free = { readUs: 0, writeUs: 0, sendUs: 0 };
  const run = (service: ServiceTimes | null) => {
    const trial = ensemble(3, 0, service);
    throughput(trial, 10, (name, nth) => (nth % 2 === 0 ? write(name, nth) : read()));
    return trial.facts;
  };
  expect(run(free)).toEqual(run(null));
}, 30_000);
