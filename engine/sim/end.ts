import { afterKill } from "../disk/disk";
import { serverEnd } from "../net/connection";
import type { Cause, Sid } from "../units";
import { tell, withServer } from "./change";
import { contextOf, phaseOf, roleOf, serverOf } from "./read";
import { close, connectionsOf } from "./wire";
import type { World } from "./world";

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
  next = withServer(next, sid, (one) => ({
    ...one,
    process: null,
    paused: null,
    down: { sinceUs: world.nowUs, exitCode },
    disk: afterKill(one.disk),
  }));
  return { ...next, queue: next.queue.filter((event) => !("sid" in event && event.sid === sid)) };
}
