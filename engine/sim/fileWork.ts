import {
  beginSync,
  type Disk,
  finishSync,
  rollLog,
  takeBatch,
  withAcceptedEpoch,
  withCurrentEpoch,
  withSnapshot,
  withSnapshotBegun,
  withSnapshotReceived,
  writeEntry,
} from "../disk/disk";
import { type Snapshotting, withTreeVersion, writtenSnapshot } from "../disk/snapshot";
import type { ServerEffect } from "../quorum/effects";
import type { ServerEvent } from "../quorum/events";
import { draw, drawBetween } from "../random";
import type { Settings } from "../config/settings";
import type { Snapshot } from "../tree/database";
import type { Txn } from "../tree/txn";
import type { Cause, Sid, VirtualUs } from "../units";
import { changed } from "../copy";
import { copyOfFileWork } from "./copy";
import { tell, withDisk, withProcess, withServer } from "./change";
import type { Delayed } from "./chart";
import { exitProcess } from "./end";
import type { QueuedEvent } from "./event";
import { schedule } from "./queue";
import { serverOf } from "./read";
import type { Process, World } from "./world";

/** What a process has under way with its files. */
export interface FileWork {
  /** What the main thread writes and waits for, or null. */
  readonly writing: Writing | null;
  /** What the snapshot thread writes, or null. Source: SyncRequestProcessor.snapThreadMutex. */
  readonly snapshotting: Snapshotting | null;
  /** Is the tree that it writes no longer the one in memory? SNAP and TRUNC replace that as a whole. */
  readonly snapshotApart: boolean;
  /** When the fsync that runs, or the last one, began. */
  readonly syncBeganUs: VirtualUs;
  /** Entries appended since the log was rolled for a snapshot, and the size of the files that were left since then. */
  readonly appended: number;
  readonly leftBytes: number;
  /** Beyond how many entries, or bytes of log, the next snapshot is due. Source: SyncRequestProcessor.resetSnapshotStats. */
  readonly dueCount: number;
  /** Null: the size does not matter. */
  readonly dueBytes: number | null;
  /** Has the sync thread died because it could not write? The next role has another. Source: ZooKeeperServer.State.ERROR. */
  readonly syncDead: boolean;
  /** Has any sync thread of this process died so? */
  readonly failed: boolean;
  /** Counters of random draws: epoch files written, thresholds drawn. */
  readonly epochFiles: number;
  readonly thresholds: number;
}

/** A file that the main thread writes; until it is through, the server hears nothing else. */
export interface Writing {
  readonly file: WrittenFile;
  readonly beganUs: VirtualUs;
  readonly endUs: VirtualUs;
  /** What its chart wants done behind it, in order. */
  readonly rest: readonly Wanted[];
  /** What has come for the server meanwhile. */
  readonly inbox: readonly QueuedEvent[];
}
export type WrittenFile =
  | { readonly type: "acceptedEpoch" | "currentEpoch"; readonly epoch: number }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  /** Entries are in the log already, and are forced to the platter; then the chart hears this. */
  | { readonly type: "log"; readonly told: ServerEvent };
type Wanted = ServerEffect | Delayed<ServerEvent>;

/** The place of a process's draws: each start of a server has its own. */
function placeOf(world: World, sid: Sid): string {
  return `server ${sid}, start ${serverOf(world, sid).draws.startUp}`;
}

/** A process that has written nothing yet. */
export function newFileWork(world: World, sid: Sid, settings: Settings): FileWork {
  const none: FileWork = {
    writing: null,
    snapshotting: null,
    snapshotApart: false,
    syncBeganUs: 0,
    appended: 0,
    leftBytes: 0,
    dueCount: 0,
    dueBytes: null,
    syncDead: false,
    failed: false,
    epochFiles: 0,
    thresholds: 0,
  };
  return withThresholds(world, sid, none, settings);
}

/**
 * The log is rolled and a snapshot is taken after half of snapCount and a random part, so that not all servers do it at
 * once; or after half of the size limit and a random part. Drawn anew each time.
 * Source: SyncRequestProcessor.resetSnapshotStats, shouldSnapshot.
 * Simpler than real: drawn when the process starts, not again when it changes its role.
 */
function withThresholds(world: World, sid: Sid, files: FileWork, settings: Settings): FileWork {
  const nth = files.thresholds;
  const chance = (what: string) => draw(world.seed, what, placeOf(world, sid), nth);
  const halfCount = Math.floor(settings.snapCount / 2);
  const halfBytes = Math.floor((settings.snapSizeLimitInKb * 1_024) / 2);
  return {
    ...files,
    appended: 0,
    leftBytes: 0,
    dueCount: halfCount + Math.floor(chance("snapshot after") * halfCount),
    dueBytes: halfBytes <= 0 ? null : halfBytes + Math.floor(chance("snapshot size") * halfBytes),
    thresholds: nth + 1,
  };
}

