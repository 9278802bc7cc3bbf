import {
  CREATE_MODES,
  type Create,
  errorNumberOf,
  type MultiOperation,
  type MultiReadOperation,
  type Operation,
  OPEN_ACL,
  type OpResult,
  type Reply,
  serverOf,
  type Sid,
  start,
  type Stat,
  validatePath,
  type WatcherType,
  type AddWatchMode,
  worldOfLab,
} from "../index";
import { type Answer, type Came, type Played, zxidOf } from "./compare";
import { type Answered, CannotPlay, Driver, type Heard, type RawSession } from "./driver";
import { labOf, numberIn, serversIn, SUPERUSER, textsIn } from "./lab";
import { hasRole, leaderSeen, stateOf, statesOf, zxidSeen } from "./observe";
import { readTree } from "./readTree";
import { isList, isMap, type JsonMap, type Step, type Vector, wordIn } from "./schema";
import { aclInWords, aclOf, sentDataOf } from "./values";

/** Between two steps, so that they are not of the same millisecond. */
const BETWEEN_STEPS_MS = 3;
/** What a session asks for that the steps only use. */
const USUAL_TIMEOUT_MS = 30_000;

/** Brings all servers up, one after another, and waits until each has its role. */
export function bringUp(driver: Driver, sids: readonly Sid[]): void {
  for (const sid of sids) {
    driver.do(start(sid));
    driver.until(() => serverOf(driver.world, sid).process?.chart !== null);
    driver.advance(100);
  }
  const states = () => statesOf(driver.world);
  driver.steady(600, states, () => driver.world.servers.every(hasRole));
  driver.quiet();
}

/** Plays a vector whose steps are requests of sessions: families znode and watch. */
export class ClientRun {
  private readonly driver: Driver;
  private readonly answers = new Map<number, Answer>();
  private finalTree: readonly Answer[] | null = null;
  private z = 0;
  /** The names of all sessions there have been, by id: who owns an ephemeral is told by name. */
  private readonly names = new Map<string, string>();
  /** By the name it has in the vector; `S1old` is a connection that was left over. */
  private readonly sessions = new Map<string, RawSession>();
  private readonly isEnsemble: boolean;
  /** Does a session stand by that no step has opened? */
  private readonly isStandingBy: boolean;

  constructor(
    private readonly vector: Vector,
    seed: number,
  ) {
    const { given } = vector;
    const servers = serversIn(given.server);
    this.isEnsemble = isMap(given.server);
    this.isStandingBy = vector.steps.some((step) => step.op === "client.validatePath");
    const lab = labOf({
      servers,
      standalone: !this.isEnsemble,
      tickTimeMs: numberIn(given, "tickTime", 2_000),
      initLimit: 10,
      syncLimit: 5,
      lines: [],
      jvmFlags: [SUPERUSER, ...textsIn(given.jvm_flags)],
    });
    this.driver = new Driver(worldOfLab(lab, seed, "3.8.0"));
  }

  played(): Played {
    const { answers, finalTree, z } = this;
    return { answers, finalTree, z, openZxids: new Map(), broken: [] };
  }

  play(): void {
    bringUp(
      this.driver,
      this.driver.world.servers.map(({ sid }) => sid),
    );
    this.standBy();
    this.z = zxidSeen(serverOf(this.driver.world, this.serverFor("leader")));
    for (const step of this.vector.steps) {
      this.standBy();
      this.answers.set(step.n, this.take(step));
      this.driver.advance(BETWEEN_STEPS_MS);
    }
    if (this.vector.final_tree !== undefined) this.finalTree = this.readAll();
  }

  /** Steps that name a session nobody opened use one that is always there. */
  private standBy(): void {
    if (!this.isStandingBy) return;
    const held = this.sessions.get("S1");
    if (held === undefined || !this.driver.isConnected(held)) this.open("S1", USUAL_TIMEOUT_MS, {});
  }

