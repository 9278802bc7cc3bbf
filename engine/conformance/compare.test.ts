import { describe, expect, test } from "vitest";
import { type Answer, compareVector, type Played, relativeZxid, zxidOf } from "./compare";
import type { JsonMap, Vector } from "./schema";

/** A vector of one step, and what is expected of it. */
function vectorOf(
  family: string,
  step: JsonMap,
  expected: JsonMap,
  more: Partial<Vector> = {},
): Vector {
  return {
    id: "x-001",
    family,
    topic: "",
    title: "",
    given: { server: "standalone" },
    steps: [{ n: 1, ...step }],
    expect: [{ n: 1, ...expected }],
    ...more,
  };
}

function playedOf(answers: readonly Answer[], more: Partial<Played> = {}): Played {
  return {
    answers: new Map(answers.map((answer, index) => [index + 1, answer])),
    finalTree: null,
    z: 0,
    openZxids: new Map(),
    broken: [],
    ...more,
  };
}

const pathsOf = (vector: Vector, played: Played) =>
  compareVector(vector, played).map(({ path }) => path);

const read = { op: "getChildren", session: "S1", path: "/" };
const stat = {
  czxid: "z+2",
  mzxid: "z+2",
  pzxid: "z+2",
  ctime: "t1",
  mtime: "t1",
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0,
  dataLength: 1,
  numChildren: 0,
};
const cameStat = { ...stat, czxid: 2, mzxid: 2, pzxid: 2, ctime: 1_500, mtime: 1_500 };

describe("what is held exactly", () => {
  test("equal values are no problem, and nothing else than what is expected is compared", () => {
    const vector = vectorOf("znode", read, { err: 0, err_name: "OK", zxid: "z+1" });
    const came = { err: 0, err_name: "OK", zxid: 1, children: ["a"] };
    expect(compareVector(vector, playedOf([came]))).toEqual([]);
  });

  test("a wrong value is a problem that names step, field and both values", () => {
    const vector = vectorOf("znode", read, { err: 0, err_name: "OK" });
    expect(compareVector(vector, playedOf([{ err: -101, err_name: "OK" }]))).toEqual([
      { step: 1, path: "err", expected: 0, came: -101 },
    ]);
  });

  test("a field that did not come is a problem, and so is an answer that did not come", () => {
    const vector = vectorOf("znode", read, { err: 0, children: [] });
    expect(pathsOf(vector, playedOf([{ err: 0 }]))).toEqual(["children"]);
    expect(pathsOf(vector, playedOf([]))).toEqual(["err", "children"]);
  });

  test("in a record and in a map, what only one side has is a problem", () => {
    const step = { op: "getData", session: "S1", path: "/a" };
    const vector = vectorOf("znode", step, { stat });
    const { version: _, ...less } = cameStat;
    expect(pathsOf(vector, playedOf([{ stat: less }]))).toEqual(["stat.version"]);
    expect(pathsOf(vector, playedOf([{ stat: { ...cameStat, owner: 1 } }]))).toEqual([
      "stat.owner",
    ]);
    const seen = vectorOf(
      "election",
      { do: "settle" },
      { leader: 1, servers: { "1": { state: "leader" } } },
    );
    const servers = { "1": { state: "leader" }, "2": { state: "down" } };
    expect(pathsOf(seen, playedOf([{ leader: 1, servers }]))).toEqual(["servers.2"]);
    const withZxid = { "1": { state: "leader", zxid: "0x0" } };
    expect(pathsOf(seen, playedOf([{ leader: 1, servers: withZxid }]))).toEqual(["servers.1.zxid"]);
  });

  test("a list has its order and its length", () => {
    const results: readonly JsonMap[] = [{ op: "create", created: "/a" }, { op: "check" }];
    const vector = vectorOf("znode", { op: "multi", session: "S1", ops: [] }, { results });
    expect(pathsOf(vector, playedOf([{ results }]))).toEqual([]);
    expect(pathsOf(vector, playedOf([{ results: results.toReversed() }]))).toContain(
      "results.0.op",
    );
    expect(pathsOf(vector, playedOf([{ results: [...results, { op: "check" }] }]))).toEqual([
      "results.length",
    ]);
  });

  test("a reply in place of a closed connection is a problem", () => {
    const vector = vectorOf("znode", read, { connection: "closed by server" });
    expect(pathsOf(vector, playedOf([{ err: 0 }]))).toEqual(["connection"]);
  });

  test("null, no bytes and some bytes are three things; long data is held by its size", () => {
    const step = { op: "getData", session: "S1", path: "/a" };
    const came = (data: string | null) => playedOf([{ data }]);
    expect(pathsOf(vectorOf("znode", step, { data: null }), came(""))).toEqual(["data"]);
    expect(pathsOf(vectorOf("znode", step, { data: "" }), came(null))).toEqual(["data"]);
    expect(pathsOf(vectorOf("znode", step, { data: null }), came(null))).toEqual([]);
    const long = vectorOf("znode", step, { data: { bytes: 6 } });
    expect(pathsOf(long, came("ä€x"))).toEqual([]);
    expect(pathsOf(long, came("ä€"))).toEqual(["data"]);
    expect(
      pathsOf(vectorOf("znode", step, { data: { base64: "/wA=" } }), came("\udcff\0")),
    ).toEqual([]);
  });
});

