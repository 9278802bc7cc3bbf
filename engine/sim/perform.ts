import { unreachable } from "../assert";
import {
  append,
  beginSync,
  entriesAfter,
  flush,
  truncateLog,
  withAcceptedEpoch,
  withCurrentEpoch,
  withSnapshot,
} from "../disk/disk";
import { addCommitted, restore } from "../disk/recover";
import { applyToDatabase } from "../tree/database";
import { serverEnd } from "../net/connection";
import type { ServerEffect } from "../quorum/effects";
import type { ServerEvent } from "../quorum/events";
import { drawBetween } from "../random";
import { rulesOf } from "../rules/rules";
import { prepRequest } from "../session/prepRequest";
import type { Txn } from "../tree/txn";
import { msFromUs, type Cause, type Sid, usFromMs, type VirtualUs } from "../units";
import { connectionOf, tell, withProcess, withServer } from "./change";
import { type Delayed, stepServer } from "./chart";
import { sendVote, sendVoteAgain } from "./electionWire";
import { exitProcess } from "./end";
import { schedule, unschedule } from "./queue";
import { contextOf, serverOf, votersOf } from "./read";
import {
  applyCommitted,
  awaitNextBucket,
  closeClients,
  expireSessions,
  revalidated,
  touch,
  touchOnLeader,
  withExpiry,
} from "./serve";
import { close, connectionsOf, dial, send } from "./wire";
import type { Process, World } from "./world";

/** Tells a server's chart of an event, and does what it wants done. */
export function tellServer(world: World, sid: Sid, event: ServerEvent, cause: Cause): World {
  const chart = serverOf(world, sid).process?.chart;
  if (chart === null || chart === undefined) return world;
  const step = stepServer(world, chart, event);
  const next = withProcess(world, sid, () => ({ chart: step.state }));
  return performAll(next, sid, step.effects, cause);
}

/** Does what a chart wants done, in order. */
export function performAll(
  world: World,
  sid: Sid,
  effects: readonly (ServerEffect | Delayed<ServerEvent>)[],
  cause: Cause,
): World {
  let next = world;
  for (const effect of effects) {
    const { process } = serverOf(next, sid);
    if (process === null) return next;
    next = perform(next, sid, process, effect, cause);
  }
  return next;
}

