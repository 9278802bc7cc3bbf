import fc from "fast-check";
import { expect, test } from "vitest";
import { OPEN_ACL } from "./acl";
import { applyTxn, type TreeChange } from "./applyTxn";
import { emptyTree } from "./dataTree";
import type { TxnBody } from "./txn";
import {
  addWatch,
  containsWatch,
  emptyWatches,
  type FiredWatch,
  fireWatches,
  forgetConnection,
  removeWatches,
  setWatches,
  watchCount,
  type Watches,
  type WatcherType,
  type WatchKind,
  type WatchRules,
} from "./watches";

const one: WatchRules = { watchModes: "one", watchesAskAcl: false };
const each: WatchRules = { watchModes: "each", watchesAskAcl: false };
const everybody = () => true;

const created = (path: string): TreeChange => changed("created", path);
const deleted = (path: string): TreeChange => changed("deleted", path);
const dataChanged = (path: string): TreeChange => changed("dataChanged", path);
function changed(type: TreeChange["type"], path: string): TreeChange {
  return { type, path, acl: OPEN_ACL, parentAcl: OPEN_ACL };
}

type Set = readonly [connection: number, kind: WatchKind, path: string];
function watchesOf(sets: readonly Set[], rules = one): Watches {
  return sets.reduce(
    (watches, [connection, kind, path]) => addWatch(watches, connection, kind, path, rules),
    emptyWatches(),
  );
}
const texts = (fired: readonly FiredWatch[]) =>
  fired.map(({ connection, event, path }) => `${connection} ${event} ${path}`);

/** What is sent for each of these changes, one after the other. */
function toldOf(sets: readonly Set[], changes: readonly TreeChange[], rules = one): string[][] {
  let watches = watchesOf(sets, rules);
  return changes.map((change) => {
    const result = fireWatches(watches, [change], rules, everybody);
    watches = result.watches;
    return texts(result.fired);
  });
}

test("a data watch is told once, of a change or of the end", () => {
  expect(toldOf([[1, "data", "/a"]], [dataChanged("/a"), dataChanged("/a")])).toEqual([
    ["1 NodeDataChanged /a"],
    [],
  ]);
  expect(toldOf([[1, "data", "/a"]], [deleted("/a"), created("/a")])).toEqual([
    ["1 NodeDeleted /a"],
    [],
  ]);
});

test("a data watch on what is missing is told of its creation", () => {
  expect(toldOf([[1, "data", "/a"]], [created("/a")])).toEqual([["1 NodeCreated /a"]]);
});

test("a child watch is told of a new child and of a child that goes, not of the child's data or children", () => {
  const sets: Set[] = [[1, "child", "/a"]];
  expect(toldOf(sets, [dataChanged("/a/b"), created("/a/b/c"), created("/a/d")])).toEqual([
    [],
    [],
    ["1 NodeChildrenChanged /a"],
  ]);
  expect(toldOf(sets, [deleted("/a/b")])).toEqual([["1 NodeChildrenChanged /a"]]);
  expect(toldOf(sets, [deleted("/a")])).toEqual([["1 NodeDeleted /a"]]);
  expect(toldOf([[1, "child", "/"]], [created("/a")])).toEqual([["1 NodeChildrenChanged /"]]);
});

test("who watches data and children of a node that goes is told once, and its parent's watch last", () => {
  const sets: Set[] = [
    [1, "data", "/a/b"],
    [1, "child", "/a/b"],
    [2, "child", "/a/b"],
    [2, "child", "/a"],
  ];
  expect(toldOf(sets, [deleted("/a/b")])).toEqual([
    ["1 NodeDeleted /a/b", "2 NodeDeleted /a/b", "2 NodeChildrenChanged /a"],
  ]);
});