const BYTES_PER_KB = 1_024;

export function preAllocBytes({ config }: Process): number {
  return config.settings.preAllocSizeKb * BYTES_PER_KB;
}

/** How long this fsync takes; nothing where the log is not forced to the platter. */
function drawFsync(
  world: World,
  sid: Sid,
  { config }: Process,
): { readonly world: World; readonly fsyncUs: VirtualUs } {
  if (!config.settings.forceSync) return { world, fsyncUs: 0 };
  const { disk, draws } = serverOf(world, sid);
  const [least, most] = world.delays.fsyncUs;
  const nth = draws.fsync;
  const usualUs = drawBetween(world.seed, "fsync", `server ${sid}`, nth, least, most);
  const counted = withServer(world, sid, (one) => ({
    ...one,
    draws: { ...one.draws, fsync: nth + 1 },
  }));
  return { world: counted, fsyncUs: usualUs + disk.slowUs };
}

// The main thread: epoch files, and snapshots it waits for.

/**
 * The main thread writes a file and waits until it is there. What its chart wants done behind it waits, and so does
 * all that comes for the server; a kill can fall before, into and behind it.
 * Source: QuorumPeer.writeLongToFile, AtomicFileWritingIdiom; ZooKeeperServer.takeSnapshot, called by Leader.lead,
 * Learner.syncWithLeader and ZooKeeperServer.loadData.
 * Simpler than real: the threads beside it (election, fsync, snapshot) stand still with it.
 */
export function beginWriting(world: World, sid: Sid, file: WrittenFile, cause: Cause): World {
  const { disk, process } = serverOf(world, sid);
  if (process === null) return world;
  if (disk.full) return cannotWrite(world, sid, file.type, cause);
  const { world: begun, tookUs } = begin(world, sid, process, file);
  const endUs = world.nowUs + tookUs;
  const writing: Writing = { file, beganUs: world.nowUs, endUs, rest: [], inbox: [] };
  const waits = withFiles(begun, sid, () => ({ writing }));
  return schedule(waits, { type: "written", sid, process: process.number }, endUs, cause);
}

function begin(
  world: World,
  sid: Sid,
  process: Process,
  file: WrittenFile,
): { readonly world: World; readonly tookUs: VirtualUs } {
  switch (file.type) {
    case "acceptedEpoch":
    case "currentEpoch": {
      const [least, most] = world.delays.fsyncUs;
      const nth = process.files.epochFiles;
      const place = placeOf(world, sid);
      const usualUs = drawBetween(world.seed, "epoch file", place, nth, least, most);
      return {
        world: withFiles(world, sid, () => ({ epochFiles: nth + 1 })),
        tookUs: usualUs + serverOf(world, sid).disk.slowUs,
      };
    }
    case "snapshot": {
      const { headUs, nodeUs } = snapshotDelays(world);
      const { zxid, tree } = file.snapshot;
      return {
        world: withDisk(world, sid, (disk) => withSnapshotBegun(disk, zxid)),
        tookUs: headUs + nodeUs * tree.nodes.size,
      };
    }
    case "log": {
      const { world: drawn, fsyncUs } = drawFsync(world, sid, process);
      return { world: drawn, tookUs: fsyncUs };
    }
  }
}

/** What the chart wants done is done when the file is there. */
export function withRest(world: World, sid: Sid, effects: readonly Wanted[]): World {
  return withFiles(world, sid, ({ writing }) => ({
    writing: writing === null ? null : { ...writing, rest: [...writing.rest, ...effects] },
  }));
}

/** The file that the main thread waited for is there. */
export function fileWritten(world: World, sid: Sid): World {
  const file = serverOf(world, sid).process?.files.writing?.file;
  if (file === undefined) return world;
  const next = withFiles(world, sid, () => ({ writing: null }));
  switch (file.type) {
    case "acceptedEpoch":
      return withDisk(next, sid, (disk) => withAcceptedEpoch(disk, file.epoch));
    case "currentEpoch":
      return withDisk(next, sid, (disk) => withCurrentEpoch(disk, file.epoch));
    case "snapshot": {
      const saved = withProcess(next, sid, () => ({ unsavedSnap: false }));
      const received = serverOf(next, sid).process?.unsavedSnap === true;
      const keep = received ? withSnapshotReceived : withSnapshot;
      return withDisk(saved, sid, (disk) => keep(disk, file.snapshot));
    }
    case "log": {
      const forced = serverOf(next, sid).process?.config.settings.forceSync ?? true;
      return withDisk(next, sid, (disk) => finishSync(disk, forced).disk);
    }
  }
}