/** The one switch where a wish changes the world. */
function perform(
  world: World,
  sid: Sid,
  process: Process,
  effect: ServerEffect | Delayed<ServerEvent>,
  cause: Cause,
): World {
  const self = serverEnd(sid);
  switch (effect.type) {
    case "send vote": {
      let next = world;
      for (const peer of effect.to) next = sendVote(next, sid, peer, effect.notification, cause);
      return next;
    }
    case "send vote again":
      return sendVoteAgain(world, sid, effect.to, effect.notification, cause);
    case "connect to leader": {
      const member = process.config.members.find((one) => one.sid === effect.leader);
      if (member === undefined) return world;
      const from = { kind: "server" as const, sid, process: process.number };
      return dial(
        world,
        { purpose: "quorum", port: member.quorumPort, from, to: effect.leader },
        cause,
      );
    }
    case "send":
      return send(world, effect.connection, self, effect.packet, cause);
    case "send pings": {
      let next = world;
      for (const connection of effect.to) {
        next = send(
          next,
          connection,
          self,
          { type: "PING", zxid: effect.zxid, touched: [], reply: false },
          cause,
        );
      }
      return next;
    }
    case "answer ping": {
      const { touched } = process.client;
      const cleared = withProcess(world, sid, (one) => ({
        client: { ...one.client, touched: [] },
      }));
      return send(
        cleared,
        effect.connection,
        self,
        { type: "PING", zxid: effect.zxid, touched, reply: true },
        cause,
      );
    }
    case "set read timeout":
      return setReadTimeout(world, sid, effect.connection, usFromMs(effect.ms), cause);
    case "close":
      return close(world, effect.connection, self, cause);
    case "write acceptedEpoch":
      return withServer(world, sid, (server) => ({
        ...server,
        disk: withAcceptedEpoch(server.disk, effect.epoch),
      }));
    case "write currentEpoch":
      return withServer(world, sid, (server) => ({
        ...server,
        disk: withCurrentEpoch(server.disk, effect.epoch),
      }));
    case "load database":
      return loadDatabase(world, sid, cause);
    case "save snapshot": {
      const saved = withProcess(world, sid, () => ({ unsavedSnap: false }));
      return withServer(saved, sid, (server) => ({
        ...server,
        disk: withSnapshot(server.disk, {
          zxid: process.lastProcessed,
          tree: process.tree,
          sessions: process.sessions,
        }),
      }));
    }
    case "load snapshot": {
      const { tree, sessions, zxid } = effect.snapshot;
      return withProcess(world, sid, () => ({
        tree,
        sessions,
        lastProcessed: zxid,
        unsavedSnap: true,
        committedLog: [],
      }));
    }
    case "truncate log":
      return truncate(world, sid, effect.zxid, cause);
    case "log":
      return logTxns(world, sid, effect.txns, cause);
    case "persist":
      return persist(world, sid, process, effect.txns, cause);
    case "synchronize":
      return synchronize(world, sid, process, effect, cause);
    case "tell sync": {
      const sync = process.syncs[effect.connection];
      if (sync === undefined) return world;
      const type =
        sync.mode === "DIFF" ? "sync.diff" : sync.mode === "SNAP" ? "sync.snap" : "sync.trunc";
      const tookMs = (world.nowUs - sync.sinceUs) / 1_000;
      return tell(world, { type, id: effect.sid, leader: sid, zxid: sync.zxid, tookMs }, cause);
    }
    case "propose": {
      const txn = prepRequest({
        tree: process.tree,
        sessions: process.sessions,
        outstanding: process.pendingTxns,
        zxid: effect.zxid,
        sessionId: effect.sessionId,
        request: effect.request,
        timeMs: msFromUs(world.nowUs),
      });
      let next = tell(
        world,
        { type: "txn.proposed", id: sid, zxid: txn.zxid, ...pathOf(txn) },
        cause,
      );
      for (const connection of effect.to)
        next = send(next, connection, self, { type: "PROPOSAL", txn }, cause);
      return logTxns(next, sid, [txn], cause);
    }
    case "commit": {
      let next = world;
      for (const proposal of effect.proposals) {
        for (const connection of effect.to)
          next = send(next, connection, self, { type: "COMMIT", zxid: proposal.zxid }, cause);
        next = commitOnLeader(next, sid, proposal.zxid, proposal.acks, cause);
      }
      return next;
    }
    case "apply":
      return commitOnLearner(world, sid, process, effect.zxid, cause);
    case "apply collected":
      return applyCommitted(world, sid, effect.txn, cause);
    case "start serving":
      return startServing(world, sid, effect.lastProcessed, cause);
    case "touch sessions": {
      let next = world;
      for (const session of effect.sessions) next = touch(next, sid, session);
      return next;
    }
    case "revalidate": {
      const valid = touchOnLeader(world, sid, effect.sessionId, effect.timeoutMs);
      const touched = valid ? withExpiry(world, sid, effect.sessionId, effect.timeoutMs) : world;
      const { sessionId, timeoutMs } = effect;
      return send(
        touched,
        effect.connection,
        self,
        { type: "REVALIDATE", sessionId, timeoutMs, valid },
        cause,
      );
    }
    case "revalidated":
      return revalidated(world, sid, effect.sessionId, effect.timeoutMs, effect.valid, cause);
    case "expire sessions":
      return expireSessions(world, sid, cause);
    case "start timer":
      return startTimer(world, sid, effect.name, usFromMs(effect.ms), effect.event, cause);
    case "stop timer":
      return stopTimer(world, sid, effect.name);
    case "start delay":
      return startTimer(world, sid, effect.id, usFromMs(effect.ms), effect.event, cause);
    case "stop delay":
      return stopTimer(world, sid, effect.id);
    case "tell":
      return tell(world, effect.fact, cause);
    default:
      return unreachable(effect, "perform");
  }
}

