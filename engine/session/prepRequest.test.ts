import fc from "fast-check";
import { expect, test } from "vitest";
import { settingsOf } from "../config/settings";
import { type ClientRequest, createOf, type MultiOperation } from "../net/request";
import { type Acl, type Id, OPEN_ACL, PERMS } from "../tree/acl";
import { applyTxn } from "../tree/applyTxn";
import { type DataTree, emptyTree, ephemeralsOf, nodeAt, statOf } from "../tree/dataTree";
import type { ErrorCode, TxnBody } from "../tree/txn";
import type { Stat } from "../tree/znode";
import { prepRequest, type SessionVerdict } from "./prepRequest";

type Op = ClientRequest["op"];

const create = (path: string, ephemeral = false) =>
  createOf(path, "x", ephemeral ? "EPHEMERAL" : "PERSISTENT");
const setData = (path: string, version = -1, data = "y") =>
  ({ type: "setData", path, data, version }) as const;
const remove = (path: string, version = -1) => ({ type: "delete", path, version }) as const;
const check = (path: string, version: number) => ({ type: "check", path, version }) as const;
const setAcl = (path: string, acl: readonly Acl[] | null, version = -1) =>
  ({ type: "setACL", path, acl, version }) as const;
const multi = (...ops: readonly MultiOperation[]): Op => ({ type: "multi", ops });
const openSession: Op = { type: "createSession", timeoutMs: 4000, password: "p" };
const closeSession: Op = { type: "closeSession" };
const error = (code: ErrorCode) => ({ type: "error", code }) as const;
const world = (perms: number): readonly Acl[] => [{ scheme: "world", id: "anyone", perms }];
const bob: Id = { scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" };

const fine: SessionVerdict = { any: null, ephemeral: null };
const expired: SessionVerdict = { any: "SESSIONEXPIRED", ephemeral: "SESSIONEXPIRED" };
const local: SessionVerdict = { any: null, ephemeral: "EPHEMERALONLOCALSESSION" };

/** A leader that prepares requests; nothing is applied before `commitAll`. */
function leader(properties: Readonly<Record<string, string>> = {}) {
  let tree = emptyTree();
  let ahead = tree;
  let zxid = 0;
  const prep = (
    op: Op,
    {
      sessionId = "0x1",
      session = fine,
      ids = [],
    }: { sessionId?: string; session?: SessionVerdict; ids?: readonly Id[] } = {},
  ): TxnBody => {
    zxid += 1;
    const txn = prepRequest({
      ahead,
      applied: tree,
      zxid,
      sessionId,
      request: { cxid: 1, authInfo: ids, op },
      timeMs: 1,
      settings: settingsOf(properties),
      session,
    });
    ahead = applyTxn(ahead, txn).tree;
    return txn.body;
  };
  const commitAll = () => {
    tree = ahead;
    return tree;
  };
  return { prep, commitAll };
}

/** With these paths already applied. */
function leaderWith(...paths: readonly string[]) {
  const made = leader();
  for (const path of paths) made.prep(create(path));
  made.commitAll();
  return made;
}

test("the transaction carries who asked, when, and the zxid it was given, also when it is refused", () => {
  const txn = prepRequest({
    ahead: emptyTree(),
    applied: emptyTree(),
    zxid: 77,
    sessionId: "0x9",
    request: { cxid: 4, authInfo: [], op: setData("/a") },
    timeMs: 1234,
    settings: settingsOf({}),
    session: expired,
  });
  expect(txn).toEqual({
    zxid: 77,
    sessionId: "0x9",
    cxid: 4,
    timeMs: 1234,
    body: error("SESSIONEXPIRED"),
  });
});

test("a session that may not write is refused before its path is looked at, but behind an unknown mode", () => {
  const { prep } = leader();
  for (const op of [create("a"), setData("a"), remove("a"), setAcl("a", [])])
    expect(prep(op, { session: expired }), op.type).toEqual(error("SESSIONEXPIRED"));
  expect(prep({ ...create("/a"), flags: 9 }, { session: expired })).toEqual(error("BADARGUMENTS"));
});

test("a local session may write, only not ephemerals", () => {
  const { prep } = leader();
  expect(prep(create("/a"), { session: local })).toMatchObject({ type: "create" });
  expect(prep(create("/e", true), { session: local })).toEqual(error("EPHEMERALONLOCALSESSION"));
});

test("the birth and death of a session and the end of a container ask nobody", () => {
  const { prep } = leader();
  prep({ ...create("/c"), type: "createContainer" });
  expect(prep(openSession, { session: expired })).toEqual({
    type: "createSession",
    timeoutMs: 4000,
    password: "p",
  });
  expect(prep(closeSession, { session: expired })).toEqual({
    type: "closeSession",
    ephemerals: [],
  });
  expect(prep({ type: "deleteContainer", path: "/c" }, { session: expired })).toEqual({
    type: "delete",
    path: "/c",
  });
});

test("a create carries the parent's next stored cversion and the list that is stored", () => {
  const { prep } = leaderWith("/a");
  expect(prep(create("/a/b"))).toEqual({
    type: "create",
    path: "/a/b",
    data: "x",
    acl: OPEN_ACL,
    ephemeral: false,
    parentCVersion: 1,
  });
  expect(prep(create("/a/c", true))).toMatchObject({ ephemeral: true, parentCVersion: 2 });
});

test("a create is refused for what exists, for a missing parent, below an ephemeral and for a bad path", () => {
  const { prep, commitAll } = leaderWith("/a");
  prep(create("/e", true));
  commitAll();
  expect(prep(create("/a"))).toEqual(error("NODEEXISTS"));
  expect(prep(create("/"))).toEqual(error("NODEEXISTS"));
  expect(prep(create("/b/c"))).toEqual(error("NONODE"));
  expect(prep(create("/b/"))).toEqual(error("NONODE"));
  expect(prep(create("/e/c"))).toEqual(error("NOCHILDRENFOREPHEMERALS"));
  for (const bad of ["", "a", "/a\0", "/missing/\0", "//a", "/a/", "/a/.."]) {
    expect(prep(create(bad)), bad).toEqual(error("BADARGUMENTS"));
  }
});

test("of several faults of a create, the list comes before the parent, the parent before the permission", () => {
  const { prep } = leader();
  prep(createOf("/r", "", "PERSISTENT", { acl: world(PERMS.READ) }));
  expect(prep({ ...create("/no/a"), acl: [] })).toEqual(error("INVALIDACL"));
  expect(prep({ ...create("/no/a"), acl: null })).toEqual(error("INVALIDACL"));
  expect(prep(create("/r/a/b"))).toEqual(error("NONODE"));
  expect(prep(create("/r/.."))).toEqual(error("NOAUTH"));
});

test("an opcode makes a container, a mode makes an ephemeral: a mode without its opcode makes a plain node", () => {
  const { prep } = leader();
  expect(prep({ ...create("/a"), flags: 4 })).toMatchObject({ type: "create", ephemeral: false });
  expect(prep(createOf("/c", "", "CONTAINER"))).toMatchObject({ type: "createContainer" });
  for (const flags of [7, -1, 99])
    expect(prep({ ...create("/b"), flags }), `${flags}`).toEqual(error("BADARGUMENTS"));
});

test("a TTL needs the extended types, and is a positive number of at most 40 bits", () => {
  const ttl = (ttlMs: number) => createOf("/t", "", "PERSISTENT_WITH_TTL", { ttlMs });
  expect(leader().prep(ttl(1000))).toEqual(error("UNIMPLEMENTED"));
  const { prep } = leader({ "zookeeper.extendedTypesEnabled": "true" });
  for (const bad of [0, -1, 2 ** 40])
    expect(prep(ttl(bad)), `${bad}`).toEqual(error("BADARGUMENTS"));
  expect(prep({ ...create("/t"), flags: 5 })).toEqual(error("BADARGUMENTS"));
  expect(prep({ ...ttl(5), flags: 0 })).toEqual(error("BADARGUMENTS"));
  expect(prep(ttl(2 ** 40 - 1))).toMatchObject({ type: "createTTL", ttlMs: 1_099_511_627_775 });
});

test("a sequential name takes the number of children ever created, whatever their names", () => {
  const { prep } = leaderWith("/q", "/q/plain");
  const next = (path: string) => {
    const body = prep(createOf(path, "", "PERSISTENT_SEQUENTIAL"));
    return body.type === "create" ? body.path : body;
  };
  expect(next("/q/a-")).toBe("/q/a-0000000001");
  expect(next("/q/b-")).toBe("/q/b-0000000002");
  prep(remove("/q/plain"));
  expect(next("/q/")).toBe("/q/0000000003");
  expect(next("/")).toBe("/0000000001");
  expect(next("/q")).toBe("/q0000000002");
});

test("a sequential name that is taken is not skipped, and a refused create does not count", () => {
  const { prep } = leaderWith("/q", "/q/n-0000000001");
  const next = createOf("/q/n-", "", "PERSISTENT_SEQUENTIAL");
  expect(prep(next)).toEqual(error("NODEEXISTS"));
  expect(prep(next)).toEqual(error("NODEEXISTS"));
  expect(prep({ ...next, path: "/q/m-" })).toMatchObject({ path: "/q/m-0000000001" });
});

test("behind 2147483647 the number of a sequential name is negative", () => {
  const tree = emptyTree();
  const full = applyTxn(tree, {
    zxid: 1,
    sessionId: "0x1",
    cxid: 1,
    timeMs: 1,
    body: {
      type: "create",
      path: "/a",
      data: "",
      acl: OPEN_ACL,
      ephemeral: false,
      parentCVersion: 2 ** 31 - 1,
    },
  }).tree;
  const body = prepRequest({
    ahead: full,
    applied: full,
    zxid: 2,
    sessionId: "0x1",
    request: { cxid: 2, authInfo: [], op: createOf("/n", "", "PERSISTENT_SEQUENTIAL") },
    timeMs: 2,
    settings: settingsOf({}),
    session: fine,
  }).body;
  expect(body).toMatchObject({ path: "/n2147483647", parentCVersion: -(2 ** 31) });
});

test("setData carries the next version, and refuses what is missing or has another version", () => {
  const { prep } = leaderWith("/a");
  expect(prep(setData("/a", 0))).toEqual({ type: "setData", path: "/a", data: "y", version: 1 });
  expect(prep(setData("/a", 0))).toEqual(error("BADVERSION"));
  expect(prep(setData("/a", -2))).toEqual(error("BADVERSION"));
  expect(prep(setData("/a", 1))).toMatchObject({ version: 2 });
  expect(prep(setData("/a"))).toMatchObject({ version: 3 });
  expect(prep(setData("/b"))).toEqual(error("NONODE"));
  expect(prep(setData("b"))).toEqual(error("BADARGUMENTS"));
  expect(prep(setData(""))).toEqual(error("BADARGUMENTS"));
});

test("a delete refuses what is missing, has another version, has children or is built in", () => {
  const { prep } = leaderWith("/a", "/a/b");
  expect(prep(remove("/x"))).toEqual(error("NONODE"));
  expect(prep(remove("/x/y"))).toEqual(error("NONODE"));
  expect(prep(remove("/a", 3))).toEqual(error("BADVERSION"));
  expect(prep(remove("/a"))).toEqual(error("NOTEMPTY"));
  for (const builtIn of ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "a", "/a\0"]) {
    expect(prep(remove(builtIn)), builtIn).toEqual(error("BADARGUMENTS"));
  }
  expect(prep(remove("/a/b", 0))).toEqual({ type: "delete", path: "/a/b" });
});

