import {
  createOf,
  CREATE_MODES,
  type CreateModeName,
  errorNumberOf,
  filesOf,
  formatZxid,
  kill,
  type Operation,
  pause,
  purge,
  removeSnapshots,
  type Reply,
  resume,
  serverOf,
  type Sid,
  start,
  stop,
  tearLog,
  US_PER_MS,
  wipe,
  type World,
  worldOfLab,
} from "../index";
import type { Answer, Played, Problem } from "./compare";
import { type Answered, CannotPlay, Driver, type Greeting, type RawSession } from "./driver";
import { waitUntilGone } from "./expiry";
import { type GivenServers, labOf, numberIn, serversIn, sidsIn, textsIn } from "./lab";
import {
  ElectionZxids,
  hasQuorum,
  hasRole,
  highestEpoch,
  isLive,
  leaderSeen,
  observe,
  stateOf,
  statesOf,
  zxidSeen,
} from "./observe";
import { readTree } from "./readTree";
import { type JsonMap, type Step, templateOf, type Vector, verbOf, wordIn } from "./schema";

/** Until states are steady, as the recorder waited. */
const SETTLED_MS = 600;
const ROLE_MS = 500;
const NO_QUORUM_MS = 1_000;
const POLL_MS = 4_000;
const RECONNECT_MS = 8_000;
/** What a session asks for where the recorder did not say: more than any pause in a vector. */
const USUAL_TIMEOUT_MS = 30_000;

/** The servers of an election or replication vector. */
export function givenServers(given: JsonMap): GivenServers {
  return {
    servers: serversIn(given.servers),
    standalone: given.standalone === true,
    tickTimeMs: numberIn(given, "tickTime", 2_000),
    initLimit: numberIn(given, "initLimit", 10),
    syncLimit: numberIn(given, "syncLimit", 5),
    lines: textsIn(given.extra_config),
    jvmFlags: textsIn(given.jvm_flags),
  };
}

/** Plays a vector whose steps are done to servers: families election and replication. */
export class EnsembleRun {
  readonly driver: Driver;
  private readonly answers = new Map<number, Answer>();
  private readonly broken: Problem[] = [];
  private readonly openZxids = new Map<number, readonly string[]>();
  private readonly zxids = new ElectionZxids();
  /** By name: who it is now, and the timeout it asks for. */
  private readonly sessions = new Map<string, { session: RawSession; timeoutMs: number }>();
  /** How each server was synchronized last. */
  private readonly syncModes = new Map<Sid, string>();
  /** A step whose answer only a tool of the server could give. */
  private notYet: string | null = null;
  /** How many creates of a pipelined lot were acknowledged. */
  private acknowledged = 0;
  /** Who led when the recorder looked last, and the highest epoch in any file then. */
  private seenBefore: { leader: Sid | null; epoch: number; highest: number } = {
    leader: null,
    epoch: 0,
    highest: 0,
  };

  constructor(
    private readonly vector: Vector,
    seed: number,
  ) {
    this.driver = new Driver(worldOfLab(labOf(givenServers(vector.given)), seed, "3.8.0"));
    this.driver.watch = (world) => this.noteSyncs(world);
  }

  private get world(): World {
    return this.driver.world;
  }

  private noteSyncs(world: World): void {
    for (const fact of world.facts) {
      if (fact.type === "sync.diff") this.syncModes.set(fact.id, "DIFF");
      else if (fact.type === "sync.snap") this.syncModes.set(fact.id, "SNAP");
      else if (fact.type === "sync.trunc") this.syncModes.set(fact.id, "TRUNC");
    }
  }

  /** What has come so far, also when the vector could not be played to its end. */
  played(): Played {
    const { answers, broken, openZxids } = this;
    return { answers, finalTree: null, z: 0, openZxids, broken };
  }

