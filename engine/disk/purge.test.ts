import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyTree } from "../tree/dataTree";
import {
  type Disk,
  emptyDisk,
  filesOf,
  rollLog,
  withSnapshot,
  withSnapshotBegun,
  writeEntry,
} from "./disk";
import { purge } from "./purge";
import { restore } from "./recover";

const entry = (zxid: number) =>
  ({
    zxid,
    sessionId: "0x1",
    cxid: 0,
    timeMs: 0,
    body: { type: "error", code: "NONODE" },
  }) as const;
const snapshotAt = (zxid: number) => ({ zxid, tree: emptyTree(), sessions: {} });
const diskWith = (logs: readonly number[], snapshots: readonly number[]): Disk => {
  let disk = emptyDisk();
  for (const zxid of logs) disk = rollLog(writeEntry(disk, entry(zxid), 0));
  return snapshots.map(snapshotAt).reduce(withSnapshot, disk);
};

test("the newest snapshots stay, and the logs from the one the oldest of them begins in", () => {
  const logs = [0x1, 0x12, 0x20, 0x2d, 0x39, 0x46, 0x5a, 0x65, 0x76, 0x8a];
  const disk = diskWith(logs, [0x0, 0x10, 0x18, 0x4a, 0x88]);
  const three = purge(disk, 3);
  expect(three.removed).toEqual(["log.1", "snapshot.0", "snapshot.10"]);
  expect(filesOf(three.disk)).not.toContain("log.1");
  expect(filesOf(three.disk)).toContain("log.12");
  expect(purge(three.disk, 5)).toEqual({ disk: three.disk, removed: [] });
});

test("without a valid snapshot nothing is removed; an unfinished one that is older than those kept is", () => {
  const disk = withSnapshotBegun(diskWith([1, 5], []), 3);
  expect(purge(disk, 3).removed).toEqual([]);
  const more = [4, 5, 6].map(snapshotAt).reduce(withSnapshot, disk);
  expect(purge(more, 3).removed).toEqual(["snapshot.3"]);
});

test("what is kept gives the same database as before", () => {
  const zxids = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
  const reading = {
    settings: { commitLogCount: 500, dbAutocreate: true, snapshotTrustEmpty: false },
    standalone: false,
  };
  fc.assert(
    fc.property(zxids, zxids, fc.integer({ min: 3, max: 6 }), (logs, snapshots, keep) => {
      const disk = diskWith(
        logs.toSorted((a, b) => a - b),
        [0, ...snapshots],
      );
      const { disk: kept } = purge(disk, keep);
      const [before, after] = [restore(disk, reading), restore(kept, reading)];
      expect(after?.lastProcessed).toBe(before?.lastProcessed);
      expect(after?.committedLog).toEqual(before?.committedLog);
      expect(kept.snapshots).toHaveLength(Math.min(keep, disk.snapshots.length));
    }),
  );
});