test("a version is a number of 32 bits: behind the highest comes the lowest", () => {
  const highest = 2 ** 31 - 1;
  const at = (body: TxnBody) => ({ zxid: 1, sessionId: "0x1", cxid: 1, timeMs: 1, body });
  let tree = emptyTree();
  const { prep } = leader();
  tree = applyTxn(tree, at(prep(create("/a")))).tree;
  tree = applyTxn(tree, at({ type: "setData", path: "/a", data: "", version: highest })).tree;
  tree = applyTxn(tree, at({ type: "setACL", path: "/a", acl: OPEN_ACL, version: highest })).tree;
  for (const op of [
    setData("/a", highest),
    setAcl("/a", OPEN_ACL, highest),
    multi(check("/a", highest)),
  ]) {
    const { body } = prepRequest({
      ahead: tree,
      applied: tree,
      zxid: 2,
      sessionId: "0x1",
      request: { cxid: 2, authInfo: [], op },
      timeMs: 2,
      settings: settingsOf({}),
      session: fine,
    });
    const [made] = body.type === "multi" ? body.txns : [body];
    expect(made, op.type).toMatchObject({ version: -(2 ** 31) });
  }
});

test("each write needs its permission: of the node, or of the parent for a create and a delete", () => {
  const { prep } = leader();
  prep(createOf("/p", "", "PERSISTENT", { acl: world(PERMS.ALL) }));
  prep(create("/p/c"));
  const onlyWith = (perms: number) => prep(setAcl("/p", world(perms + PERMS.ADMIN)));
  onlyWith(PERMS.READ);
  expect(prep(create("/p/d"))).toEqual(error("NOAUTH"));
  expect(prep(remove("/p/c", 7))).toEqual(error("NOAUTH"));
  expect(prep(remove("/p/missing"))).toEqual(error("NOAUTH"));
  expect(prep(setData("/p", 7))).toEqual(error("NOAUTH"));
  expect(prep(multi(check("/p", 0)))).toMatchObject({ txns: [{ type: "check" }] });
  onlyWith(PERMS.WRITE + PERMS.CREATE + PERMS.DELETE);
  expect(prep(multi(check("/p", 7)))).toMatchObject({ txns: [error("NOAUTH")] });
  expect(prep(setData("/p", 7))).toEqual(error("BADVERSION"));
  expect(prep(create("/p/d"))).toMatchObject({ type: "create" });
  expect(prep(remove("/p/c"))).toMatchObject({ type: "delete" });
  prep(setAcl("/p", world(PERMS.ALL - PERMS.ADMIN)));
  expect(prep(setAcl("/p", OPEN_ACL, 99))).toEqual(error("NOAUTH"));
  expect(prep(setAcl("/p", []))).toEqual(error("INVALIDACL"));
});

