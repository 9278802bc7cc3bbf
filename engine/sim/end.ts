import { afterKill, type Disk } from "../disk/disk";
import { serverEnd } from "../net/connection";
import type { Cause, Sid, VirtualUs } from "../units";
import { tell, withServer } from "./change";
import { dropWhere } from "./queue";
import { contextOf, phaseOf, roleOf, serverOf } from "./read";
import { close, connectionsOf } from "./wire";
import type { Server, World } from "./world";

/** Like `kill -9`. */
export function killProcess(world: World, sid: Sid, cause: Cause): World {
  const server = serverOf(world, sid);
  if (server.process === null) return world;
  return end(tell(world, { type: "srv.kill", id: sid, by: "kill" }, cause), sid, null, cause);
}

/** The process ends itself, with an exit code. Source: ExitCode. */
export function exitProcess(
  world: World,
  sid: Sid,
  code: number,
  reason: string,
  cause: Cause,
): World {
  return end(tell(world, { type: "srv.exit", id: sid, code, reason }, cause), sid, code, cause);
}

/** The operating system closes what the process had open, and keeps its files. */
function end(world: World, sid: Sid, exitCode: number | null, cause: Cause): World {
  const server = serverOf(world, sid);
  let next = world;
  if (roleOf(server) === "LEADING" && phaseOf(server) === "broadcast") {
    const epoch = contextOf(server)?.leading?.epoch ?? 0;
    next = tell(next, { type: "leader.lost", id: sid, epoch }, cause);
  }
  for (const connection of connectionsOf(next, serverEnd(sid))) {
    next = close(next, connection.number, serverEnd(sid), cause);
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
