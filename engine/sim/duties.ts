import type { Cause, Sid, VirtualUs } from "../units";
import { withProcess } from "./change";
import type { Duty } from "./clientService";
import { schedule } from "./queue";
import { serverOf } from "./read";
import { forgetTimer, stopTimer } from "./timers";
import type { World } from "./world";

/** Sets the alarm of a duty; the one that was set for it before is off. It ends with the server's timers. */
export function dutyAt(world: World, sid: Sid, duty: Duty, atUs: VirtualUs, cause: Cause): World {
  const stopped = stopTimer(world, sid, duty.type);
  const { process } = serverOf(stopped, sid);
  if (process === null) return stopped;
  const number = stopped.nextNumber;
  const body = { type: "service due" as const, sid, process: process.number, duty };
  const next = schedule(stopped, body, atUs, cause);
  return withProcess(next, sid, ({ timers }) => ({ timers: { ...timers, [duty.type]: number } }));
}

/** Something to be done at once, but behind what is being done now. */
export function dutyNow(world: World, sid: Sid, duty: Duty, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  return schedule(
    world,
    { type: "service due", sid, process: process.number, duty },
    world.nowUs,
    cause,
  );
}

/** The alarm of a duty has rung. */
export function dutyRang(world: World, sid: Sid, duty: Duty): World {
  return duty.type === "read on" ? world : forgetTimer(world, sid, duty.type);
}