  /** The server of a role; `follower2` is the second follower. A server alone is all of them. */
  private serverFor(role: string): Sid {
    const { world } = this.driver;
    if (!this.isEnsemble) return world.servers[0]?.sid ?? 1;
    if (role === "leader") return leaderSeen(world) ?? 1;
    const [, name = role, second] = /^(.*?)(2?)$/.exec(role) ?? [];
    const those = world.servers.filter((server) => stateOf(server) === name);
    const found = those[second === "2" ? 1 : 0];
    if (found === undefined) throw new CannotPlay(`no server is ${role}`);
    return found.sid;
  }

  private take(step: Step): Answer {
    const { driver } = this;
    const name = wordIn(step, "session");
    let answer: Answer = {};
    let replyTo: number | null = null;
    switch (step.op) {
      case "client.validatePath":
        return pathCheck(step);
      case "sleep":
        driver.advance(numberIn(step, "ms", 0));
        break;
      case "connect":
        answer = this.open(name, numberIn(step, "timeout", USUAL_TIMEOUT_MS), step);
        break;
      case "reconnect":
        answer = this.reconnect(name, step);
        break;
      case "disconnect":
        driver.disconnect(this.sessionOf(name));
        break;
      default: {
        const session = this.sessionOf(name);
        const op = operationOf(step, this.z);
        replyTo = driver.submit(session, op);
        answer = replyInWords(driver.answerTo(session, replyTo), op, this.names);
      }
    }
    driver.quiet();
    this.catchUp();
    return { ...answer, events: this.takeEvents(name, replyTo) };
  }

  private sessionOf(name: string): RawSession {
    const session = this.sessions.get(name);
    if (session === undefined) throw new CannotPlay(`session ${name} was never opened`);
    return session;
  }

  private open(name: string, timeoutMs: number, step: JsonMap): Answer {
    const to = typeof step.to === "string" ? step.to : "leader";
    const greeting = this.driver.connect(name, this.serverFor(to), {
      timeoutMs,
      heartbeats: step.heartbeats !== false,
    });
    if (greeting.type === "refused") return { negotiated_timeout: 0 };
    if (greeting.type !== "session") return { connection: "closed by server" };
    this.sessions.set(name, greeting.session);
    this.names.set(greeting.session.sessionId, name);
    return { negotiated_timeout: greeting.session.negotiatedMs };
  }

  private reconnect(name: string, step: Step): Answer {
    const { driver } = this;
    const old = this.sessionOf(name);
    if (typeof step.old_connection === "string") this.sessions.set(`${name}old`, old);
    else if (driver.isConnected(old)) driver.disconnect(old);
    const to = typeof step.to === "string" ? step.to : "leader";
    const greeting = driver.connect(name, this.serverFor(to), {
      timeoutMs: old.negotiatedMs,
      heartbeats: old.heartbeats,
      again: old,
      ...(typeof step.password === "string" ? { password: step.password } : {}),
    });
    switch (greeting.type) {
      case "session":
        this.sessions.set(name, greeting.session);
        return { session_kept: true, negotiated_timeout: greeting.session.negotiatedMs };
      case "refused": {
        const { timeoutMs, sessionId } = greeting.response;
        return {
          session_kept: false,
          negotiated_timeout: timeoutMs,
          connect_response: { timeout: timeoutMs, sessionId: idInWords(sessionId) },
        };
      }
      case "closed":
      case "reply":
        return { connection: "closed by server" };
    }
  }

  /** In an ensemble every open session syncs and pings after each step, so that reads elsewhere are not stale. */
  private catchUp(): void {
    if (!this.isEnsemble) return;
    const open = [...this.sessions].filter(
      ([name, session]) => !name.endsWith("old") && this.driver.isConnected(session),
    );
    for (const [, session] of open) this.driver.ask(session, { type: "sync", path: "/" });
    this.driver.quiet();
  }

  /** Events of all sessions, and whether those of the acting one came before its reply. */
  private takeEvents(acting: string, replyTo: number | null): readonly Answer[] {
    const events: Answer[] = [];
    for (const [name, session] of this.sessions) {
      const heard = this.driver.takeReceived(session);
      const replyAt = heard.findIndex((one) => one.type === "response" && one.cxid === replyTo);
      heard.forEach((one: Heard, index) => {
        if (one.type !== "watchEvent") return;
        const order = index < replyAt ? "before_reply" : "after_reply";
        events.push({
          session: name,
          type: one.event,
          state: "SyncConnected",
          path: one.path,
          ...(name === acting && replyAt >= 0 ? { order } : {}),
        });
      });
    }
    return events;
  }