describe("sets", () => {
  test("their order is free", () => {
    const vector = vectorOf("znode", read, { children: ["a", "b"] });
    expect(pathsOf(vector, playedOf([{ children: ["b", "a"] }]))).toEqual([]);
  });

  test("an element twice counts twice", () => {
    const vector = vectorOf("znode", read, { children: ["a", "a", "b"] });
    expect(pathsOf(vector, playedOf([{ children: ["a", "b", "b"] }]))).toEqual(["children"]);
    expect(pathsOf(vector, playedOf([{ children: ["a", "b"] }]))).toEqual(["children"]);
    expect(pathsOf(vector, playedOf([{ children: ["a", "a", "b", "c"] }]))).toEqual(["children"]);
  });
});

describe("labels", () => {
  const twice = (first: string, second: string): Vector => ({
    ...vectorOf("znode", { op: "exists", session: "S1", path: "/a" }, {}),
    steps: [1, 2].map((n) => ({ n, op: "exists", session: "S1", path: "/a" })),
    expect: [first, second].map((mtime, index) => ({ n: index + 1, stat: { ...stat, mtime } })),
  });
  const came = (first: number, second: number) =>
    playedOf([first, second].map((mtime) => ({ stat: { ...cameStat, mtime } })));

  test("equal labels are equal times, different labels different times", () => {
    expect(pathsOf(twice("t1", "t2"), came(1_500, 1_600))).toEqual([]);
    expect(pathsOf(twice("t1", "t2"), came(1_500, 1_500))).toEqual(["stat.mtime"]);
    expect(pathsOf(twice("t1", "t1"), came(1_500, 1_600))).toEqual(["stat.mtime"]);
  });

  test("the renaming is one-to-one over the whole vector, the tree at the end included", () => {
    const vector: Vector = {
      ...twice("t1", "t2"),
      final_tree: [{ path: "/a", data: "", stat: { ...stat, mtime: "t2" } }],
    };
    const tree = (mtime: number) => [{ path: "/a", data: "", stat: { ...cameStat, mtime } }];
    const played = came(1_500, 1_600);
    expect(pathsOf(vector, { ...played, finalTree: tree(1_600) })).toEqual([]);
    expect(pathsOf(vector, { ...played, finalTree: tree(1_700) })).toEqual(["/a.stat.mtime"]);
  });

  test("0 is 0", () => {
    const vector = vectorOf("znode", read, { stat });
    const owned = { ...cameStat, ephemeralOwner: "0x1" };
    expect(pathsOf(vector, playedOf([{ stat: owned }]))).toEqual(["stat.ephemeralOwner"]);
    const labelled = vectorOf("znode", read, { stat: { ...stat, ephemeralOwner: "S1" } });
    expect(pathsOf(labelled, playedOf([{ stat: owned }]))).toEqual([]);
    expect(pathsOf(labelled, playedOf([{ stat: cameStat }]))).toEqual(["stat.ephemeralOwner"]);
  });
});

describe("zxids", () => {
  const z = 0x1_0000_0000;
  test.each([
    ["0", 0],
    ["z", z],
    ["z+2", z + 2],
    ["z-1", z - 1],
    ["epoch+1:3", 0x2_0000_0003],
    ["0x200000000", 0x2_0000_0000],
  ])("%s is counted from the last one before step 1", (text, zxid) => {
    expect(zxidOf(text, z)).toBe(zxid);
  });

  test("what is no zxid holds with none", () => {
    expect(zxidOf("soon", z)).toBeNull();
  });

  test("what came is told in the same words", () => {
    expect(relativeZxid(z + 2, z)).toBe("z+2");
    expect(relativeZxid(0, z)).toBe("0");
    expect(relativeZxid(0x2_0000_0003, z)).toBe("epoch+1:3");
  });
});

