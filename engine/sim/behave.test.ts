import { expect, test } from "vitest";
import { ensembleOf, Trial } from "../scenario/trial";
import { nodeAt } from "../tree/dataTree";
import { blockPort, breakConnection, kill, pause, start } from "./command";
import { clientOf, leaderOf, serverOf } from "./read";
import type { World } from "./world";

const written = (trial: Trial, sid: number) => {
  const { process } = serverOf(trial.world, sid);
  return process === null ? undefined : nodeAt(process.tree, "/a")?.data;
};
const writer = (everyMs: number) => ({
  name: "A",
  timeoutMs: 6_000,
  servers: [3, 1, 2],
  behaviour: { type: "writer" as const, path: "/a", everyMs },
});

test("a writer creates its node and then counts up, one write at a time", () => {
  const trial = new Trial(ensembleOf(3, { up: true, clients: [writer(200)] }), 1).wait(10_000);
  const acknowledged = trial.all({ type: "write.ack", path: "/a" });
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(written(trial, 1)).toBe(`${acknowledged.length - 1}`);
  expect(trial.all("write.fail")).toEqual([]);
});

test("a writer whose first write was lost creates its node later", () => {
  const trial = new Trial(ensembleOf(3, { up: true, clients: [writer(3_000)] }), 1);
  const serverOfA = (world: World) => {
    const { value, context } = clientOf(world, "A").chart;
    return value === "connected" ? context.server : null;
  };
  // It goes round its list until the leader serves it.
  trial.until((world) => serverOfA(world) !== null);
  for (let at = serverOfA(trial.world); at !== 3; at = serverOfA(trial.world)) {
    const connection = clientOf(trial.world, "A").chart.context.connection ?? 0;
    trial.do(breakConnection(connection)).until((world) => serverOfA(world) === null);
    trial.until((world) => serverOfA(world) !== null);
  }
  expect(trial.all("write.ack")).toEqual([]);
  expect(leaderOf(trial.world)).toBe(3);
  // The leader logs the create alone, and is gone with it.
  trial.do(pause(1), pause(2)).untilFact({ type: "txn.logged", path: "/a" });
  trial.do(kill(1), kill(2), kill(3), start(1), start(2)).wait(30_000);
  expect(trial.all({ type: "write.fail", code: "CONNECTIONLOSS" })).toHaveLength(1);
  expect(trial.all("write.ack").length).toBeGreaterThan(2);
});

test("a writer whose handle is dead takes a new one, with a new session", () => {
  const trial = new Trial(ensembleOf(3, { up: true, clients: [writer(500)] }), 1).wait(3_000);
  trial.do(...[1, 2, 3].map((sid) => blockPort(sid, 2181)));
  const { sessionId, timeoutMs } = clientOf(trial.world, "A").chart.context;
  let heardUs = 0;
  const givesUp = (world: World) => world.facts.some(({ type }) => type === "client.expiredSeen");
  trial.until((world) => {
    if (!givesUp(world)) heardUs = clientOf(world, "A").lastHeardUs;
    return givesUp(world);
  });
  expect(trial.all({ type: "client.expiredSeen", by: "own clock" })).toHaveLength(1);
  const silentMs = (trial.world.nowUs - heardUs) / 1_000;
  // It looks at its clock when an attempt begins or ends, so it may take an attempt and a pause longer.
  expect(silentMs).toBeGreaterThanOrEqual((timeoutMs * 4) / 3);
  expect(silentMs).toBeLessThan((timeoutMs * 4) / 3 + timeoutMs / 3 + 2_100);
  trial.do(...[1, 2, 3].map((sid) => ({ type: "openPort" as const, sid, port: 2181 })));
  const back = trial.untilFact("client.connected");
  expect(back).toMatchObject({ newSession: true });
  expect(back.type === "client.connected" && back.sid !== sessionId).toBe(true);
});
