import { expect, test } from "vitest";
import { emptyTree, nodeAt } from "../tree/dataTree";
import type { Txn, TxnBody } from "../tree/txn";
import { makeZxid } from "../zxid";
import {
  append,
  type Disk,
  emptyDisk,
  flush,
  withAcceptedEpoch,
  withCurrentEpoch,
  withSnapshot,
} from "./disk";
import { addCommitted, recover, type Recovered } from "./recover";

const txn = (zxid: number, body: TxnBody): Txn => ({
  zxid,
  sessionId: "0x1",
  cxid: 0,
  timeMs: 0,
  body,
});
const session = (zxid: number) =>
  txn(zxid, { type: "createSession", timeoutMs: 4000, password: "" });
const create = (zxid: number, path: string, parentCVersion: number) =>
  txn(zxid, { type: "create", path, data: "", ephemeral: false, acl: [], parentCVersion });
const snapshotAt = (zxid: number) => ({ zxid, tree: emptyTree(), sessions: {} });
const withLog = (disk: Disk, ...txns: readonly Txn[]) => flush(txns.reduce(append, disk)).disk;
const started = withSnapshot(emptyDisk(), snapshotAt(0));
const withEpochs = (disk: Disk, accepted: number, current: number) =>
  withCurrentEpoch(withAcceptedEpoch(disk, accepted), current);
const recovered = (disk: Disk): Recovered => {
  const read = recover(disk);
  if ("fatal" in read) throw new Error(read.fatal.text);
  return read;
};

test("an empty disk becomes zxid 0, a snapshot.0 and two epoch files", () => {
  const read = recovered(emptyDisk());
  expect(read).toMatchObject({
    lastProcessed: 0,
    acceptedEpoch: 0,
    currentEpoch: 0,
    committedLog: [],
    sessions: {},
  });
  expect(read.tree).toEqual(emptyTree());
  expect(read.disk).toMatchObject({ acceptedEpoch: 0, currentEpoch: 0, snapshots: [{ zxid: 0 }] });
});

test("what was recovered once is recovered again", () => {
  const first = recovered(emptyDisk());
  expect(recovered(first.disk)).toEqual(first);
});

test("the log is replayed on the newest snapshot, committed or not", () => {
  const disk = withEpochs(
    withLog(started, session(makeZxid(1, 1)), create(makeZxid(1, 2), "/a", 1)),
    1,
    1,
  );
  const read = recovered(disk);
  expect(read.lastProcessed).toBe(makeZxid(1, 2));
  expect(nodeAt(read.tree, "/a")).not.toBeNull();
  expect(Object.keys(read.sessions)).toEqual(["0x1"]);
  expect(read.committedLog).toEqual(disk.log);
});

test("entries up to the snapshot are not replayed", () => {
  const disk = withSnapshot(
    withLog(started, create(1, "/a", 1), create(2, "/b", 2)),
    snapshotAt(1),
  );
  const read = recovered(disk);
  expect(nodeAt(read.tree, "/a")).toBeNull();
  expect(nodeAt(read.tree, "/b")).not.toBeNull();
  expect(read.committedLog.map(({ zxid }) => zxid)).toEqual([2]);
});

test("a snapshot above the end of the log gives the last zxid", () => {
  expect(
    recovered(withEpochs(withSnapshot(started, snapshotAt(makeZxid(2, 0))), 2, 2)).lastProcessed,
  ).toBe(makeZxid(2, 0));
});

test("missing epoch files are made from the last zxid", () => {
  const read = recovered(withLog(started, session(makeZxid(3, 1))));
  expect([read.disk.acceptedEpoch, read.disk.currentEpoch]).toEqual([3, 3]);
});

test("existing epoch files stay, also when they are ahead of the log", () => {
  expect(recovered(withEpochs(started, 5, 4))).toMatchObject({ acceptedEpoch: 5, currentEpoch: 4 });
});

test("a log without any snapshot is fatal", () => {
  expect(recover(withLog(emptyDisk(), session(1)))).toEqual({
    fatal: {
      text: "No snapshot found, but there are log entries. Something is broken!",
      exitCode: 1,
    },
  });
});

test("a currentEpoch behind the last zxid is fatal", () => {
  expect(recover(withEpochs(withLog(started, session(makeZxid(12, 1))), 12, 11))).toEqual({
    fatal: {
      text: `The current epoch, b, is older than the last zxid, ${12 * 2 ** 32 + 1}`,
      exitCode: 1,
    },
  });
});

test("an acceptedEpoch behind currentEpoch is fatal", () => {
  expect(recover(withEpochs(started, 10, 11))).toEqual({
    fatal: { text: "The accepted epoch, a is less than the current epoch, b", exitCode: 1 },
  });
});

test("memory keeps the latest 501 committed transactions", () => {
  const txns = Array.from({ length: 600 }, (_, index) => session(index + 1));
  const fromLog = recovered(withLog(started, ...txns)).committedLog;
  expect([fromLog.length, fromLog[0]?.zxid]).toEqual([501, 100]);
  expect(txns.reduce(addCommitted, [] as readonly Txn[])).toEqual(fromLog);
});
