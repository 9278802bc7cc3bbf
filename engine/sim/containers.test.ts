import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { BareSession } from "../scenario/bareSession";
import { leaderIn, loneServer, servingEnsemble, servingTrial } from "../scenario/crew";
import type { Trial } from "../scenario/trial";
import { kill } from "./command";
import { lastZxidOf, serverOf } from "./read";

const flags = ["-Dznode.container.checkIntervalMs=1000", "-Dzookeeper.extendedTypesEnabled=true"];
const opened = (trial: Trial, sid = 1) => {
  const session = new BareSession(trial, "s");
  session.connect(sid, { timeoutMs: 40_000 });
  return session;
};
const alone = (more: readonly string[] = []) => servingTrial(loneServer("", [...flags, ...more]));
const code = (session: BareSession, path: string) => session.asked({ type: "exists", path }).code;

test("a container stays while it is new and while it has children; some time after its last child it is gone", () => {
  const trial = alone();
  const session = opened(trial);
  session.asked(createOf("/c", "", "CONTAINER"));
  trial.wait(3_000);
  expect(code(session, "/c")).toBe("OK");
  session.asked(createOf("/c/a", ""));
  trial.wait(3_000);
  expect(code(session, "/c")).toBe("OK");
  session.asked({ type: "delete", path: "/c/a", version: -1 });
  trial.wait(1_100);
  expect(code(session, "/c")).toBe("NONODE");
});

test("a container that was never used goes after its longest time, where one is set", () => {
  const trial = alone(["-Dznode.container.maxNeverUsedIntervalMs=2500"]);
  const session = opened(trial);
  session.asked(createOf("/c", "", "CONTAINER"));
  trial.wait(2_000);
  expect(code(session, "/c")).toBe("OK");
  trial.wait(2_000);
  expect(code(session, "/c")).toBe("NONODE");
});

test("a node with a time to live goes when it has no children and was not changed for so long", () => {
  const trial = alone();
  const session = opened(trial);
  session.asked(createOf("/t", "", "PERSISTENT_WITH_TTL", { ttlMs: 2_500 }));
  trial.wait(2_000);
  session.asked({ type: "setData", path: "/t", data: "x", version: -1 });
  trial.wait(2_000);
  expect(code(session, "/t")).toBe("OK");
  trial.wait(2_000);
  expect(code(session, "/t")).toBe("NONODE");
});

test("several go one after the other, 60 s / maxPerMinute apart, each by a transaction of its own", () => {
  const trial = alone(["-Dznode.container.maxPerMinute=600"]);
  const session = opened(trial);
  for (const name of ["/a", "/b", "/c"]) {
    session.asked(createOf(name, "", "CONTAINER"));
    session.asked(createOf(`${name}/x`, ""));
  }
  for (const name of ["/a", "/b", "/c"])
    session.asked({ type: "delete", path: `${name}/x`, version: -1 });
  const before = lastZxidOf(serverOf(trial.world, 1));
  const gone: number[] = [];
  trial.until((world) => {
    for (const fact of world.facts)
      if (fact.type === "txn.committed" && fact.zxid > before) gone.push(fact.atUs);
    return gone.length === 3;
  });
  const [first = 0, second = 0, third = 0] = gone;
  expect(second - first).toBeGreaterThan(60_000);
  expect(third - second).toBeGreaterThan(60_000);
  expect(third - first).toBeLessThan(300_000);
});

test("in an ensemble the leader does it, and whoever leads next goes on", () => {
  const trial = servingTrial(servingEnsemble(3, [], flags));
  const leader = leaderIn(trial);
  const session = opened(trial, leader);
  session.asked(createOf("/c", "", "CONTAINER"));
  session.asked(createOf("/c/a", ""));
  trial.do(kill(leader)).wait(500);
  trial.until((world) => world.servers.filter(({ process }) => process?.serving).length === 2);
  session.connect(leaderIn(trial), { timeoutMs: 40_000 });
  session.asked({ type: "delete", path: "/c/a", version: -1 });
  trial.wait(1_500);
  expect(code(session, "/c")).toBe("NONODE");
});
