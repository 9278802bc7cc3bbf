import fc from "fast-check";
import { expect, test } from "vitest";
import { applyTxn } from "./applyTxn";
import { childrenOf, type DataTree, emptyTree, ephemeralsOf, nodeAt, statOf } from "./dataTree";
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

test("replaying the end of a log once more leaves the tree as it was", () => {
  const paths = ["/a", "/b", "/a/c", "/a/d"];
  const bodies = fc.array(
    fc.tuple(
      fc.constantFrom("create", "ephemeral", "setData", "delete", "close"),
      fc.constantFrom(...paths),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(bodies, fc.nat({ max: 30 }), (wishes, from) => {
      const log = logOf(wishes);
      const once = applyAll(log);
      expect(applyAll(log.slice(from), once)).toEqual(once);
    }),
    { seed: 13, numRuns: 300 },
  );
});

/** A log as a leader would have made it: only what is allowed, with the versions of that moment. */
function logOf(wishes: readonly (readonly [string, string])[]): readonly Txn[] {
  let tree = emptyTree();
  const log: Txn[] = [];
  for (const [wish, path] of wishes) {
    const node = nodeAt(tree, path);
    const parent = nodeAt(tree, path.slice(0, path.lastIndexOf("/")) || "/");
    const body: TxnBody | null =
      wish === "close"
        ? { type: "closeSession", ephemerals: ephemeralsOf(tree, "0x1") }
        : wish === "setData"
          ? node && { type: "setData", path, data: `${log.length}`, version: node.version + 1 }
          : wish === "delete"
            ? node && childrenOf(tree, path)?.length === 0
              ? { type: "delete", path }
              : null
            : parent && parent.ephemeralOwner === null && node === null
              ? create(path, parent.cversion + 1, wish === "ephemeral")
              : null;
    if (body === null) continue;
    const next = txn(log.length + 1, body);
    log.push(next);
    tree = applyTxn(tree, next).tree;
  }
  return log;
}