test("the creation is told before the parent's change", () => {
  const sets: Set[] = [
    [1, "child", "/a"],
    [1, "data", "/a/b"],
  ];
  expect(toldOf(sets, [created("/a/b")])).toEqual([
    ["1 NodeCreated /a/b", "1 NodeChildrenChanged /a"],
  ]);
});

test("the same watch set twice is told once", () => {
  const sets: Set[] = [
    [1, "data", "/a"],
    [1, "data", "/a"],
  ];
  expect(toldOf(sets, [dataChanged("/a")])).toEqual([["1 NodeDataChanged /a"]]);
  expect(watchCount(watchesOf(sets))).toBe(1);
});

test("a persistent watch stays, and hears of its node and of that node's children", () => {
  const changes = [
    created("/a/b"),
    dataChanged("/a/b"),
    dataChanged("/a"),
    deleted("/a"),
    created("/a"),
  ];
  expect(toldOf([[1, "persistent", "/a"]], changes)).toEqual([
    ["1 NodeChildrenChanged /a"],
    [],
    ["1 NodeDataChanged /a"],
    ["1 NodeDeleted /a"],
    ["1 NodeCreated /a"],
  ]);
});

test("a recursive watch hears of all nodes below, once each, and of no children", () => {
  for (const rules of [one, each]) {
    const sets: Set[] = [
      [1, "persistentRecursive", "/a"],
      [1, "persistentRecursive", "/a/b"],
    ];
    expect(
      toldOf(sets, [created("/a/b/c"), dataChanged("/a"), deleted("/a/b"), deleted("/c")], rules),
    ).toEqual([["1 NodeCreated /a/b/c"], ["1 NodeDataChanged /a"], ["1 NodeDeleted /a/b"], []]);
    expect(toldOf([[1, "persistentRecursive", "/"]], [created("/x/y")], rules)).toEqual([
      ["1 NodeCreated /x/y"],
    ]);
  }
});

test("until 3.8 a one-time watch takes the place of a persistent one of the same table; since 3.9 both stand", () => {
  const sets: Set[] = [
    [1, "persistent", "/a"],
    [1, "data", "/a"],
  ];
  const changes = [dataChanged("/a"), dataChanged("/a"), created("/a/b")];
  expect(toldOf(sets, changes, one)).toEqual([
    ["1 NodeDataChanged /a"],
    [],
    ["1 NodeChildrenChanged /a"],
  ]);
  expect(toldOf(sets, changes, each)).toEqual([
    ["1 NodeDataChanged /a"],
    ["1 NodeDataChanged /a"],
    ["1 NodeChildrenChanged /a"],
  ]);
});

test("a recursive watch and a one-time child watch on one node: the child watch fires once", () => {
  for (const rules of [one, each]) {
    const sets: Set[] = [
      [1, "persistentRecursive", "/a"],
      [1, "child", "/a"],
    ];
    expect(toldOf(sets, [created("/a/b"), created("/a/c")], rules)).toEqual([
      ["1 NodeCreated /a/b", "1 NodeChildrenChanged /a"],
      ["1 NodeCreated /a/c"],
    ]);
  }
});

test("who may not read a znode is not told of it, and has lost a one-time watch all the same", () => {
  const rules: WatchRules = { watchModes: "one", watchesAskAcl: true };
  const closed = [{ scheme: "world", id: "anyone", perms: 0 }];
  const mayRead = (connection: number, acl: unknown) => connection === 2 || acl !== closed;
  const watches = watchesOf([
    [1, "data", "/p/a"],
    [2, "data", "/p/a"],
    [1, "child", "/p"],
  ]);
  const change: TreeChange = { type: "deleted", path: "/p/a", acl: closed, parentAcl: OPEN_ACL };
  const { watches: left, fired } = fireWatches(watches, [change], rules, mayRead);
  expect(texts(fired)).toEqual(["2 NodeDeleted /p/a", "1 NodeChildrenChanged /p"]);
  expect(left).toEqual(emptyWatches());
  expect(fireWatches(watches, [change], one, mayRead).fired).toHaveLength(3);
});

