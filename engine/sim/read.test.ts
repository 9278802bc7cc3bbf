import { expect, test } from "vitest";
import { worldOfLab } from "../scenario/play";
import { quorumOf, votersOf } from "./read";

const lines = ["server.1=zk1:2888:3888", "server.2=zk2:2888:3888", "server.3=zk3:2888:3888"];
const labOf = (up: boolean, more: readonly string[]) => ({
  servers: [1, 2, 3, 4].map((sid) => ({
    zooCfg: `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n${[...lines, ...more].join("\n")}\n`,
    myid: `${sid}\n`,
    disk: "empty" as const,
    up,
  })),
  clients: [],
});

test("an observer is no voter, whether a server runs or all are down", () => {
  const more = ["server.4=zk4:2888:3888:observer"];
  expect(votersOf(worldOfLab(labOf(true, more), 1))).toEqual([1, 2, 3]);
  expect(votersOf(worldOfLab(labOf(false, more), 1))).toEqual([1, 2, 3]);
});

test("groups and weights are read from the files of servers that are down", () => {
  const more = ["server.4=zk4:2888:3888", "group.1=1:2", "group.2=3:4", "weight.2=3"];
  const { hierarchy } = quorumOf(worldOfLab(labOf(false, more), 1));
  expect(hierarchy?.groupOf).toEqual({ 1: 1, 2: 1, 3: 2, 4: 2 });
  expect(hierarchy?.weightOf[2]).toBe(3);
});
