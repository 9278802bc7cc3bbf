import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { worldOfLab } from "../scenario/play";
import { startHistory } from "../history/start";
import { advance, record } from "../history/history";
import { US_PER_SECOND } from "../units";
import { expiriesAt, heldFor, sessionsAt, watchesAt } from "./clientsAt";
import { operate } from "./command";
import { clientOf, serverOf } from "./read";

const zooCfg = `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n${[
  1, 2, 3,
]
  .map((sid) => `server.${sid}=zk${sid}:2888:3888`)
  .join("\n")}\n`;
const lab = {
  servers: [1, 2, 3].map((sid) => ({
    zooCfg,
    myid: `${sid}\n`,
    disk: "empty" as const,
    up: true,
  })),
  clients: [{ name: "A", timeoutMs: 6_000, servers: [1] }],
};

test("a server tells which sessions it serves, what they own and what they watch; the leader when they end", () => {
  let history = advance(startHistory(worldOfLab(lab, 1)), 6 * US_PER_SECOND);
  const wait = () => {
    history = advance(history, history.now.nowUs + US_PER_SECOND);
  };
  history = record(history, operate("A", createOf("/a", "", "EPHEMERAL")));
  wait();
  history = record(history, operate("A", { type: "getData", path: "/a", watch: true }));
  history = record(history, operate("A", { type: "exists", path: "/b", watch: true }));
  wait();
  const world = history.now;
  const id = clientOf(world, "A").chart.context.sessionId ?? "";
  expect(sessionsAt(world, serverOf(world, 1))).toEqual([
    { id, client: "A", timeoutMs: 6_000, ephemerals: ["/a"], watches: 2 },
  ]);
  expect(watchesAt(serverOf(world, 1))).toBe(2);
  expect([2, 3].map((sid) => watchesAt(serverOf(world, sid)))).toEqual([0, 0]);
  expect(heldFor(world, clientOf(world, "A"), 1)).toEqual({ ephemerals: 1, watches: 2 });
  const known = world.servers.map((server) => expiriesAt(server).map((one) => one.id));
  expect(known.filter((ids) => ids.length > 0)).toEqual([[id]]);
});
