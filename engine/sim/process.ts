import { type EnsembleConfig, ensembleOf, membershipText } from "../config/ensemble";
import { isEmpty } from "../disk/disk";
import { recover } from "../disk/recover";
import { serverEnd } from "../net/connection";
import { drawBetween } from "../random";
import { rulesOf } from "../rules/rules";
import { type DataTree, emptyTree, withConfig } from "../tree/dataTree";
import { emptyWatches } from "../tree/watches";
import { type Cause, msFromUs, type Sid, type VirtualUs } from "../units";
import { tell, withServer } from "./change";
import { beginServer } from "./chart";
import { NO_SERVICE } from "./clientService";
import { exitProcess } from "./end";
import { fileWritten, newFileWork } from "./fileWork";
import { performAll, tellServer } from "./perform";
import { purgeRegularly } from "./hostCommands";
import { inOrderOfWaking, requeueFirst, schedule } from "./queue";
import { serverOf } from "./read";
import { IDLE } from "./serviceTimes";
import { resetVanished } from "./wire";
import type { Process, World } from "./world";

/** Starts a server's process: it reads its files first, and looks for a leader when it is through. */
export function startProcess(world: World, sid: Sid, cause: Cause): World {
  const server = serverOf(world, sid);
  if (server.process !== null) return world;
  const dataEmpty = isEmpty(server.disk);
  const told = tell(world, { type: "srv.start", id: sid, dataEmpty }, cause);
  const read = ensembleOf(server.zooCfg, server.myid, server.jvmFlags);
  if ("fatal" in read) return stay(told, sid, read.fatal.exitCode, read.fatal.text, cause);
  const number = told.nextNumber;
  const process: Process = {
    number,
    startedUs: world.nowUs,
    config: read.config,
    chart: null,
    tree: emptyTree(),
    sessions: {},
    lastProcessed: 0,
    unsavedSnap: false,
    committedLog: [],
    pendingTxns: [],
    ahead: null,
    serving: false,
    service: NO_SERVICE,
    watches: emptyWatches(),
    electionQueue: {},
    lastNotification: {},
    electionDialing: [],
    syncs: {},
    timers: {},
    readers: [],
    files: newFileWork(world, sid, read.config.settings),
    busy: IDLE,
  };
  const [least, most] = world.delays.startUpUs;
  const startUpUs = drawBetween(
    world.seed,
    "start-up",
    `server ${sid}`,
    server.draws.startUp,
    least,
    most,
  );
  const next = withServer({ ...told, nextNumber: number + 1 }, sid, (one) => ({
    ...one,
    process,
    down: null,
    draws: { ...one.draws, startUp: one.draws.startUp + 1 },
  }));
  const begun = resetVanished(next, serverEnd(sid), cause);
  const purged = read.config.purgeIntervalHours > 0 ? purgeRegularly(begun, sid, cause) : begun;
  const upUs = world.nowUs + startUpUs;
  return schedule(purged, { type: "started", sid, process: number }, upUs, cause);
}

/** Where another server's address is in its own line, it tries three times to listen there. Source: QuorumCnxManager.Listener. */
const LISTEN_TRIES_US = 3_000_000;

/** The files are read: the database is in memory, and the server begins to look for a leader. Source: QuorumPeer.start. */
export function processStarted(world: World, sid: Sid, cause: Cause): World {
  const server = serverOf(world, sid);
  if (server.process === null) return world;
  const { process } = server;
  if (process.config.sid !== sid && !process.config.standalone) {
    // Simpler than real: meanwhile it sends no vote under the other's name.
    const cannot = { type: "cannot listen" as const, sid, process: process.number };
    return schedule(world, cannot, world.nowUs + LISTEN_TRIES_US, cause);
  }
  const reading = { ...process.config, empty: treeBefore(process.config, world.nowUs) };
  const recovered = recover(server.disk, reading, rulesOf(world.variant));
  if ("fatal" in recovered) {
    const { exitCode, text, exception } = recovered.fatal;
    return exitProcess(world, sid, exitCode, text, cause, exception);
  }
  const { config } = process;
  const step = beginServer(world, {
    config,
    acceptedEpoch: recovered.acceptedEpoch,
    currentEpoch: recovered.currentEpoch,
  });
  const next = withServer(world, sid, (one) => ({
    ...one,
    disk: recovered.disk,
    process: {
      ...process,
      chart: step.state,
      tree: recovered.tree,
      sessions: recovered.sessions,
      lastProcessed: recovered.lastProcessed,
      committedLog: recovered.committedLog,
    },
  }));
  return performAll(next, sid, step.effects, cause);
}

/** What a server holds before it reads its files: the membership of its ensemble. Source: QuorumPeer.initConfigInZKDatabase. */
function treeBefore(config: EnsembleConfig, nowUs: VirtualUs): DataTree {
  if (config.standalone) return emptyTree();
  return withConfig(emptyTree(), membershipText(config), config.version, msFromUs(nowUs));
}

/**
 * The file that the main thread waited for is there: what its chart wanted done behind it is done, and what has come
 * meanwhile is heard, in order.
 */
export function goOnAfterWriting(world: World, sid: Sid, cause: Cause): World {
  const writing = serverOf(world, sid).process?.files.writing ?? null;
  if (writing === null) return world;
  const woken = requeueFirst(fileWritten(world, sid), inOrderOfWaking(writing.inbox));
  const done = performAll(woken, sid, writing.rest, cause);
  return writing.file.type === "log" ? tellServer(done, sid, writing.file.told, cause) : done;
}

function stay(world: World, sid: Sid, code: number, reason: string, cause: Cause): World {
  const told = tell(world, { type: "srv.exit", id: sid, code, reason }, cause);
  return withServer(told, sid, (one) => ({
    ...one,
    down: { sinceUs: world.nowUs, exitCode: code },
  }));
}
