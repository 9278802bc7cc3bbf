import { logOnDisk } from "../disk/disk";
import { serverEnd } from "../net/connection";
import type { SyncMode } from "../quorum/context";
import type { ServerEffect } from "../quorum/effects";
import { forwardingOf } from "../quorum/synchronization";
import { rulesOf } from "../rules/rules";
import type { Cause, Sid } from "../units";
import { connectionOf, tell, withProcess } from "./change";
import { schedule } from "./queue";
import { serverOf } from "./read";
import { close, send } from "./wire";
import type { Process, World } from "./world";

/**
 * The leader brings a learner to its own history: what it lacks, what is under way, and NEWLEADER behind it; behind a SNAP
 * that takes its time, when the whole of it is written. An observer is sent away when too many are being synchronized; it
 * will try again.
 * Source: LearnerHandler.run, syncFollower; Leader.startForwarding; LearnerSyncThrottler.beginSync.
 */
export function synchronize(
  world: World,
  sid: Sid,
  process: Process,
  effect: Extract<ServerEffect, { type: "synchronize" }>,
  cause: Cause,
): World {
  const { connection, observer } = effect;
  const self = serverEnd(sid);
  const { tree, sessions, lastProcessed, committedLog } = process;
  const { snapshotSizeFactor, forceSnapshotSync } = process.config.settings;
  const rules = rulesOf(world.variant);
  const plan = rules.planSync(
    {
      committedLog,
      lastProcessed,
      snapshot: () => ({ zxid: lastProcessed, tree, sessions }),
      onDisk: logOnDisk(serverOf(world, sid).disk, rules.logAcrossSnap),
      snapshotSizeFactor,
      forceSnapshotSync,
    },
    effect.peerLastZxid,
  );
  if (observer && isThrottled(world, process, plan.mode)) {
    const closed = close(world, connection, self, cause);
    const event = { type: "connection closed" as const, connection, from: effect.sid };
    const body = { type: "server" as const, sid, process: process.number, event };
    return schedule(closed, body, closed.nowUs, cause);
  }
  const sync = { mode: plan.mode, sinceUs: world.nowUs, zxid: plan.lastSent };
  let next = withProcess(world, sid, (one) => ({ syncs: { ...one.syncs, [connection]: sync } }));
  // What is committed is applied at once here, so nothing waits to be applied.
  const forwarded = forwardingOf([], process.pendingTxns, plan.lastSent, observer);
  for (const packet of [...plan.packets, ...forwarded])
    next = send(next, connection, self, packet, cause);
  const transferUs = plan.mode === "SNAP" ? (world.delays.snapTransferUs ?? 0) : 0;
  if (transferUs === 0)
    return send(next, connection, self, { type: "NEWLEADER", epoch: effect.epoch }, cause);
  const sent = { type: "snapshot sent" as const, connection };
  const body = { type: "server" as const, sid, process: process.number, event: sent };
  return schedule(next, body, next.nowUs + transferUs, cause);
}

/** Are as many learners being synchronized in this way as may be? TRUNC counts as DIFF. */
function isThrottled(world: World, { syncs, config }: Process, mode: SyncMode): boolean {
  const { maxConcurrentSnapSyncs, maxConcurrentDiffSyncs } = config.settings;
  const inProgress = Object.entries(syncs).filter(
    ([connection, sync]) =>
      (sync.mode === "SNAP") === (mode === "SNAP") &&
      connectionOf(world, Number(connection)) !== null,
  );
  return inProgress.length >= (mode === "SNAP" ? maxConcurrentSnapSyncs : maxConcurrentDiffSyncs);
}

/** The learner has acknowledged NEWLEADER. Source: LearnerHandler.run, LearnerSyncThrottler.endSync. */
export function endSync(
  world: World,
  sid: Sid,
  process: Process,
  effect: Extract<ServerEffect, { type: "end sync" }>,
  cause: Cause,
): World {
  const sync = process.syncs[effect.connection];
  if (sync === undefined) return world;
  const type =
    sync.mode === "DIFF" ? "sync.diff" : sync.mode === "SNAP" ? "sync.snap" : "sync.trunc";
  const tookMs = (world.nowUs - sync.sinceUs) / 1_000;
  const next = withProcess(world, sid, (one) => {
    const syncs = { ...one.syncs };
    delete syncs[effect.connection];
    return { syncs };
  });
  return tell(next, { type, id: effect.sid, leader: sid, zxid: sync.zxid, tookMs }, cause);
}