test("the ephemerals of a session that closes are told as deletes, those of a multi in its order", () => {
  const bodies: TxnBody[] = [
    {
      type: "multi",
      txns: ["/e2", "/e1"].map((path, at) => ({
        type: "create" as const,
        path,
        data: "",
        acl: OPEN_ACL,
        ephemeral: true,
        parentCVersion: at + 1,
      })),
    },
    { type: "closeSession", ephemerals: ["/e1", "/e2"] },
  ];
  let tree = emptyTree();
  let watches = watchesOf([[1, "persistentRecursive", "/"]]);
  const told = bodies.map((body, at) => {
    const applied = applyTxn(tree, { zxid: at + 1, sessionId: "0x1", cxid: 1, timeMs: 1, body });
    tree = applied.tree;
    const result = fireWatches(watches, applied.changes, one, everybody);
    watches = result.watches;
    return texts(result.fired);
  });
  expect(told).toEqual([
    ["1 NodeCreated /e2", "1 NodeCreated /e1"],
    ["1 NodeDeleted /e1", "1 NodeDeleted /e2"],
  ]);
});

test("watches are removed by table; which were none is left alone", () => {
  const watches = watchesOf([
    [1, "data", "/a"],
    [1, "child", "/a"],
    [2, "data", "/a"],
  ]);
  const left = removeWatches(watches, 1, "/a", "Data", one);
  expect(texts(fireWatches(left, [deleted("/a")], one, everybody).fired)).toEqual([
    "2 NodeDeleted /a",
    "1 NodeDeleted /a",
  ]);
  expect(removeWatches(left, 1, "/a", "Data", one)).toBe(left);
  expect(removeWatches(left, 3, "/a", "Any", one)).toBe(left);
  expect(removeWatches(left, 1, "/a", "Any", one)).toEqual(watchesOf([[2, "data", "/a"]]));
});

test("since 3.9 Data and Children mean one-time watches only, Any means all", () => {
  const watches = watchesOf([[1, "persistent", "/a"]], each);
  expect(removeWatches(watches, 1, "/a", "Data", each)).toBe(watches);
  expect(removeWatches(watches, 1, "/a", "Any", each)).toEqual(emptyWatches());
  expect(removeWatches(watchesOf([[1, "persistent", "/a"]]), 1, "/a", "Any", one)).toEqual(
    emptyWatches(),
  );
});

test("until 3.8 a check finds anybody's watch on the path; since 3.9 only one's own", () => {
  const watches = watchesOf([[2, "child", "/a"]]);
  expect(containsWatch(watches, 1, "/a", "Children", one)).toBe(true);
  expect(containsWatch(watches, 1, "/a", "Children", each)).toBe(false);
  expect(containsWatch(watches, 2, "/a", "Any", each)).toBe(true);
  for (const rules of [one, each]) {
    expect(containsWatch(watches, 2, "/a", "Data", rules)).toBe(false);
    expect(containsWatch(watches, 2, "/a/b", "Any", rules)).toBe(false);
  }
});

test("until 3.8 a check of a path without a slash cannot be read", () => {
  const watches = watchesOf([[2, "data", "a"]]);
  expect(containsWatch(watches, 2, "a", "Any", one)).toBeNull();
  expect(containsWatch(watches, 2, "a", "Any", each)).toBe(true);
  expect(containsWatch(watches, 2, "", "Any", one)).toBe(false);
});

test("what a connection watched goes with it", () => {
  const sets: Set[] = [
    [1, "data", "/a"],
    [1, "persistentRecursive", "/a"],
    [1, "child", "/b"],
    [2, "child", "/b"],
  ];
  for (const rules of [one, each]) {
    const left = forgetConnection(watchesOf(sets, rules), 1);
    expect(left).toEqual(watchesOf([[2, "child", "/b"]], rules));
    expect(forgetConnection(left, 2)).toEqual(emptyWatches());
  }
});

