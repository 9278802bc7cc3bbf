import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyTree } from "../tree/dataTree";
import type { Txn } from "../tree/txn";
import {
  afterKill,
  afterPowerLoss,
  beginSync,
  type Disk,
  emptyDisk,
  entriesAfter,
  entriesOf,
  entryCount,
  filesOf,
  finishSync,
  flush,
  handToSync,
  isEmpty,
  lastEntry,
  lastLoggedZxid,
  logOnDisk,
  newestEntries,
  newestSnapshot,
  rollLog,
  takeBatch,
  truncateLog,
  truncateLogExactly,
  wiped,
  withAcceptedEpoch,
  withCurrentEpoch,
  withoutSnapshots,
  withoutSnapshotsAbove,
  withSnapshot,
  withSnapshotBegun,
  withSnapshotReceived,
  withTornLog,
  writeEntry,
} from "./disk";

const PREALLOC = 65_536 * 1_024;
const txn = (zxid: number): Txn => ({
  zxid,
  sessionId: "0x1",
  cxid: 0,
  timeMs: 0,
  body: { type: "error", code: "NONODE" },
});
const hand = (disk: Disk, ...zxids: readonly number[]) =>
  zxids.reduce((before, zxid) => handToSync(before, txn(zxid)), disk);
const write = (disk: Disk, ...zxids: readonly number[]) =>
  zxids.reduce((before, zxid) => writeEntry(before, txn(zxid), PREALLOC), disk);
const sync = (disk: Disk) => finishSync(disk, true).disk;
const written = (...zxids: readonly number[]) => sync(write(emptyDisk(), ...zxids));
const zxidsOf = (txns: readonly Txn[]) => txns.map(({ zxid }) => zxid);
const logged = (disk: Disk | null) => (disk === null ? null : zxidsOf(entriesOf(disk)));
const snapshotAt = (zxid: number) => ({ zxid, tree: emptyTree(), sessions: {} });

test("what is handed over waits; a batch is the oldest of it, and no longer than allowed", () => {
  const disk = hand(emptyDisk(), 1, 2, 3);
  expect([logged(disk), disk.waiting.count]).toEqual([[], 3]);
  const first = takeBatch(disk, 2);
  expect([zxidsOf(first.batch), first.disk.waiting.count]).toEqual([[1, 2], 1]);
  const second = takeBatch(first.disk, 2);
  expect([zxidsOf(second.batch), second.disk.waiting.count]).toEqual([[3], 0]);
});

test("what is written is durable only when an fsync has ended", () => {
  const during = beginSync(write(emptyDisk(), 1, 2), [txn(1), txn(2)]);
  expect(newestEntries(during, 9).map(({ synced }) => synced)).toEqual([false, false]);
  const { disk, synced } = finishSync(during, true);
  expect([zxidsOf(synced), disk.syncing, disk.unsynced]).toEqual([[1, 2], [], 0]);
  expect(newestEntries(disk, 1)).toEqual([{ txn: txn(2), synced: true }]);
});

test("an fsync that is not forced acknowledges what a power loss takes away", () => {
  const disk = finishSync(beginSync(write(written(1), 2), [txn(2)]), false).disk;
  expect(disk.syncing).toEqual([]);
  expect(logged(afterKill(disk))).toEqual([1, 2]);
  expect(logged(afterPowerLoss(disk))).toEqual([1]);
});

test("a kill keeps what was written, a power loss what was synced", () => {
  const disk = hand(write(written(1), 2), 3);
  expect([logged(afterKill(disk)), afterKill(disk).waiting.count]).toEqual([[1, 2], 0]);
  expect(logged(afterPowerLoss(disk))).toEqual([1]);
  expect(afterPowerLoss(write(emptyDisk(), 1)).logs).toEqual([]);
});

