import { entriesAfter } from "../disk/disk";
import type { Txn } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { tell, withProcess, withWorld } from "./change";
import { containsQuorum } from "../quorum/quorumVerifier";
import { serverEnd } from "../net/connection";
import type { ServerEffect } from "../quorum/effects";
import { applyCommitted } from "./commitProcessor";
import { logTxns } from "./database";
import { pathOf } from "./fileWork";
import { exitProcess } from "./end";
import { contextOf, serverOf, votersOf } from "./read";
import { openService } from "./service";
import { send } from "./wire";
import type { Process, World } from "./world";

/**
 * The leader, or a server alone, commits: followers get COMMIT, observers INFORM, then it applies it itself; and behind
 * it go the syncs that waited for it.
 * Source: Leader.tryToCommit, commit, inform, sendSync.
 */
export function commitProposals(
  world: World,
  sid: Sid,
  effect: Extract<ServerEffect, { type: "commit" }>,
  cause: Cause,
): World {
  const self = serverEnd(sid);
  let next = world;
  for (const { zxid, acks } of effect.proposals) {
    const [txn, ...pendingTxns] = serverOf(next, sid).process?.pendingTxns ?? [];
    if (txn?.zxid !== zxid) continue;
    for (const connection of effect.to)
      next = send(next, connection, self, { type: "COMMIT", zxid }, cause);
    for (const connection of effect.observers)
      next = send(next, connection, self, { type: "INFORM", txn }, cause);
    next = tellCommitted(next, txn, acks, false, cause);
    next = withProcess(next, sid, () => ({ pendingTxns }));
    next = applyCommitted(next, sid, txn, cause);
    for (const { after, connection, sessionId, cxid } of effect.syncs)
      if (after === zxid)
        next = send(next, connection, self, { type: "SYNC", sessionId, cxid }, cause);
  }
  return next;
}

/**
 * An observer takes in what it is told: into its log, if it keeps one, and at once into its tree.
 * Source: ObserverZooKeeperServer.commitRequest.
 */
export function takeInform(
  world: World,
  sid: Sid,
  { txn, log }: Extract<ServerEffect, { type: "inform" }>,
  cause: Cause,
): World {
  const logged = log ? logTxns(world, sid, [txn], cause) : world;
  // Nobody will send a COMMIT for it.
  const told = withProcess(logged, sid, () => ({ pendingTxns: [] }));
  return applyCommitted(told, sid, txn, cause);
}

export function tellCommitted(
  world: World,
  txn: Txn,
  acks: readonly Sid[],
  carriedOver: boolean,
  cause: Cause,
): World {
  if (txn.zxid <= world.lastCommitted) return world;
  const voters = votersOf(world);
  const votersDown = world.servers.filter(
    (server) => voters.includes(server.sid) && server.process === null,
  ).length;
  const noted = withWorld(world, { lastCommitted: txn.zxid });
  const quorum = world.servers.find(({ process }) => process !== null)?.process?.config.quorum;
  const minority = quorum !== undefined && !containsQuorum(acks, quorum);
  return tell(
    noted,
    {
      type: "txn.committed",
      zxid: txn.zxid,
      ...pathOf(txn),
      acks: acks.length,
      votersDown,
      carriedOver,
      minority,
    },
    cause,
  );
}

/**
 * COMMIT: it must name the transaction at the head of what is pending; an empty list is only a warning.
 * Source: FollowerZooKeeperServer.commit.
 */
export function commitOnLearner(
  world: World,
  sid: Sid,
  process: Process,
  zxid: number,
  cause: Cause,
): World {
  const [head, ...rest] = process.pendingTxns;
  if (head === undefined) return world;
  if (head.zxid !== zxid) {
    const reason = `Committing zxid 0x${zxid.toString(16)} but next pending txn 0x${head.zxid.toString(16)}`;
    return exitProcess(world, sid, 12, reason, cause);
  }
  return applyCommitted(
    withProcess(world, sid, () => ({ pendingTxns: rest })),
    sid,
    head,
    cause,
  );
}

/**
 * A leader that a quorum acknowledged, a server alone, or a learner that is up to date, opens for clients. What the
 * first two had logged is committed with it, whoever proposed it; and every session gets its full timeout anew.
 * Source: Leader.startZkServer, LeaderZooKeeperServer.createSessionTracker, Learner.syncWithLeader.
 */
export function startServing(
  world: World,
  sid: Sid,
  lastProcessed: number | null,
  cause: Cause,
): World {
  const opened = withProcess(openService(world, sid, cause), sid, (process) => ({
    lastProcessed: lastProcessed ?? process.lastProcessed,
  }));
  if (lastProcessed === null) return opened;
  let next = opened;
  const acks = contextOf(serverOf(world, sid))?.leading?.newLeaderAcks ?? [sid];
  for (const txn of entriesAfter(serverOf(world, sid).disk, world.lastCommitted))
    next = tellCommitted(next, txn, acks, true, cause);
  return next;
}
