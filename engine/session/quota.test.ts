import { expect, test } from "vitest";
import { OPEN_ACL } from "../tree/acl";
import { applyTxn } from "../tree/applyTxn";
import { type DataTree, emptyTree } from "../tree/dataTree";
import { exceedsQuota } from "./quota";

/** /q with two bytes of data, under these limits. */
function treeWith(limits: string, ...without: readonly string[]): DataTree {
  const nodes: readonly (readonly [string, string])[] = [
    ["/q", "12"],
    ["/zookeeper/quota/q", ""],
    ["/zookeeper/quota/q/zookeeper_limits", limits],
    ["/zookeeper/quota/q/zookeeper_stats", ""],
  ];
  return nodes
    .filter(([path]) => !without.includes(path))
    .reduce(
      (tree, [path, data], at) =>
        applyTxn(tree, {
          zxid: at + 1,
          sessionId: "0x1",
          cxid: 1,
          timeMs: 1,
          body: { type: "create", path, data, acl: OPEN_ACL, ephemeral: false, parentCVersion: at },
        }).tree,
      emptyTree(),
    );
}

test("a hard limit may be reached and not passed, in nodes and in bytes", () => {
  const tree = treeWith("count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=2");
  expect(exceedsQuota(tree, "/q/a", 3, 1)).toBe(false);
  expect(exceedsQuota(tree, "/q/a", 4, 1)).toBe(true);
  expect(exceedsQuota(tree, "/q/a", 0, 2)).toBe(true);
  expect(exceedsQuota(tree, "/z", 99, 99)).toBe(false);
});

test("what adds nothing is not held against a limit that is passed already; what shrinks is", () => {
  const tree = treeWith("count=-1,bytes=-1=;byteHardLimit=0;countHardLimit=0");
  expect(exceedsQuota(tree, "/q", 0, 0)).toBe(false);
  expect(exceedsQuota(tree, "/q", -1, 0)).toBe(true);
  expect(exceedsQuota(tree, "/q", -2, 0)).toBe(false);
});

test("soft limits, and hard ones of -1, refuse nothing", () => {
  for (const limits of ["count=0,bytes=0", "count=0,bytes=0=;byteHardLimit=-1;countHardLimit=-1"])
    expect(exceedsQuota(treeWith(limits), "/q/a", 9, 9), limits).toBe(false);
});

test("without its usage node a quota refuses nothing", () => {
  const limits = "count=-1,bytes=-1=;countHardLimit=0";
  const tree = treeWith(limits, "/zookeeper/quota/q/zookeeper_stats");
  expect(exceedsQuota(tree, "/q/a", 0, 9)).toBe(false);
});