  play(): void {
    this.vector.steps.forEach((step, index) => {
      const template = templateOf(this.vector.family, verbOf(this.vector, step)) ?? "";
      const answer = this.take(step, template);
      if (answer !== null) this.answers.set(step.n, answer);
      if (!this.goesOnAtOnce(template, this.vector.steps[index + 1])) this.driver.quiet();
      this.zxids.note(this.world);
    });
    if (this.notYet !== null) throw new CannotPlay(this.notYet);
  }

  /** Between steps nothing is in flight, but for a few that say otherwise. */
  private goesOnAtOnce(template: string, next: Step | undefined): boolean {
    if (next === undefined) return false;
    const then = templateOf(this.vector.family, verbOf(this.vector, next)) ?? "";
    return (
      then.includes("has just lost its followers") ||
      then.includes("under way") ||
      (template === "start" && then === "start")
    );
  }

  private take(step: Step, template: string): Answer | null {
    const { driver } = this;
    const verb = verbOf(this.vector, step);
    switch (template) {
      case "start":
        return this.start(step);
      case "start_and_wait":
        for (const sid of sidsIn(step.servers)) driver.do(start(sid));
        this.awaitRoles();
        return this.observation(step);
      case "start_and_sync":
        return this.startAndSync(sidsIn(step.servers));
      case "settle":
        this.settle();
        return this.observation(step);
      case "wait":
        driver.advance(numberIn(step, "ms", 0));
        if (leaderSeen(this.world) !== null) this.settle();
        return this.observation(step);
      case "kill":
        for (const sid of sidsIn(step.servers))
          driver.do(step.signal === "TERM" ? stop(sid) : kill(sid));
        return null;
      case "pause":
        for (const sid of sidsIn(step.servers)) driver.do(pause(sid));
        return null;
      case "resume":
        for (const sid of sidsIn(step.servers)) driver.do(resume(sid));
        return null;
      case "write":
        return this.write(step);
      case "zxids":
        return this.pollZxids(step);
      case "compare trees":
        return this.compareTrees(sidsIn(step.servers));
      case "connect":
        return this.connect(step);
      case "reconnect":
        return this.reconnect(step);
      case "disconnect":
        driver.disconnect(this.sessionOf(step));
        return null;
      case "create":
      case "getData":
      case "exists":
      case "getChildren2":
      case "setData":
      case "sync":
        return replyInWords(
          driver.ask(this.sessionOf(step), operationOf(template, step)),
          template,
        );
      case "exists <path>":
        return this.existsElsewhere(numberIn(step, "server", 1), verb.slice("exists ".length));
      case "create sent to the leader that has just lost its followers":
        return this.createsWithoutFollowers(step);
      case "create <path> sent to the leader while both followers are paused":
        return this.createWhilePaused(step, verb.split(" ")[1] ?? "");
      case "<k> creates sent to the leader; all servers killed while they are under way":
        this.createsThenKill(this.sessionOf(step), Number.parseInt(verb, 10));
        return null;
      case "count nodes": {
        const found = this.childrenOnServerOne("/").filter((name) => name !== "zookeeper").length;
        const { acknowledged } = this;
        return { acknowledged_not_lost: found >= acknowledged, acknowledged, found };
      }
      case "count children of <path>":
        return {
          count: this.childrenOnServerOne(verb.slice("count children of ".length)).length,
          state: stateOf(serverOf(this.world, 1)),
        };
      case "list DATADIR/<n>/data/version-2":
        return { files: filesOf(serverOf(this.world, Number(/\d+/.exec(verb)?.[0])).disk) };
      case "wipe data directory (version-2)":
        for (const sid of sidsIn(step.servers)) driver.do(wipe(sid));
        return null;
      case "remove all snapshots, keep the logs":
        for (const sid of sidsIn(step.servers)) driver.do(removeSnapshots(sid));
        return null;
      case "cut the last 7 used bytes off the newest log":
        for (const sid of sidsIn(step.servers)) driver.do(tearLog(sid));
        return null;
      case "PurgeTxnLog DATADIR/<n>/data DATADIR/<n>/data -n <k>": {
        const [, sid, keep] = /DATADIR\/(\d+).* -n (\d+)$/.exec(verb) ?? [];
        return this.purge(Number(sid), Number(keep));
      }
      case "session on server <n> (<role>), socket dropped; wait until its ephemeral is gone":
        return this.expireTwice(step, Number(/\d+/.exec(verb)?.[0]));
      case "4lw":
      case "grep the log of <n>":
        this.wantsTexts(verb);
        return null;
      default:
        throw new CannotPlay(`not yet played: ${verb}`);
    }
  }

