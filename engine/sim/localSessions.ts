import { CREATE_MODES } from "../net/request";
import { removeSession, trackedSession, trackSession } from "../session/sessionTracker";
import { withEntry } from "../tree/persistentMap";
import type { SessionId } from "../tree/txn";
import type { Sid } from "../units";
import { type Asked, withService } from "./clientService";
import { serverOf } from "./read";
import { clockOf } from "./trackSessions";
import type { Process, World } from "./world";

/** A session begins on this server alone: no transaction, nobody else hears of it. Source: LocalSessionTracker.createSession. */
export function trackLocally(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  timeoutMs: number,
): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  return withService(world, sid, ({ local }) =>
    local === null
      ? {}
      : {
          local: {
            ...local,
            tracker: trackSession(local.tracker, sessionId, timeoutMs, clockOf(world, process)),
          },
        },
  );
}

/**
 * Must a local session become one of the ensemble before this can be done? An ephemeral node needs an owner that all
 * servers know. Source: QuorumZooKeeperServer.checkUpgradeSession.
 */
export function needsUpgrade(process: Process, sessionId: SessionId, op: Asked): boolean {
  const { local } = process.service;
  if (local === null || trackedSession(local.tracker, sessionId) === null) return false;
  return op.type === "multi" ? op.ops.some(makesEphemeral) : makesEphemeral(op);
}

function makesEphemeral(op: Asked | { readonly type: "check" }): boolean {
  if (op.type !== "create" && op.type !== "create2") return false;
  return op.flags === CREATE_MODES.EPHEMERAL || op.flags === CREATE_MODES.EPHEMERAL_SEQUENTIAL;
}

/**
 * The session is taken from this server's own and is on its way to the whole ensemble, under the same id; its timeout.
 * Source: UpgradeableSessionTracker.upgradeSession, QuorumZooKeeperServer.makeUpgradeRequest.
 */
export function upgradeSession(
  world: World,
  sid: Sid,
  sessionId: SessionId,
): { readonly world: World; readonly timeoutMs: number } {
  const { process } = serverOf(world, sid);
  const local = process?.service.local ?? null;
  const session = local === null ? null : trackedSession(local.tracker, sessionId);
  if (process === null || local === null || session === null) return { world, timeoutMs: -1 };
  const { timeoutMs } = session;
  const clock = clockOf(world, process);
  const next = withService(world, sid, ({ mode, tracker }) => ({
    tracker: mode === "leader" ? trackSession(tracker, sessionId, timeoutMs, clock) : tracker,
    local: {
      tracker: removeSession(local.tracker, sessionId),
      upgrading: withEntry(local.upgrading, sessionId, timeoutMs),
    },
  }));
  return { world: next, timeoutMs };
}
