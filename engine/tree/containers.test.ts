import { expect, test } from "vitest";
import { OPEN_ACL } from "./acl";
import { applyTxn } from "./applyTxn";
import { containersDue } from "./containers";
import { type DataTree, emptyTree } from "./dataTree";
import type { TxnBody } from "./txn";

/** Each of these at its own second, from 1 on. */
function treeAfter(...bodies: readonly TxnBody[]): DataTree {
  return bodies.reduce(
    (tree, body, at) =>
      applyTxn(tree, { zxid: at + 1, sessionId: "0x1", cxid: 1, timeMs: (at + 1) * 1000, body })
        .tree,
    emptyTree(),
  );
}
const common = { data: "", acl: OPEN_ACL, parentCVersion: 1 };
const container = (path: string): TxnBody => ({ type: "createContainer", path, ...common });
const node = (path: string): TxnBody => ({ type: "create", path, ...common, ephemeral: false });
const ttl = (path: string, ttlMs: number): TxnBody => ({
  type: "createTTL",
  path,
  ...common,
  ttlMs,
});
const remove = (path: string): TxnBody => ({ type: "delete", path });

test("a container goes when it had a child and has none", () => {
  expect(containersDue(treeAfter(container("/c")), 9e9, 0)).toEqual([]);
  expect(containersDue(treeAfter(container("/c"), node("/c/a")), 9e9, 0)).toEqual([]);
  const emptied = treeAfter(container("/c"), node("/c/a"), remove("/c/a"));
  expect(containersDue(emptied, 0, 0)).toEqual(["/c"]);
  expect(containersDue(treeAfter(container("/c"), remove("/c")), 9e9, 1)).toEqual([]);
});

test("a container that never had a child goes after a while, when there is such a while", () => {
  const unused = treeAfter(container("/c"));
  expect(containersDue(unused, 1500, 500)).toEqual([]);
  expect(containersDue(unused, 1501, 500)).toEqual(["/c"]);
});

test("a node with a time to live goes without children, later than that after its last data", () => {
  const set: TxnBody = { type: "setData", path: "/t", data: "", version: 1 };
  expect(containersDue(treeAfter(ttl("/t", 500)), 1500, 0)).toEqual([]);
  expect(containersDue(treeAfter(ttl("/t", 500)), 1501, 0)).toEqual(["/t"]);
  expect(containersDue(treeAfter(ttl("/t", 500), set), 2500, 0)).toEqual([]);
  expect(containersDue(treeAfter(ttl("/t", 500), node("/t/a")), 9e9, 0)).toEqual([]);
  const left = treeAfter(ttl("/t", 500), node("/t/a"), remove("/t/a"));
  expect(containersDue(left, 3001, 0)).toEqual(["/t"]);
});