  /** Texts of tools and logs are not here yet. They change nothing: the rest is played and judged. */
  private wantsTexts(of: string): void {
    this.notYet ??= `not yet played: ${of}`;
  }

  private observation(step: Step): Answer {
    this.zxids.note(this.world);
    this.openZxids.set(step.n, this.zxids.openFor(leaderSeen(this.world)));
    if (this.vector.racy?.includes(step.n) === true) this.holdInvariants(step);
    const leader = leaderSeen(this.world);
    const epoch = leader === null ? 0 : (serverOf(this.world, leader).disk.currentEpoch ?? 0);
    this.seenBefore = { leader, epoch, highest: highestEpoch(this.world) };
    return observe(this.world);
  }

  /** What holds however a race ends. */
  private holdInvariants(step: Step): void {
    const { world, seenBefore } = this;
    const differ = (path: string, expected: unknown, came: unknown) =>
      this.broken.push({ step: step.n, path, expected, came });
    const leaders = world.servers.filter((server) => stateOf(server) === "leader");
    if (!hasQuorum(world)) {
      if (leaders.length > 0) differ("leaders without a quorum", 0, leaders.length);
      return;
    }
    if (leaders.length !== 1) differ("leaders", 1, leaders.length);
    for (const server of world.servers) {
      const state = stateOf(server);
      if (isLive(server) && !["leader", "follower", "observer"].includes(state))
        differ(`state of live server ${server.sid}`, "leader, follower or observer", state);
    }
    const [leader] = leaders;
    if (leader === undefined) return;
    const epoch = leader.disk.currentEpoch ?? 0;
    const isSame = leader.sid === seenBefore.leader && epoch === seenBefore.epoch;
    if (!isSame && epoch <= seenBefore.highest)
      differ("the leader's currentEpoch", `above ${seenBefore.highest}`, epoch);
  }

  private settle(): void {
    const isReady = () =>
      this.world.servers.every((server) => !isLive(server) || hasRole(server)) &&
      (leaderSeen(this.world) !== null ||
        this.world.servers.some((server) => stateOf(server) === "standalone"));
    this.driver.steady(SETTLED_MS, () => statesOf(this.world), isReady);
  }

  /** Until every live server has a role; a second where there is no quorum to give them one. */
  private awaitRoles(): void {
    const { driver } = this;
    const isStarting = () =>
      this.world.servers.some(({ process }) => process !== null && process.chart === null);
    driver.until(() => !isStarting());
    if (!hasQuorum(this.world)) {
      driver.advance(NO_QUORUM_MS);
      return;
    }
    const haveRoles = () =>
      this.world.servers.every((server) => !isLive(server) || hasRole(server));
    driver.steady(ROLE_MS, () => statesOf(this.world), haveRoles);
  }

  private start(step: Step): Answer | null {
    const { driver } = this;
    const sids = step.servers === undefined ? [1] : sidsIn(step.servers);
    for (const sid of sids) driver.do(start(sid));
    if (this.vector.given.standalone !== true) return null;
    const ended = () => sids.every((sid) => !driver.isUp(sid));
    driver.until(() => ended() || sids.every((sid) => hasRole(serverOf(this.world, sid))));
    if (ended()) this.wantsTexts("the log of a server that ended");
    return { state: stateOf(serverOf(this.world, sids[0] ?? 1)) };
  }

