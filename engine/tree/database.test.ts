import { expect, test } from "vitest";
import { emptyTree, nodeAt } from "./dataTree";
import type { Txn, TxnBody } from "./txn";
import { applyToDatabase, type Database, sessionsAfter } from "./database";

const txn = (zxid: number, body: TxnBody): Txn => ({
  zxid,
  sessionId: "0x1",
  cxid: 0,
  timeMs: 0,
  body,
});
const opened = txn(1, { type: "createSession", timeoutMs: 4000, password: "p" });
const created = txn(2, {
  type: "create",
  path: "/e",
  data: "",
  ephemeral: true,
  acl: [],
  parentCVersion: 1,
});
const closed = txn(3, { type: "closeSession", ephemerals: ["/e"] });
const empty: Database = { tree: emptyTree(), sessions: {} };

test("a session is in the database from its creation to its close, and takes its ephemerals with it", () => {
  const alive = applyToDatabase(applyToDatabase(empty, opened), created);
  expect(alive.sessions).toEqual({ "0x1": { id: "0x1", timeoutMs: 4000, password: "p" } });
  expect(alive.result).toMatchObject({ code: "OK", path: "/e" });
  const gone = applyToDatabase(alive, closed);
  expect(gone.sessions).toEqual({});
  expect(nodeAt(gone.tree, "/e")).toBeNull();
});

test("other transactions leave the sessions as they are", () => {
  const { sessions } = applyToDatabase(empty, opened);
  expect(sessionsAfter(sessions, created)).toBe(sessions);
  expect(sessionsAfter({}, closed)).toEqual({});
});
