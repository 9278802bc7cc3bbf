import { expect, test } from "vitest";
import { createOf } from "../net/request";
import type { ClientSetup } from "../scenario/lab";
import { allSynced } from "../scenario/objective";
import { usualDelays } from "../scenario/play";
import { ensembleOf, Trial } from "../scenario/trial";
import {
  cut,
  cutClient,
  cutOneWay,
  delayFlight,
  deliver,
  heal,
  healClient,
  healOneWay,
  hold,
  kill,
  operate,
  release,
  slowLink,
  start,
  wipe,
} from "./command";
import { clientOf, flightsOf, leaderOf } from "./read";
import type { World } from "./world";

const synced = (world: World) => allSynced({ world, facts: [] });
const connected = (world: World) => clientOf(world, "A").chart.value === "connected";
const client = (...servers: readonly number[]): ClientSetup => {
  return { name: "A", timeoutMs: 10_000, servers };
};
const create = (path: string) => operate("A", createOf(path, ""));
/** Three servers of which 2 leads, and 3 came later. */
function three(clients: readonly ClientSetup[] = []): Trial {
  const trial = new Trial(ensembleOf(3, { clients }), 1);
  for (const sid of [1, 2, 3]) trial.do(start(sid)).wait(2_000);
  return trial;
}
const proposals = (world: World) =>
  flightsOf(world).filter(({ flight }) => flight.packet.type === "PROPOSAL");
const logged = (trial: Trial, path: string) =>
  trial
    .all({ type: "txn.logged", path })
    .map((fact) => (fact as { id?: number }).id ?? 0)
    .toSorted((a, b) => a - b);

test("one direction can be silenced alone: what is sent the other way arrives", () => {
  const trial = three().do(cutOneWay(1, 2));
  expect(trial.all("net.cut")).toMatchObject([{ sides: [[1], [2]], oneWay: true }]);
  trial.wait(1_500);
  const held = flightsOf(trial.world).filter(({ flight }) => flight.heldUs !== null);
  expect(held.length).toBeGreaterThan(0);
  expect(
    held.every(({ flight }) => JSON.stringify([flight.from, flight.to]).includes('"sid":1')),
  ).toBe(true);
  expect(new Set(held.map(({ flight }) => JSON.stringify(flight.from))).size).toBe(1);
  trial.do(healOneWay(1, 2));
  expect(flightsOf(trial.world).every(({ flight }) => flight.heldUs === null)).toBe(true);
  trial.until(synced);
});

test("a cut of both ways is told once, and what one way left is healed alone", () => {
  const trial = three().do(cutOneWay(1, 2), cut(1, 2), healOneWay(2, 1));
  expect(trial.world.network.cuts).toMatchObject([{ from: 1, to: 2 }]);
  trial.do(heal(1, 2), heal(1, 2));
  expect(trial.world.network.cuts).toEqual([]);
  expect(trial.all("net.heal").length).toBe(2);
});

test("a client can be cut off from all servers; its session lives on as long as it is healed in time", () => {
  const trial = three([client(1)])
    .until(connected)
    .do(cutClient("A"));
  expect(trial.all("net.cut")).toMatchObject([{ sides: [], client: "A" }]);
  trial.until((world) => !connected(world)).do(healClient("A"));
  expect(trial.all("net.heal")).toMatchObject([{ client: "A" }]);
  trial.until(connected);
  expect(trial.all("session.new").length).toBe(1);
});

test("a client that stays cut off is expired, and nobody can reach it before", () => {
  const trial = three([client(1, 2, 3)])
    .until(connected)
    .do(cutClient("A"));
  trial.untilFact("session.expired");
  expect(connected(trial.world)).toBe(false);
});

