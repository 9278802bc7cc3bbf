import type { ServerEvent } from "../quorum/events";
import type { Cause, Sid, VirtualUs } from "../units";
import { connectionOf, withProcess } from "./change";
import { schedule, unschedule } from "./queue";
import { serverOf } from "./read";
import type { Reader, World } from "./world";

export function startTimer(
  world: World,
  sid: Sid,
  name: string,
  delayUs: VirtualUs,
  event: ServerEvent,
  cause: Cause,
): World {
  const stopped = stopTimer(world, sid, name);
  const { process } = serverOf(stopped, sid);
  if (process === null) return stopped;
  const number = stopped.nextNumber;
  const body = { type: "timer" as const, sid, process: process.number, name, event };
  const next = schedule(stopped, body, stopped.nowUs + delayUs, cause);
  return withProcess(next, sid, (one) => ({ timers: { ...one.timers, [name]: number } }));
}

export function stopTimer(world: World, sid: Sid, name: string): World {
  const number = serverOf(world, sid).process?.timers[name];
  if (number === undefined) return world;
  return forgetTimer(unschedule(world, number), sid, name);
}

/** A timer has ended, or is not wanted any more. */
export function forgetTimer(world: World, sid: Sid, name: string): World {
  return withProcess(world, sid, (process) => {
    const timers = { ...process.timers };
    delete timers[name];
    return { timers };
  });
}

/** Source: Socket.setSoTimeout: it bounds the silence, not the whole. */
export function setReadTimeout(
  world: World,
  sid: Sid,
  connection: number,
  timeoutUs: VirtualUs,
  cause: Cause,
): World {
  const lastReadUs = transferEndUs(world, connection);
  const noted = withProcess(world, sid, (process) => ({
    readers: [...othersThan(connection, process.readers), { connection, timeoutUs, lastReadUs }],
  }));
  return awaitRead(noted, sid, connection, lastReadUs - world.nowUs + timeoutUs, cause);
}

/** A snapshot takes its time, and until it is through both ends are busy with it. Source: LearnerHandler.run, Learner.syncWithLeader. */
function transferEndUs(world: World, number: number): VirtualUs {
  const connection = connectionOf(world, number);
  if (connection === null || world.delays.snapTransferUs === undefined) return world.nowUs;
  return [...connection.toAcceptor, ...connection.toDialer].reduce(
    (endUs, flight) => (flight.packet.type === "SNAP" ? Math.max(endUs, flight.arriveUs) : endUs),
    world.nowUs,
  );
}

/** Nobody reads from the connection now, so no silence is too long. */
export function stopReading(world: World, sid: Sid, connection: number): World {
  const stopped = stopTimer(world, sid, `read ${connection}`);
  return withProcess(stopped, sid, ({ readers }) => ({
    readers: othersThan(connection, readers),
  }));
}

function othersThan(connection: number, readers: readonly Reader[]): readonly Reader[] {
  return readers.filter((one) => one.connection !== connection);
}

/** Wakes when the silence on a connection would have lasted too long, had nothing come by then. */
export function awaitRead(
  world: World,
  sid: Sid,
  connection: number,
  delayUs: VirtualUs,
  cause: Cause,
): World {
  const open = connectionOf(world, connection);
  if (open === null) return world;
  const from =
    open.dialer.kind === "server" && open.dialer.sid !== sid
      ? open.dialer.sid
      : open.acceptor.kind === "server"
        ? open.acceptor.sid
        : 0;
  return startTimer(
    world,
    sid,
    `read ${connection}`,
    delayUs,
    { type: "read timeout", connection, from },
    cause,
  );
}