/** /a was made at 5 and set at 7, its child /a/c at 9; nothing else is there. */
function treeForReset() {
  const create = (path: string): TxnBody => ({
    type: "create",
    path,
    data: "",
    acl: OPEN_ACL,
    ephemeral: false,
    parentCVersion: 1,
  });
  const bodies: (readonly [number, TxnBody])[] = [
    [5, create("/a")],
    [7, { type: "setData", path: "/a", data: "x", version: 1 }],
    [9, create("/a/c")],
  ];
  return bodies.reduce(
    (tree, [zxid, body]) =>
      applyTxn(tree, { zxid, sessionId: "0x1", cxid: 1, timeMs: 1, body }).tree,
    emptyTree(),
  );
}

test("watches set anew fire at once for what has happened since the zxid that was seen, else they stand again", () => {
  const reset = (relativeZxid: number) =>
    setWatches(
      emptyWatches(),
      treeForReset(),
      1,
      {
        relativeZxid,
        dataWatches: ["/a", "/gone"],
        existWatches: ["/a/c", "/never"],
        childWatches: ["/a", "/gone"],
        persistentWatches: ["/p"],
        recursiveWatches: ["/r"],
      },
      one,
    );
  const old = reset(6);
  expect(texts(old.fired)).toEqual([
    "1 NodeDataChanged /a",
    "1 NodeDeleted /gone",
    "1 NodeCreated /a/c",
    "1 NodeChildrenChanged /a",
    "1 NodeDeleted /gone",
  ]);
  expect(old.watches).toEqual(
    watchesOf([
      [1, "data", "/never"],
      [1, "persistent", "/p"],
      [1, "persistentRecursive", "/r"],
    ]),
  );
  const recent = reset(9);
  expect(texts(recent.fired)).toEqual([
    "1 NodeDeleted /gone",
    "1 NodeCreated /a/c",
    "1 NodeDeleted /gone",
  ]);
  expect(texts(fireWatches(recent.watches, [deleted("/a")], one, everybody).fired)).toEqual([
    "1 NodeDeleted /a",
  ]);
});

// A naive model: a list of watches, searched from end to end.

interface Plain {
  readonly table: "data" | "child";
  readonly connection: number;
  readonly path: string;
  readonly mode: "standard" | "persistent" | "recursive";
}
type Step =
  | {
      readonly do: "set";
      readonly connection: number;
      readonly kind: WatchKind;
      readonly path: string;
    }
  | { readonly do: "change"; readonly type: TreeChange["type"]; readonly path: string }
  | {
      readonly do: "remove";
      readonly connection: number;
      readonly path: string;
      readonly which: WatcherType;
    }
  | { readonly do: "forget"; readonly connection: number };