  private startAndSync(sids: readonly Sid[]): Answer {
    const { driver } = this;
    const [sid = 1] = sids;
    this.syncModes.delete(sid);
    const sinceUs = this.world.nowUs;
    driver.do(start(sid));
    driver.until(() => hasRole(serverOf(this.world, sid)) || !driver.isUp(sid));
    const mode = this.syncModes.get(sid);
    return {
      state: stateOf(serverOf(this.world, sid)),
      ...(mode === undefined ? {} : { sync_mode: mode }),
      ms: Math.floor((this.world.nowUs - sinceUs) / US_PER_MS),
    };
  }

  /** The server named, or in a race, where it may not serve, any that does. */
  private viaOf(step: Step): Sid {
    const via = numberIn(step, "via", 1);
    const isRace = (this.vector.racy ?? []).length > 0;
    if (!isRace || hasRole(serverOf(this.world, via))) return via;
    return this.world.servers.find(hasRole)?.sid ?? via;
  }

  private write(step: Step): Answer {
    const { driver } = this;
    const creates = numberIn(step, "creates", 0);
    const under = wordIn(step, "under");
    const greeting = driver.connect("writer", this.viaOf(step), { timeoutMs: USUAL_TIMEOUT_MS });
    if (greeting.type !== "session") return { ok: 0, failed: creates };
    const { session } = greeting;
    const known = driver.ask(session, { type: "exists", path: under });
    if (known !== "closed" && known.code === "NONODE") driver.ask(session, createOf(under, ""));
    const one = createOf(`${under}/n-`, "", "PERSISTENT_SEQUENTIAL");
    const answers = driver.askAll(
      session,
      Array.from({ length: creates }, () => one),
    );
    const ok = answers.filter((answer) => answer !== "closed" && answer.code === "OK").length;
    driver.closeSession(session);
    return { ok, failed: creates - ok };
  }

  private pollZxids(step: Step): Answer {
    const { driver } = this;
    const shown = () => this.world.servers.filter(hasRole).map(zxidSeen);
    const isEqual = () => shown().every((zxid) => zxid === shown()[0]);
    driver.until(isEqual, POLL_MS);
    this.zxids.note(this.world);
    this.openZxids.set(step.n, this.zxids.openFor(leaderSeen(this.world)));
    const zxids = Object.fromEntries(
      this.world.servers.filter(hasRole).map((one) => [one.sid, formatZxid(zxidSeen(one))]),
    );
    return { zxids, equal: isEqual() };
  }

  /** A new session on a server, for one purpose. */
  private within<T>(server: Sid, purpose: (session: RawSession) => T): T {
    const greeting = this.driver.connect("reader", server, { timeoutMs: USUAL_TIMEOUT_MS });
    if (greeting.type !== "session") throw new CannotPlay(`server ${server} takes no session`);
    const result = purpose(greeting.session);
    this.driver.closeSession(greeting.session);
    return result;
  }

  private compareTrees(sids: readonly Sid[]): Answer {
    const { driver } = this;
    const nodes: Record<string, number> = {};
    const trees = sids.map((sid) =>
      this.within(sid, (session) => {
        driver.ask(session, { type: "sync", path: "/" });
        const read = readTree(driver, session, false);
        nodes[sid] = read.length;
        return JSON.stringify(
          read.map(({ path, data, stat }) => [
            path,
            data,
            stat.czxid,
            stat.mzxid,
            stat.pzxid,
            stat.version,
            stat.cversion,
            stat.ephemeralOwner,
          ]),
        );
      }),
    );
    return { equal: trees.every((tree) => tree === trees[0]), nodes };
  }

  private sessionOf(step: Step): RawSession {
    const held = this.sessions.get(wordIn(step, "session"));
    if (held === undefined)
      throw new CannotPlay(`session ${wordIn(step, "session")} was never opened`);
    return held.session;
  }

