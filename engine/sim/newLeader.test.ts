import { describe, expect, test } from "vitest";
import { createOf } from "../net/request";
import type { VariantName } from "../rules/variants";
import { allSynced } from "../scenario/objective";
import { usualDelays } from "../scenario/play";
import { ensembleOf, Trial } from "../scenario/trial";
import { nodeAt } from "../tree/dataTree";
import {
  blockPort,
  kill,
  openPort,
  operate,
  pause,
  powerLoss,
  slowDisk,
  start,
  wipe,
} from "./command";
import { clientOf, contextOf, leaderOf, roleOf, serverOf } from "./read";
import type { World } from "./world";

/**
 * What a learner does between NEWLEADER and UPTODATE, and what a crash or a COMMIT in the middle of it leaves: the
 * windows that are open in 3.8.0, the one that is left in 3.9.5, and a TRUNC that both believe too early.
 */

const A = { name: "A", timeoutMs: 40_000, servers: [1, 2, 3] };
const synced = (world: World) => allSynced({ world, facts: [] });
const connected = (world: World) => clientOf(world, "A").chart.value === "connected";
const create = (path: string) => operate("A", createOf(path, ""));
const seen = (world: World, path: string) =>
  world.servers
    .filter(({ process }) => process !== null && nodeAt(process.tree, path) !== null)
    .map(({ sid }) => sid);
const stateOf = (world: World, sid: number) =>
  JSON.stringify(serverOf(world, sid).process?.chart?.value ?? null);
/** The file that a server's main thread writes now. */
const writes = (sid: number, file: string) => (world: World) =>
  serverOf(world, sid).process?.files.writing?.file.type === file;
const written = (sid: number, epoch: number) => (world: World) =>
  serverOf(world, sid).disk.currentEpoch === epoch;

/** Three servers of which 2 leads, 3 came later, and a client that is connected. */
function three(variant: VariantName, servers = [2]): Trial {
  const lab = ensembleOf(3, { clients: [{ ...A, servers }] });
  const trial = new Trial(lab, 1, () => {}, variant);
  for (const sid of [1, 2, 3]) trial.do(start(sid)).wait(2_000);
  return trial.until(connected);
}

/** The leader 2 has logged /t alone, as if the others had missed it; all are down. */
function onlyOn2(variant: VariantName): Trial {
  const trial = three(variant).do(create("/a"));
  trial.until((world) => seen(world, "/a").length === 3);
  trial.do(pause(1), pause(3), create("/t")).wait(100);
  return trial.do(kill(1), kill(2), kill(3)).wait(100);
}

describe("acknowledging before the DIFF is durable (ZOOKEEPER-4646)", () => {
  /** 2 leads again with 3, whose disk is slow; as soon as clients could read /t both lose their power. */
  const crash = (variant: VariantName) => {
    const trial = onlyOn2(variant).do(start(2)).wait(1_000).do(start(3));
    trial.until((world) => roleOf(serverOf(world, 3)) === "FOLLOWING").do(slowDisk(3, 3_000));
    trial.untilFact({ type: "leader.elected", id: 2 });
    const committed = trial.all({ type: "txn.committed", path: "/t" });
    trial.do(powerLoss(2), powerLoss(3), slowDisk(3, 0), start(1), start(3)).until((world) => {
      const up = [1, 3].map((sid) => stateOf(world, sid));
      return up.every((state) => state.includes("broadcast"));
    });
    return { committed, seen: seen(trial.world, "/t") };
  };

  test("3.8.0: the leader had its quorum and served /t, and after the crash it is gone", () => {
    expect(crash("3.8.0")).toMatchObject({ committed: [{ path: "/t" }], seen: [] });
  });

  test("3.9.5: what was served is on the platter of a quorum, and stays", () => {
    expect(crash("3.9.5")).toMatchObject({ committed: [{ path: "/t" }], seen: [1, 3] });
  });
});

describe("currentEpoch before the transactions (ZOOKEEPER-4643)", () => {
  /** 1 and 2 commit /t without 3; then 3 joins 2 and loses its power when it has entered the epoch; 1 and 3 go on. */
  const crash = (variant: VariantName) => {
    const trial = three(variant).do(kill(3), create("/t"));
    trial.untilFact({ type: "write.ack", path: "/t" });
    trial.do(kill(1), kill(2)).wait(100).do(start(2), start(3));
    trial.until((world) => roleOf(serverOf(world, 3)) === "FOLLOWING").do(slowDisk(3, 50));
    trial.until(written(3, 2)).do(powerLoss(3), kill(2), slowDisk(3, 0), start(1), start(3));
    trial.until((world) => [1, 3].every((sid) => stateOf(world, sid).includes("broadcast")));
    return { leader: leaderOf(trial.world), seen: seen(trial.world, "/t") };
  };

  test("3.8.0: the server without /t wins by its epoch and destroys /t on the other", () => {
    expect(crash("3.8.0")).toEqual({ leader: 3, seen: [] });
  });

  test("3.9.5: the epoch is entered only with the data", () => {
    expect(crash("3.9.5").seen).toEqual([1, 3]);
  });
});

