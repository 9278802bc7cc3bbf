import { expect, test } from "vitest";
import { emptyTree, nodeAt } from "../tree/dataTree";
import type { Txn, TxnBody } from "../tree/txn";
import { makeZxid } from "../zxid";
import {
  type Disk,
  emptyDisk,
  entriesOf,
  filesOf,
  flush,
  handToSync,
  withAcceptedEpoch,
  withCurrentEpoch,
  withSnapshot,
  withSnapshotBegun,
} from "./disk";
import { addCommitted, recover, type Recovered, restoreCut } from "./recover";

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
const withLog = (disk: Disk, ...txns: readonly Txn[]) => flush(txns.reduce(handToSync, disk), 0);
const started = withSnapshot(emptyDisk(), snapshotAt(0));
const withEpochs = (disk: Disk, accepted: number, current: number) =>
  withCurrentEpoch(withAcceptedEpoch(disk, accepted), current);
const reading = {
  settings: { commitLogCount: 500, dbAutocreate: true, snapshotTrustEmpty: false },
  standalone: false,
};
const refuse = { staleCurrentEpoch: "refuse" } as const;
const recoverAsUsual = (disk: Disk) => recover(disk, reading, refuse);
const recovered = (disk: Disk): Recovered => {
  const read = recoverAsUsual(disk);
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
  expect(read.committedLog).toEqual(entriesOf(disk));
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
  expect(recoverAsUsual(withLog(emptyDisk(), session(1)))).toEqual({
    fatal: {
      text: "No snapshot found, but there are log entries. Something is broken!",
      exitCode: 1,
      exception: "java.io.IOException",
    },
  });
});

test("a currentEpoch behind the last zxid is fatal", () => {
  expect(recoverAsUsual(withEpochs(withLog(started, session(makeZxid(12, 1))), 12, 11))).toEqual({
    fatal: {
      text: `The current epoch, b, is older than the last zxid, ${12 * 2 ** 32 + 1}`,
      exitCode: 1,
      exception: "java.io.IOException",
    },
  });
});

test("an acceptedEpoch behind currentEpoch is fatal", () => {
  expect(recoverAsUsual(withEpochs(started, 10, 11))).toEqual({
    fatal: {
      text: "The accepted epoch, a is less than the current epoch, b",
      exitCode: 1,
      exception: "java.io.IOException",
    },
  });
});

test("memory keeps the latest 501 committed transactions", () => {
  const txns = Array.from({ length: 600 }, (_, index) => session(index + 1));
  const fromLog = recovered(withLog(started, ...txns)).committedLog;
  expect([fromLog.length, fromLog[0]?.zxid]).toEqual([501, 100]);
  expect(txns.reduce((log, one) => addCommitted(log, one, 500), [] as readonly Txn[])).toEqual(
    fromLog,
  );
});

test("a server alone has no epoch files", () => {
  const read = recover(emptyDisk(), { ...reading, standalone: true }, refuse);
  expect("fatal" in read ? read.fatal : filesOf(read.disk)).toEqual(["snapshot.0"]);
});

test("a currentEpoch behind the last zxid is taken from the file beside it, or raised by what is repaired", () => {
  const disk = withEpochs(withLog(started, session(makeZxid(12, 1))), 12, 11);
  expect(recovered({ ...disk, currentEpochTmp: 12 })).toMatchObject({
    currentEpoch: 12,
    disk: { currentEpoch: 12, currentEpochTmp: null },
  });
  const raised = recover(disk, reading, { staleCurrentEpoch: "raise" });
  expect(raised).toMatchObject({ currentEpoch: 12, disk: { currentEpoch: 12 } });
});

test("a log without any snapshot is read all the same where that is trusted", () => {
  const settings = { ...reading.settings, snapshotTrustEmpty: true };
  const disk = withLog(emptyDisk(), session(1), create(2, "/a", 1));
  const read = recover(disk, { ...reading, settings }, refuse);
  expect("fatal" in read ? read.fatal : read.lastProcessed).toBe(2);
});

test("an empty disk is zxid -1 where an empty database is not created, unless a file says so", () => {
  const settings = { ...reading.settings, dbAutocreate: false };
  const read = (disk: Disk) => recover(disk, { ...reading, settings }, refuse);
  expect(read(emptyDisk())).toMatchObject({
    lastProcessed: -1,
    currentEpoch: -1,
    acceptedEpoch: -1,
  });
  const initialized = read({ ...emptyDisk(), initialize: true });
  expect(initialized).toMatchObject({ lastProcessed: 0, disk: { initialize: false } });
});

test("a snapshot that was not finished is passed over", () => {
  const disk = withSnapshotBegun(withLog(started, session(1), session(2)), 1);
  expect(recovered(disk).lastProcessed).toBe(2);
});

test("after TRUNC a snapshot above the cut is read again, or dropped by what is repaired", () => {
  const disk = withSnapshot(withLog(started, session(1)), snapshotAt(2));
  const kept = restoreCut(disk, 1, reading, { snapshotsAboveTrunc: "kept" });
  expect(kept?.lastProcessed).toBe(2);
  const dropped = restoreCut(disk, 1, reading, { snapshotsAboveTrunc: "dropped" });
  expect([dropped?.lastProcessed, dropped?.disk.snapshots.map(({ zxid }) => zxid)]).toEqual([
    1,
    [0],
  ]);
  const lone = withSnapshot(withLog(emptyDisk(), session(1)), snapshotAt(2));
  expect(restoreCut(lone, 1, reading, { snapshotsAboveTrunc: "dropped" })).toBeNull();
});