  private connect(step: Step): Answer {
    const timeoutMs = numberIn(step, "timeout", USUAL_TIMEOUT_MS);
    const greeting = this.driver.connect(wordIn(step, "session"), numberIn(step, "server", 1), {
      timeoutMs,
      readOnly: step.ro === true,
      heartbeats: step.heartbeat !== false,
      lastZxidSeen: typeof step.last === "string" ? Number(step.last) : 0,
    });
    if (greeting.type !== "session") return { connected: false, error: errorOf(greeting) };
    const { session } = greeting;
    this.sessions.set(session.name, { session, timeoutMs });
    return { connected: true, negotiated: session.negotiatedMs, readOnly: session.readOnly };
  }

  private reconnect(step: Step): Answer {
    const { driver } = this;
    const held = this.sessions.get(wordIn(step, "session"));
    if (held === undefined)
      throw new CannotPlay(`session ${wordIn(step, "session")} was never opened`);
    if (!held.session.isOver) driver.disconnect(held.session);
    const endUs = this.world.nowUs + RECONNECT_MS * US_PER_MS;
    for (;;) {
      const greeting = driver.connect(held.session.name, numberIn(step, "server", 1), {
        timeoutMs: held.timeoutMs,
        heartbeats: held.session.heartbeats,
        again: held.session,
      });
      if (greeting.type === "session") {
        const { session } = greeting;
        this.sessions.set(session.name, { ...held, session });
        return { session_kept: true, negotiated: session.negotiatedMs };
      }
      if (greeting.type === "refused") return { session_kept: false, negotiated: 0 };
      if (this.world.nowUs >= endUs) return { session_kept: null, error: errorOf(greeting) };
      driver.advance(200);
    }
  }

  private existsElsewhere(server: Sid, path: string): Answer {
    return this.within(server, (session) => {
      this.driver.ask(session, { type: "sync", path: "/" });
      return replyInWords(this.driver.ask(session, { type: "exists", path }), "exists");
    });
  }

  private childrenOnServerOne(path: string): readonly string[] {
    return this.within(1, (session) => {
      this.driver.ask(session, { type: "sync", path: "/" });
      const answer = this.driver.ask(session, { type: "getChildren2", path });
      return answer === "closed" ? [] : (answer.children ?? []);
    });
  }

  private createsWithoutFollowers(step: Step): Answer {
    const { driver } = this;
    const session = this.sessionOf(step);
    const [, prefix = "", first = "0"] = /^(.*?)(\d+)\.\.$/.exec(wordIn(step, "paths")) ?? [];
    const cxids = Array.from({ length: numberIn(step, "count", 1) }, (_, index) =>
      driver.submit(session, createOf(`${prefix}${Number(first) + index}`, "")),
    );
    const answers = cxids.map((cxid) => answerInWords(driver.answerTo(session, cxid)));
    return { answers, leader_state_after: stateOf(serverOf(this.world, session.server)) };
  }

  private createWhilePaused(step: Step, path: string): Answer {
    const { driver } = this;
    const answer = answerInWords(driver.ask(this.sessionOf(step), createOf(path, "")));
    const states = Object.fromEntries(this.world.servers.map((one) => [one.sid, stateOf(one)]));
    return { answer, states };
  }

  /** A pipelined lot; when an eighth of it is acknowledged everything is killed at once. */
  private createsThenKill(session: RawSession, count: number): void {
    const { driver } = this;
    const cxids = Array.from({ length: count }, (_, index) =>
      driver.submit(session, createOf(`/n${index}`, "")),
    );
    const early = cxids[Math.floor(count / 8)];
    if (early !== undefined) driver.answerTo(session, early);
    for (const { sid } of this.world.servers) driver.do(kill(sid));
    driver.quiet();
    this.acknowledged = driver
      .takeReceived(session)
      .filter((packet) => packet.type === "response" && packet.code === "OK").length;
  }

