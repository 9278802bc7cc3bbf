import fc from "fast-check";
import { expect, test } from "vitest";
import { READ_ACL } from "./acl";
import { applyTxn } from "./applyTxn";
import {
  childrenOf,
  type DataTree,
  emptyTree,
  ephemeralsOf,
  nodeAt,
  nodeCount,
  numChildrenOf,
  statOf,
  type TreeNode,
  treeOf,
  withConfig,
} from "./dataTree";
import { eachEntry } from "./persistentMap";
import type { Txn, TxnBody } from "./txn";

const txn = (zxid: number, body: TxnBody, sessionId = "0x1"): Txn => ({
  zxid,
  sessionId,
  cxid: zxid,
  timeMs: zxid * 100,
  body,
});
const create = (path: string, parentCVersion: number, ephemeral = false): TxnBody => ({
  type: "create",
  path,
  data: "x",
  acl: [],
  ephemeral,
  parentCVersion,
});
const applyAll = (txns: readonly Txn[], tree = emptyTree()): DataTree =>
  txns.reduce((before, next) => applyTxn(before, next).tree, tree);

test("a tree begins with the built-in nodes, whose stat is zero", () => {
  const tree = emptyTree();
  expect(childrenOf(tree, "/")).toEqual(["zookeeper"]);
  expect(childrenOf(tree, "/zookeeper")).toEqual(["config", "quota"]);
  expect(statOf(tree, "/zookeeper/config")).toMatchObject({ version: 0, aversion: -1 });
  expect(statOf(tree, "/")).toEqual({
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctimeMs: 0,
    mtimeMs: 0,
    version: 0,
    aversion: 0,
    cversion: -1,
    ephemeralOwner: null,
    dataLength: 0,
    numChildren: 1,
  });
});

test("a create takes its times from the transaction and answers with path and stat", () => {
  const { tree, result } = applyTxn(emptyTree(), txn(5, create("/a", 1)));
  expect(nodeAt(tree, "/a")).toMatchObject({
    data: "x",
    czxid: 5,
    mzxid: 5,
    pzxid: 5,
    ctimeMs: 500,
    mtimeMs: 500,
  });
  expect(result).toMatchObject({ code: "OK", path: "/a" });
  expect(result.stat).toEqual(statOf(tree, "/a"));
});

test("a create raises the parent's cversion and pzxid and leaves its mzxid and version", () => {
  const tree = applyAll([txn(1, create("/a", 1)), txn(2, create("/a/b", 1))]);
  expect(statOf(tree, "/a")).toMatchObject({
    cversion: 1,
    pzxid: 2,
    mzxid: 1,
    version: 0,
    numChildren: 1,
  });
});

test("the cversion that is shown counts creates and deletes: two and one make three", () => {
  const tree = applyAll([
    txn(1, create("/a", 1)),
    txn(2, create("/a/b", 1)),
    txn(3, create("/a/c", 2)),
    txn(4, { type: "delete", path: "/a/b" }),
  ]);
  expect(statOf(tree, "/a")).toMatchObject({ cversion: 3, pzxid: 4, numChildren: 1 });
  expect(nodeAt(tree, "/a/b")).toBeNull();
});

test("setData changes data, version, mzxid and mtime of the znode and nothing of its parent", () => {
  const before = applyAll([txn(1, create("/a", 1))]);
  const { tree, result } = applyTxn(
    before,
    txn(2, { type: "setData", path: "/a", data: "节点😀", version: 7 }),
  );
  expect(statOf(tree, "/a")).toMatchObject({
    version: 7,
    mzxid: 2,
    mtimeMs: 200,
    czxid: 1,
    pzxid: 1,
    dataLength: 10,
  });
  expect(statOf(tree, "/")).toEqual(statOf(before, "/"));
  expect(result.stat).toEqual(statOf(tree, "/a"));
});

test("a change leaves the old tree as it was and shares what it did not touch", () => {
  const before = applyAll([txn(1, create("/p", 1)), txn(2, create("/p/a", 1))]);
  const after = applyAll([txn(3, create("/p/b", 2))], before);
  expect(nodeAt(before, "/p/b")).toBeNull();
  expect(nodeAt(after, "/p/a")).toBe(nodeAt(before, "/p/a"));
});

test("closing a session deletes its ephemerals at the zxid of the close, named or not", () => {
  const tree = applyAll([
    txn(1, create("/p", 1)),
    txn(2, create("/p/e2", 1, true)),
    txn(3, create("/p/e1", 2, true)),
    txn(4, create("/p/other", 3, true), "0x2"),
  ]);
  expect(ephemeralsOf(tree, "0x1")).toEqual(["/p/e1", "/p/e2"]);
  const closed = applyAll([txn(5, { type: "closeSession", ephemerals: ["/p/e1"] })], tree);
  expect(childrenOf(closed, "/p")).toEqual(["other"]);
  expect(statOf(closed, "/p")).toMatchObject({ pzxid: 5 });
});