test("the super user passes every list, and so does everybody with skipACL", () => {
  const closed = createOf("/p", "", "PERSISTENT", { acl: world(0) });
  const { prep } = leader();
  prep(closed);
  expect(prep(create("/p/c"))).toEqual(error("NOAUTH"));
  expect(prep(create("/p/c"), { ids: [{ scheme: "super", id: "" }] })).toMatchObject({
    type: "create",
  });
  const open = leader({ "zookeeper.skipACL": "yes" });
  open.prep(closed);
  expect(open.prep(create("/p/c"))).toMatchObject({ type: "create" });
});

test("setACL raises aversion alone, and asks it", () => {
  const { prep, commitAll } = leaderWith("/a");
  expect(prep(setAcl("a", []))).toEqual(error("BADARGUMENTS"));
  expect(prep(setAcl("/x", OPEN_ACL))).toEqual(error("NONODE"));
  expect(prep(setAcl("/a", OPEN_ACL, 1))).toEqual(error("BADVERSION"));
  expect(prep(setAcl("/a", [{ scheme: "auth", id: "", perms: 31 }]), { ids: [bob] })).toEqual({
    type: "setACL",
    path: "/a",
    acl: [{ ...bob, perms: 31 }],
    version: 1,
  });
  expect(statOf(commitAll(), "/a")).toMatchObject({ aversion: 1, version: 0, mzxid: 1 });
});