describe("events", () => {
  const event = (session: string, path: string, order?: string) => ({
    session,
    type: "NodeDeleted",
    state: "SyncConnected",
    path,
    ...(order === undefined ? {} : { order }),
  });
  const step = { op: "closeSession", session: "S2" };
  const events = [event("S1", "/a"), event("S1", "/b"), event("S2", "/a", "before_reply")];
  const vector = vectorOf("watch", step, { events });

  test("have their order within a session, and none between sessions", () => {
    const [one, two, other] = events;
    expect(pathsOf(vector, playedOf([{ events: [other, one, two] }]))).toEqual([]);
    expect(pathsOf(vector, playedOf([{ events: [two, one, other] }]))).toContain(
      "events.S1.0.path",
    );
  });

  test("one too many, one too few, or one on the other side of the reply is a problem", () => {
    const [one, two, other] = events;
    expect(pathsOf(vector, playedOf([{ events: [...events, one] }]))).toEqual(["events.S1"]);
    expect(pathsOf(vector, playedOf([{ events: [one, two] }]))).toEqual(["events.S2"]);
    expect(pathsOf(vector, playedOf([{ events: [...events, event("S3", "/a")] }]))).toEqual([
      "events.S3",
    ]);
    const after = { ...other, order: "after_reply" };
    expect(pathsOf(vector, playedOf([{ events: [one, two, after] }]))).toEqual([
      "events.S2.0.order",
    ]);
  });

  test("of an unordered step are a set per session, and an element twice counts twice", () => {
    const unordered = { ...vector, unordered: [1] };
    const [one, two, other] = events;
    expect(pathsOf(unordered, playedOf([{ events: [two, one, other] }]))).toEqual([]);
    expect(pathsOf(unordered, playedOf([{ events: [one, one, other] }]))).toEqual(["events.S1"]);
  });
});

describe("marks", () => {
  const seen = {
    leader: 2,
    servers: { "2": { state: "leader", zxid: "0x200000000", zxid_epoch: 2, zxid_counter: 0 } },
  };
  const other = {
    leader: 3,
    servers: { "3": { state: "leader", zxid: "0x200000000", zxid_epoch: 2, zxid_counter: 0 } },
  };

  test("a racy step releases what the schema lists, and no more", () => {
    const vector = vectorOf("replication", { do: "settle" }, seen);
    expect(pathsOf(vector, playedOf([other]))).toEqual(["leader", "servers.2", "servers.3"]);
    const racy = { ...vector, racy: [1] };
    expect(pathsOf(racy, playedOf([other]))).toEqual([]);
    const reply = { err: 0, err_name: "OK", zxid: "0x1", data: "1" };
    const asked = vectorOf("replication", { do: "getData" }, reply, { racy: [1] });
    expect(pathsOf(asked, playedOf([{ ...reply, zxid: "0x2" }]))).toEqual([]);
    expect(pathsOf(asked, playedOf([{ ...reply, zxid: "0x2", data: "2" }]))).toEqual(["data"]);
    expect(pathsOf({ ...asked, family: "znode" }, playedOf([{ ...reply, zxid: 2 }]))).toEqual([
      "zxid",
    ]);
  });

  test("`equal` is released for zxids and held for trees", () => {
    const zxids = vectorOf("replication", { do: "zxids" }, { equal: true }, { racy: [1] });
    expect(pathsOf(zxids, playedOf([{ equal: false }]))).toEqual([]);
    const trees = vectorOf("replication", { do: "compare trees" }, { equal: true }, { racy: [1] });
    expect(pathsOf(trees, playedOf([{ equal: false }]))).toEqual(["equal"]);
  });

  test("a step beside a racy one is held", () => {
    const vector = vectorOf("replication", { do: "settle" }, seen, { racy: [2] });
    expect(pathsOf(vector, playedOf([other]))).not.toEqual([]);
  });

  test("an open zxid is one of two, for the servers named; everything else is held", () => {
    const follower = (zxid: string, epoch: number, counter: number) => ({
      state: "follower",
      zxid,
      zxid_epoch: epoch,
      zxid_counter: counter,
    });
    const vector = vectorOf(
      "election",
      { do: "settle" },
      { servers: { "1": follower("0x100000008", 1, 8) } },
      { zxid_open: { "1": [1] } },
    );
    const came = (server: Answer) =>
      playedOf([{ servers: { "1": server } }], {
        openZxids: new Map([[1, ["0x100000008", "0x200000000"]]]),
      });
    expect(pathsOf(vector, came(follower("0x100000008", 1, 8)))).toEqual([]);
    expect(pathsOf(vector, came(follower("0x200000000", 2, 0)))).toEqual([]);
    expect(pathsOf(vector, came(follower("0x100000007", 1, 7)))).toEqual([
      "servers.1.zxid",
      "servers.1.zxid_counter",
    ]);
    expect(pathsOf(vector, came({ ...follower("0x200000000", 2, 0), state: "leader" }))).toEqual([
      "servers.1.state",
    ]);
    const closed = { ...vector, zxid_open: { "1": [3] } };
    expect(pathsOf(closed, came(follower("0x200000000", 2, 0)))).toContain("servers.1.zxid");
  });

  test("informative fields are free: the schema's everywhere, a vector's own in that vector", () => {
    const vector = vectorOf("replication", { do: "compare trees" }, { equal: true, nodes: {} });
    expect(pathsOf(vector, playedOf([{ equal: true, nodes: { "1": 4 } }]))).toEqual(["nodes.1"]);
    const own = { ...vector, informative: ["nodes"] };
    expect(pathsOf(own, playedOf([{ equal: true, nodes: { "1": 4 } }]))).toEqual([]);
    const settled = vectorOf("election", { do: "settle" }, { settled_ms: 12 });
    expect(pathsOf(settled, playedOf([{ settled_ms: null }]))).toEqual([]);
  });

  test("what a second recording gave differently is free, at that place", () => {
    const vector = vectorOf("znode", read, { err: 0, zxid: "z+1" });
    const varying = { ...vector, varies: { "n1.err": [0, -101] } };
    expect(pathsOf(varying, playedOf([{ err: -101, zxid: 1 }]))).toEqual([]);
    expect(pathsOf(varying, playedOf([{ err: -101, zxid: 2 }]))).toEqual(["zxid"]);
  });

  test("what must hold however a race ends is a problem where it does not", () => {
    const vector = vectorOf("election", { do: "settle" }, { leader: 1 }, { racy: [1] });
    const broken = [{ step: 1, path: "leaders", expected: 1, came: 2 }];
    expect(pathsOf(vector, playedOf([{ leader: 2 }], { broken }))).toEqual(["leaders"]);
  });
});