  /** What the recorder's superuser reads through the leader at the end. */
  private readAll(): readonly Answer[] {
    const { driver } = this;
    const greeting = driver.connect("reader", this.serverFor("leader"), {
      timeoutMs: USUAL_TIMEOUT_MS,
    });
    if (greeting.type !== "session") throw new CannotPlay("the reader got no session");
    const { session } = greeting;
    driver.ask(session, { type: "auth", scheme: "digest", credential: "super:golden" });
    driver.ask(session, { type: "sync", path: "/" });
    return readTree(driver, session, true).map(({ path, data, stat, acl }) => ({
      path,
      data,
      stat: statInWords(stat, this.names),
      ...(JSON.stringify(aclInWords(acl)) === JSON.stringify(aclInWords(OPEN_ACL))
        ? {}
        : { acl: aclInWords(acl) }),
    }));
  }
}

/** Source: PathUtils.validatePath(path, isSequential): a sequential path is checked as it will be, with a number. */
function pathCheck(step: Step): Answer {
  const path = wordIn(step, "path");
  const message = validatePath(step.sequential === true ? `${path}1` : path);
  if (message === null) return { valid: true };
  return {
    valid: false,
    exception: [{ class: "java.lang.IllegalArgumentException", message }],
  };
}

/** A session's id as vectors write it. */
function idInWords(id: string): string {
  return `0x${id.replace(/^0x/, "").replace(/^0+(?=.)/, "")}`;
}

type Names = ReadonlyMap<string, string>;