function plainAfter(
  before: readonly Plain[],
  step: Step,
  rules: WatchRules,
): { readonly list: readonly Plain[]; readonly told: readonly string[] } {
  switch (step.do) {
    case "forget":
      return { list: before.filter((watch) => watch.connection !== step.connection), told: [] };
    case "remove":
      return {
        list: before.filter(
          (watch) =>
            watch.connection !== step.connection ||
            watch.path !== step.path ||
            (step.which !== "Any" &&
              (watch.table !== (step.which === "Data" ? "data" : "child") ||
                (rules.watchModes === "each" && watch.mode !== "standard"))),
        ),
        told: [],
      };
    case "set": {
      const { connection, path, kind } = step;
      const mode =
        kind === "persistent"
          ? "persistent"
          : kind === "persistentRecursive"
            ? "recursive"
            : "standard";
      const tables =
        kind === "data" || kind === "child"
          ? [kind]
          : kind === "persistentRecursive" && rules.watchModes === "each"
            ? (["data"] as const)
            : (["data", "child"] as const);
      const added = tables.map((table): Plain => ({ table, connection, path, mode }));
      const stays = (watch: Plain) =>
        !added.some(
          (now) =>
            now.table === watch.table &&
            connection === watch.connection &&
            path === watch.path &&
            (rules.watchModes === "one" || mode === watch.mode),
        );
      return { list: [...before.filter(stays), ...added], told: [] };
    }
    case "change": {
      const { path } = step;
      const parent = path.slice(0, path.lastIndexOf("/")) || "/";
      let list = before;
      const told: string[] = [];
      const trigger = (
        table: Plain["table"],
        at: string,
        event: string,
        silent: readonly number[],
      ) => {
        const ownOrAbove = (watch: Plain) =>
          watch.path === at
            ? watch.mode !== "recursive" || event !== "NodeChildrenChanged"
            : watch.mode === "recursive" &&
              event !== "NodeChildrenChanged" &&
              (watch.path === "/" || at.startsWith(`${watch.path}/`));
        const hit = list.filter((watch) => watch.table === table && ownOrAbove(watch));
        list = list.filter((watch) => !(hit.includes(watch) && watch.mode === "standard"));
        const who = [...new Set(hit.map((watch) => watch.connection))].toSorted((a, b) => a - b);
        for (const connection of who)
          if (!silent.includes(connection)) told.push(`${connection} ${event} ${at}`);
        return who;
      };
      if (step.type === "dataChanged") trigger("data", path, "NodeDataChanged", []);
      if (step.type === "created") trigger("data", path, "NodeCreated", []);
      if (step.type === "deleted") {
        const who = trigger("data", path, "NodeDeleted", []);
        trigger("child", path, "NodeDeleted", who);
      }
      if (step.type !== "dataChanged") trigger("child", parent, "NodeChildrenChanged", []);
      return { list, told };
    }
  }
}

const path = fc.constantFrom("/", "/a", "/a/b", "/a/b/c", "/ab", "/a/d");
const connection = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("set" as const),
      connection,
      path,
      kind: fc.constantFrom<WatchKind[]>("data", "child", "persistent", "persistentRecursive"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      type: fc.constantFrom<TreeChange["type"][]>("created", "deleted", "dataChanged"),
      path: path.filter((one) => one !== "/"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("remove" as const),
      connection,
      path,
      which: fc.constantFrom<WatcherType[]>("Data", "Children", "Any"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), connection }) },
);

test.each([one, each])(
  "watches do what a list that is searched whole does, with modes $watchModes",
  (rules) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let watches = emptyWatches();
        let list: readonly Plain[] = [];
        for (const next of steps) {
          const plain = plainAfter(list, next, rules);
          list = plain.list;
          let told: readonly string[] = [];
          switch (next.do) {
            case "set":
              watches = addWatch(watches, next.connection, next.kind, next.path, rules);
              break;
            case "remove":
              watches = removeWatches(watches, next.connection, next.path, next.which, rules);
              break;
            case "forget":
              watches = forgetConnection(watches, next.connection);
              break;
            case "change": {
              const result = fireWatches(
                watches,
                [changed(next.type, next.path)],
                rules,
                everybody,
              );
              watches = result.watches;
              told = texts(result.fired);
            }
          }
          expect(told).toEqual(plain.told);
          const recursiveIn = (table: Plain["table"]) =>
            list.filter((watch) => watch.mode === "recursive" && watch.table === table).length;
          expect(watches.recursive).toEqual({
            data: recursiveIn("data"),
            child: recursiveIn("child"),
          });
        }
        const pairs = new Set(
          list.map((watch) => `${watch.table} ${watch.connection} ${watch.path}`),
        );
        expect(watchCount(watches)).toBe(pairs.size);
        for (const who of [0, 1, 2]) watches = forgetConnection(watches, who);
        expect(watches).toEqual(emptyWatches());
      }),
      { seed: 5, numRuns: 400 },
    );
  },
);
