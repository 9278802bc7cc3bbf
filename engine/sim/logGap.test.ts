import { expect, test } from "vitest";
import { createOf } from "../net/request";
import type { VariantName } from "../rules/variants";
import { ensembleOf, Trial } from "../scenario/trial";
import { nodeAt } from "../tree/dataTree";
import type { Sid } from "../units";
import { cut, freeDisk, fullDisk, heal, kill, operate, start } from "./command";
import { leaderOf, serverOf } from "./read";

/** Clients of these servers, one of each, named by the server. */
const clientsOf = (...sids: readonly Sid[]) =>
  sids.map((sid) => ({ name: `${sid}`, timeoutMs: 30_000, servers: [sid] }));

/** Writes these nodes, one after the other, through the client of this server. */
function write(trial: Trial, sid: Sid, ...paths: readonly string[]): void {
  for (const path of paths) trial.do(operate(`${sid}`, createOf(path, ""))).wait(200);
}

/**
 * The leader is cut off and writes /ghost alone. The others go on without it; when it is back it gets SNAP, and its
 * log, which says /ghost, lacks what the SNAP has brought. Then it takes part in one write more.
 */
function withGap(size: number, next: Sid, variant: VariantName, missed: () => void = () => {}) {
  const leader = size;
  const lab = { ...ensembleOf(size, { up: true }), clients: clientsOf(leader, next) };
  const trial = new Trial(lab, 1, () => {}, variant).wait(3_000);
  expect(leaderOf(trial.world)).toBe(leader);
  return {
    trial,
    go: (beforeLastWrite: () => void) => {
      write(trial, leader, "/a");
      missed();
      write(trial, leader, "/b");
      const others = trial.world.servers.map(({ sid }) => sid).filter((sid) => sid !== leader);
      for (const other of others) trial.do(cut(leader, other));
      write(trial, leader, "/ghost");
      trial.wait(25_000);
      expect(leaderOf(trial.world)).toBe(next);
      write(trial, next, "/c", "/d");
      for (const other of others) trial.do(heal(leader, other));
      trial.wait(10_000);
      expect(trial.all({ type: "sync.snap", id: leader })).toHaveLength(1);
      beforeLastWrite();
      write(trial, next, "/e");
      trial.do(kill(next)).wait(5_000);
    },
  };
}

const nodesOn = (trial: Trial, sid: Sid) => {
  const { process } = serverOf(trial.world, sid);
  return ["/a", "/b", "/ghost", "/c", "/d", "/e"].filter(
    (path) => process !== null && nodeAt(process.tree, path) !== null,
  );
};

const ALL = ["/a", "/b", "/c", "/d", "/e"];

/** Server 1 stands still in the gap when the one that has it leads. */
function standsInTheGap(variant: VariantName) {
  const { trial, go } = withGap(3, 2, variant);
  go(() => trial.do(kill(1)).wait(200));
  return trial.do(start(1)).wait(10_000);
}

/** Server 4 stands still before the gap. */
function standsBeforeTheGap(variant: VariantName) {
  const { trial, go } = withGap(5, 3, variant, () => trial.do(kill(4)).wait(200));
  go(() => {});
  return trial.do(start(4)).wait(10_000);
}

test("in the releases a leader that once got SNAP sends TRUNC to a server that lacks nothing: committed writes are gone there", () => {
  for (const variant of ["3.8.0", "3.9.5"] as const) {
    const trial = standsInTheGap(variant);
    expect(trial.all({ type: "sync.trunc", id: 1 })).toHaveLength(1);
    expect(nodesOn(trial, 3)).toEqual(ALL);
    // The first entry behind the cut stays.
    expect(nodesOn(trial, 1)).toEqual(["/a", "/b", "/c", "/e"]);
  }
});

test("in the releases it sends DIFF to one that is further behind: what was never committed, and not what was", () => {
  for (const variant of ["3.8.0", "3.9.5"] as const) {
    const trial = standsBeforeTheGap(variant);
    expect(trial.all({ type: "sync.snap", id: 4 })).toEqual([]);
    expect(nodesOn(trial, 5)).toEqual(ALL);
    expect(nodesOn(trial, 4)).toEqual(["/a", "/b", "/ghost", "/e"]);
  }
});

test("repaired, both get SNAP, and all have the same", () => {
  const inside = standsInTheGap("repaired");
  expect(inside.all({ type: "sync.snap", id: 1 })).not.toEqual([]);
  expect(nodesOn(inside, 1)).toEqual(ALL);
  const before = standsBeforeTheGap("repaired");
  expect(before.all({ type: "sync.snap", id: 4 })).not.toEqual([]);
  expect(nodesOn(before, 4)).toEqual(ALL);
});

/** The disk of server 1 is full for a moment: the COMMIT of what it could not log comes all the same. */
function diskFullForAMoment(variant: VariantName) {
  const lab = { ...ensembleOf(3, { up: true }), clients: clientsOf(2) };
  const trial = new Trial(lab, 1, () => {}, variant).wait(3_000);
  write(trial, 2, "/a");
  trial.do(fullDisk(1), operate("2", createOf("/b", ""))).untilFact({ type: "srv.looking", id: 1 });
  trial.do(freeDisk(1)).wait(5_000);
  write(trial, 2, "/c");
  expect(nodesOn(trial, 1)).toEqual(["/a", "/b", "/c"]);
  return trial.do(kill(1), start(1)).wait(10_000);
}

test("a follower that could not log what it applied lacks it after a restart in the releases; repaired, it reads its files again", () => {
  for (const variant of ["3.8.0", "3.9.5"] as const)
    expect(nodesOn(diskFullForAMoment(variant), 1)).toEqual(["/a", "/c"]);
  expect(nodesOn(diskFullForAMoment("repaired"), 1)).toEqual(["/a", "/b", "/c"]);
});