function statInWords(stat: Stat, names: Names): Answer {
  const owner = stat.ephemeralOwner;
  return {
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    pzxid: stat.pzxid,
    ctime: stat.ctimeMs,
    mtime: stat.mtimeMs,
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: owner === null ? 0 : (names.get(owner) ?? owner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  };
}

function replyInWords(answer: Answered, op: Operation, names: Names): Answer {
  if (answer === "closed") return { connection: "closed by server" };
  return {
    err: errorNumberOf(answer.code),
    err_name: answer.code,
    zxid: answer.zxid,
    ...(answer.code === "OK" ? bodyInWords(answer, op, names) : {}),
  };
}

const statOf = ({ stat }: { readonly stat?: Stat | null }, names: Names): Answer =>
  stat === undefined || stat === null ? {} : { stat: statInWords(stat, names) };

/** What an operation answers with, beside the header. */
function bodyInWords(reply: Reply, op: Operation, names: Names): Answer {
  switch (op.type) {
    case "create":
      return { created: reply.path };
    case "create2":
    case "createContainer":
    case "createTTL":
      return { created: reply.path, ...statOf(reply, names) };
    case "setData":
    case "setACL":
    case "exists":
      return statOf(reply, names);
    case "getData":
      return { data: reply.data, ...statOf(reply, names) };
    case "getChildren":
      return { children: reply.children };
    case "getChildren2":
      return { children: reply.children, ...statOf(reply, names) };
    case "getACL":
      return { acl: aclInWords(reply.acl ?? []), ...statOf(reply, names) };
    case "sync":
      return { path: reply.path };
    case "getAllChildrenNumber":
      return { total: reply.total };
    case "getEphemerals":
      return { ephemerals: reply.ephemerals };
    case "whoAmI":
      return { ids: reply.ids?.map(({ scheme, id }) => ({ scheme, id })) };
    case "multi":
    case "multiRead":
      return { results: reply.results?.map((result) => resultInWords(result, names)) };
    case "delete":
    case "auth":
    case "closeSession":
    case "addWatch":
    case "removeWatches":
    case "checkWatches":
    case "setWatches":
    case "setWatches2":
      return {};
  }
}

function resultInWords(result: OpResult, names: Names): Answer {
  if (result.type === "error")
    return { op: "error", err: errorNumberOf(result.code), err_name: result.code };
  return {
    op: result.type,
    ...(result.path === undefined ? {} : { created: result.path }),
    ...statOf(result, names),
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(result.children === undefined ? {} : { children: result.children as Came }),
  };
}

/** A step of a vector as a request on the wire. */
function operationOf(step: Step, z: number): Operation {
  const path = wordIn(step, "path");
  const watch = step.watch === true;
  switch (step.op) {
    case "create":
    case "delete":
    case "setData": {
      const op = writeOf(step);
      if (op.type === "check") throw new CannotPlay("a check alone");
      return op;
    }
    case "setACL":
      return { type: "setACL", path, acl: aclOf(step.acl), version: numberIn(step, "version", -1) };
    case "getData":
    case "exists":
    case "getChildren":
    case "getChildren2":
      return { type: step.op, path, watch };
    case "getACL":
    case "getAllChildrenNumber":
    case "sync":
      return { type: step.op, path };
    case "getEphemerals":
      return { type: "getEphemerals", prefix: wordIn(step, "prefix") };
    case "whoAmI":
    case "closeSession":
      return { type: step.op };
    case "auth":
      return {
        type: "auth",
        scheme: wordIn(step, "scheme"),
        credential: wordIn(step, "credential"),
      };
    case "multi":
      return { type: "multi", ops: isList(step.ops) ? step.ops.filter(isMap).map(writeOf) : [] };
    case "multiRead":
      return {
        type: "multiRead",
        ops: isList(step.ops) ? step.ops.filter(isMap).map(multiReadOf) : [],
      };
    case "addWatch":
      return { type: "addWatch", path, mode: step.mode as AddWatchMode };
    case "removeWatches":
    case "checkWatches":
      return { type: step.op, path, watcherType: step.type as WatcherType };
    case "setWatches":
    case "setWatches2":
      return {
        type: step.op,
        relativeZxid: zxidOf(wordIn(step, "relativeZxid"), z) ?? 0,
        dataWatches: textsIn(step.dataWatches),
        existWatches: textsIn(step.existWatches),
        childWatches: textsIn(step.childWatches),
        persistentWatches: textsIn(step.persistentWatches),
        recursiveWatches: textsIn(step.recursiveWatches),
      };
    default:
      throw new CannotPlay(`not yet played: ${JSON.stringify(step.op)}`);
  }
}

/** What may be asked alone and in a multi. */
function writeOf(op: JsonMap): MultiOperation {
  const path = wordIn(op, "path");
  const version = numberIn(op, "version", -1);
  switch (op.op) {
    case "create":
      return createOf(op);
    case "delete":
    case "check":
      return { type: op.op, path, version };
    case "setData":
      return { type: "setData", path, data: sentDataOf(op.data), version };
    default:
      throw new CannotPlay(`not yet played: ${JSON.stringify(op.op)} in a multi`);
  }
}

/** Opcode 1 is the old create; without one the mode says which: create2, createContainer or createTTL. */
function createOf(op: JsonMap): Create {
  const mode = wordIn(op, "mode", "PERSISTENT");
  const flags = Object.hasOwn(CREATE_MODES, mode)
    ? CREATE_MODES[mode as keyof typeof CREATE_MODES]
    : Number(mode);
  const type =
    op.opcode === 1
      ? "create"
      : flags === CREATE_MODES.CONTAINER
        ? "createContainer"
        : flags === CREATE_MODES.PERSISTENT_WITH_TTL ||
            flags === CREATE_MODES.PERSISTENT_SEQUENTIAL_WITH_TTL
          ? "createTTL"
          : "create2";
  return {
    type,
    path: wordIn(op, "path"),
    data: op.data === undefined ? "x" : sentDataOf(op.data),
    acl: op.acl === undefined ? OPEN_ACL : aclOf(op.acl),
    flags,
    ...(typeof op.ttl === "number" ? { ttlMs: op.ttl } : {}),
  };
}

function multiReadOf(op: JsonMap): MultiReadOperation {
  const path = wordIn(op, "path");
  if (op.op !== "getData" && op.op !== "getChildren")
    throw new CannotPlay(`not yet played: ${JSON.stringify(op.op)} in a multiRead`);
  return { type: op.op, path };
}