test("a write sees those proposed before it and not yet committed", () => {
  const { prep, commitAll } = leaderWith();
  expect(prep(create("/a"))).toMatchObject({ type: "create" });
  expect(prep(create("/a"))).toEqual(error("NODEEXISTS"));
  expect(prep(create("/a/b"))).toMatchObject({ type: "create" });
  expect(prep(remove("/a"))).toEqual(error("NOTEMPTY"));
  expect(prep(remove("/a/b"))).toMatchObject({ type: "delete" });
  expect(prep(remove("/a"))).toMatchObject({ type: "delete" });
  expect(prep(setData("/a"))).toEqual(error("NONODE"));
  expect(prep(create("/a"))).toMatchObject({ type: "create", parentCVersion: 2 });
  expect(nodeAt(commitAll(), "/a")).toMatchObject({ version: 0, cversion: 0 });
});

test("closeSession names the session's ephemerals, with outstanding creates and without outstanding deletes", () => {
  const { prep, commitAll } = leaderWith("/p");
  prep(create("/p/applied", true));
  prep(create("/p/deleted", true));
  prep(create("/p/other", true), { sessionId: "0x2" });
  commitAll();
  prep(remove("/p/deleted"));
  prep(create("/p/new", true));
  expect(prep(closeSession)).toEqual({
    type: "closeSession",
    ephemerals: ["/p/applied", "/p/new"],
  });
  expect(prep(create("/p/applied"), { sessionId: "0x2" })).toMatchObject({ type: "create" });
  expect(prep(closeSession, { sessionId: "0x77" })).toEqual({
    type: "closeSession",
    ephemerals: [],
  });
});

