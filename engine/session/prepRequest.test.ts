import { expect, test } from "vitest";
import { applyToDatabase, type Database } from "../tree/database";
import { type ClientRequest, createOf } from "../net/request";
import { emptyTree, nodeAt } from "../tree/dataTree";
import type { Txn, TxnBody } from "../tree/txn";
import { prepRequest } from "./prepRequest";

type Op = ClientRequest["op"];

const requestOf = (cxid: number, op: Op) => ({ cxid, authInfo: [], op }) as ClientRequest;

const create = (path: string, ephemeral = false): Op =>
  createOf(path, "x", ephemeral ? "EPHEMERAL" : "PERSISTENT");
const setData = (path: string, version = -1): Op => ({ type: "setData", path, data: "y", version });
const remove = (path: string, version = -1): Op => ({ type: "delete", path, version });
const openSession: Op = { type: "createSession", timeoutMs: 4000, password: "p" };
const closeSession: Op = { type: "closeSession" };
const error = (code: string) => ({ type: "error", code });

/** A leader that prepares requests of session 0x1; nothing is applied before `commitAll`. */
function leader() {
  let db: Database = { tree: emptyTree(), sessions: {} };
  let outstanding: readonly Txn[] = [];
  let zxid = 0;
  const prep = (op: Op, sessionId = "0x1"): TxnBody => {
    zxid += 1;
    const txn = prepRequest({
      ...db,
      outstanding,
      zxid,
      sessionId,
      request: requestOf(1, op),
      timeMs: 1,
    });
    outstanding = [...outstanding, txn];
    return txn.body;
  };
  const commitAll = () => {
    db = outstanding.reduce<Database>(applyToDatabase, db);
    outstanding = [];
    return db;
  };
  return { prep, commitAll };
}

/** With session 0x1 and these paths already applied. */
function leaderWith(...paths: readonly string[]) {
  const made = leader();
  made.prep(openSession);
  for (const path of paths) made.prep(create(path));
  made.commitAll();
  return made;
}

test("the transaction carries who asked, when, and the zxid it was given, also when it is refused", () => {
  const txn = prepRequest({
    tree: emptyTree(),
    sessions: {},
    outstanding: [],
    zxid: 77,
    sessionId: "0x9",
    request: requestOf(4, setData("/a")),
    timeMs: 1234,
  });
  expect(txn).toEqual({
    zxid: 77,
    sessionId: "0x9",
    cxid: 4,
    timeMs: 1234,
    body: error("SESSIONEXPIRED"),
  });
});

test("a write of a session that is unknown, or that is being closed, is refused", () => {
  const { prep } = leader();
  expect(prep(create("/a"))).toEqual(error("SESSIONEXPIRED"));
  prep(openSession);
  expect(prep(create("/a"))).toMatchObject({ type: "create" });
  prep(closeSession);
  expect(prep(setData("/a"))).toEqual(error("SESSIONEXPIRED"));
});

test("a create carries the parent's next stored cversion", () => {
  const { prep } = leaderWith("/a");
  expect(prep(create("/a/b"))).toEqual({
    type: "create",
    path: "/a/b",
    data: "x",
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
  expect(prep(create("/e/c"))).toEqual(error("NOCHILDRENFOREPHEMERALS"));
  for (const bad of ["a", "/a\0", "/missing/\0", "//a", "/a/", "/a/.."]) {
    expect(prep(create(bad)), bad).toEqual(error("BADARGUMENTS"));
  }
});

test("setData carries the next version, and refuses what is missing or has another version", () => {
  const { prep } = leaderWith("/a");
  expect(prep(setData("/a", 0))).toEqual({ type: "setData", path: "/a", data: "y", version: 1 });
  expect(prep(setData("/a", 0))).toEqual(error("BADVERSION"));
  expect(prep(setData("/a", 1))).toMatchObject({ version: 2 });
  expect(prep(setData("/a"))).toMatchObject({ version: 3 });
  expect(prep(setData("/b"))).toEqual(error("NONODE"));
  expect(prep(setData("b"))).toEqual(error("BADARGUMENTS"));
});

test("a delete refuses what is missing, has another version, has children or is built in", () => {
  const { prep } = leaderWith("/a", "/a/b");
  expect(prep(remove("/x"))).toEqual(error("NONODE"));
  expect(prep(remove("/a", 3))).toEqual(error("BADVERSION"));
  expect(prep(remove("/a"))).toEqual(error("NOTEMPTY"));
  for (const builtIn of ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "a", "/a\0"]) {
    expect(prep(remove(builtIn)), builtIn).toEqual(error("BADARGUMENTS"));
  }
  expect(prep(remove("/a/b", 0))).toEqual({ type: "delete", path: "/a/b" });
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
  expect(nodeAt(commitAll().tree, "/a")).toMatchObject({ version: 0, cversion: 0 });
});

test("closeSession names the session's ephemerals, with outstanding creates and without outstanding deletes", () => {
  const { prep, commitAll } = leaderWith("/p");
  prep(create("/p/applied", true));
  prep(create("/p/deleted", true));
  prep(openSession, "0x2");
  prep(create("/p/other", true), "0x2");
  commitAll();
  prep(remove("/p/deleted"));
  prep(create("/p/new", true));
  expect(prep(closeSession)).toEqual({
    type: "closeSession",
    ephemerals: ["/p/applied", "/p/new"],
  });
  expect(prep(create("/p/applied"), "0x2")).toMatchObject({ type: "create" });
  expect(prep(closeSession, "0x77")).toEqual({ type: "closeSession", ephemerals: [] });
});