test("createSession and a refused request change nothing in the tree, and the refusal's code comes back", () => {
  const tree = emptyTree();
  expect(applyTxn(tree, txn(1, { type: "createSession", timeoutMs: 1, password: "" })).tree).toBe(
    tree,
  );
  expect(applyTxn(tree, txn(2, { type: "error", code: "BADVERSION" }))).toMatchObject({
    tree,
    result: { code: "BADVERSION" },
  });
});

test("a create of what exists only raises the parent's cversion and pzxid", () => {
  const before = applyAll([txn(1, create("/a", 1))]);
  const { tree, result } = applyTxn(before, txn(9, create("/a", 4)));
  expect(result.code).toBe("NODEEXISTS");
  expect(nodeAt(tree, "/a")).toEqual(nodeAt(before, "/a"));
  expect(nodeAt(tree, "/")).toMatchObject({ cversion: 4, pzxid: 9 });
  expect(nodeAt(applyAll([txn(1, create("/a", 1))], tree), "/")).toMatchObject({
    cversion: 4,
    pzxid: 9,
  });
});

test("what meets no znode answers NONODE and does no harm", () => {
  const tree = emptyTree();
  const codeOf = (body: TxnBody) => applyTxn(tree, txn(1, body)).result.code;
  expect(codeOf(create("/a/b", 1))).toBe("NONODE");
  expect(codeOf({ type: "setData", path: "/a", data: "", version: 1 })).toBe("NONODE");
  expect(codeOf({ type: "delete", path: "/a" })).toBe("NONODE");
});

test("a delete of a child that is gone still raises the parent's pzxid, never lowers it", () => {
  const tree = applyAll([txn(5, { type: "delete", path: "/a" })]);
  expect(statOf(tree, "/")?.pzxid).toBe(5);
  expect(statOf(applyAll([txn(3, { type: "delete", path: "/a" })], tree), "/")?.pzxid).toBe(5);
});

test("a znode may be called as a property that every object has", () => {
  expect(nodeAt(emptyTree(), "/constructor")).toBeNull();
  const tree = applyAll([
    txn(1, create("/__proto__", 1)),
    txn(2, create("/__proto__/toString", 1)),
  ]);
  expect(childrenOf(tree, "/")).toEqual(["__proto__", "zookeeper"]);
  expect(nodeAt(tree, "/__proto__/toString")).toMatchObject({ czxid: 2 });
  expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
});

test("the empty path is another name of the root, and no other path has two names", () => {
  const tree = applyAll([txn(1, create("/a", 1))]);
  expect(nodeAt(tree, "")).toBe(nodeAt(tree, "/"));
  for (const path of ["/a/", "a", "//a", "/a/."]) expect(nodeAt(tree, path)).toBeNull();
});

test("nodes are counted as the server counts them, the root twice", () => {
  expect(nodeCount(emptyTree())).toBe(5);
  expect(nodeCount(applyAll([txn(1, create("/a", 1)), txn(2, create("/a/b", 1))]))).toBe(7);
});

test("containers and nodes with a time to live are shown without an owner", () => {
  const common = { data: "", acl: [], parentCVersion: 1 };
  const tree = applyAll([
    txn(1, { type: "createContainer", path: "/c", ...common }),
    txn(2, { type: "createTTL", path: "/t", ...common, ttlMs: 77 }),
  ]);
  expect(statOf(tree, "/c")?.ephemeralOwner).toBeNull();
  expect(statOf(tree, "/t")?.ephemeralOwner).toBeNull();
  expect(nodeAt(tree, "/c")).toMatchObject({ container: true, ttlMs: null });
  expect(nodeAt(tree, "/t")).toMatchObject({ container: false, ttlMs: 77 });
});

test("setACL changes the list and aversion, and no watch is told", () => {
  const before = applyAll([txn(1, create("/a", 1))]);
  const acl = [{ scheme: "world", id: "anyone", perms: 1 }];
  const applied = applyTxn(before, txn(2, { type: "setACL", path: "/a", acl, version: 9 }));
  expect(nodeAt(applied.tree, "/a")).toEqual({ ...nodeAt(before, "/a"), acl, aversion: 9 });
  expect(applied.changes).toEqual([]);
});

test("the parts of a multi share a zxid and are told in their order", () => {
  const body: TxnBody = {
    type: "multi",
    txns: [
      create("/a", 1),
      create("/a/b", 1),
      { type: "check", path: "/a", version: 1 },
      { type: "setData", path: "/a", data: "", version: 1 },
      { type: "delete", path: "/a/b" },
    ],
  };
  const { tree, result, changes } = applyTxn(emptyTree(), txn(4, body));
  expect(statOf(tree, "/a")).toMatchObject({ czxid: 4, mzxid: 4, pzxid: 4, cversion: 2 });
  expect(result).toMatchObject({ code: "OK", parts: body.txns.map(({ type }) => ({ type })) });
  expect(changes.map(({ type, path }) => `${type} ${path}`)).toEqual([
    "created /a",
    "created /a/b",
    "dataChanged /a",
    "deleted /a/b",
  ]);
});

