import { unreachable } from "../assert";
import { serverEnd } from "../net/connection";
import type { ServerEffect } from "../quorum/effects";
import type { ServerEvent } from "../quorum/events";
import { membershipText } from "../config/ensemble";
import { drawBetween } from "../random";
import { rulesOf } from "../rules/rules";
import { prepRequest } from "../session/prepRequest";
import { applyTxn } from "../tree/applyTxn";
import { type DataTree, withConfig } from "../tree/dataTree";
import type { Txn } from "../tree/txn";
import { msFromUs, type Cause, type Sid, usFromMs } from "../units";
import { tell, withProcess } from "./change";
import { type Delayed, stepServer } from "./chart";
import { commitOnLearner, commitProposals, startServing, takeInform } from "./commit";
import { answerSync, applyCommitted } from "./commitProcessor";
import { loadDatabase, logTxns, persist, truncate } from "./database";
import { beginWriting, pathOf, withRest } from "./fileWork";
import { sendVote, sendVoteAgain } from "./electionWire";
import { revalidated } from "./handshake";
import { schedule } from "./queue";
import { serverOf } from "./read";
import { awaitNextBucket, closeService, openReadOnly } from "./service";
import { endSync, synchronize } from "./synchronize";
import { setReadTimeout, startTimer, stopReading, stopTimer } from "./timers";
import {
  askTracker,
  expireSessions,
  noteProposed,
  revalidateFor,
  takeTouched,
  touchAll,
} from "./trackSessions";
import { close, dial, send } from "./wire";
import type { Process, World } from "./world";

/** Tells a server's chart of an event, and does what it wants done. */
export function tellServer(world: World, sid: Sid, event: ServerEvent, cause: Cause): World {
  const chart = serverOf(world, sid).process?.chart;
  if (chart === null || chart === undefined) return world;
  const step = stepServer(world, chart, event);
  const next = withProcess(world, sid, () => ({ chart: step.state }));
  return performAll(next, sid, step.effects, cause);
}