function startTimer(
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

function stopTimer(world: World, sid: Sid, name: string): World {
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
function setReadTimeout(
  world: World,
  sid: Sid,
  connection: number,
  timeoutUs: VirtualUs,
  cause: Cause,
): World {
  const noted = withProcess(world, sid, (process) => ({
    readers: { ...process.readers, [connection]: { timeoutUs, lastReadUs: world.nowUs } },
  }));
  return awaitRead(noted, sid, connection, timeoutUs, cause);
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

/**
 * Whatever served is shut down: clients and learners are dropped, and what is logged becomes part of the tree, also
 * what was never committed, because it counts in the vote.
 * Source: Learner.shutdown, Leader.shutdown, ZooKeeperServer.shutdown, ZKDatabase.fastForwardDataBase (ZOOKEEPER-2845).
 */
function loadDatabase(world: World, sid: Sid, cause: Cause): World {
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  let next = closeClients(world, sid, cause);
  for (const connection of connectionsOf(next, serverEnd(sid), "quorum")) {
    next = close(next, connection.number, serverEnd(sid), cause);
  }
  for (const name of Object.keys(process.timers)) next = stopTimer(next, sid, name);
  next = {
    ...next,
    queue: next.queue.filter((event) => !(event.type === "disk synced" && event.sid === sid)),
  };
  next = withServer(next, sid, (server) => ({ ...server, disk: flush(server.disk).disk }));
  // Half a synchronization by SNAP is thrown away, and the files are read again.
  const kept = process.unsavedSnap ? restore(serverOf(next, sid).disk) : null;
  let { tree, sessions, lastProcessed, committedLog } = kept ?? process;
  for (const txn of entriesAfter(serverOf(next, sid).disk, lastProcessed)) {
    ({ tree, sessions } = applyToDatabase({ tree, sessions }, txn));
    lastProcessed = txn.zxid;
    committedLog = addCommitted(committedLog, txn);
  }
  next = withProcess(next, sid, (one) => ({
    tree,
    sessions,
    lastProcessed,
    unsavedSnap: false,
    committedLog,
    pendingTxns: [],
    serving: false,
    forwarded: [],
    client: { ...one.client, served: {}, touched: [], expiry: {}, closing: [], revalidating: {} },
    syncs: {},
    readers: {},
  }));
  return tellServer(next, sid, { type: "database loaded", lastZxid: lastProcessed }, cause);
}

/** Source: Learner.syncWithLeader, case TRUNC; ZKDatabase.truncateLog. */
function truncate(world: World, sid: Sid, zxid: number, cause: Cause): World {
  const { disk } = serverOf(world, sid);
  const cut = truncateLog(disk, zxid);
  const restored = cut === null ? null : restore(cut);
  if (cut === null || restored === null)
    return exitProcess(world, sid, 13, "Not able to truncate the log", cause);
  let next = world;
  for (const txn of flush(disk).disk.log.slice(cut.log.length)) {
    next = tell(next, { type: "txn.discarded", id: sid, zxid: txn.zxid, ...pathOf(txn) }, cause);
  }
  const { tree, sessions, committedLog } = restored;
  next = withServer(next, sid, (server) => ({ ...server, disk: restored.disk }));
  return withProcess(next, sid, () => ({ tree, sessions, lastProcessed: zxid, committedLog }));
}

/** Hands transactions to the sync thread, and keeps them until their COMMIT. Source: FollowerZooKeeperServer.logRequest. */
function logTxns(world: World, sid: Sid, txns: readonly Txn[], cause: Cause): World {
  if (txns.length === 0) return world;
  const kept = withProcess(world, sid, (process) => ({
    pendingTxns: [...process.pendingTxns, ...txns],
  }));
  const appended = withServer(kept, sid, (server) => ({
    ...server,
    disk: txns.reduce(append, server.disk),
  }));
  return syncDisk(appended, sid, cause);
}

/** Begins an fsync when there is something to sync and none runs. */
export function syncDisk(world: World, sid: Sid, cause: Cause): World {
  const server = serverOf(world, sid);
  const { disk, began } = beginSync(server.disk);
  if (!began || server.process === null) return world;
  const [least, most] = world.delays.fsyncUs;
  const fsyncUs = drawBetween(
    world.seed,
    "fsync",
    `server ${sid}`,
    server.draws.fsync,
    least,
    most,
  );
  const next = withServer(world, sid, (one) => ({
    ...one,
    disk,
    draws: { ...one.draws, fsync: one.draws.fsync + 1 },
  }));
  const waitUs = rulesOf(world.variant).ackWhen === "synced" ? fsyncUs : 0;
  return schedule(
    next,
    { type: "disk synced", sid, process: server.process.number },
    next.nowUs + waitUs,
    cause,
  );
}

/** What is committed must be durable before NEWLEADER is acknowledged. Source: Learner.syncWithLeader from 3.9.3. */
function persist(
  world: World,
  sid: Sid,
  process: Process,
  txns: readonly Txn[],
  cause: Cause,
): World {
  let next = withServer(world, sid, (server) => ({
    ...server,
    disk: txns.reduce(append, server.disk),
  }));
  for (const txn of txns) next = applyCommitted(next, sid, txn, cause);
  const before = next.queue.length;
  next = syncDisk(next, sid, cause);
  const synced = next.queue.find((event) => event.type === "disk synced" && event.sid === sid);
  const atUs = next.queue.length === before || synced === undefined ? next.nowUs : synced.atUs;
  const body = {
    type: "server" as const,
    sid,
    process: process.number,
    event: { type: "history persisted" as const },
  };
  return schedule(next, body, atUs, cause);
}

/** Source: LearnerHandler.syncFollower, Leader.startForwarding. */
function synchronize(
  world: World,
  sid: Sid,
  process: Process,
  effect: Extract<ServerEffect, { type: "synchronize" }>,
  cause: Cause,
): World {
  const self = serverEnd(sid);
  const { tree, sessions, lastProcessed, committedLog } = process;
  const plan = rulesOf(world.variant).planSync(
    { committedLog, lastProcessed, snapshot: () => ({ zxid: lastProcessed, tree, sessions }) },
    effect.peerLastZxid,
  );
  let next = withProcess(world, sid, (one) => ({
    syncs: {
      ...one.syncs,
      [effect.connection]: { mode: plan.mode, sinceUs: world.nowUs, zxid: plan.lastSent },
    },
  }));
  for (const packet of plan.packets) next = send(next, effect.connection, self, packet, cause);
  for (const txn of process.pendingTxns) {
    if (txn.zxid > plan.lastSent)
      next = send(next, effect.connection, self, { type: "PROPOSAL", txn }, cause);
  }
  return send(next, effect.connection, self, { type: "NEWLEADER", epoch: effect.epoch }, cause);
}

/** The leader applies what it commits. */
function commitOnLeader(
  world: World,
  sid: Sid,
  zxid: number,
  acks: readonly Sid[],
  cause: Cause,
): World {
  const process = serverOf(world, sid).process;
  const txn = process?.pendingTxns.find((one) => one.zxid === zxid);
  if (process === null || txn === undefined) return world;
  const told = tellCommitted(world, txn, acks, false, cause);
  const next = withProcess(told, sid, (one) => ({
    pendingTxns: one.pendingTxns.filter((other) => other !== txn),
  }));
  return applyCommitted(next, sid, txn, cause);
}

function tellCommitted(
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
  const noted = { ...world, lastCommitted: txn.zxid };
  const minority = acks.length * 2 <= voters.length;
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
function commitOnLearner(
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
 * A leader that a quorum acknowledged, or a learner that is up to date, opens for clients. What the new leader had
 * logged is committed with it, whoever proposed it; and every session gets its full timeout anew.
 * Source: Leader.startZkServer, LeaderZooKeeperServer.createSessionTracker, Learner.syncWithLeader.
 */
function startServing(world: World, sid: Sid, lastProcessed: number | null, cause: Cause): World {
  const opened = withProcess(world, sid, (process) => ({
    serving: true,
    lastProcessed: lastProcessed ?? process.lastProcessed,
  }));
  if (lastProcessed === null) return opened;
  let next = opened;
  const acks = contextOf(serverOf(world, sid))?.leading?.newLeaderAcks ?? [];
  for (const txn of serverOf(world, sid).disk.log)
    next = tellCommitted(next, txn, acks, true, cause);
  const sessions = Object.values(serverOf(world, sid).process?.sessions ?? {});
  for (const session of sessions) next = withExpiry(next, sid, session.id, session.timeoutMs);
  return awaitNextBucket(next, sid, cause);
}

function pathOf(txn: Txn): { readonly path?: string } {
  return "path" in txn.body ? { path: txn.body.path } : {};
}
