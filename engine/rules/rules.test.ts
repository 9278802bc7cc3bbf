import { expect, test } from "vitest";
import { anyMayFollow } from "../quorum/synchronization";
import { rulesOf } from "./rules";

test("the releases differ in the NEWLEADER step and in watches: how those of one path live together, what an event tells", () => {
  expect(rulesOf("3.8.0")).toEqual({
    ...rulesOf("3.9.5"),
    newLeaderOrder: "epoch first",
    commitOfNothing: "fails",
    appliedBeforeSaved: "only applied",
    mayFollow: anyMayFollow,
    watchEventsTellZxid: false,
    watchModes: "one",
  });
  expect(rulesOf("3.9.5").newLeaderOrder).toBe("data first");
});

test("repaired is 3.9.5 with four repairs: of TRUNC, of currentEpoch at the start, of the log across a SNAP, of the tree after a failed disk", () => {
  expect(rulesOf("repaired")).toEqual({
    ...rulesOf("3.9.5"),
    staleCurrentEpoch: "raise",
    snapshotsAboveTrunc: "dropped",
    logAcrossSnap: "refused",
    treeAfterDiskFailed: "read again",
  });
});

test("a variant is always the same record, so that charts built from it are kept", () => {
  expect(rulesOf("3.9.5")).toBe(rulesOf("3.9.5"));
});