test("a multi that was refused changes nothing and says the first fault", () => {
  const tree = emptyTree();
  const parts = ["OK", "NONODE", "RUNTIMEINCONSISTENCY"] as const;
  const body: TxnBody = { type: "multi", txns: parts.map((code) => ({ type: "error", code })) };
  const applied = applyTxn(tree, txn(4, body));
  expect(applied).toMatchObject({ result: { code: "NONODE" }, changes: [] });
  expect(applied.tree).toBe(tree);
  expect(applied.result.parts.map(({ code }) => code)).toEqual(parts);
});

test("the membership is written with version -1 and the server's own time, whatever was there", () => {
  const tree = withConfig(withConfig(emptyTree(), "old", 0, 5), "server.1=a", 3, 70);
  expect(nodeAt(tree, "/zookeeper/config")?.data).toBe("server.1=a");
  expect(statOf(tree, "/zookeeper/config")).toMatchObject({
    version: -1,
    aversion: -1,
    czxid: 0,
    mzxid: 3,
    ctimeMs: 0,
    mtimeMs: 70,
    dataLength: 10,
  });
});

test("the size of a tree is the length of its paths and its data", () => {
  const sizeOf = (tree: DataTree) => tree.dataSizeBytes - emptyTree().dataSizeBytes;
  const grown = applyAll([
    txn(1, create("/a", 1)),
    txn(2, { type: "setData", path: "/a", data: "é\udcff", version: 1 }),
  ]);
  expect(sizeOf(grown)).toBe("/a".length + 3);
  expect(sizeOf(applyAll([txn(3, { type: "delete", path: "/a" })], grown))).toBe(0);
});

test("a session that names a node of another when it closes deletes that too, as the log says", () => {
  const tree = applyAll([
    txn(1, create("/e", 1, true), "0x2"),
    txn(2, { type: "closeSession", ephemerals: ["/e", "/gone"] }, "0x1"),
  ]);
  expect(nodeAt(tree, "/e")).toBeNull();
  expect(ephemeralsOf(tree, "0x2")).toEqual([]);
});

test("a tree read from its znodes is the tree", () => {
  fc.assert(
    fc.property(wishes, (some) => {
      const tree = applyAll(logOf(some));
      const znodes: [string, TreeNode][] = [];
      eachEntry(tree.nodes, (path, node) => znodes.push([path, node]));
      expect(treeOf(znodes.toSorted(([one], [other]) => (one < other ? -1 : 1)))).toEqual(tree);
    }),
    { seed: 12, numRuns: 100 },
  );
});

test("replaying a log once more, from any point to its end, leaves the tree as it was", () => {
  fc.assert(
    fc.property(wishes, fc.nat({ max: 30 }), (some, from) => {
      const log = logOf(some);
      const once = applyAll(log);
      expect(applyAll(log.slice(from), once)).toEqual(once);
    }),
    { seed: 13, numRuns: 300 },
  );
});

test("replaying a beginning twice changes nothing for what comes behind it", () => {
  fc.assert(
    fc.property(wishes, fc.nat({ max: 30 }), (some, upTo) => {
      const log = logOf(some);
      const again = [...log.slice(0, upTo), ...log];
      expect(shapeOf(applyAll(again))).toEqual(shapeOf(applyAll(log)));
    }),
    { seed: 14, numRuns: 300 },
  );
});

const wishes = fc.array(
  fc.tuple(
    fc.constantFrom("create", "ephemeral", "container", "setData", "setACL", "delete", "close"),
    fc.constantFrom("/a", "/b", "/a/c", "/a/d"),
  ),
  { maxLength: 30 },
);

/** What clients can see of a tree. */
function shapeOf(tree: DataTree): unknown {
  const shape: Record<string, unknown> = {};
  eachEntry(tree.nodes, (path, node) => {
    shape[path] = [statOf(tree, path), node.data, childrenOf(tree, path)];
  });
  return shape;
}

/** A log as a leader would have made it: only what is allowed, with the versions of that moment. */
function logOf(some: readonly (readonly [string, string])[]): readonly Txn[] {
  let tree = emptyTree();
  const log: Txn[] = [];
  for (const [wish, path] of some) {
    const body = bodyFor(tree, wish, path, `${log.length}`);
    if (body === null) continue;
    const next = txn(log.length + 1, body);
    log.push(next);
    tree = applyTxn(tree, next).tree;
  }
  return log;
}

function bodyFor(tree: DataTree, wish: string, path: string, data: string): TxnBody | null {
  if (wish === "close") return { type: "closeSession", ephemerals: ephemeralsOf(tree, "0x1") };
  const node = nodeAt(tree, path);
  switch (wish) {
    case "setData":
      return node && { type: "setData", path, data, version: node.version + 1 };
    case "setACL":
      return node && { type: "setACL", path, acl: READ_ACL, version: node.aversion + 1 };
    case "delete":
      return node && numChildrenOf(tree, path) === 0 ? { type: "delete", path } : null;
    default: {
      const parent = nodeAt(tree, path.slice(0, path.lastIndexOf("/")) || "/");
      if (node !== null || parent === null || parent.ephemeralOwner !== null) return null;
      const parentCVersion = parent.cversion + 1;
      return wish === "container"
        ? { type: "createContainer", path, data, acl: [], parentCVersion }
        : create(path, parentCVersion, wish === "ephemeral");
    }
  }
}