  /** The recorder counted the removed files in both streams of the tool. */
  private purge(sid: Sid, keep: number): Answer {
    this.driver.do(purge(sid, keep));
    for (const fact of this.world.facts) {
      if (fact.type !== "disk.purged") continue;
      const { exitCode, removed } = fact;
      if (exitCode !== 0) this.wantsTexts("what PurgeTxnLog says of wrong words");
      const last = removed.at(-1);
      const line = `Removing file: <time>\tDATADIR/${sid}/data/version-2/${last}`;
      return {
        exit_code: exitCode,
        removed: 2 * removed.length,
        ...(exitCode === 0 ? { stdout_last: last === undefined ? "" : line } : {}),
      };
    }
    throw new CannotPlay(`nothing came of purging server ${sid}`);
  }

  /** What the recording asked for is not told: what it got is what it may ask for. */
  private expireTwice(step: Step, server: Sid): Answer {
    const { driver } = this;
    const expected = this.vector.expect.find(({ n }) => n === step.n);
    const timeoutMs = numberIn(expected ?? {}, "negotiated", USUAL_TIMEOUT_MS);
    const ms: number[] = [];
    const ticks: number[] = [];
    let negotiated = 0;
    for (const path of ["/expiring-0", "/expiring-1"]) {
      const greeting = driver.connect("dropped", server, { timeoutMs, heartbeats: false });
      if (greeting.type !== "session") throw new CannotPlay(`server ${server} takes no session`);
      const { session } = greeting;
      negotiated = session.negotiatedMs;
      driver.ask(session, createOf(path, "", "EPHEMERAL"));
      const { lastSentUs } = session;
      driver.disconnect(session);
      const gone = this.within(server, (reader) =>
        waitUntilGone(driver, step.n, reader, path, {
          server,
          lastSignUs: lastSentUs,
          negotiatedMs: negotiated,
        }),
      );
      ms.push(gone.ms);
      ticks.push(gone.ticks);
      this.broken.push(...gone.problems);
    }
    return { negotiated, ms_observed: ms, ticks_observed: ticks };
  }
}

/** In place of a session. */
function errorOf(greeting: Exclude<Greeting, { type: "session" }>): string {
  switch (greeting.type) {
    case "closed":
      return CLOSED;
    case "refused":
      return "session refused";
    case "reply": {
      const { code } = greeting.reply;
      return `reply header with err ${errorNumberOf(code)} (${code}) in place of a connect response`;
    }
  }
}

const CLOSED = "connection closed by server";

function answerInWords(answer: Answered): string {
  return answer === "closed" ? CLOSED : answer.code;
}

/** The reply's header, and what the operation answers with. */
function replyInWords(answer: Answered, type: string): Answer {
  if (answer === "closed") return { connection: "closed by server" };
  const { code, zxid } = answer;
  return {
    err: errorNumberOf(code),
    err_name: code,
    zxid: formatZxid(zxid),
    ...(code === "OK" ? bodyInWords(answer, type) : {}),
  };
}

function bodyInWords(answer: Reply, type: string): Answer {
  if (type === "getData") return { data: answer.data };
  if (type === "getChildren2") return { children: answer.children };
  return {};
}

/** `args` are path and data; the opcode of a create follows its mode. */
function operationOf(type: string, step: Step): Operation {
  const [path = "", data = null] = textsIn(step.args);
  switch (type) {
    case "create": {
      const flags = numberIn(step, "flags", 0);
      const mode = Object.entries(CREATE_MODES).find(([, number]) => number === flags)?.[0];
      return createOf(path, data, mode as CreateModeName | undefined);
    }
    case "setData":
      return { type: "setData", path, data, version: -1 };
    case "getData":
    case "exists":
    case "getChildren2":
    case "sync":
      return { type, path };
    default:
      throw new CannotPlay(`no operation ${type}`);
  }
}