test("the parts of a multi see those before them", () => {
  const { prep, commitAll } = leaderWith();
  const body = prep(
    multi(create("/a"), create("/a/b"), setData("/a/b", 0), check("/a/b", 1), remove("/a/b", 1)),
  );
  expect(body).toMatchObject({
    type: "multi",
    txns: [
      { type: "create", path: "/a" },
      { type: "create", path: "/a/b", parentCVersion: 1 },
      { type: "setData", version: 1 },
      { type: "check" },
      { type: "delete" },
    ],
  });
  expect(statOf(commitAll(), "/a")).toMatchObject({ czxid: 1, pzxid: 1, cversion: 2 });
  expect(prep(multi())).toEqual({ type: "multi", txns: [] });
});

test("of a multi with a fault nothing is done, and the parts say who failed", () => {
  const { prep, commitAll } = leaderWith("/q");
  expect(
    prep(
      multi(
        createOf("/q/n-", "", "PERSISTENT_SEQUENTIAL"),
        remove("/missing"),
        create("/b"),
        create("/b"),
      ),
    ),
  ).toEqual({
    type: "multi",
    txns: [
      error("OK"),
      error("NONODE"),
      error("RUNTIMEINCONSISTENCY"),
      error("RUNTIMEINCONSISTENCY"),
    ],
  });
  expect(prep(createOf("/q/n-", "", "PERSISTENT_SEQUENTIAL"))).toMatchObject({
    path: "/q/n-0000000000",
  });
  expect(nodeAt(commitAll(), "/b")).toBeNull();
});

