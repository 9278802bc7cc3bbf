import { unreachable } from "../assert";
import { firstSessionNumber } from "../session/sessionId";
import { emptyTracker, nextBucketUs, trackSession } from "../session/sessionTracker";
import { emptyMap } from "../tree/persistentMap";
import { emptyWatches } from "../tree/watches";
import { type Cause, msFromUs, type Sid } from "../units";
import { withProcess } from "./change";
import { type Duty, NO_SERVICE, type ServiceMode, withService } from "./clientService";
import { closeCnxn, closeIdle, closeSessionsCnxn, cnxnsOf } from "./cnxn";
import { awaitContainerCheck, checkContainers, deleteContainers } from "./containers";
import { dutyAt, dutyRang } from "./duties";
import { roleOf, serverOf, takesWrites } from "./read";
import { readOn } from "./serve";
import { schedule } from "./queue";
import { clockOf, forgetSession, takeExpiredLocal } from "./trackSessions";
import type { World } from "./world";

/**
 * A server begins to answer clients, as what its chart has made of it. Who keeps the times of sessions gives each its
 * full time anew. A leader that does not serve keeps the times all the same.
 * Source: ZooKeeperServer.startup, createSessionTracker; Leader.lead (zookeeper.leaderServes).
 */
export function openService(world: World, sid: Sid, cause: Cause): World {
  const role = roleOf(serverOf(world, sid));
  const mode: ServiceMode =
    role === "LEADING" ? "leader" : role === "STANDALONE" ? "standalone" : "learner";
  const serves =
    mode !== "leader" || serverOf(world, sid).process?.config.settings.leaderServes === true;
  let next = begin(world, sid, mode, serves, cause);
  if (!takesWrites(serverOf(next, sid))) return next;
  const { process } = serverOf(next, sid);
  if (process === null) return next;
  let { tracker } = process.service;
  const clock = clockOf(next, process);
  for (const { id, timeoutMs } of Object.values(process.sessions))
    tracker = trackSession(tracker, id, timeoutMs, clock);
  next = withService(next, sid, () => ({ tracker }));
  return awaitNextBucket(awaitContainerCheck(next, sid, cause), sid, cause);
}

/** A server that has lost its ensemble serves those who asked for no more than to read. Source: QuorumPeer.run, ReadOnlyZooKeeperServer.startup. */
export function openReadOnly(world: World, sid: Sid, cause: Cause): World {
  return begin(world, sid, "read-only", true, cause);
}

function begin(world: World, sid: Sid, mode: ServiceMode, serving: boolean, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const clock = clockOf(world, process);
  const isLocal = process.config.localSessionsEnabled && mode !== "standalone";
  const { cnxns, byAddress } = process.service;
  const next = withProcess(world, sid, () => ({
    serving,
    watches: emptyWatches(),
    service: {
      ...NO_SERVICE,
      mode,
      cnxns,
      byAddress,
      tracker: emptyTracker(clock),
      local: isLocal ? { tracker: emptyTracker(clock), upgrading: emptyMap() } : null,
      nextSession: firstSessionNumber(msFromUs(world.nowUs)),
    },
  }));
  return isLocal ? awaitLocalBucket(next, sid, cause) : next;
}

/**
 * It answers no more: all connections are closed, and what was known of clients is gone, watches and all.
 * Source: Leader.shutdown, Learner.shutdown, ReadOnlyZooKeeperServer.shutdown, QuorumPeer.closeAllConnections.
 */
export function closeService(world: World, sid: Sid, cause: Cause): World {
  let next = world;
  for (const { number } of cnxnsOf(world, sid)) next = closeCnxn(next, sid, number, cause);
  return withProcess(next, sid, () => ({
    serving: false,
    watches: emptyWatches(),
    service: NO_SERVICE,
  }));
}

/** Sets the tracker's alarm to the next tick boundary. */
export function awaitNextBucket(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const atUs = nextBucketUs(world.nowUs, process.config.tickTimeMs);
  const number = world.nextNumber;
  const event = { type: "session bucket due" as const };
  const next = schedule(
    world,
    { type: "timer", sid, process: process.number, name: "session bucket", event },
    atUs,
    cause,
  );
  return withProcess(next, sid, (one) => ({ timers: { ...one.timers, "session bucket": number } }));
}

function awaitLocalBucket(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const atUs = nextBucketUs(world.nowUs, process.config.tickTimeMs);
  return dutyAt(world, sid, { type: "expire local sessions" }, atUs, cause);
}

/** Something that was to be done for clients is due. */
export function doDuty(world: World, sid: Sid, duty: Duty, cause: Cause): World {
  const next = dutyRang(world, sid, duty);
  switch (duty.type) {
    case "close idle connections":
      return closeIdle(next, sid, cause);
    case "expire local sessions":
      return expireLocalSessions(next, sid, cause);
    case "look for containers":
      return checkContainers(next, sid, cause);
    case "delete containers":
      return deleteContainers(next, sid, duty.paths, cause);
    case "read on":
      return readOn(next, sid, duty.connection, cause);
    default:
      return unreachable(duty, "doDuty");
  }
}

/** A local session that was silent for too long ends on its server, without a transaction. Source: LocalSessionTracker. */
function expireLocalSessions(world: World, sid: Sid, cause: Cause): World {
  const taken = takeExpiredLocal(world, sid, cause);
  let next = taken.world;
  for (const sessionId of taken.expired)
    next = closeSessionsCnxn(forgetSession(next, sid, sessionId), sid, sessionId, cause);
  return awaitLocalBucket(next, sid, cause);
}
