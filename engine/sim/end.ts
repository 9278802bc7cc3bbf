import { afterKill, afterPowerLoss, type Disk } from "../disk/disk";
import { serverEnd } from "../net/connection";
import type { Cause, Sid, VirtualUs } from "../units";
import { tell, withDisk, withServer } from "./change";
import { dropWhere } from "./queue";
import { contextOf, phaseOf, roleOf, serverOf } from "./read";
import { close, connectionsOf, vanish } from "./wire";
import type { Server, World } from "./world";

/** Like `kill -9`, or `kill`. */
export function killProcess(world: World, sid: Sid, by: "kill" | "stop", cause: Cause): World {
  if (serverOf(world, sid).process === null) return world;
  const told = tell(world, { type: "srv.kill", id: sid, by }, cause);
  return end(closeAll(told, sid, cause), sid, null, cause);
}

/** The machine loses power: its files are left as the platter has them, and its connections say nothing. */
export function losePower(world: World, sid: Sid, cause: Cause): World {
  const { process, disk } = serverOf(world, sid);
  if (process === null) return world;
  let next = tell(world, { type: "srv.kill", id: sid, by: "kill", power: true }, cause);
  for (const connection of connectionsOf(next, serverEnd(sid)))
    next = vanish(next, connection.number, serverEnd(sid));
  const left = afterPowerLoss(disk);
  return withDisk(end(next, sid, null, cause), sid, () => left);
}

/** The process ends itself, with an exit code. Source: ExitCode. */
export function exitProcess(
  world: World,
  sid: Sid,
  code: number,
  reason: string,
  cause: Cause,
  exception?: string,
): World {
  const thrown = exception === undefined ? {} : { exception };
  const told = tell(world, { type: "srv.exit", id: sid, code, reason, ...thrown }, cause);
  return end(closeAll(told, sid, cause), sid, code, cause);
}

/** The operating system closes what the process had open. */
function closeAll(world: World, sid: Sid, cause: Cause): World {
  let next = world;
  for (const connection of connectionsOf(world, serverEnd(sid)))
    next = close(next, connection.number, serverEnd(sid), cause);
  return next;
}

/** The process is over, and its files are kept. */
function end(world: World, sid: Sid, exitCode: number | null, cause: Cause): World {
  const server = serverOf(world, sid);
  let next = world;
  if (roleOf(server) === "LEADING" && phaseOf(server) === "broadcast") {
    const epoch = contextOf(server)?.leading?.epoch ?? 0;
    next = tell(next, { type: "leader.lost", id: sid, epoch }, cause);
  }
  const left = leftBeside(server, world.nowUs);
  next = withServer(next, sid, (one) => ({
    ...one,
    process: null,
    paused: null,
    down: { sinceUs: world.nowUs, exitCode },
    disk: afterKill(left),
  }));
  return dropWhere(next, (event) => "sid" in event && event.sid === sid);
}

/**
 * An epoch file is written beside the old one first, and renamed then: a process that dies late in between leaves the
 * new one beside the old. Source: AtomicFileWritingIdiom.
 */
function leftBeside({ disk, process }: Server, nowUs: VirtualUs): Disk {
  const writing = process?.files.writing ?? null;
  if (writing === null || nowUs * 2 < writing.beganUs + writing.endUs) return disk;
  const { file } = writing;
  if (file.type === "acceptedEpoch") return { ...disk, acceptedEpochTmp: file.epoch };
  return file.type === "currentEpoch" ? { ...disk, currentEpochTmp: file.epoch } : disk;
}