test("inside a multi the mode alone says what a create is", () => {
  const { prep } = leader({ "zookeeper.extendedTypesEnabled": "true" });
  expect(
    prep(
      multi(
        { ...create("/c"), flags: 4 },
        { ...create("/p"), type: "createContainer" },
        createOf("/t", "", "PERSISTENT_WITH_TTL", { ttlMs: 9 }),
      ),
    ),
  ).toMatchObject({
    txns: [{ type: "createContainer" }, { type: "create" }, { type: "createTTL", ttlMs: 9 }],
  });
  expect(prep(multi({ ...create("/u"), flags: 5 }))).toEqual(error("MARSHALLINGERROR"));
});

test("a container goes only while it is empty, and an ephemeral never so", () => {
  const { prep } = leader();
  const end = (path: string): Op => ({ type: "deleteContainer", path });
  prep(createOf("/c", "", "CONTAINER"));
  prep(create("/c/child"));
  prep(create("/e", true));
  expect(prep(end("/c"))).toEqual(error("NOTEMPTY"));
  expect(prep(end("/e"))).toEqual(error("BADVERSION"));
  expect(prep(end("/missing"))).toEqual(error("NONODE"));
  expect(prep(end("/zookeeper"))).toEqual(error("BADARGUMENTS"));
  prep(remove("/c/child"));
  expect(prep(end("/c"))).toEqual({ type: "delete", path: "/c" });
});

/** A quota of at most two nodes and ten bytes on /q, soft or hard. */
function quotaOn(limits: string, enforceQuota: boolean) {
  const made = leader({ "zookeeper.enforceQuota": String(enforceQuota) });
  for (const path of ["/q", "/zookeeper/quota/q"]) made.prep(create(path));
  made.prep(createOf("/zookeeper/quota/q/zookeeper_limits", limits));
  made.prep(createOf("/zookeeper/quota/q/zookeeper_stats", "count=0,bytes=0"));
  made.commitAll();
  return made;
}
const HARD = "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2";

test("a hard quota counts the node itself and refuses what exceeds it", () => {
  const { prep, commitAll } = quotaOn(HARD, true);
  expect(prep(create("/q/a"))).toMatchObject({ type: "create" });
  commitAll();
  expect(prep(create("/q/b"))).toEqual(error("QUOTAEXCEEDED"));
  expect(prep(setData("/q/a", 7, "12345678"))).toMatchObject(error("BADVERSION"));
  expect(prep(setData("/q/a", 7, "1234567890"))).toEqual(error("QUOTAEXCEEDED"));
  expect(prep(setData("/q/a", -1, ""))).toMatchObject({ type: "setData" });
});

test("a quota is held against what is applied, not against what is proposed", () => {
  const { prep } = quotaOn(HARD, true);
  expect(prep(create("/q/a"))).toMatchObject({ type: "create" });
  expect(prep(create("/q/b"))).toMatchObject({ type: "create" });
});

test("a soft quota refuses nothing, nor does a hard one that is not enforced", () => {
  for (const { prep, commitAll } of [quotaOn("count=1,bytes=1", true), quotaOn(HARD, false)]) {
    prep(create("/q/a"));
    commitAll();
    expect(prep(createOf("/q/b", "12345678901"))).toMatchObject({ type: "create" });
  }
});

// Random writes against a plain model: a map that is copied whole for each of them.

interface PlainNode {
  readonly data: string;
  readonly owner: string | null;
  readonly czxid: number;
  readonly mzxid: number;
  readonly pzxid: number;
  readonly version: number;
  readonly aversion: number;
  readonly created: number;
  readonly perms: number;
}
type Plain = ReadonlyMap<string, PlainNode>;

const above = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";
const childrenIn = (plain: Plain, path: string) =>
  [...plain.keys()].filter((other) => other !== "/" && above(other) === path);