describe("the tree at the end", () => {
  const node = (path: string) => ({ path, data: "", stat });
  const cameNode = (path: string) => ({ path, data: "", stat: cameStat });
  const vector: Vector = {
    ...vectorOf("znode", read, {}),
    final_tree: [node("/"), node("/a")],
  };
  const tree = (...paths: readonly string[]) => playedOf([{}], { finalTree: paths.map(cameNode) });

  test("has the nodes of the recording, no more and no fewer; /zookeeper only where it is listed", () => {
    expect(pathsOf(vector, tree("/", "/a", "/zookeeper", "/zookeeper/quota"))).toEqual([]);
    expect(pathsOf(vector, tree("/"))).toEqual(["/a"]);
    expect(pathsOf(vector, tree("/", "/a", "/b"))).toEqual(["/b"]);
    const listed = { ...vector, final_tree: [node("/"), node("/zookeeper")] };
    expect(pathsOf(listed, tree("/", "/zookeeper", "/zookeeper/quota"))).toEqual([
      "/zookeeper/quota",
    ]);
  });

  test("that was not read is a problem", () => {
    expect(pathsOf(vector, playedOf([{}]))).toEqual(["/", "/a"]);
  });

  test("the length of an ensemble's configuration counts the recorder's ports and is free", () => {
    const config = "/zookeeper/config";
    const came = { ...cameNode(config), stat: { ...cameStat, dataLength: 7 } };
    const ensemble = { ...vector, given: { server: {} }, final_tree: [node(config)] };
    expect(pathsOf(ensemble, playedOf([{}], { finalTree: [came] }))).toEqual([]);
    const alone = { ...ensemble, given: { server: "standalone" } };
    expect(pathsOf(alone, playedOf([{}], { finalTree: [came] }))).toEqual([
      "/zookeeper/config.stat.dataLength",
    ]);
  });
});

test("a text of the JVM is not held, one of ZooKeeper is", () => {
  const step = { op: "client.validatePath", path: "", sequential: false };
  const vectorWith = (name: string) =>
    vectorOf("znode", step, { exception: [{ class: name, message: "one" }] });
  const came = (name: string) => playedOf([{ exception: [{ class: name, message: "two" }] }]);
  const ours = "java.lang.IllegalArgumentException";
  const jvm = "java.lang.NullPointerException";
  expect(pathsOf(vectorWith(jvm), came(jvm))).toEqual([]);
  expect(pathsOf(vectorWith(ours), came(ours))).toEqual(["exception.0.message"]);
});
