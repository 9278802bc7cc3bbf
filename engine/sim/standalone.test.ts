import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { Trial } from "../scenario/trial";
import { nodeAt } from "../tree/dataTree";
import { formatZxid } from "../zxid";
import { blockPort, kill, operate, start } from "./command";
import { clientOf, lastZxidOf, roleOf, serverOf } from "./read";
import type { World } from "./world";

const zooCfg = "tickTime=2000\ndataDir=/data\nclientPort=2181";
const connected = (world: World) => clientOf(world, "A").chart.value === "connected";
const lab = {
  servers: [{ zooCfg, myid: "1", disk: "empty" as const, up: true }],
  clients: [{ name: "A", timeoutMs: 6_000, servers: [1] }],
};

test("a server alone serves without an election, in epoch 0, and goes on there after a kill", () => {
  const trial = new Trial(lab, 1).until(connected);
  expect(roleOf(serverOf(trial.world, 1))).toBe("STANDALONE");
  trial.do(operate("A", createOf("/a", ""))).untilFact({ type: "write.ack", path: "/a" });
  expect(formatZxid(lastZxidOf(serverOf(trial.world, 1)))).toBe("0x2");
  expect(trial.all({ type: "txn.committed", path: "/a" })).toMatchObject([
    { acks: 1, minority: false },
  ]);
  trial.do(kill(1)).until((world) => !connected(world));
  trial.do(start(1)).until(connected);
  expect(nodeAt(serverOf(trial.world, 1).process?.tree ?? expect.fail("up"), "/a")).not.toBeNull();
  trial.do(operate("A", createOf("/b", ""))).untilFact({ type: "write.ack", path: "/b" });
  expect(formatZxid(lastZxidOf(serverOf(trial.world, 1)))).toBe("0x3");
  expect(trial.all("srv.looking")).toEqual([]);
});

test("a server alone expires the sessions it has not heard of", () => {
  const trial = new Trial(lab, 2).until(connected);
  const { sessionId } = clientOf(trial.world, "A").chart.context;
  trial.do(blockPort(1, 2181)).wait(10_000);
  expect(trial.all("session.expired")).toMatchObject([{ sid: sessionId }]);
});