test("a slow link takes its extra time both ways, and is as before when it takes none", () => {
  const ackMs = (trial: Trial, path: string) => {
    const before = trial.world.nowUs;
    trial.do(create(path)).untilFact({ type: "write.ack", path });
    return (trial.world.nowUs - before) / 1_000;
  };
  const trial = three([client(2)]).until(connected);
  const usual = ackMs(trial, "/a");
  trial.do(slowLink(2, 1, 80), slowLink(3, 2, 80));
  expect(ackMs(trial, "/b")).toBeGreaterThan(usual + 120);
  trial.do(slowLink(1, 2, 0), slowLink(2, 3, 0));
  expect(trial.world.network.slow).toEqual([]);
  // What was sent before is still late, and nothing overtakes it.
  trial.wait(500);
  expect(ackMs(trial, "/c")).toBeLessThan(usual + 40);
  trial.do(slowLink("A", 2, 100));
  expect(ackMs(trial, "/d")).toBeGreaterThan(usual + 160);
});

test("a packet that is late holds up what is behind it on its connection, and nothing else", () => {
  const trial = three([client(2)])
    .until(connected)
    .do(create("/a"));
  trial.until((world) => proposals(world).length === 2);
  const late = proposals(trial.world).find(({ flight }) => JSON.stringify(flight.to).includes("1"));
  const { number, arriveUs } = late?.flight ?? expect.fail();
  trial.do(delayFlight(number, 500)).wait(400);
  expect(logged(trial, "/a")).toEqual([2, 3]);
  const behind = flightsOf(trial.world).filter(
    ({ connection, flight }) =>
      connection.number === late?.connection.number && flight.number > number,
  );
  expect(behind.length).toBeGreaterThan(0);
  for (const { flight } of behind) expect(flight.arriveUs).toBeGreaterThan(arriveUs + 500_000);
  trial.wait(200).until(synced);
  expect(logged(trial, "/a")).toEqual([1, 2, 3]);
});

test("proposals that are held stay on their way; delivered to one server, two of three have it", () => {
  const trial = three([client(2)])
    .until(connected)
    .do(hold("PROPOSAL"), create("/a"))
    .wait(300);
  expect([logged(trial, "/a"), proposals(trial.world).length]).toEqual([[2], 2]);
  expect(trial.all({ type: "write.ack", path: "/a" })).toEqual([]);
  trial.do(deliver("PROPOSAL", 1)).untilFact({ type: "write.ack", path: "/a" });
  expect([logged(trial, "/a"), proposals(trial.world).length]).toEqual([[1, 2], 1]);
  trial.do(release()).wait(100);
  expect(logged(trial, "/a")).toEqual([1, 2, 3]);
});

test("a write that only the leader has logged is cut away when it comes back to another one", () => {
  const trial = three([client(2)])
    .until(connected)
    .do(create("/before"))
    .wait(100);
  trial.do(hold("PROPOSAL"), create("/a")).wait(200);
  trial.do(cut(2, 1), cut(2, 3), release()).until((world) => leaderOf(world) === 3, 120_000);
  trial.do(heal(2, 1), heal(2, 3)).untilFact({ type: "sync.trunc", id: 2 });
  expect(trial.all({ type: "txn.discarded", id: 2, path: "/a" }).length).toBe(1);
});

test("a snapshot whose transfer takes longer than initLimit is joined with all the same", () => {
  const delays = { ...usualDelays, snapTransferUs: 25_000_000 };
  const trial = new Trial({ ...ensembleOf(3, { clients: [client(2)] }), delays }, 1);
  for (const sid of [1, 2]) trial.do(start(sid)).wait(2_000);
  trial.until(connected).do(create("/a")).wait(100).do(start(3));
  const { tookMs } = trial.untilFact({ type: "sync.snap", id: 3 }) as { tookMs?: number };
  expect(tookMs).toBeGreaterThan(25_000);
  expect(trial.all({ type: "join.timeout", id: 3 })).toEqual([]);
});

test("but a leader that needs this learner for its first quorum gives up and begins again", () => {
  const delays = { ...usualDelays, snapTransferUs: 25_000_000 };
  const trial = new Trial({ ...ensembleOf(3, { clients: [client(2)] }), delays }, 1);
  for (const sid of [1, 2]) trial.do(start(sid)).wait(2_000);
  trial.until(connected).do(create("/a")).wait(100).do(kill(1), kill(2));
  trial.do(wipe(1), start(1), start(2)).wait(110_000);
  expect(trial.all({ type: "join.timeout", id: 2 }).length).toBeGreaterThan(1);
  expect(leaderOf(trial.world)).toBeNull();
});