// The sync thread.

/**
 * The sync thread takes what waits, writes it, and begins an fsync for all of it; unless one runs, or nothing waits.
 * Source: SyncRequestProcessor.run, flush; FileTxnLog.append, commit.
 * Simpler than real: no flushDelay.
 */
export function syncDisk(world: World, sid: Sid, cause: Cause): World {
  const { disk, process } = serverOf(world, sid);
  if (process === null || process.files.syncDead) return world;
  if (disk.syncing.length > 0 || disk.waiting.count === 0) return world;
  if (disk.full) return cannotWrite(world, sid, "log", cause);
  const { batch, disk: taken } = takeBatch(disk, process.config.settings.maxBatchSize);
  const rolls = new Rolls(world, sid, process);
  let written = beginSync(taken, batch);
  for (const txn of batch) written = rolls.append(written, txn);
  let next = withDisk(world, sid, () => written);
  next = withFiles(next, sid, () => ({ ...rolls.files, syncBeganUs: world.nowUs }));
  for (let due = 0; due < rolls.due; due += 1) next = beginSnapshot(next, sid, cause);
  if (serverOf(next, sid).process === null) return next;
  const { world: drawn, fsyncUs } = drawFsync(next, sid, process);
  const synced = { type: "disk synced" as const, sid, process: process.number };
  return schedule(drawn, synced, drawn.nowUs + fsyncUs, cause);
}

/** Writes entries, and rolls the log when it was enough since the last snapshot. Source: SyncRequestProcessor.run. */
class Rolls {
  files: FileWork;
  /** Snapshots that are to be taken. */
  due = 0;

  constructor(
    private readonly world: World,
    private readonly sid: Sid,
    private readonly process: Process,
  ) {
    this.files = process.files;
  }

  append(disk: Disk, txn: Txn): Disk {
    const written = writeEntry(disk, txn, preAllocBytes(this.process));
    const appended = this.files.appended + 1;
    const { dueCount, dueBytes, leftBytes } = this.files;
    const bytes = leftBytes + (written.logs[written.logs.length - 1]?.sizeBytes ?? 0);
    if (appended <= dueCount && (dueBytes === null || bytes <= dueBytes)) {
      this.files = { ...this.files, appended };
      return written;
    }
    this.due += 1;
    const { settings } = this.process.config;
    this.files = withThresholds(this.world, this.sid, this.files, settings);
    return rollLog(written);
  }
}

/** Writes entries without the sync thread. Source: Learner.syncWithLeader from 3.9.3. */
export function appendEntries(world: World, sid: Sid, txns: readonly Txn[]): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const most = preAllocBytes(process);
  const written = withDisk(world, sid, (disk) =>
    txns.reduce((before, txn) => writeEntry(before, txn, most), disk),
  );
  return withFiles(written, sid, (files) => ({ appended: files.appended + txns.length }));
}

/** An fsync has ended: what it was for is told, and the next one begins when more is waiting. */
export function diskSynced(
  world: World,
  sid: Sid,
  cause: Cause,
): { readonly world: World; readonly zxids: readonly number[] } {
  const { disk, process } = serverOf(world, sid);
  if (process === null) return { world, zxids: [] };
  const { forceSync, txnLogSizeLimitInKb, fsyncWarningThresholdMs } = process.config.settings;
  const { disk: finished, synced } = finishSync(disk, forceSync);
  const open = finished.logs[finished.logs.length - 1];
  const limitBytes = txnLogSizeLimitInKb * BYTES_PER_KB;
  const tooLong = open !== undefined && limitBytes > 0 && open.sizeBytes > limitBytes;
  let next = withDisk(world, sid, () => (tooLong ? rollLog(finished) : finished));
  if (tooLong && finished.appending !== null)
    next = withFiles(next, sid, (files) => ({ leftBytes: files.leftBytes + open.sizeBytes }));
  const tookMs = (world.nowUs - process.files.syncBeganUs) / 1_000;
  if (forceSync && tookMs > fsyncWarningThresholdMs)
    next = tell(next, { type: "fsync.slow", id: sid, tookMs }, cause);
  for (const txn of synced)
    next = tell(next, { type: "txn.logged", id: sid, zxid: txn.zxid, ...pathOf(txn) }, cause);
  return { world: syncDisk(next, sid, cause), zxids: synced.map((txn) => txn.zxid) };
}