/** The model after one write, or the code it is refused with. */
function plainAfter(
  plain: Plain,
  op: MultiOperation | ReturnType<typeof setAcl>,
  zxid: number,
  sessionId: string,
): Plain | ErrorCode {
  const parent = plain.get(above(op.path));
  const node = plain.get(op.path);
  const may = (one: PlainNode, perm: number) => Math.floor(one.perms / perm) % 2 === 1;
  const parentWith = (change: Partial<PlainNode>): [string, PlainNode] => [
    above(op.path),
    { ...(parent as PlainNode), pzxid: zxid, ...change },
  ];
  switch (op.type) {
    case "setData":
      if (node === undefined) return "NONODE";
      if (!may(node, PERMS.WRITE)) return "NOAUTH";
      if (op.version !== -1 && op.version !== node.version) return "BADVERSION";
      return new Map(plain).set(op.path, {
        ...node,
        data: op.data ?? "",
        version: node.version + 1,
        mzxid: zxid,
      });
    case "setACL":
      if (node === undefined) return "NONODE";
      if (!may(node, PERMS.ADMIN)) return "NOAUTH";
      if (op.version !== -1 && op.version !== node.aversion) return "BADVERSION";
      return new Map(plain).set(op.path, {
        ...node,
        perms: op.acl?.[0]?.perms ?? 0,
        aversion: node.aversion + 1,
      });
    case "check":
      if (node === undefined) return "NONODE";
      if (!may(node, PERMS.READ)) return "NOAUTH";
      return op.version === -1 || op.version === node.version ? plain : "BADVERSION";
    case "delete": {
      if (parent === undefined) return "NONODE";
      if (!may(parent, PERMS.DELETE)) return "NOAUTH";
      if (node === undefined) return "NONODE";
      if (op.version !== -1 && op.version !== node.version) return "BADVERSION";
      if (childrenIn(plain, op.path).length > 0) return "NOTEMPTY";
      const after = new Map(plain).set(...parentWith({}));
      after.delete(op.path);
      return after;
    }
    default: {
      if (parent === undefined) return "NONODE";
      if (!may(parent, PERMS.CREATE)) return "NOAUTH";
      const sequential = op.flags >= 2;
      const path = sequential ? op.path + String(parent.created).padStart(10, "0") : op.path;
      if (plain.has(path)) return "NODEEXISTS";
      if (parent.owner !== null) return "NOCHILDRENFOREPHEMERALS";
      return new Map(plain).set(...parentWith({ created: parent.created + 1 })).set(path, {
        data: op.data ?? "",
        owner: op.flags % 2 === 1 ? sessionId : null,
        czxid: zxid,
        mzxid: zxid,
        pzxid: zxid,
        version: 0,
        aversion: 0,
        created: 0,
        perms: op.acl?.[0]?.perms ?? 0,
      });
    }
  }
}

/** A session that closes takes its ephemerals along. */
function plainClosed(plain: Plain, zxid: number, sessionId: string): Plain {
  const after = new Map(plain);
  for (const [path, node] of plain) {
    if (node.owner !== sessionId) continue;
    after.delete(path);
    after.set(above(path), { ...(after.get(above(path)) as PlainNode), pzxid: zxid });
  }
  return after;
}

/** What both must show of each node of the model. */
function plainShape(plain: Plain): unknown {
  return Object.fromEntries(
    [...plain].map(([path, { owner, created, perms, data, ...node }]) => {
      const numChildren = childrenIn(plain, path).length;
      const shown = { ...node, ephemeralOwner: owner, numChildren, dataLength: data.length };
      return [path, { ...shown, cversion: created * 2 - numChildren, perms, data }];
    }),
  );
}
function treeShape(tree: DataTree, paths: Iterable<string>): unknown {
  return Object.fromEntries(
    [...paths].map((path) => {
      const { ctimeMs: _, mtimeMs: __, ...shown } = statOf(tree, path) as Stat;
      const node = nodeAt(tree, path);
      return [path, { ...shown, perms: node?.acl[0]?.perms, data: node?.data }];
    }),
  );
}

