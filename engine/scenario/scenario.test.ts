import { describe, expect, test } from "vitest";
import { kill, start } from "../sim/command";
import type { Fact } from "../sim/fact";
import { compareVotes } from "../quorum/vote";
import { contextOf, leaderOf, roleOf, serverOf } from "../sim/read";
import { whoLeadsAfter } from "./forecast";
import { defineLab } from "./lab";
import { allSynced, elected, has, inOrder, killed, matches, roleNow, started } from "./objective";
import { playScript, worldOfLab } from "./play";
import { until, wait } from "./script";
import { ensembleOf, Trial } from "./trial";

const fact = (body: object, number = 1): Fact =>
  ({ t: 0, atUs: 0, number, cause: 0, ...body }) as Fact;

describe("a match", () => {
  const committed = fact({ type: "txn.committed", zxid: 9, acks: 2, path: "/a" });

  test("is a type, or a type with fields that have these values or answer these questions", () => {
    expect(matches(committed, "txn.committed")).toBe(true);
    expect(matches(committed, { type: "txn.committed", acks: 2 })).toBe(true);
    expect(matches(committed, { type: "txn.committed", acks: 3 })).toBe(false);
    expect(matches(committed, { type: "txn.committed", zxid: (zxid) => zxid > 8 })).toBe(true);
  });

  test("fails on a field that the fact does not have", () => {
    const pathless = fact({ type: "txn.committed", zxid: 9 });
    expect(matches(pathless, { type: "txn.committed", path: () => true })).toBe(false);
  });

  test("may ask for the fields of facts that share a body", () => {
    expect(matches(fact({ type: "sync.snap", id: 3 }), { type: "sync.snap", id: 3 })).toBe(true);
  });
});

test("facts are in order when each is found behind the one before, with anything between", () => {
  const facts = [
    fact({ type: "srv.start", id: 1 }),
    fact({ type: "srv.kill", id: 3 }),
    fact({ type: "srv.start", id: 3 }),
  ];
  expect(inOrder(facts, started(1), started(3))).toBe(true);
  expect(inOrder(facts, started(3), killed(3))).toBe(false);
  expect(inOrder(facts, started(1), started(1))).toBe(false);
  expect(has(facts, elected(3))).toBe(false);
});

describe("a lab", () => {
  const lab = defineLab<"led" | "lost" | "ghost">({
    id: "three",
    ...ensembleOf(3),
    met: {
      led: ({ facts }) => has(facts, "leader.elected"),
      lost: ({ facts }) => inOrder(facts, "leader.elected", "leader.lost"),
      ghost: ({ world }) => roleNow(world, 1) === "OBSERVING",
    },
    solution: [start(1), start(2), until(elected(2)), until(allSynced), kill(2), wait(10)],
    trap: { script: [start(1), wait(5_000)], unmet: ["led"] },
  });

  test("is played without a page: each check is met when it comes true, and stays met", () => {
    const { history, reached } = playScript(lab, lab.solution, 1);
    expect(reached).toEqual(["led", "lost"]);
    expect(history.commands.map(({ command }) => command)).toEqual([start(1), start(2), kill(2)]);
  });

  test("waits no longer than two minutes for what does not come", () => {
    expect(() => playScript(lab, [start(1), until("leader.elected")], 1)).toThrow("within 120 s");
  });

  test("lets only facts count from the line before on", () => {
    const script = [start(1), start(2), until(elected(2)), wait(10), until(elected(2))];
    expect(() => playScript(lab, script, 1)).toThrow("within 120 s");
  });

  test("begins with its servers in order, those that are up starting and the others down", () => {
    const { servers } = ensembleOf(3, { up: true });
    const [first, ...others] = servers.toReversed();
    const world = worldOfLab({ servers: [{ ...first!, up: false }, ...others], clients: [] }, 1);
    expect(world.servers.map(({ sid }) => sid)).toEqual([1, 2, 3]);
    expect(world.servers.map(roleOf)).toEqual(["STARTING", "STARTING", "DOWN"]);
  });

  test("may hold a zoo.cfg that does not start", () => {
    const zooCfg = "tickTime=2000";
    const trial = new Trial(
      { servers: [{ zooCfg, myid: "1", disk: "empty", up: false }], clients: [] },
      1,
    ).do(start(1));
    expect(trial.all("srv.exit")).toHaveLength(1);
    expect(serverOf(trial.world, 1).down?.exitCode).not.toBeNull();
  });
});

test("a forecast is what then happens, and leaves the world as it was", () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const trial = new Trial(ensembleOf(5, { up: true }), seed).wait(5_000);
    const before = JSON.stringify(trial.world);
    const leader = leaderOf(trial.world) ?? 0;
    const forecast = whoLeadsAfter(trial.world, kill(leader));
    expect(JSON.stringify(trial.world)).toBe(before);
    const { nowUs } = trial.world;
    const fact = trial.do(kill(leader)).untilFact("leader.elected");
    expect(fact).toMatchObject({ id: forecast.leader, wonBy: forecast.wonBy });
    expect(fact.atUs - nowUs).toBe(forecast.afterUs);
    const living = trial.world.servers.filter((server) => server.sid !== leader);
    expect(forecast.votes).toEqual(living.map((server) => contextOf(server)?.ownVote));
    const best = forecast.votes.reduce((a, b) => (compareVotes(b, a).better === "a" ? b : a));
    expect(best.leader).toBe(forecast.leader);
  }
});

test("nobody leads after a minute: the forecast says so", () => {
  const { world } = new Trial(ensembleOf(3), 1);
  expect(whoLeadsAfter(world, start(1))).toEqual({
    leader: null,
    wonBy: null,
    afterUs: 60_000_000,
    votes: [],
  });
});