test("flush makes all that was handed over durable", () => {
  const disk = flush(hand(beginSync(write(written(1), 2), [txn(2)]), 3), PREALLOC);
  expect([logged(disk), disk.unsynced, disk.waiting.count, disk.syncing]).toEqual([
    [1, 2, 3],
    0,
    0,
    [],
  ]);
});

test("a log file bears the zxid of its first entry; a roll, a restart and TRUNC begin another", () => {
  const rolled = write(rollLog(write(emptyDisk(), 0x100000001, 0x100000002)), 0x100000003);
  expect(filesOf(rolled)).toEqual(["log.100000001", "log.100000003"]);
  expect(filesOf(write(afterKill(rolled), 0x100000004))).toHaveLength(3);
  const cut = truncateLog(sync(rolled), 0x100000002);
  expect(filesOf(cut ?? expect.fail())).toEqual(["log.100000001"]);
  expect(filesOf(write(cut ?? expect.fail(), 0x200000001))).toEqual([
    "log.100000001",
    "log.200000001",
  ]);
});

test("an almost empty log takes 67108880 bytes, one that was cut only what it holds", () => {
  const [file] = written(1).logs;
  expect(file?.sizeBytes).toBe(67_108_880);
  expect(truncateLog(written(1, 2), 1)?.logs[0]?.sizeBytes).toBe(file?.usedBytes);
});

test("an entry that would begin a file of a name that exists overwrites it", () => {
  const disk = write(afterKill(truncateLog(written(5, 6, 7), 0) ?? expect.fail()), 5, 6);
  expect([filesOf(disk), logged(disk)]).toEqual([["log.5"], [5, 6]]);
});

test("histories that an operator mixed are written as they come", () => {
  const disk = write(afterKill(written(9)), 4, 5);
  expect([filesOf(disk), logged(disk)]).toEqual([
    ["log.4", "log.9"],
    [4, 5, 9],
  ]);
});

test("TRUNC cuts the log behind the zxid, and removes later files", () => {
  const disk = sync(write(rollLog(write(rollLog(written(1, 2)), 3, 4)), 5));
  expect([logged(truncateLog(disk, 2)), logged(truncateLog(disk, 3))]).toEqual([
    [1, 2],
    [1, 2, 3],
  ]);
  expect(filesOf(truncateLog(disk, 3) ?? expect.fail())).toEqual(["log.1", "log.3"]);
});

test("TRUNC to a zxid that is not in the log leaves the first entry above it, as ZooKeeper does", () => {
  expect(logged(truncateLog(written(1, 2, 5, 6), 3))).toEqual([1, 2, 5]);
  expect(logged(truncateLog(sync(write(rollLog(written(1, 2)), 5, 6)), 3))).toEqual([1, 2, 5]);
  expect(logged(truncateLog(written(1, 2), 0))).toEqual([1]);
});

test("TRUNC fails on a log that ends below the zxid, and on no log at all", () => {
  expect(truncateLog(written(1, 2), 3)).toBeNull();
  expect(truncateLog(emptyDisk(), 0)).toBeNull();
});

test("TRUNC leaves the snapshots above the cut, unless they are dropped", () => {
  const disk = withSnapshotBegun(withSnapshot(written(1, 2), snapshotAt(2)), 3);
  expect(truncateLog(disk, 1)?.snapshots).toEqual(disk.snapshots);
  expect(filesOf(withoutSnapshotsAbove(disk, 1))).toEqual(["log.1"]);
});

test("the last zxid is that of what was handed to the log, or of the newest snapshot", () => {
  expect([lastLoggedZxid(emptyDisk()), lastEntry(emptyDisk())]).toEqual([0, null]);
  expect(lastLoggedZxid(hand(written(1), 2))).toBe(2);
  expect(lastLoggedZxid(withSnapshot(written(1), snapshotAt(7)))).toBe(7);
});

test("entries are read from a zxid on, through all files, with what waits", () => {
  const disk = hand(write(rollLog(written(1, 2, 3)), 4), 5);
  expect(zxidsOf(entriesAfter(disk, 2))).toEqual([3, 4, 5]);
  expect(zxidsOf(entriesAfter(disk, 4))).toEqual([5]);
  expect(entriesAfter(disk, 5)).toEqual([]);
});

