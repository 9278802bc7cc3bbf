import { unreachable } from "../assert";
import { serverEnd } from "../net/connection";
import type { ServerEffect } from "../quorum/effects";
import type { ServerEvent } from "../quorum/events";
import { prepRequest } from "../session/prepRequest";
import { applyTxn } from "../tree/applyTxn";
import type { DataTree } from "../tree/dataTree";
import { msFromUs, type Cause, type Sid, usFromMs } from "../units";
import { tell, withProcess } from "./change";
import { type Delayed, stepServer } from "./chart";
import { commitOnLeader, commitOnLearner, startServing } from "./commit";
import { answerSync, applyCommitted } from "./commitProcessor";
import { loadDatabase, logTxns, persist, synchronize, truncate } from "./database";
import { beginWriting, pathOf, withRest } from "./fileWork";
import { sendVote, sendVoteAgain } from "./electionWire";
import { revalidated } from "./handshake";
import { serverOf } from "./read";
import { awaitNextBucket } from "./service";
import { setReadTimeout, startTimer, stopTimer } from "./timers";
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
  for (const [at, effect] of effects.entries()) {
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
      return setReadTimeout(world, sid, effect.connection, usFromMs(effect.ms), cause);
    case "close":
      return close(world, effect.connection, self, cause);
    case "write acceptedEpoch":
      return beginWriting(world, sid, { type: "acceptedEpoch", epoch: effect.epoch }, cause);
    case "write currentEpoch":
      return beginWriting(world, sid, { type: "currentEpoch", epoch: effect.epoch }, cause);
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

/** The tree that the next proposal meets. Once all is applied it is the server's own, so that the two stay one. */
function aheadOf({ ahead, tree, pendingTxns }: Process): DataTree {
  if (pendingTxns.length === 0) return tree;
  return ahead ?? pendingTxns.reduce((before, txn) => applyTxn(before, txn).tree, tree);
}