describe("a COMMIT between NEWLEADER and UPTODATE (ZOOKEEPER-4394)", () => {
  /** A proposal is outstanding when 3 joins, and is committed while 3 is busy with NEWLEADER. How often it looked again. */
  const looked = (variant: VariantName) => {
    const trial = three(variant).do(kill(3), create("/a"));
    trial.untilFact({ type: "write.ack", path: "/a" });
    trial.do(slowDisk(1, 4_000), create("/p"), start(3));
    trial.until((world) => stateOf(world, 3).includes("synchronization")).do(slowDisk(3, 6_000));
    trial.until(writes(3, variant === "3.8.0" ? "currentEpoch" : "log"));
    const before = trial.all({ type: "srv.looking", id: 3 }).length;
    trial.untilFact({ type: "txn.committed", path: "/p" }, 5_000);
    expect(writes(3, variant === "3.8.0" ? "currentEpoch" : "log")(trial.world)).toBe(true);
    trial.do(slowDisk(1, 0), slowDisk(3, 0)).wait(8_000).until(synced, 60_000);
    expect(seen(trial.world, "/p")).toEqual([1, 2, 3]);
    return trial.all({ type: "srv.looking", id: 3 }).length - before;
  };

  test("3.8.0: the follower finds nothing to commit, fails, and joins again", () => {
    expect(looked("3.8.0")).toBe(1);
  });

  test("3.9.5: it is remembered", () => {
    expect(looked("3.9.5")).toBe(0);
  });
});

describe("the ACK of a proposal overtakes that of NEWLEADER (ZOOKEEPER-4685)", () => {
  /** A quorum that needs 3 and its DIFF; the threads of 3 are held up for longer than an fsync. */
  const elections = (variant: VariantName) => {
    const trial = onlyOn2(variant);
    const { delays } = trial.world;
    trial.world = { ...trial.world, delays: { ...delays, threadUs: [20_000, 20_000] } };
    trial.do(start(2)).wait(1_000).do(start(3)).wait(25_000);
    return {
      leader: leaderOf(trial.world),
      timeouts: trial.all({ type: "join.timeout", id: 2 }).length,
    };
  };

  test("3.8.0: the leader waits for the right one until initLimit, and begins again", () => {
    expect(elections("3.8.0")).toEqual({ leader: null, timeouts: 1 });
  });

  test("3.9.5: the proposals are acknowledged by NEWLEADER itself", () => {
    expect(elections("3.9.5")).toEqual({ leader: 2, timeouts: 0 });
  });

  test("3.8.0, when threads are not held up: the right one is first", () => {
    const trial = onlyOn2("3.8.0").do(start(2)).wait(1_000).do(start(3));
    expect(trial.untilFact("leader.elected", 2_000)).toMatchObject({ id: 2 });
  });
});

describe("a crash between the snapshot of a SNAP and currentEpoch (ZOOKEEPER-1653)", () => {
  const crash = (variant: VariantName) => {
    const trial = three(variant).do(kill(3), wipe(3), create("/a"));
    trial.untilFact({ type: "write.ack", path: "/a" });
    trial.do(start(3));
    trial.until((world) => contextOf(serverOf(world, 3))?.following?.syncMode === "SNAP");
    trial.until(writes(3, "currentEpoch")).do(kill(3), start(3)).wait(5_000);
    return trial;
  };

  test.each(["3.8.0", "3.9.5"] as const)("%s: the server does not start any more", (variant) => {
    const trial = crash(variant);
    expect(roleOf(serverOf(trial.world, 3))).toBe("DOWN");
    expect(trial.all({ type: "srv.exit", id: 3 })).toMatchObject([
      { code: 1, reason: expect.stringContaining("is older than the last zxid") },
    ]);
  });

  test("repaired: it starts, and joins", () => {
    const trial = crash("repaired").until(synced);
    expect(seen(trial.world, "/a")).toEqual([1, 2, 3]);
    expect(trial.all("srv.exit")).toEqual([]);
  });
});

describe("a snapshot with an uncommitted transaction survives TRUNC (ZOOKEEPER-1549)", () => {
  /** 2 has logged /t alone, is elected and saves a snapshot, and nobody can reach it; the others go on without it. */
  const ghostly = (variant: VariantName) => {
    const trial = onlyOn2(variant).do(blockPort(2, 2888), start(2), start(3));
    trial.until((world) => roleOf(serverOf(world, 2)) === "LEADING").wait(100);
    trial.do(kill(2), kill(3), openPort(2, 2888), start(1), start(3));
    trial.untilFact({ type: "leader.elected", id: 3 });
    trial.wait(2_000).do(start(2)).untilFact({ type: "sync.trunc", id: 2 });
    return seen(trial.until(synced).world, "/t");
  };

  test.each(["3.8.0", "3.9.5"] as const)("%s: /t stays on that server for ever", (variant) => {
    expect(ghostly(variant)).toEqual([2]);
  });

  test("repaired: it goes", () => {
    expect(ghostly("repaired")).toEqual([]);
  });
});

test("NEWLEADER is behind a whole SNAP: what is committed meanwhile goes into the tree at once, and nobody fails on it (ZOOKEEPER-3104)", () => {
  for (const variant of ["3.8.0", "3.9.5"] as const) {
    const lab = ensembleOf(3, { clients: [{ ...A, servers: [2] }] });
    const delays = { ...usualDelays, snapTransferUs: 3_000_000 };
    const trial = new Trial({ ...lab, delays }, 1, () => {}, variant);
    for (const sid of [1, 2]) trial.do(start(sid)).wait(2_000);
    trial.until(connected).do(create("/a")).wait(1_000).do(start(3));
    trial
      .until((world) => stateOf(world, 3).includes("receive"))
      .do(create("/b"))
      .wait(500);
    expect(seen(trial.world, "/b")).toEqual([1, 2]);
    trial.until(synced).wait(100);
    expect(seen(trial.world, "/b")).toEqual([1, 2, 3]);
    expect(trial.all({ type: "srv.looking", id: 3 })).toHaveLength(1);
    // Until 3.9.4 it is not kept for those who will have to catch up (ZOOKEEPER-4925).
    const kept = serverOf(trial.world, 3).process?.committedLog.length;
    expect(kept).toBe(variant === "3.8.0" ? 0 : 1);
  }
});
