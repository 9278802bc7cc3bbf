import { describe, expect, test } from "vitest";
import { createOf } from "../net/request";
import type { ClientSetup } from "../scenario/lab";
import { allSynced } from "../scenario/objective";
import { Trial } from "../scenario/trial";
import { nodeAt } from "../tree/dataTree";
import { formatZxid } from "../zxid";
import { breakConnection, cut, heal, kill, operate, slowDisk, start } from "./command";
import { clientOf, contextOf, lastZxidOf, leaderOf, phaseOf, roleOf, serverOf } from "./read";
import type { World } from "./world";

// Servers that do not vote, quorums that are no majorities, and limits that a leader keeps.

interface Members {
  readonly voters: readonly number[];
  readonly observers?: readonly number[];
  readonly lines?: readonly string[];
  readonly flags?: readonly string[];
  readonly clients?: readonly ClientSetup[];
  /** Lines of one server's file only. */
  readonly own?: Readonly<Record<number, readonly string[]>>;
}

function labOf({
  voters,
  observers = [],
  lines = [],
  flags = [],
  clients = [],
  own = {},
}: Members) {
  const sids = [...voters, ...observers].toSorted((a, b) => a - b);
  const listed = sids.map((sid) => {
    const role = observers.includes(sid) ? ":observer" : "";
    return `server.${sid}=zk${sid}:2888:3888${role}`;
  });
  const head = ["tickTime=2000", "initLimit=10", "syncLimit=5", "dataDir=/data", "clientPort=2181"];
  const servers = sids.map((sid) => ({
    zooCfg: [...head, ...listed, ...lines, ...(own[sid] ?? [])].join("\n"),
    myid: `${sid}`,
    jvmFlags: flags,
    disk: "empty" as const,
    up: false,
  }));
  return { servers, clients };
}

const startInTurn = (trial: Trial, ...sids: readonly number[]) => {
  for (const sid of sids) trial.do(start(sid)).wait(2_000);
  return trial;
};
const synced = (world: World) => allSynced({ world, facts: [] });
const rolesOf = (world: World) => world.servers.map(roleOf);
const connected = (name: string) => (world: World) =>
  clientOf(world, name).chart.value === "connected";
const create = (name: string, path: string) => operate(name, createOf(path, ""));
const seen = (world: World, path: string) =>
  world.servers
    .filter(({ process }) => process !== null && nodeAt(process.tree, path) !== null)
    .map(({ sid }) => sid);
const zxid = (world: World, sid: number) => formatZxid(lastZxidOf(serverOf(world, sid)));
const A: ClientSetup = { name: "A", timeoutMs: 40_000, servers: [4] };