const somePath = fc.constantFrom("/a", "/b", "/a/c", "/a/d", "/a/c/e", "/a/n-0000000001");
const someVersion = fc.constantFrom(-1, -1, 0, 1, 2);
const someData = fc.constantFrom("", "x", "yz");
const somePerms = fc.constantFrom(PERMS.ALL, PERMS.ALL, PERMS.ALL, 30, 29, 27, 23, 15);
const oneOp: fc.Arbitrary<MultiOperation> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("/a", "/b", "/a/c", "/a/d", "/a/n-", "/a/c/e"),
      fc.nat({ max: 3 }),
      someData,
      somePerms,
    )
    .map(([path, flags, data, perms]) => ({
      ...create(path),
      type: "create" as const,
      flags,
      data,
      acl: world(perms),
    })),
  fc
    .tuple(somePath, someVersion, someData)
    .map(([path, version, data]) => setData(path, version, data)),
  fc.tuple(somePath, someVersion).map(([path, version]) => remove(path, version)),
  fc.tuple(somePath, someVersion).map(([path, version]) => check(path, version)),
);
const write = fc.oneof(
  { weight: 6, arbitrary: oneOp.filter((op) => op.type !== "check") },
  {
    weight: 2,
    arbitrary: fc
      .tuple(somePath, somePerms, someVersion)
      .map(([path, perms, version]) => setAcl(path, world(perms), version)),
  },
  {
    weight: 2,
    arbitrary: fc.array(oneOp, { maxLength: 4 }).map((ops) => ({ type: "multi" as const, ops })),
  },
  { weight: 1, arbitrary: fc.constant({ type: "closeSession" as const }) },
);

test("random writes, in pipelines of any length, come to the tree and the refusals of a plain model", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(write, fc.constantFrom("0x1", "0x2"), fc.boolean()), { maxLength: 40 }),
      (writes) => {
        const { prep, commitAll } = leader();
        const root = {
          data: "",
          owner: null,
          czxid: 0,
          mzxid: 0,
          pzxid: 0,
          version: 0,
          aversion: 0,
          created: 0,
          perms: 31,
        };
        let plain: Plain = new Map([["/", root]]);
        let zxid = 0;
        for (const [op, sessionId, commit] of writes) {
          zxid += 1;
          const body = prep(op as Op, { sessionId });
          if (op.type === "closeSession") plain = plainClosed(plain, zxid, sessionId);
          else if (op.type === "multi") {
            let inside: Plain | ErrorCode = plain;
            const codes: ErrorCode[] = [];
            for (const part of op.ops) {
              const before: Plain | ErrorCode = inside;
              if (typeof before === "string") codes.push("RUNTIMEINCONSISTENCY");
              else {
                inside = plainAfter(before, part, zxid, sessionId);
                codes.push(typeof inside === "string" ? inside : "OK");
              }
            }
            if (typeof inside === "string")
              expect(body).toEqual({ type: "multi", txns: codes.map(error) });
            else plain = inside;
          } else {
            const after = plainAfter(plain, op, zxid, sessionId);
            if (typeof after === "string") expect(body).toEqual(error(after));
            else plain = after;
          }
          if (commit) commitAll();
        }
        const tree = commitAll();
        const { "/": rootShape, ...shape } = plainShape(plain) as Record<string, object>;
        const { "/": rootShown, ...shown } = treeShape(tree, plain.keys()) as Record<
          string,
          object
        >;
        expect(shown).toEqual(shape);
        // The root has one child more, which was never counted.
        expect(rootShown).toMatchObject({ pzxid: (rootShape as PlainNode).pzxid });
        expect(tree.nodes.size).toBe(plain.size + 3);
        for (const sessionId of ["0x1", "0x2"])
          expect(ephemeralsOf(tree, sessionId)).toEqual(
            [...plain]
              .filter(([, node]) => node.owner === sessionId)
              .map(([path]) => path)
              .toSorted(),
          );
      },
    ),
    { seed: 21, numRuns: 400 },
  );
});
