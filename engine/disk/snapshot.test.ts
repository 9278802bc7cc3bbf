import fc from "fast-check";
import { expect, test } from "vitest";
import { applyToDatabase, type Database } from "../tree/database";
import { childrenOf, emptyTree, ephemeralsOf, nodeAt } from "../tree/dataTree";
import { OPEN_ACL } from "../tree/acl";
import type { Txn, TxnBody } from "../tree/txn";
import { replay } from "./recover";
import { snapshotBytes, type Snapshotting, withTreeVersion, writtenSnapshot } from "./snapshot";

const SESSION = "0x1";
const empty: Database = { tree: emptyTree(), sessions: {} };
const txnOf = (zxid: number, body: TxnBody): Txn => ({
  zxid,
  sessionId: SESSION,
  cxid: 0,
  timeMs: zxid,
  body,
});
const paths = ["/a", "/b", "/a/c", "/a/d", "/b/c", "/a/c/e"];

/** One change as a leader would make it, or null where it would be refused. */
function changeOf({ tree }: Database, kind: number, path: string, data: string): TxnBody | null {
  const node = nodeAt(tree, path);
  const parent = nodeAt(tree, path.slice(0, path.lastIndexOf("/")) || "/");
  if (kind === 0) return { type: "closeSession", ephemerals: ephemeralsOf(tree, SESSION) };
  if (kind < 4) {
    if (node !== null || parent === null || parent.ephemeralOwner !== null) return null;
    const parentCVersion = parent.cversion + 1;
    const ephemeral = kind === 1;
    return { type: "create", path, data, acl: OPEN_ACL, ephemeral, parentCVersion };
  }
  if (node === null) return null;
  if (kind < 6) return { type: "setData", path, data, version: node.version + 1 };
  return (childrenOf(tree, path) ?? []).length > 0 ? null : { type: "delete", path };
}

const change = fc.tuple(fc.nat(7), fc.constantFrom(...paths), fc.string({ maxLength: 3 }));
const changes = fc.array(fc.tuple(change, fc.nat(3)), { minLength: 1, maxLength: 40 });

test("a snapshot that was written while transactions went on becomes the exact tree by their replay", () => {
  let fuzzy = 0;
  fc.assert(
    fc.property(changes, fc.nat(40), fc.nat(3), (all, begin, nodeUs) => {
      let db = empty;
      let nowUs = 0;
      let snapshotting: Snapshotting | null = null;
      const later: Txn[] = [];
      for (const [at, [[kind, path, data], pauseUs]] of all.entries()) {
        if (at === Math.min(begin, all.length - 1)) {
          const versions = [{ fromUs: nowUs, tree: db.tree }];
          const { sessions } = db;
          snapshotting = { zxid: at, sessions, beganUs: nowUs, headUs: 0, nodeUs, versions };
        }
        nowUs += pauseUs;
        const body = changeOf(db, kind, path, data);
        if (body === null) continue;
        const txn = txnOf(at + 1, body);
        db = applyToDatabase(db, txn);
        if (snapshotting === null) continue;
        snapshotting = withTreeVersion(snapshotting, db.tree, nowUs);
        later.push(txn);
      }
      if (snapshotting === null) return;
      const snapshot = writtenSnapshot(snapshotting);
      if (snapshot.tree !== snapshotting.versions[0]?.tree) fuzzy += 1;
      const again = replay(snapshot, later);
      expect(again.tree.nodes).toEqual(db.tree.nodes);
      expect(again.tree.ephemerals).toEqual(db.tree.ephemerals);
    }),
    { numRuns: 300 },
  );
  expect(fuzzy).toBeGreaterThan(50);
});

test("each znode is as it is when the writer comes to it", () => {
  let db = empty;
  for (const [at, path] of ["/a", "/b", "/c"].entries()) {
    const body = { type: "create", path, data: "old", acl: OPEN_ACL, ephemeral: false } as const;
    db = applyToDatabase(db, txnOf(at + 1, { ...body, parentCVersion: at + 1 }));
  }
  // The root at 100, /a at 110, /b at 120, /c at 130.
  const versions = [{ fromUs: 100, tree: db.tree }];
  let snapshotting: Snapshotting = {
    zxid: 3,
    sessions: {},
    beganUs: 90,
    headUs: 10,
    nodeUs: 10,
    versions,
  };
  const set = (zxid: number, path: string) => {
    db = applyToDatabase(db, txnOf(zxid, { type: "setData", path, data: "new", version: 1 }));
    return db.tree;
  };
  snapshotting = withTreeVersion(snapshotting, set(4, "/a"), 115);
  snapshotting = withTreeVersion(snapshotting, set(5, "/c"), 125);
  const { tree, zxid } = writtenSnapshot(snapshotting);
  expect(["/a", "/b", "/c"].map((path) => nodeAt(tree, path)?.data)).toEqual(["old", "old", "new"]);
  expect(zxid).toBe(3);
});

test("a tree that does not change while it is written is that tree", () => {
  const versions = [{ fromUs: 0, tree: empty.tree }];
  const one = { zxid: 0, sessions: {}, beganUs: 0, headUs: 0, nodeUs: 1, versions };
  expect(withTreeVersion(one, empty.tree, 5)).toBe(one);
  expect(writtenSnapshot(one).tree).toBe(empty.tree);
});

test("a snapshot is as long as what it holds", () => {
  const session = { id: "0x1", timeoutMs: 4_000, password: "" };
  const more = { ...empty, sessions: { "0x1": session } };
  expect(snapshotBytes(more) - snapshotBytes(empty)).toBe(12);
});