export function pathOf(txn: Txn): { readonly path?: string } {
  return "path" in txn.body ? { path: txn.body.path } : {};
}

// The snapshot thread.

const USUAL_SNAPSHOT = { headUs: 2_000, nodeUs: 20 };

function snapshotDelays(world: World): { readonly headUs: VirtualUs; readonly nodeUs: VirtualUs } {
  return world.delays.snapshotUs ?? USUAL_SNAPSHOT;
}

/** A snapshot is begun by a thread of its own, unless one is being written. Source: SyncRequestProcessor.run, ZooKeeperServer.takeSnapshot. */
function beginSnapshot(world: World, sid: Sid, cause: Cause): World {
  const { process, disk } = serverOf(world, sid);
  if (process === null) return world;
  if (process.files.snapshotting !== null)
    return tell(world, { type: "snap.skipped", id: sid }, cause);
  if (disk.full) return cannotWrite(world, sid, "snapshot", cause);
  const { tree, sessions, lastProcessed: zxid } = process;
  const { headUs, nodeUs } = snapshotDelays(world);
  const versions = [{ fromUs: world.nowUs, tree }];
  const snapshotting = { zxid, sessions, beganUs: world.nowUs, headUs, nodeUs, versions };
  const begun = withDisk(world, sid, (one) => withSnapshotBegun(one, zxid));
  const noted = withFiles(begun, sid, () => ({ snapshotting, snapshotApart: false }));
  const endUs = world.nowUs + headUs + nodeUs * tree.nodes.size;
  return schedule(noted, { type: "snapshot written", sid, process: process.number }, endUs, cause);
}

/** The snapshot thread is through. */
export function snapshotWritten(world: World, sid: Sid, cause: Cause): World {
  const { process, disk } = serverOf(world, sid);
  const snapshotting = process?.files.snapshotting ?? null;
  if (snapshotting === null) return world;
  if (disk.full) return cannotWrite(world, sid, "snapshot", cause);
  const done = withFiles(world, sid, () => ({ snapshotting: null }));
  const written = withDisk(done, sid, (one) => withSnapshot(one, writtenSnapshot(snapshotting)));
  return tell(written, { type: "snap.taken", id: sid, zxid: snapshotting.zxid }, cause);
}

/** Snapshots that are being written learn what has become of their trees in this step. */
export function followTrees(world: World): World {
  let next = world;
  for (const { sid, process } of world.servers) {
    const snapshotting = process?.files.snapshotting ?? null;
    if (process === null || snapshotting === null || process.files.snapshotApart) continue;
    if (process.unsavedSnap) next = withFiles(next, sid, () => ({ snapshotApart: true }));
    else {
      const followed = withTreeVersion(snapshotting, process.tree, world.nowUs);
      if (followed !== snapshotting)
        next = withFiles(next, sid, () => ({ snapshotting: followed }));
    }
  }
  return next;
}

// A full disk.

/** The snapshot could not be written. Source: ExitCode.TXNLOG_ERROR_TAKING_SNAPSHOT. */
const SNAPSHOT_FAILED = 10;
/** Source: ExitCode.UNEXPECTED_ERROR, EXECUTION_FINISHED. */
const UNEXPECTED_ERROR = 1;
const FINISHED = 0;

/**
 * There is no room. A snapshot that cannot be written ends the process. A log that cannot ends the sync thread: the
 * server leaves the ensemble at once, and a server alone ends. When it has to write again and still cannot, it ends.
 * Source: ZooKeeperServer.takeSnapshot; ZooKeeperCriticalThread.handleException, ZooKeeperServerListenerImpl.
 * Simpler than real: ZooKeeper tries to come back for ever, as long as it has no snapshot to write.
 */
function cannotWrite(world: World, sid: Sid, file: WrittenFile["type"], cause: Cause): World {
  const exit = (code: number) => exitProcess(world, sid, code, "No space left on device", cause);
  const { process } = serverOf(world, sid);
  if (file === "snapshot") return exit(SNAPSHOT_FAILED);
  if (process === null || file !== "log" || process.files.failed) return exit(UNEXPECTED_ERROR);
  if (process.config.standalone) return exit(FINISHED);
  const dead = withFiles(world, sid, () => ({ syncDead: true, failed: true }));
  const event = { type: "disk failed" as const };
  return schedule(
    dead,
    { type: "server", sid, process: process.number, event },
    world.nowUs,
    cause,
  );
}

function withFiles(world: World, sid: Sid, change: (files: FileWork) => Partial<FileWork>): World {
  return withProcess(world, sid, (process) => ({
    files: changed(copyOfFileWork(process.files), change(process.files)),
  }));
}
