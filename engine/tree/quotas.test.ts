import fc from "fast-check";
import { expect, test } from "vitest";
import { OPEN_ACL } from "./acl";
import { applyTxn } from "./applyTxn";
import {
  type DataTree,
  emptyTree,
  nodeAt,
  quotaOver,
  statOf,
  type TreeNode,
  treeOf,
} from "./dataTree";
import { eachEntry } from "./persistentMap";
import { parseStatsTrack, printStatsTrack } from "./quotas";
import type { TxnBody } from "./txn";

test("limits are read with what is missing, and printed as ZooKeeper prints them", () => {
  const text = "count=2,bytes=-1=;byteHardLimit=-1;countHardLimit=3";
  expect(parseStatsTrack(text)).toEqual({
    count: 2,
    bytes: -1,
    countHardLimit: 3,
    byteHardLimit: -1,
  });
  expect(printStatsTrack(parseStatsTrack(text))).toBe(text);
  expect(parseStatsTrack("")).toEqual({
    count: -1,
    bytes: -1,
    countHardLimit: null,
    byteHardLimit: null,
  });
  expect(parseStatsTrack(null)).toEqual(parseStatsTrack(""));
  expect(parseStatsTrack("count=x,bytes=")).toEqual(parseStatsTrack(""));
  expect(printStatsTrack(parseStatsTrack("count=3,bytes=7"))).toBe("count=3,bytes=7");
});

test("whatever limits say, printed and read they say it again", () => {
  const number = fc.integer({ min: -1, max: 2 ** 40 });
  const hard = fc.option(number);
  fc.assert(
    fc.property(
      fc.record({ count: number, bytes: number, countHardLimit: hard, byteHardLimit: hard }),
      (stats) => {
        expect(parseStatsTrack(printStatsTrack(stats))).toEqual(stats);
      },
    ),
    { seed: 9 },
  );
});

function treeAfter(bodies: readonly TxnBody[], tree = emptyTree()): DataTree {
  return bodies.reduce(
    (before, body, at) =>
      applyTxn(before, { zxid: 10 + at, sessionId: "0x1", cxid: 1, timeMs: at, body }).tree,
    tree,
  );
}
const node = (path: string, data = ""): TxnBody => ({
  type: "create",
  path,
  data,
  acl: OPEN_ACL,
  ephemeral: false,
  parentCVersion: 1,
});
const LIMITS = "/zookeeper/quota/q/zookeeper_limits";
const STATS = "/zookeeper/quota/q/zookeeper_stats";
const quota: readonly TxnBody[] = [
  node("/zookeeper/quota/q"),
  node(LIMITS, "count=5,bytes=5"),
  node(STATS, "count=0,bytes=0"),
];
const usage = (tree: DataTree) => nodeAt(tree, STATS)?.data;

test("a new usage node begins with what is there: the node itself, all below, and their bytes", () => {
  const tree = treeAfter([
    node("/q", "12"),
    node("/q/a", "3"),
    node("/q/a/b"),
    node("/z", "9"),
    ...quota,
  ]);
  expect(usage(tree)).toBe("count=3,bytes=3");
  expect(quotaOver(tree, "/q/a/b")).toBe("/q");
  expect(quotaOver(tree, "/q")).toBe("/q");
  expect(quotaOver(tree, "/qq")).toBeNull();
  expect(quotaOver(tree, "/")).toBeNull();
});

test("the usage node follows creates, deletes and data, and no stat tells of it", () => {
  const before = treeAfter([node("/q"), ...quota]);
  const tree = treeAfter(
    [
      node("/q/a", "1234"),
      { type: "setData", path: "/q/a", data: "é", version: 1 },
      node("/q/a/b", "x"),
      node("/z", "y"),
      { type: "delete", path: "/q/a/b" },
    ],
    before,
  );
  expect(usage(tree)).toBe("count=2,bytes=2");
  expect(statOf(tree, STATS)).toMatchObject({ version: 0, mzxid: 13, dataLength: 15 });
});

test("without limits nothing is counted any more", () => {
  const tree = treeAfter([node("/q"), ...quota, { type: "delete", path: LIMITS }, node("/q/a")]);
  expect(usage(tree)).toBe("count=1,bytes=0");
  expect(quotaOver(tree, "/q")).toBeNull();
});

test("limits directly below /zookeeper/quota are nobody's", () => {
  const tree = treeAfter([
    node("/zookeeper/quota/zookeeper_limits", "count=1,bytes=1"),
    node("/a"),
  ]);
  expect(quotaOver(tree, "/a")).toBeNull();
});

test("a tree read from its znodes counts anew and knows its quotas", () => {
  const tree = treeAfter([node("/q", "12"), ...quota, node("/q/a")]);
  const znodes: [string, TreeNode][] = [];
  eachEntry(tree.nodes, (path, znode) => znodes.push([path, znode]));
  const read = treeOf(znodes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  expect(read).toEqual(tree);
});
