import { expect, test } from "vitest";
import { settingsOf } from "../config/settings";
import { createOf, type MultiOperation, type Read, type Write } from "../net/request";
import { type Acl, type Id, OPEN_ACL, PERMS } from "../tree/acl";
import { applyTxn } from "../tree/applyTxn";
import { type DataTree, emptyTree, statOf } from "../tree/dataTree";
import { addWatch, emptyWatches, type Watches, type WatchRules } from "../tree/watches";
import { answerRead, replyOfWrite } from "./finalRequest";
import { prepRequest } from "./prepRequest";

const rules: WatchRules = { watchModes: "one", watchesAskAcl: false };
const bob: Id = { scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" };
const NOTHING = { data: null, stat: null };

/** A write, prepared and applied at once. */
function done(tree: DataTree, zxid: number, op: Write, sessionId = "0x1") {
  const txn = prepRequest({
    ahead: tree,
    applied: tree,
    zxid,
    sessionId,
    request: { cxid: zxid, authInfo: [bob], op },
    timeMs: zxid,
    settings: settingsOf({ "zookeeper.extendedTypesEnabled": "true" }),
    session: { any: null, ephemeral: null },
  });
  const applied = applyTxn(tree, txn);
  return { tree: applied.tree, reply: replyOfWrite(op, applied.result) };
}

function treeWith(...ops: readonly Write[]): DataTree {
  return ops.reduce((tree, op, at) => done(tree, at + 1, op).tree, emptyTree());
}

function read(
  tree: DataTree,
  op: Read,
  { ids = [], watches = emptyWatches() }: { ids?: readonly Id[]; watches?: Watches } = {},
) {
  return answerRead({
    tree,
    watches,
    rules,
    settings: settingsOf({}),
    connection: 7,
    sessionId: "0x1",
    ids,
    op,
  });
}

const sample = treeWith(
  createOf("/a", "data"),
  createOf("/a/b", null),
  createOf("/a/c", ""),
  createOf("/e1", "", "EPHEMERAL"),
  createOf("/a/e2", "", "EPHEMERAL"),
);
const secret: readonly Acl[] = [
  { ...bob, perms: PERMS.ALL },
  { scheme: "world", id: "anyone", perms: PERMS.READ },
];

test("getData answers with data and stat, null data and no data apart", () => {
  const stat = statOf(sample, "/a");
  expect(read(sample, { type: "getData", path: "/a" })).toMatchObject({
    code: "OK",
    body: { data: "data", stat },
  });
  expect(read(sample, { type: "getData", path: "/a/b" }).body.data).toBeNull();
  expect(read(sample, { type: "getData", path: "/a/c" }).body.data).toBe("");
});

test("getChildren answers with names, getChildren2 with the stat too", () => {
  expect(read(sample, { type: "getChildren", path: "/a" }).body).toEqual({
    ...NOTHING,
    children: ["b", "c", "e2"],
  });
  expect(read(sample, { type: "getChildren2", path: "/a" }).body).toEqual({
    data: null,
    stat: statOf(sample, "/a"),
    children: ["b", "c", "e2"],
  });
});

test("what is missing is NONODE; nobody looks whether its path could exist, but exists refuses a NUL", () => {
  for (const path of ["/x", "x", "/a/", "/a/../a", "/a\0"]) {
    expect(read(sample, { type: "getData", path }).code, path).toBe("NONODE");
    expect(read(sample, { type: "getACL", path }).code, path).toBe("NONODE");
  }
  expect(read(sample, { type: "exists", path: "/x" })).toMatchObject({ code: "NONODE" });
  expect(read(sample, { type: "exists", path: "/a\0" }).code).toBe("BADARGUMENTS");
});

test("the empty path is the root", () => {
  expect(read(sample, { type: "exists", path: "" }).body.stat).toEqual(statOf(sample, "/"));
  expect(read(sample, { type: "getChildren", path: "" }).body.children).toEqual([
    "a",
    "e1",
    "zookeeper",
  ]);
});

test("reading needs READ, but exists needs nothing", () => {
  const tree = treeWith(createOf("/p", "", "PERSISTENT", { acl: [{ ...bob, perms: 31 }] }));
  for (const type of [
    "getData",
    "getChildren",
    "getChildren2",
    "getAllChildrenNumber",
    "getACL",
  ] as const) {
    expect(read(tree, { type, path: "/p" }), type).toMatchObject({ code: "NOAUTH", body: NOTHING });
    expect(read(tree, { type, path: "/p" }, { ids: [bob] }).code, type).toBe("OK");
  }
  expect(read(tree, { type: "exists", path: "/p" }).code).toBe("OK");
});

test("who may read but not administer sees the users of a list and not their passwords", () => {
  const tree = treeWith(createOf("/p", "", "PERSISTENT", { acl: secret }));
  expect(read(tree, { type: "getACL", path: "/p" }).body).toEqual({
    data: null,
    stat: statOf(tree, "/p"),
    acl: [
      { scheme: "digest", id: "bob:x", perms: 31 },
      { scheme: "world", id: "anyone", perms: 1 },
    ],
  });
  expect(read(tree, { type: "getACL", path: "/p" }, { ids: [bob] }).body.acl).toEqual(secret);
});

test("ADMIN alone is enough to see a list", () => {
  const acl = [{ scheme: "world", id: "anyone", perms: PERMS.ADMIN }];
  const tree = treeWith(createOf("/p", "", "PERSISTENT", { acl }));
  expect(read(tree, { type: "getACL", path: "/p" }).body.acl).toEqual(acl);
});

test("all descendants are counted; those of the root include what is built in", () => {
  const total = (path: string) => read(sample, { type: "getAllChildrenNumber", path }).body.total;
  expect(total("/a")).toBe(3);
  expect(total("/a/b")).toBe(0);
  expect(total("/")).toBe(8);
});

test("getEphemerals lists this session's own below a text with which paths begin", () => {
  const own = (prefix: string) => read(sample, { type: "getEphemerals", prefix }).body.ephemerals;
  for (const all of ["/", "", " "]) expect(own(all), all).toEqual(["/a/e2", "/e1"]);
  expect(own("/a")).toEqual(["/a/e2"]);
  expect(own("/e")).toEqual(["/e1"]);
  expect(own("/none")).toEqual([]);
  const other = done(sample, 9, createOf("/z", "", "EPHEMERAL"), "0x2").tree;
  expect(read(other, { type: "getEphemerals", prefix: "/" }).body.ephemerals).toHaveLength(2);
});

test("whoAmI tells whom the connection has proved to be, by name", () => {
  expect(read(sample, { type: "whoAmI" }, { ids: [bob] }).body.ids).toEqual([
    { scheme: "digest", id: "bob" },
  ]);
});

test("the parts of a multiRead stand alone, and set no watch", () => {
  const tree = treeWith(
    createOf("/a", "x"),
    createOf("/p", "", "PERSISTENT", { acl: [{ ...bob, perms: 31 }] }),
  );
  const answer = read(tree, {
    type: "multiRead",
    ops: [
      { type: "getData", path: "/a", watch: true },
      { type: "getData", path: "/p" },
      { type: "getChildren", path: "/" },
      { type: "getChildren", path: "/none" },
    ],
  });
  expect(answer.body.results).toEqual([
    { type: "getData", code: "OK", data: "x", stat: statOf(tree, "/a") },
    { type: "error", code: "NOAUTH" },
    { type: "getChildren", code: "OK", children: ["a", "p", "zookeeper"] },
    { type: "error", code: "NONODE" },
  ]);
  expect(answer).toMatchObject({ code: "OK", watches: emptyWatches() });
});

test("a read sets its watch when it succeeds, exists also when it does not", () => {
  const set = (op: Read) => read(sample, op).watches;
  const only = (kind: "data" | "child", path: string) =>
    addWatch(emptyWatches(), 7, kind, path, rules);
  expect(set({ type: "getData", path: "/a", watch: true })).toEqual(only("data", "/a"));
  expect(set({ type: "getChildren", path: "/a", watch: true })).toEqual(only("child", "/a"));
  expect(set({ type: "getChildren2", path: "/a", watch: true })).toEqual(only("child", "/a"));
  expect(set({ type: "exists", path: "/a", watch: true })).toEqual(only("data", "/a"));
  expect(set({ type: "exists", path: "/x/y", watch: true })).toEqual(only("data", "/x/y"));
  for (const type of ["getData", "getChildren", "getChildren2"] as const)
    expect(set({ type, path: "/x", watch: true }), type).toEqual(emptyWatches());
  expect(set({ type: "getData", path: "/a", watch: false })).toEqual(emptyWatches());
});

test("addWatch takes two modes, and cannot read another", () => {
  const add = (mode: "PERSISTENT" | "PERSISTENT_RECURSIVE" | "OTHER") =>
    read(sample, { type: "addWatch", path: "/x", mode });
  expect(add("PERSISTENT").watches).toEqual(addWatch(emptyWatches(), 7, "persistent", "/x", rules));
  expect(add("PERSISTENT_RECURSIVE").watches).toEqual(
    addWatch(emptyWatches(), 7, "persistentRecursive", "/x", rules),
  );
  expect(add("OTHER")).toMatchObject({ code: "MARSHALLINGERROR", watches: emptyWatches() });
});

test("watches are checked and removed; where there is none, NOWATCHER", () => {
  const watches = addWatch(emptyWatches(), 7, "data", "/a", rules);
  const ask = (type: "checkWatches" | "removeWatches", watcherType: "Data" | "Children" | "Any") =>
    read(sample, { type, path: "/a", watcherType }, { watches });
  expect(ask("checkWatches", "Data")).toMatchObject({ code: "OK", watches });
  expect(ask("checkWatches", "Children")).toMatchObject({ code: "NOWATCHER", watches });
  expect(ask("removeWatches", "Children")).toMatchObject({ code: "NOWATCHER", watches });
  expect(ask("removeWatches", "Any")).toMatchObject({ code: "OK", watches: emptyWatches() });
});

test("setWatches hands over what has happened meanwhile", () => {
  const answer = read(sample, {
    type: "setWatches",
    relativeZxid: 0,
    dataWatches: ["/a"],
    existWatches: [],
    childWatches: ["/e1"],
  });
  expect(answer).toMatchObject({ code: "OK", body: NOTHING });
  expect(answer.fired).toEqual([
    { connection: 7, event: "NodeDataChanged", path: "/a" },
    { connection: 7, event: "NodeChildrenChanged", path: "/e1" },
  ]);
});

test("the old create answers with the path, all others with the stat too", () => {
  const { tree, reply } = done(emptyTree(), 1, { ...createOf("/a", "x"), type: "create" });
  expect(reply).toEqual({ code: "OK", body: { ...NOTHING, path: "/a" } });
  const next = done(tree, 2, createOf("/a/n-", "", "EPHEMERAL_SEQUENTIAL"));
  expect(next.reply).toEqual({
    code: "OK",
    body: { data: null, path: "/a/n-0000000000", stat: statOf(next.tree, "/a/n-0000000000") },
  });
});

test("setData and setACL answer with the stat, delete with nothing, a refused write with its code", () => {
  const set = done(sample, 9, { type: "setData", path: "/a", data: "y", version: -1 });
  expect(set.reply).toEqual({ code: "OK", body: { data: null, stat: statOf(set.tree, "/a") } });
  const acl = done(sample, 9, { type: "setACL", path: "/a", acl: OPEN_ACL, version: 0 });
  expect(acl.reply).toEqual({ code: "OK", body: { data: null, stat: statOf(acl.tree, "/a") } });
  expect(done(sample, 9, { type: "delete", path: "/a/b", version: -1 }).reply).toEqual({
    code: "OK",
    body: NOTHING,
  });
  expect(done(sample, 9, { type: "delete", path: "/a", version: -1 }).reply).toEqual({
    code: "NOTEMPTY",
    body: NOTHING,
  });
});

const multi = (...ops: readonly MultiOperation[]): Write => ({ type: "multi", ops });

test("a multi answers part by part; a create in it with a stat is called create2", () => {
  const { tree, reply } = done(
    emptyTree(),
    1,
    multi(
      createOf("/a", "x"),
      createOf("/c", "", "CONTAINER"),
      createOf("/t", "", "PERSISTENT_WITH_TTL", { ttlMs: 5 }),
      { type: "setData", path: "/a", data: "y", version: 0 },
      { type: "check", path: "/a", version: 1 },
      { type: "delete", path: "/c", version: -1 },
    ),
  );
  expect(reply.code).toBe("OK");
  expect(reply.body.results).toMatchObject([
    { type: "create", code: "OK", path: "/a" },
    { type: "create2", code: "OK", path: "/c", stat: { czxid: 1 } },
    { type: "create2", code: "OK", path: "/t", stat: statOf(tree, "/t") ?? {} },
    { type: "setData", code: "OK", stat: { version: 1 } },
    { type: "check", code: "OK" },
    { type: "delete", code: "OK" },
  ]);
  expect(reply.body.results?.[0]).not.toHaveProperty("stat");
  expect(done(tree, 2, multi()).reply.body.results).toEqual([]);
});

test("a multi that failed answers OK, and its parts say why", () => {
  const { reply } = done(
    sample,
    9,
    multi(createOf("/x", ""), { type: "delete", path: "/none", version: -1 }, createOf("/y", "")),
  );
  expect(reply).toEqual({
    code: "OK",
    body: {
      ...NOTHING,
      results: [
        { type: "error", code: "OK" },
        { type: "error", code: "NONODE" },
        { type: "error", code: "RUNTIMEINCONSISTENCY" },
      ],
    },
  });
});

test("a multi that could not be read has no parts", () => {
  const { reply } = done(sample, 9, multi({ ...createOf("/x", ""), flags: 5 }));
  expect(reply).toEqual({ code: "MARSHALLINGERROR", body: NOTHING });
});
