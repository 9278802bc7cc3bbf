import { expect, test } from "vitest";
import { emptyTree } from "../tree/dataTree";
import type { Txn } from "../tree/txn";
import {
  afterKill,
  afterPowerLoss,
  append,
  beginSync,
  type Disk,
  emptyDisk,
  entriesAfter,
  finishSync,
  flush,
  lastLoggedZxid,
  newestSnapshot,
  truncateLog,
  withAcceptedEpoch,
  withCurrentEpoch,
  withSnapshot,
} from "./disk";

const txn = (zxid: number): Txn => ({
  zxid,
  sessionId: "0x1",
  cxid: 0,
  timeMs: 0,
  body: { type: "error", code: "NONODE" },
});
const appendAll = (disk: Disk, ...zxids: readonly number[]) =>
  zxids.reduce((before, zxid) => append(before, txn(zxid)), disk);
const zxidsOf = (txns: readonly Txn[]) => txns.map(({ zxid }) => zxid);
const snapshotAt = (zxid: number) => ({ zxid, tree: emptyTree(), sessions: {} });
const synced = (...zxids: readonly number[]) => flush(appendAll(emptyDisk(), ...zxids)).disk;

test("what is appended to an idle log is durable only when an fsync has ended", () => {
  const appended = appendAll(emptyDisk(), 1, 2);
  expect([zxidsOf(appended.log), appended.writtenCount, appended.syncedCount]).toEqual([
    [1, 2],
    0,
    0,
  ]);
  const begun = beginSync(appended);
  expect([begun.began, begun.disk.writtenCount, begun.disk.syncedCount]).toEqual([true, 2, 0]);
  const ended = finishSync(begun.disk);
  expect([zxidsOf(ended.synced), ended.disk.syncedCount, ended.disk.syncing]).toEqual([
    [1, 2],
    2,
    false,
  ]);
});

test("what comes during an fsync waits for the next one", () => {
  const during = appendAll(beginSync(appendAll(emptyDisk(), 1)).disk, 2, 3);
  expect([zxidsOf(during.log), zxidsOf(during.waiting)]).toEqual([[1], [2, 3]]);
  const first = finishSync(during);
  expect(zxidsOf(first.synced)).toEqual([1]);
  const second = beginSync(first.disk);
  expect([zxidsOf(second.disk.log), second.disk.waiting]).toEqual([[1, 2, 3], []]);
  expect(zxidsOf(finishSync(second.disk).synced)).toEqual([2, 3]);
});

test("an append between two fsyncs does not overtake what waits", () => {
  const between = finishSync(append(beginSync(appendAll(emptyDisk(), 1)).disk, txn(2))).disk;
  expect(zxidsOf(append(between, txn(3)).log)).toEqual([1, 2, 3]);
});

test("no fsync begins while one runs, or when there is nothing to sync", () => {
  expect(beginSync(emptyDisk()).began).toBe(false);
  const running = append(beginSync(append(emptyDisk(), txn(1))).disk, txn(2));
  expect(beginSync(running)).toEqual({ disk: running, began: false });
  expect(beginSync(synced(1)).began).toBe(false);
});

test("an fsync that does not run cannot end", () => {
  const disk = append(emptyDisk(), txn(1));
  expect(finishSync(disk)).toEqual({ disk, synced: [] });
});

test("a kill keeps what was written, a power loss what was synced", () => {
  const disk = append(beginSync(append(synced(1), txn(2))).disk, txn(3));
  const killed = afterKill(disk);
  expect(zxidsOf(killed.log)).toEqual([1, 2]);
  expect([killed.syncedCount, killed.writtenCount, killed.waiting, killed.syncing]).toEqual([
    2,
    2,
    [],
    false,
  ]);
  expect(zxidsOf(afterPowerLoss(disk).log)).toEqual([1]);
  expect(zxidsOf(afterKill(append(emptyDisk(), txn(1))).log)).toEqual([]);
});

test("flush makes all that was appended durable", () => {
  const { disk, synced: flushed } = flush(
    append(beginSync(append(synced(1), txn(2))).disk, txn(3)),
  );
  expect(zxidsOf(flushed)).toEqual([2, 3]);
  expect([disk.syncedCount, disk.writtenCount, disk.waiting, disk.syncing]).toEqual([
    3,
    3,
    [],
    false,
  ]);
});

test("a log out of order is our mistake", () => {
  expect(() => appendAll(emptyDisk(), 2, 2)).toThrow("a log is ordered by zxid");
  expect(() =>
    append(append(beginSync(append(emptyDisk(), txn(1))).disk, txn(5)), txn(4)),
  ).toThrow();
});

test("TRUNC cuts the log behind the zxid", () => {
  const cut = truncateLog(synced(1, 2, 3, 4), 2);
  expect([zxidsOf(cut?.log ?? []), cut?.syncedCount, cut?.writtenCount]).toEqual([[1, 2], 2, 2]);
});

test("TRUNC to a zxid that is not in the log leaves the first entry above it, as ZooKeeper does", () => {
  expect(zxidsOf(truncateLog(synced(1, 2, 5, 6), 3)?.log ?? [])).toEqual([1, 2, 5]);
  expect(zxidsOf(truncateLog(synced(1, 2), 0)?.log ?? [])).toEqual([1]);
});

test("TRUNC fails on a log that ends below the zxid, and on no log at all", () => {
  expect(truncateLog(synced(1, 2), 3)).toBeNull();
  expect(truncateLog(emptyDisk(), 0)).toBeNull();
});

test("TRUNC leaves the snapshots above the cut", () => {
  const disk = withSnapshot(synced(1, 2), snapshotAt(2));
  expect(truncateLog(disk, 1)?.snapshots).toEqual(disk.snapshots);
});

test("the last zxid is that of the log with what waits, or of the newest snapshot", () => {
  expect(lastLoggedZxid(emptyDisk())).toBe(0);
  expect(lastLoggedZxid(append(beginSync(append(emptyDisk(), txn(1))).disk, txn(2)))).toBe(2);
  expect(lastLoggedZxid(withSnapshot(synced(1), snapshotAt(7)))).toBe(7);
});

test("entries are read from a zxid on, with what waits", () => {
  const disk = append(beginSync(appendAll(emptyDisk(), 1, 2, 3)).disk, txn(4));
  expect(zxidsOf(entriesAfter(disk, 2))).toEqual([3, 4]);
});

test("the newest snapshot is the one with the highest zxid, and one of the same zxid is overwritten", () => {
  const first = snapshotAt(3);
  const again = snapshotAt(3);
  const disk = [first, snapshotAt(9), again, snapshotAt(5)].reduce(withSnapshot, emptyDisk());
  expect(disk.snapshots.map(({ zxid }) => zxid)).toEqual([3, 5, 9]);
  expect(disk.snapshots[0]).toBe(again);
  expect(newestSnapshot(disk)?.zxid).toBe(9);
  expect(newestSnapshot(emptyDisk())).toBeNull();
});

test("the epoch files survive a power loss", () => {
  const disk = afterPowerLoss(withCurrentEpoch(withAcceptedEpoch(emptyDisk(), 3), 2));
  expect([disk.acceptedEpoch, disk.currentEpoch]).toEqual([3, 2]);
});
