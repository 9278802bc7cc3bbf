import { NO_SESSION } from "../session/sessionId";
import { containersDue } from "../tree/containers";
import { type Cause, msFromUs, type Sid, usFromMs } from "../units";
import { dutyAt } from "./duties";
import { serverOf } from "./read";
import { askItself } from "./trackSessions";
import type { World } from "./world";

/** Sets the alarm of the next look. Source: ContainerManager.start. */
export function awaitContainerCheck(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const atUs = world.nowUs + usFromMs(process.config.settings.containerCheckIntervalMs);
  return dutyAt(world, sid, { type: "look for containers" }, atUs, cause);
}

/**
 * The leader, or a server alone, looks for containers that are empty again and for nodes that have outlived their time.
 * Whether they may go is decided when their transaction is made. Source: ContainerManager.checkContainers.
 */
export function checkContainers(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  const { containerMaxNeverUsedIntervalMs } = process.config.settings;
  const paths = containersDue(process.tree, msFromUs(world.nowUs), containerMaxNeverUsedIntervalMs);
  const next = awaitContainerCheck(world, sid, cause);
  return deleteContainers(next, sid, paths, cause);
}

/** The first of them goes now, the others after a pause, so that not all go in one herd. */
export function deleteContainers(
  world: World,
  sid: Sid,
  paths: readonly string[],
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  const [path, ...rest] = paths;
  if (process === null || path === undefined) return world;
  const request = { cxid: 0, authInfo: [], op: { type: "deleteContainer" as const, path } };
  const next = askItself(world, sid, NO_SESSION, request, cause);
  if (rest.length === 0) return next;
  const pauseMs = Math.floor(60_000 / process.config.settings.containerMaxPerMinute);
  return dutyAt(
    next,
    sid,
    { type: "delete containers", paths: rest },
    next.nowUs + usFromMs(pauseMs),
    cause,
  );
}