describe.each([1, 2, 3])("with seed %i", (seed) => {
  const withObserver = (more: Partial<Members> = {}) =>
    new Trial(labOf({ voters: [1, 2, 3], observers: [4], clients: [A], ...more }), seed);

  test("an observer with the highest sid, first up, never leads; it observes when there is a leader", () => {
    const trial = startInTurn(withObserver(), 4, 1);
    expect(rolesOf(trial.world)).toEqual(["LOOKING", "DOWN", "DOWN", "LOOKING"]);
    startInTurn(trial, 2, 3).until(synced);
    expect(rolesOf(trial.world)).toEqual(["FOLLOWING", "LEADING", "FOLLOWING", "OBSERVING"]);
  });

  test("INFORM: an observer has what was committed, and its client's writes go through the leader", () => {
    const trial = startInTurn(withObserver(), 1, 2, 3, 4).until(connected("A"));
    trial.do(create("A", "/a")).untilFact({ type: "write.ack", path: "/a" });
    trial.until((world) => seen(world, "/a").length === 4);
    expect(trial.all({ type: "txn.proposed", path: "/a" })).toMatchObject([{ id: 2 }]);
    expect(trial.wait(1_000).all({ type: "txn.logged", id: 4, path: "/a" })).toHaveLength(1);
    const packets = trial.world.network.connections.filter(({ purpose }) => purpose === "quorum");
    expect(packets).toHaveLength(3);
  });

  test("an observer with syncEnabled=false logs nothing, and gets SNAP when it comes back", () => {
    const trial = startInTurn(withObserver({ lines: ["syncEnabled=false"] }), 1, 2, 3, 4);
    trial.until(connected("A")).do(create("A", "/a")).untilFact({ type: "write.ack" });
    trial.wait(500).do(kill(4), create("A", "/b"), start(4)).until(synced);
    expect(trial.all({ type: "txn.logged", id: 4 })).toEqual([]);
    expect(trial.all({ type: "sync.snap", id: 4 }).length).toBeGreaterThan(0);
  });

  test("leader and observer alone are no quorum; an observer lost is no loss", () => {
    const trial = startInTurn(withObserver(), 1, 2, 3, 4).until(connected("A"));
    trial.do(kill(4)).wait(15_000);
    expect(leaderOf(trial.world)).toBe(2);
    startInTurn(trial, 4).until(synced).do(kill(1), kill(3)).wait(5_000);
    expect(leaderOf(trial.world)).toBeNull();
    expect(trial.wait(10_000).world.servers.map(roleOf)).toEqual([
      "DOWN",
      "LOOKING",
      "DOWN",
      "LOOKING",
    ]);
  });

  test("when the leader dies the observer looks too, after less than 200 ms, and observes the next one", () => {
    const trial = startInTurn(withObserver(), 1, 2, 3, 4).until(synced).do(kill(2));
    const killedMs = trial.world.nowUs / 1_000;
    const looked = trial.untilFact({ type: "srv.looking", id: 4 });
    expect(looked.t - killedMs).toBeLessThan(250);
    expect(roleOf(serverOf(trial.world, 4))).toBe("LOOKING");
    trial.until((world) => phaseOf(serverOf(world, 4)) === "broadcast", 10_000);
    expect(rolesOf(trial.world)).toEqual(["FOLLOWING", "DOWN", "LEADING", "OBSERVING"]);
    expect(contextOf(serverOf(trial.world, 4))?.following?.leader).toBe(3);
  });

  test("a broken quorum connection: the observer joins again by DIFF and has missed nothing", () => {
    const trial = startInTurn(withObserver(), 1, 2, 3, 4).until(connected("A"));
    const connection = contextOf(serverOf(trial.world, 4))?.following?.connection ?? 0;
    trial.do(create("A", "/a")).untilFact({ type: "write.ack" });
    trial.do(breakConnection(connection)).wait(50).until(synced).until(connected("A"));
    trial.do(create("A", "/b")).until((world) => seen(world, "/b").length === 4);
    expect(trial.all({ type: "sync.diff", id: 4 }).length).toBeGreaterThan(0);
  });

  test("too many observers at a time: one is refused, and comes in later; voters always come in", () => {
    const lines = ["leader.maxConcurrentSnapSyncs=1"];
    const lab = labOf({ voters: [1, 2, 3], observers: [4, 5, 6], lines });
    const trial = startInTurn(new Trial(lab, seed), 1, 2, 3).until(synced);
    trial.do(...[4, 5, 6].map((sid) => slowDisk(sid, 300)), start(4), start(5), start(6));
    trial.wait(1_000).until(synced, 30_000);
    const looked = [4, 5, 6].map((id) => trial.all({ type: "srv.looking", id }).length);
    expect(Math.max(...looked)).toBeGreaterThan(1);
    expect(rolesOf(trial.world).slice(3)).toEqual(["OBSERVING", "OBSERVING", "OBSERVING"]);
  });

  test("a follower whose disk is slower than syncLimit allows is sent away, and the service goes on", () => {
    const setup = { ...A, servers: [2] };
    const lab = labOf({ voters: [1, 2, 3], clients: [setup] });
    const trial = startInTurn(new Trial(lab, seed), 1, 2, 3).until(connected("A"));
    trial.do(slowDisk(1, 15_000), create("A", "/a"));
    trial.untilFact({ type: "write.ack", path: "/a" }, 1_000);
    const writtenMs = trial.world.nowUs / 1_000;
    const looked = trial.untilFact({ type: "srv.looking", id: 1 });
    expect(looked.t - writtenMs).toBeGreaterThan(9_900);
    expect(looked.t - writtenMs).toBeLessThan(11_100);
    expect(leaderOf(trial.do(slowDisk(1, 0)).until(synced, 60_000).world)).toBe(2);
  });

  test("nine servers in three groups: one of each is no quorum, two of each of two groups are", () => {
    const voters = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const lines = ["group.1=1:2:3", "group.2=4:5:6", "group.3=7:8:9"];
    const trial = startInTurn(new Trial(labOf({ voters, lines }), seed), 1, 4, 7).wait(5_000);
    expect(leaderOf(trial.world)).toBeNull();
    trial.do(start(2)).wait(5_000);
    expect(leaderOf(trial.world)).toBeNull();
    trial.do(start(5)).untilFact({ type: "leader.elected", id: 7 });
    expect(trial.all({ type: "txn.committed", minority: true })).toEqual([]);
  });

  test("the best server has weight 0: another leads, and it follows", () => {
    const lines = ["group.1=1:2:3", "weight.3=0"];
    const trial = startInTurn(new Trial(labOf({ voters: [1, 2, 3], lines }), seed), 3, 1, 2);
    expect(rolesOf(trial.until(synced).world)).toEqual(["FOLLOWING", "LEADING", "FOLLOWING"]);
  });

  test("a server that the others do not list follows them, is counted nowhere, and is called back by its own port", () => {
    const lab = labOf({ voters: [2, 3, 4] });
    const stranger = labOf({ voters: [1, 2, 3] }).servers[0];
    const zooCfg = (stranger?.zooCfg ?? "").replace("zk1:2888:3888", "zk1:2888:4888");
    const servers = [{ ...lab.servers[0], zooCfg, myid: "1", disk: "empty" as const, up: false }];
    const trial = new Trial({ servers: [...servers, ...lab.servers], clients: [] }, seed);
    startInTurn(trial, 2, 3, 1).until((world) => phaseOf(serverOf(world, 1)) === "broadcast");
    expect(roleOf(serverOf(trial.world, 1))).toBe("FOLLOWING");
    const leader = leaderOf(trial.world) ?? 0;
    expect(contextOf(serverOf(trial.world, leader))?.leading?.newLeaderAcks).not.toContain(1);
    // Of the three that count, one is left: the stranger does not keep it in office.
    trial.do(kill(leader === 3 ? 2 : 3)).wait(5_000);
    expect(leaderOf(trial.world)).toBeNull();
  });

  test("at the end of its counter a leader gives up, and a new epoch begins (ZOOKEEPER-1277)", () => {
    const flags = ["-Dzookeeper.testingonly.initialZxid=4294967290"];
    const lab = labOf({ voters: [1, 2, 3], flags, clients: [{ ...A, servers: [1, 2, 3] }] });
    const trial = startInTurn(new Trial(lab, seed), 1, 2, 3).until(connected("A"));
    expect(zxid(trial.world, 2)).toBe("0x1fffffffb");
    for (let nth = 0; nth < 20 && leaderOf(trial.world) === 2; nth += 1)
      trial.do(create("A", `/n${nth}`)).wait(100);
    const elected = trial.untilFact({ type: "leader.elected", epoch: 2 }, 10_000);
    expect(trial.facts.some(({ type }) => type === "leader.lost")).toBe(true);
    expect(elected.t).toBeGreaterThan(0);
    const given = trial.all("txn.proposed").map((fact) => "zxid" in fact && fact.zxid % 2 ** 32);
    expect(given).not.toContain(0xffffffff);
    trial.until(connected("A")).do(create("A", "/after"));
    trial.untilFact({ type: "write.ack", path: "/after" });
  });

  test("a server that may not take an empty disk for a database waits for others to lead, and then joins by SNAP", () => {
    const lab = labOf({ voters: [1, 2, 3], own: { 3: ["db.autocreate=false"] } });
    const trial = startInTurn(new Trial(lab, seed), 3, 1).wait(3_000);
    expect(contextOf(serverOf(trial.world, 3))?.ownVote.zxid).toBe(-1);
    expect(rolesOf(trial.world)).toEqual(["LOOKING", "DOWN", "LOOKING"]);
    startInTurn(trial, 2).until(synced, 60_000);
    expect(rolesOf(trial.world)).toEqual(["FOLLOWING", "LEADING", "FOLLOWING"]);
    expect(trial.all({ type: "sync.snap", id: 3 })).toHaveLength(1);
  });

  test("an observer behind a cut link is left alone, and catches up", () => {
    const trial = startInTurn(withObserver({ clients: [{ ...A, servers: [2] }] }), 1, 2, 3, 4);
    trial.until(connected("A"));
    for (const sid of [1, 2, 3]) trial.do(cut(4, sid));
    trial.do(create("A", "/a")).untilFact({ type: "write.ack", path: "/a" });
    trial.wait(30_000);
    expect(leaderOf(trial.world)).toBe(2);
    for (const sid of [1, 2, 3]) trial.do(heal(4, sid));
    expect(seen(trial.until(synced, 70_000).world, "/a")).toEqual([1, 2, 3, 4]);
  });
});
