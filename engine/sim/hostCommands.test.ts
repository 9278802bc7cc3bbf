import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { emptyDisk, filesOf } from "../disk/disk";
import type { ClientSetup } from "../scenario/lab";
import { allSynced } from "../scenario/objective";
import { ensembleOf, Trial, zooCfgOf } from "../scenario/trial";
import { nodeAt } from "../tree/dataTree";
import {
  editConfig,
  freeDisk,
  fullDisk,
  initialize,
  kill,
  operate,
  powerLoss,
  purge,
  removeSnapshots,
  slowDisk,
  start,
  stop,
  tearLog,
  wipe,
} from "./command";
import { clientOf, contextOf, lastZxidOf, roleOf, serverOf } from "./read";
import type { World } from "./world";

const synced = (world: World) => allSynced({ world, facts: [] });
const connected = (world: World) => clientOf(world, "A").chart.value === "connected";
const client = (...servers: readonly number[]): ClientSetup => {
  return { name: "A", timeoutMs: 20_000, servers };
};
const create = (path: string) => operate("A", createOf(path, ""));
const has = (world: World, sid: number, path: string) => {
  const { process } = serverOf(world, sid);
  return process !== null && nodeAt(process.tree, path) !== null;
};
/** Three servers of which 2 leads, and 3 came later. */
function three(clients: readonly ClientSetup[] = [], keys = {}): Trial {
  const trial = new Trial(ensembleOf(3, { clients, keys }), 1);
  for (const sid of [1, 2, 3]) trial.do(start(sid)).wait(2_000);
  return trial;
}
const write = (trial: Trial, name: string, count: number, pauseMs = 60) => {
  for (let nth = 0; nth < count; nth += 1) trial.do(create(`/${name}${nth}`)).wait(pauseMs);
  return trial;
};

test("a server that is stopped ends as one that is killed, and says by what", () => {
  const trial = three().do(stop(1));
  expect(trial.all({ type: "srv.kill", id: 1 })).toMatchObject([{ by: "stop" }]);
  expect(roleOf(serverOf(trial.world, 1))).toBe("DOWN");
  trial.do(start(1)).until(synced);
});

test("a power loss is noticed by nobody until a silence has lasted too long", () => {
  const trial = three().do(powerLoss(2));
  expect(trial.all({ type: "srv.kill", id: 2 })).toMatchObject([{ by: "kill", power: true }]);
  const lostMs = trial.world.nowUs / 1_000;
  const looking = trial.untilFact({ type: "srv.looking", id: 1 });
  // syncLimit 5 x tickTime 2000, since the last ping.
  expect(looking.t - lostMs).toBeGreaterThan(8_000);
  trial.do(start(2)).until(synced, 120_000);
});

test("a machine that comes back soon after a power loss resets the connections it had", () => {
  const trial = three().do(powerLoss(3)).wait(200).do(start(3));
  expect(
    trial.world.network.connections.some(({ closed }) => closed.dialer || closed.acceptor),
  ).toBe(false);
  trial.until(synced);
  expect(trial.all({ type: "leader.lost", id: 2 })).toEqual([]);
});

test("a write waits for the second fastest disk of three, whoever has the slow one", () => {
  const latencyMs = (slow: readonly number[]) => {
    const trial = three([client(3)]).until(connected);
    for (const sid of slow) trial.do(slowDisk(sid, 900));
    const before = trial.world.nowUs;
    trial.do(create("/a")).untilFact({ type: "write.ack", path: "/a" });
    return (trial.world.nowUs - before) / 1_000;
  };
  expect(latencyMs([])).toBeLessThan(60);
  expect(latencyMs([1])).toBeLessThan(60);
  expect(latencyMs([2])).toBeLessThan(60);
  expect(latencyMs([1, 2])).toBeGreaterThan(890);
});

test("an fsync that takes long is told, and a disk that is fast again is as before", () => {
  const trial = three([client(3)])
    .until(connected)
    .do(slowDisk(1, 1_800));
  expect(trial.all("disk.slow")).toMatchObject([{ id: 1, fsyncMs: 1_800 }]);
  trial.do(create("/a")).untilFact("fsync.slow");
  expect(trial.all("fsync.slow")).toMatchObject([{ id: 1 }]);
  trial.do(slowDisk(1, 2));
  expect(serverOf(trial.world, 1).disk.slowUs).toBe(0);
});

test("a follower that cannot write its log leaves, and ends when it has to write again", () => {
  const trial = three([client(3)])
    .until(connected)
    .do(fullDisk(1));
  expect(trial.all("disk.full")).toMatchObject([{ id: 1 }]);
  trial.do(create("/a")).untilFact({ type: "srv.looking", id: 1 });
  expect(trial.untilFact({ type: "srv.exit", id: 1 })).toMatchObject({ code: 1 });
  expect(has(trial.world, 3, "/a")).toBe(true);
  trial.do(start(1));
  expect(trial.untilFact({ type: "srv.exit", id: 1 })).toMatchObject({ code: 1 });
  trial.do(freeDisk(1), start(1)).until(synced);
  expect(trial.all("disk.freed")).toMatchObject([{ id: 1 }]);
  expect(has(trial.world, 1, "/a")).toBe(true);
});

test("a leader that cannot write its log steps down, and another leads", () => {
  const trial = three([client(3)])
    .until(connected)
    .do(fullDisk(2));
  trial.do(create("/a")).untilFact({ type: "leader.lost", id: 2 });
  trial.untilFact("leader.elected");
  trial.do(freeDisk(2), start(2)).until(synced, 120_000);
});