test("a leader reads for a learner from the beginning of a file, and counts those behind it whole", () => {
  const disk = withSnapshot(
    sync(write(rollLog(write(rollLog(written(1, 2)), 3, 4)), 5)),
    snapshotAt(0),
  );
  const { readFrom, newestSnapshotBytes } = logOnDisk(disk, "read");
  const seen = (zxid: number) => {
    const { first, laterFilesBytes, entries } = readFrom(zxid);
    return [first, laterFilesBytes / 67_108_880, zxidsOf(entries())];
  };
  expect(seen(5)).toEqual([3, 1, [3, 4, 5]]);
  expect(seen(6)).toEqual([5, 0, [5]]);
  expect(seen(2)).toEqual([1, 2, [1, 2, 3, 4, 5]]);
  expect(logOnDisk(emptyDisk(), "read").readFrom(1).first).toBeNull();
  expect(newestSnapshotBytes()).toBeGreaterThan(400);
  expect(newestSnapshotBytes()).toBeLessThan(800);
});

test("a snapshot that came from a leader leaves a gap in the log, unless the log leads up to it; repaired, nobody reads across", () => {
  const gap = write(withSnapshotReceived(written(1, 2), snapshotAt(5)), 6);
  expect(gap.gapUpTo).toBe(5);
  expect(logOnDisk(gap, "read").readFrom(5).first).toBe(1);
  expect(logOnDisk(gap, "refused").readFrom(5).first).toBeNull();
  expect(logOnDisk(gap, "refused").readFrom(6).first).toBe(1);
  const whole = withSnapshotReceived(written(1, 2), snapshotAt(2));
  expect(logOnDisk(whole, "refused").readFrom(1).first).toBe(1);
  expect(logOnDisk(written(1), "refused").readFrom(0).first).toBe(1);
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

test("a snapshot that is not finished is a file that nobody reads", () => {
  const begun = withSnapshotBegun(withSnapshot(emptyDisk(), snapshotAt(0)), 0x1f);
  expect([filesOf(begun), newestSnapshot(begun)?.zxid]).toEqual([["snapshot.0", "snapshot.1f"], 0]);
  expect(filesOf(afterKill(begun))).toEqual(filesOf(begun));
  expect(filesOf(afterPowerLoss(begun))).toEqual(["snapshot.0"]);
  expect(withSnapshot(begun, snapshotAt(0x1f)).brokenSnapshots).toEqual([]);
});

test("the epoch files survive a power loss, what was being written beside them does not", () => {
  const disk = { ...withCurrentEpoch(withAcceptedEpoch(emptyDisk(), 3), 2), currentEpochTmp: 3 };
  expect(filesOf(afterKill(disk))).toEqual(["acceptedEpoch", "currentEpoch", "currentEpoch.tmp"]);
  expect(filesOf(afterPowerLoss(disk))).toEqual(["acceptedEpoch", "currentEpoch"]);
});

test("a wipe leaves the disk as slow and as full as it is, and nothing else", () => {
  const disk = { ...withSnapshot(written(1), snapshotAt(0)), full: true, slowUs: 5 };
  expect(isEmpty(disk)).toBe(false);
  expect(wiped(disk)).toEqual({ ...emptyDisk(), full: true, slowUs: 5 });
  expect(filesOf(withoutSnapshots(disk))).toEqual(["log.1"]);
});

test("a torn log has lost its last record", () => {
  const torn = withTornLog(written(1, 2, 3), 7);
  expect(logged(torn)).toEqual([1, 2]);
  expect(torn.logs[0]?.sizeBytes).toBe((written(1, 2, 3).logs[0]?.usedBytes ?? 0) - 7);
  expect(withTornLog(emptyDisk(), 7)).toEqual(emptyDisk());
});

/** What a disk is, as plainly as it can be said: three lists, one behind the other. */
interface Model {
  synced: number[];
  written: number[];
  waiting: number[];
}
type Step =
  | { readonly do: "hand" | "skip" | "batch" | "sync" | "roll" | "kill" | "power" | "flush" }
  | { readonly do: "truncate"; readonly back: number };

const step = fc
  .oneof(
    { weight: 12, arbitrary: fc.constantFrom("hand", "skip", "batch", "sync") },
    { weight: 2, arbitrary: fc.constantFrom("roll", "kill", "power", "flush") },
  )
  .map((name): Step => ({ do: name as "hand" }));
const steps = fc.array(
  fc.oneof(
    { weight: 14, arbitrary: step },
    { weight: 1, arbitrary: fc.nat(8).map((back): Step => ({ do: "truncate", back })) },
  ),
  { maxLength: 200 },
);

test("whatever is appended, synced, rolled, cut and killed, the log holds what a plain list would", () => {
  fc.assert(
    fc.property(steps, (all) => {
      let disk = emptyDisk();
      let next = 1;
      let model: Model = { synced: [], written: [], waiting: [] };
      for (const one of all) {
        if (one.do === "skip") next += 3;
        if (one.do === "hand") {
          disk = hand(disk, next);
          model.waiting.push(next);
          next += 1;
        }
        if (one.do === "batch" && disk.syncing.length === 0) {
          const taken = takeBatch(disk, 3);
          disk = beginSync(write(taken.disk, ...zxidsOf(taken.batch)), taken.batch);
          model.written.push(...model.waiting.splice(0, 3));
        }
        if (one.do === "sync") {
          disk = finishSync(disk, true).disk;
          model = { ...model, synced: [...model.synced, ...model.written], written: [] };
        }
        if (one.do === "roll") disk = rollLog(disk);
        if (one.do === "kill") {
          disk = afterKill(disk);
          model = { synced: [...model.synced, ...model.written], written: [], waiting: [] };
        }
        if (one.do === "power") {
          disk = afterPowerLoss(disk);
          model = { synced: model.synced, written: [], waiting: [] };
        }
        if (one.do === "flush" || one.do === "truncate") {
          disk = flush(disk, PREALLOC);
          const { synced, written: during, waiting } = model;
          model = { synced: [...synced, ...during, ...waiting], written: [], waiting: [] };
        }
        if (one.do === "truncate") {
          const to = Math.max(next - one.back, 0);
          const at = model.synced.findIndex((zxid) => zxid >= to);
          const cut = truncateLog(disk, to);
          expect(cut === null).toBe(at < 0);
          disk = cut ?? disk;
          if (at >= 0) model.synced.length = at + 1;
        }
        const everything = [...model.synced, ...model.written];
        expect(logged(disk)).toEqual(everything);
        expect([entryCount(disk), disk.unsynced]).toEqual([
          everything.length,
          model.written.length,
        ]);
        const behind = (zxid: number) =>
          [...everything, ...model.waiting].filter((one) => one > zxid);
        for (const zxid of [0, next - 5, next - 2])
          expect(zxidsOf(entriesAfter(disk, zxid))).toEqual(behind(zxid));
        expect(newestEntries(disk, 4).map((one) => one.txn.zxid)).toEqual(everything.slice(-4));
        expect(disk.logs.every((file) => file.entries.count > 0)).toBe(true);
      }
    }),
  );
});

test("repaired, TRUNC leaves nothing above the zxid, whether that stands in the log or not", () => {
  expect(
    entriesAfter(truncateLogExactly(written(1, 2, 4, 5), 3), 0).map(({ zxid }) => zxid),
  ).toEqual([1, 2]);
  expect(entriesAfter(truncateLogExactly(written(1, 2), 2), 0)).toHaveLength(2);
  expect(truncateLogExactly(written(5, 6), 4).logs).toEqual([]);
});