/** Does what a chart wants done, in order. A file that the main thread writes holds up all that is behind it. */
export function performAll(
  world: World,
  sid: Sid,
  effects: readonly (ServerEffect | Delayed<ServerEvent>)[],
  cause: Cause,
): World {
  let next = world;
  for (let at = 0; at < effects.length; at += 1) {
    const effect = effects[at] as ServerEffect | Delayed<ServerEvent>;
    const { process } = serverOf(next, sid);
    if (process === null) return next;
    if (process.files.writing !== null) return withRest(next, sid, effects.slice(at));
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
      const { world: cleared, touched } = takeTouched(world, sid);
      return send(
        cleared,
        effect.connection,
        self,
        { type: "PING", zxid: effect.zxid, touched, reply: true },
        cause,
      );
    }
    case "set read timeout":
      return effect.ms === null
        ? stopReading(world, sid, effect.connection)
        : setReadTimeout(world, sid, effect.connection, usFromMs(effect.ms), cause);
    case "close":
      return close(world, effect.connection, self, cause);
    case "write acceptedEpoch":
      return beginWriting(world, sid, { type: "acceptedEpoch", epoch: effect.epoch }, cause);
    case "write currentEpoch":
      return beginWriting(world, sid, { type: "currentEpoch", epoch: effect.epoch }, cause);
    case "shut down":
      return shutDown(world, sid, process, cause);
    case "load database":
      return answerLoaded(loadDatabase(world, sid, cause), sid, cause);
    case "save snapshot": {
      const { tree, sessions, lastProcessed: zxid } = process;
      return beginWriting(
        world,
        sid,
        { type: "snapshot", snapshot: { zxid, tree, sessions } },
        cause,
      );
    }
    case "load snapshot": {
      const { tree, sessions, zxid } = effect.snapshot;
      return withProcess(world, sid, () => ({
        tree,
        sessions,
        lastProcessed: zxid,
        unsavedSnap: rulesOf(world.variant).dropsUnsaved.includes("SNAP"),
        committedLog: [],
      }));
    }
    case "note config": {
      const { config } = process;
      const text = membershipText(config);
      const timeMs = msFromUs(world.nowUs);
      const tree = withConfig(process.tree, text, config.version, timeMs);
      return withProcess(world, sid, () => ({ tree }));
    }
    case "truncate log":
      return truncate(world, sid, effect.zxid, cause);
    case "log":
      return logTxns(world, sid, effect.txns, cause);
    case "hand over":
      return handOver(world, sid, process, effect.txns, cause);
    case "persist":
      return persist(world, sid, process, effect.txns, cause);
    case "synchronize":
      return synchronize(world, sid, process, effect, cause);
    case "end sync":
      return endSync(world, sid, process, effect, cause);
    case "propose": {
      const { zxid, sessionId, request } = effect;
      const owner = effect.from ?? "this server";
      const checked = askTracker(world, sid, sessionId, request.op, owner);
      const ahead = aheadOf(process);
      const txn = prepRequest({
        ahead,
        applied: process.tree,
        zxid,
        sessionId,
        request,
        timeMs: msFromUs(world.nowUs),
        settings: process.config.settings,
        session: checked.verdict,
      });
      let next = tell(
        noteProposed(checked.world, sid, sessionId, request.op, owner),
        { type: "txn.proposed", id: sid, zxid: txn.zxid, ...pathOf(txn) },
        cause,
      );
      for (const connection of effect.to)
        next = send(next, connection, self, { type: "PROPOSAL", txn }, cause);
      next = withProcess(next, sid, () => ({ ahead: applyTxn(ahead, txn).tree }));
      return logTxns(next, sid, [txn], cause);
    }
    case "commit":
      return commitProposals(world, sid, effect, cause);
    case "apply":
      return commitOnLearner(world, sid, process, effect.zxid, cause);
    case "apply collected":
      return applyCollected(world, sid, process, effect.txn, cause);
    case "inform":
      return takeInform(world, sid, effect, cause);
    case "serve read-only":
      return openReadOnly(world, sid, cause);
    case "stop read-only":
      return closeService(world, sid, cause);
    case "start serving":
      return startServing(world, sid, effect.lastProcessed, cause);
    case "touch sessions":
      return touchAll(world, sid, effect.sessions);
    case "revalidate": {
      const { connection, sessionId, timeoutMs } = effect;
      const { world: next, valid } = revalidateFor(world, sid, connection, sessionId, timeoutMs);
      const packet = { type: "REVALIDATE" as const, sessionId, timeoutMs, valid };
      return send(next, connection, self, packet, cause);
    }
    case "revalidated":
      return revalidated(world, sid, effect.sessionId, effect.valid, cause);
    case "answer sync":
      return answerSync(world, sid, effect.sessionId, effect.cxid, cause);
    case "expire sessions":
      return awaitNextBucket(expireSessions(world, sid, cause), sid, cause);
    case "start timer":
      return startTimer(world, sid, effect.name, usFromMs(effect.ms), effect.event, cause);
    case "start random timer": {
      const { name, belowMs, event } = effect;
      const ms = drawBetween(world.seed, name, place(world, sid), roundOf(process), 0, belowMs - 1);
      return startTimer(world, sid, name, usFromMs(ms), event, cause);
    }
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

/** The database is in memory: the chart goes on at once. */
function answerLoaded(world: World, sid: Sid, cause: Cause): World {
  const lastZxid = serverOf(world, sid).process?.lastProcessed ?? 0;
  return tellServer(world, sid, { type: "database loaded", lastZxid }, cause);
}

/** The place of a process's draws, and which of them. */
function place(world: World, sid: Sid): string {
  return `server ${sid}, start ${serverOf(world, sid).draws.startUp}`;
}
function roundOf({ chart }: Process): number {
  return chart?.context.round ?? 0;
}

/**
 * The sync thread gets what is to be logged, and the thread that follows the leader goes on: usually at once, but where
 * threads may be held up the other can be quicker. Source: Learner.syncWithLeader (ZOOKEEPER-4685).
 */
function handOver(
  world: World,
  sid: Sid,
  process: Process,
  txns: readonly Txn[],
  cause: Cause,
): World {
  const [least, most] = world.delays.threadUs ?? [0, 0];
  const at = place(world, sid);
  const delayUs = drawBetween(world.seed, "hand over", at, roundOf(process), least, most);
  const event = { type: "handed over" as const };
  const body = { type: "server" as const, sid, process: process.number, event };
  return logTxns(schedule(world, body, world.nowUs + delayUs, cause), sid, txns, cause);
}

/** Source: Learner.syncWithLeader; ZooKeeperServer.processTxn, whose two forms differ until 3.9.4. */
function applyCollected(world: World, sid: Sid, process: Process, txn: Txn, cause: Cause): World {
  const applied = applyCommitted(world, sid, txn, cause);
  return rulesOf(world.variant).appliedBeforeSaved === "kept for others"
    ? applied
    : withProcess(applied, sid, () => ({ committedLog: process.committedLog }));
}

/** A leader that has given up leading still wakes at its half tick, and only then looks for another. */
function shutDown(world: World, sid: Sid, process: Process, cause: Cause): World {
  const number = process.timers["half tick"];
  const due = world.queue.find((event) => event.number === number)?.atUs ?? world.nowUs;
  const next = loadDatabase(world, sid, cause);
  return startTimer(next, sid, "half tick", due - world.nowUs, { type: "half tick" }, cause);
}

/** The tree that the next proposal meets. Once all is applied it is the server's own, so that the two stay one. */
function aheadOf({ ahead, tree, pendingTxns }: Process): DataTree {
  if (pendingTxns.length === 0) return tree;
  return ahead ?? pendingTxns.reduce((before, txn) => applyTxn(before, txn).tree, tree);
}
