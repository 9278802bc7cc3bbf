import type { Disk } from "../disk/disk";
import { FEWEST_KEPT, purge } from "../disk/purge";
import { type Cause, type Sid, usFromMs } from "../units";
import { tell, withDisk, withServer } from "./change";
import type { EditConfig } from "./command";
import { schedule } from "./queue";
import { serverOf } from "./read";
import type { World } from "./world";

/** What an operator does to a server's machine: its disk, its files. */

/** A time below the usual one is the usual one. */
export function slowDisk(world: World, sid: Sid, fsyncMs: number, cause: Cause): World {
  const [least, most] = world.delays.fsyncUs;
  const slowUs = Math.max(Math.floor(usFromMs(fsyncMs) - (least + most) / 2), 0);
  const slowed = withDisk(world, sid, (disk) => ({ ...disk, slowUs }));
  return tell(slowed, { type: "disk.slow", id: sid, fsyncMs }, cause);
}

export function fillDisk(world: World, sid: Sid, cause: Cause): World {
  if (serverOf(world, sid).disk.full) return world;
  const filled = withDisk(world, sid, (disk) => ({ ...disk, full: true }));
  return tell(filled, { type: "disk.full", id: sid }, cause);
}

export function freeDisk(world: World, sid: Sid, cause: Cause): World {
  if (!serverOf(world, sid).disk.full) return world;
  const freed = withDisk(world, sid, (disk) => ({ ...disk, full: false }));
  return tell(freed, { type: "disk.freed", id: sid }, cause);
}

/** Only the files of a server that is down are changed by hand. Where some go, there is room again. */
export function changeFiles(
  world: World,
  sid: Sid,
  change: (disk: Disk) => Disk,
  cause: Cause,
): World {
  const { process, disk } = serverOf(world, sid);
  if (process !== null) return world;
  const changed = change(disk);
  const fewer =
    changed.logs.length < disk.logs.length || changed.snapshots.length < disk.snapshots.length;
  const next = withDisk(world, sid, () => changed);
  return fewer ? freeDisk(next, sid, cause) : next;
}

/** Invalid arguments. Source: PurgeTxnLog.main, validateAndGetCount. */
const REFUSED = 1;

/** Source: PurgeTxnLog.main. */
export function purgeDisk(world: World, sid: Sid, keep: number, cause: Cause): World {
  if (keep < FEWEST_KEPT)
    return tell(world, { type: "disk.purged", id: sid, exitCode: REFUSED, removed: [] }, cause);
  const { disk, removed } = purge(serverOf(world, sid).disk, keep);
  const kept = withDisk(world, sid, () => disk);
  const told = tell(kept, { type: "disk.purged", id: sid, exitCode: 0, removed }, cause);
  return removed.length > 0 ? freeDisk(told, sid, cause) : told;
}

const US_PER_HOUR = 3_600_000_000;

/** At the start, and then every so many hours. Source: DatadirCleanupManager.start, PurgeTask. */
export function purgeRegularly(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const { purgeIntervalHours, snapRetainCount } = process.config;
  const purged = purgeDisk(world, sid, snapRetainCount, cause);
  const due = { type: "purge due" as const, sid, process: process.number };
  return schedule(purged, due, world.nowUs + purgeIntervalHours * US_PER_HOUR, cause);
}

/** Source: none; an operator's editor. */
export function editConfig(world: World, edited: EditConfig, cause: Cause): World {
  const { sid, zooCfg, myid, jvmFlags } = edited;
  const next = withServer(world, sid, (server) => ({
    ...server,
    zooCfg: zooCfg ?? server.zooCfg,
    myid: myid ?? server.myid,
    jvmFlags: jvmFlags ?? server.jvmFlags,
  }));
  return tell(next, { type: "cfg.saved", id: sid }, cause);
}