test("a server that cannot write its snapshot ends with exit code 10", () => {
  const trial = three([client(1)], { snapCount: 4 }).until(connected);
  trial.do(kill(3), fullDisk(3), start(3));
  trial.world = {
    ...trial.world,
    servers: trial.world.servers.map((one) =>
      one.sid === 3
        ? { ...one, disk: { ...emptyDisk(), acceptedEpoch: 1, currentEpoch: 1, full: true } }
        : one,
    ),
  };
  expect(trial.untilFact({ type: "srv.exit", id: 3 })).toMatchObject({ code: 10 });
});

test("where old files are removed from a full disk, there is room again", () => {
  const trial = write(three([client(2)], { snapCount: 6 }).until(connected), "a", 40, 40);
  trial.do(kill(1)).do(fullDisk(1), purge(1, 2));
  expect(trial.all("disk.purged")).toMatchObject([{ id: 1, exitCode: 1, removed: [] }]);
  expect(serverOf(trial.world, 1).disk.full).toBe(true);
  trial.do(purge(1, 3));
  const { disk } = serverOf(trial.world, 1);
  expect([disk.full, disk.snapshots.length]).toEqual([false, 3]);
  expect(trial.all("disk.freed").length).toBe(1);
  trial.do(start(1)).until(synced);
  expect(has(trial.world, 1, "/a39")).toBe(true);
});

test("with autopurge a server removes old files when it starts, and again after the hours that are set", () => {
  const zooCfg = `${zooCfgOf([1, 2, 3], { snapCount: 6 })}\nautopurge.purgeInterval=1`;
  const trial = three([client(2)], { snapCount: 6 }).until(connected);
  write(trial.do(kill(1), editConfig(1, { zooCfg })), "a", 30, 40).do(start(1));
  expect(trial.all({ type: "disk.purged", id: 1 }).length).toBe(1);
  write(trial.until(synced), "b", 40, 40);
  expect(serverOf(trial.world, 1).disk.snapshots.length).toBeGreaterThan(3);
  const endUs = trial.world.nowUs + 3_600_000_000;
  while (trial.all({ type: "disk.purged", id: 1 }).length < 2 && trial.world.nowUs < endUs)
    trial.wait(60_000);
  expect(serverOf(trial.world, 1).disk.snapshots.length).toBe(3);
}, 60_000);

test("what is done to the files of a running server by hand is not done", () => {
  const trial = three();
  const before = filesOf(serverOf(trial.world, 1).disk);
  trial.do(wipe(1), removeSnapshots(1), tearLog(1));
  expect(filesOf(serverOf(trial.world, 1).disk)).toEqual(before);
});

test("a wiped server comes back with everything, by a snapshot", () => {
  const trial = write(three([client(2)]).until(connected), "a", 5).do(kill(1), wipe(1));
  expect(filesOf(serverOf(trial.world, 1).disk)).toEqual([]);
  trial.do(start(1)).until(synced);
  expect(trial.all({ type: "srv.start", id: 1 }).at(-1)).toMatchObject({ dataEmpty: true });
  expect(trial.all({ type: "sync.snap", id: 1 }).length).toBe(1);
  expect(has(trial.world, 1, "/a4")).toBe(true);
});

test("logs without any snapshot are refused", () => {
  const trial = write(three([client(2)]).until(connected), "a", 5).do(kill(1), removeSnapshots(1));
  expect(trial.do(start(1)).untilFact({ type: "srv.exit", id: 1 })).toMatchObject({
    code: 1,
    reason: "No snapshot found, but there are log entries. Something is broken!",
  });
});

test("a server whose last record is torn has one transaction less, and gets it again", () => {
  const trial = write(three([client(2)]).until(connected), "a", 5).wait(500);
  const whole = lastZxidOf(serverOf(trial.world, 1));
  trial.do(kill(1), tearLog(1));
  expect(lastZxidOf(serverOf(trial.world, 1))).toBe(whole - 1);
  trial.do(start(1)).until(synced);
  expect(has(trial.world, 1, "/a4")).toBe(true);
});

test("another file counts at the next start", () => {
  const trial = three().do(editConfig(3, { zooCfg: zooCfgOf([1, 2, 3], { tickTime: 1_000 }) }));
  expect(trial.all("cfg.saved")).toMatchObject([{ id: 3 }]);
  expect(serverOf(trial.world, 3).process?.config.tickTimeMs).toBe(2_000);
  trial.do(stop(3), start(3)).until(synced);
  expect(serverOf(trial.world, 3).process?.config.tickTimeMs).toBe(1_000);
});

test("a server with another's id cannot listen at the other's address, and ends with exit code 14", () => {
  const trial = three().do(stop(3), editConfig(3, { myid: "2" }), start(3));
  expect(trial.untilFact({ type: "srv.exit", id: 3 })).toMatchObject({ code: 14 });
  expect(contextOf(serverOf(trial.world, 2))?.leading).not.toBeNull();
  trial.do(editConfig(3, { myid: "3" }), start(3)).until(synced);
});

test("without automatic creation an empty server trusts its emptiness only when told so", () => {
  const lab = ensembleOf(1);
  const trial = new Trial(
    {
      ...lab,
      servers: lab.servers.map((one) => ({
        ...one,
        jvmFlags: ["-Dzookeeper.db.autocreate=false"],
      })),
    },
    1,
  );
  trial.do(initialize(1), start(1)).wait(3_000);
  const { disk, process } = serverOf(trial.world, 1);
  expect([disk.initialize, process?.lastProcessed]).toEqual([false, 0]);
});
