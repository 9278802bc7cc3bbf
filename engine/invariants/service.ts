import { isWrite, type Operation } from "../net/request";
import { standingOf } from "../programs/programs";
import { cnxnOf } from "../sim/clientService";
import type { FactOf } from "../sim/fact";
import { contextOf, findClient } from "../sim/read";
import type { Server, World } from "../sim/world";
import { nodeAt } from "../tree/dataTree";
import { parentOf } from "../tree/path";
import { entryOf } from "../tree/persistentMap";
import type { SessionId, Txn } from "../tree/txn";
import { type Sid, usFromMs, type VirtualUs } from "../units";
import { counterOf, formatZxid, type Zxid } from "../zxid";
import type { HandledPacket, Moment } from "./moment";
import { serves, type ZabMemory } from "./zab";

/** A request that its server has read, and its client waits for. */
interface Open {
  readonly cxid: number;
  readonly op: Operation;
  readonly sentUs: VirtualUs;
  /** Of a sync: what its leader had committed then. */
  readonly committed: Zxid;
}

/** What was said on one connection between a client and a server. */
interface Talk {
  session: SessionId | null;
  open: Open[];
  lastReply: Zxid;
  /** What was last shown of a znode that is watched: the zxid of its last change, or null where there was none. */
  readonly watched: Map<string, Zxid | null>;
}

/** When a leader has heard of a session last, and for how long it may be silent. */
interface Heard {
  readonly atUs: VirtualUs;
  readonly timeoutMs: number;
}

/** So many connections are remembered; the oldest are over by then. */
const TALKS = 4_096;

/** What a client may rely on, and what is needed to know whether it can. */
export class ServiceMemory {
  private readonly talks = new Map<number, Talk>();
  /** The highest zxid that was acknowledged, each time it rose. */
  private readonly acked: { readonly atUs: VirtualUs; readonly zxid: Zxid }[] = [];
  private readonly ackedWrites = new Set<Zxid>();
  /** The zxid of the last answer to each session, by whichever server. */
  private readonly seen = new Map<SessionId, Zxid>();
  private readonly lastCxid = new Map<SessionId, number>();
  /** The last sequential znode below each parent: its zxid and number, and which parent that was. */
  private readonly sequences = new Map<
    string,
    { readonly zxid: Zxid; readonly number: number; readonly parent: Zxid }
  >();
  /** Sessions whose client has asked for the end, or whose time was up. */
  private readonly ending = new Set<SessionId>();
  private readonly over = new Set<SessionId>();
  /** By the server that keeps the time; `sinceUs` is when it began to. */
  private readonly trackers = new Map<
    Sid,
    { readonly sinceUs: VirtualUs; readonly heard: Map<SessionId, Heard> }
  >();
  private readonly tokens = new Map<string, Zxid>();
  private readonly beganUs: VirtualUs;

  constructor(
    private readonly zab: ZabMemory,
    world: World,
  ) {
    this.beganUs = world.nowUs;
    for (const server of world.servers) this.watchTracker(world, server);
  }

  look(moment: Moment): void {
    const { before, after, handled } = moment;
    if (before.servers !== after.servers) {
      for (const [at, server] of after.servers.entries()) {
        const was = before.servers[at]?.process ?? null;
        const { process } = server;
        if (process === was || process === null) continue;
        if (serves(process) && (was?.number !== process.number || !serves(was)))
          this.watchTracker(after, server);
      }
    }
    for (const txn of this.zab.lostNow)
      if (this.ackedWrites.has(txn.zxid))
        moment.report("AcknowledgedWriteLost", [], formatZxid(txn.zxid));
    if (handled !== null) this.read(moment, handled);
    for (const fact of after.facts) {
      switch (fact.type) {
        case "session.expired":
          this.expire(moment, fact);
          break;
        case "lock.acquired":
          this.acquire(moment, fact.name);
          break;
        case "app.doubleRun":
          if (fact.fenced) moment.report("FencedWriteRefused", [], fact.names.join());
          break;
        default:
          break;
      }
    }
    for (const txn of this.zab.committedNow) this.commit(moment, txn);
    for (const { server, txns } of this.zab.deliveredNow)
      for (const txn of txns) this.deliver(moment, server, txn);
  }

  private read(moment: Moment, handled: HandledPacket): void {
    const { purpose, number } = handled.connection;
    if (purpose === "quorum") this.readAsLeader(moment, handled);
    if (purpose !== "client") return;
    const talk = this.talkOf(number);
    if (handled.to.kind === "server") this.readAsServer(moment, handled, handled.to.sid, talk);
    else this.readAsClient(moment, handled, handled.to.name, talk);
  }

  private talkOf(number: number): Talk {
    const known = this.talks.get(number);
    if (known !== undefined) return known;
    const talk: Talk = { session: null, open: [], lastReply: 0, watched: new Map() };
    this.talks.set(number, talk);
    if (this.talks.size > TALKS)
      for (const oldest of this.talks.keys()) {
        this.talks.delete(oldest);
        break;
      }
    return talk;
  }

  // A server reads what a client has sent.

  private readAsServer(moment: Moment, handled: HandledPacket, sid: Sid, talk: Talk): void {
    const { before, after } = moment;
    const { packet, connection, sentUs } = handled;
    const server = before.servers.find((one) => one.sid === sid);
    const cnxn = cnxnOf(server?.process ?? null, connection.number);
    if (server === undefined || cnxn === null) return;
    if (packet.type === "ping" || packet.type === "request") {
      if (cnxn.receiving && cnxn.sessionId !== null)
        this.hear(sid, cnxn.sessionId, cnxn.timeoutMs, after.nowUs);
    }
    if (packet.type !== "request") return;
    const { op, cxid } = packet;
    if (op.type === "closeSession" && cnxn.sessionId !== null) this.ending.add(cnxn.sessionId);
    if (op.type === "auth") return;
    const committed = op.type === "sync" ? committedAtLeader(before, server) : 0;
    talk.open.push({ cxid, op, sentUs, committed });
  }

  // A client reads what a server has sent.

  private readAsClient(moment: Moment, handled: HandledPacket, name: string, talk: Talk): void {
    const { report } = moment;
    const { packet, from } = handled;
    const server = from.kind === "server" ? [from.sid] : [];
    if (packet.type === "ConnectResponse") {
      talk.session = packet.timeoutMs > 0 ? packet.sessionId : null;
      return;
    }
    if (packet.type === "watchEvent") {
      talk.watched.delete(packet.path);
      if (packet.zxid > 0 && packet.zxid <= talk.lastReply)
        report("WatchBeforeData", server, `${name} ${packet.path} ${formatZxid(packet.zxid)}`);
      return;
    }
    if (packet.type !== "response" || packet.cxid === AUTH_XID) return;
    const at = talk.open.findIndex((one) => one.cxid === packet.cxid);
    if (at === -1) {
      // It was asked before anybody looked, or has been answered already.
      if (talk.lastReply > 0) report("RequestsInOrder", server, `${name} ${packet.cxid}`);
      return;
    }
    if (at > 0) report("RequestsInOrder", server, `${name} ${talk.open[0]?.cxid} ${packet.cxid}`);
    const asked = talk.open[at] as Open;
    talk.open.splice(0, at + 1);
    this.readsForward(moment, talk, server, name, packet.zxid);
    talk.lastReply = packet.zxid;
    const { op, sentUs } = asked;
    if (op.type === "sync" && packet.code === "OK" && packet.zxid < asked.committed)
      report("SyncSeesCommitted", server, `${name} ${formatZxid(packet.zxid)}`);
    if (op.type === "getData" || op.type === "exists")
      this.showsWhatWasTold(moment, talk, server, op, packet);
    if (op.type === "removeWatches") talk.watched.clear();
    if (!isWrite(op) || packet.code !== "OK") return;
    this.acknowledge(moment, server, name, packet.zxid, packet.cxid, sentUs);
    if ("flags" in op && isSequential(op.flags) && packet.path !== undefined)
      this.nameSequence(moment, packet.path, packet.zxid);
  }

  /** No answer to a session is older than one it has had before, on whatever server. */
  private readsForward(
    { report }: Moment,
    talk: Talk,
    server: readonly Sid[],
    name: string,
    zxid: Zxid,
  ): void {
    if (talk.session === null) return;
    const seen = this.seen.get(talk.session) ?? 0;
    if (zxid < seen)
      report("ReadsGoForward", server, `${name} ${formatZxid(seen)} ${formatZxid(zxid)}`);
    else this.seen.set(talk.session, zxid);
  }

  /** Between a read that watches and a later one that shows something else, the event was told. */
  private showsWhatWasTold(
    { report }: Moment,
    talk: Talk,
    server: readonly Sid[],
    op: Extract<Operation, { type: "getData" | "exists" }>,
    { code, stat }: Extract<HandledPacket["packet"], { type: "response" }>,
  ): void {
    const isExists = op.type === "exists";
    if (code !== "OK" && !(isExists && code === "NONODE")) return;
    const shown = stat?.mzxid ?? null;
    const expected = talk.watched.get(op.path);
    if (expected !== undefined && expected !== shown) {
      report("WatchBeforeData", server, op.path);
      talk.watched.delete(op.path);
    }
    if (op.watch === true) talk.watched.set(op.path, shown);
  }

  /** An acknowledged write is committed, and behind all that were acknowledged before it was begun. */
  private acknowledge(
    { report, after }: Moment,
    server: readonly Sid[],
    name: string,
    zxid: Zxid,
    cxid: number,
    sentUs: VirtualUs,
  ): void {
    const txn = this.zab.committedTxn(zxid);
    if (txn === "lost") report("AcknowledgedWriteLost", server, `${name} ${formatZxid(zxid)}`);
    else if (txn === null || (txn !== "unknown" && txn.cxid !== cxid))
      report("AcknowledgedAfterCommit", server, `${name} ${formatZxid(zxid)}`);
    const earlier = this.ackedBefore(sentUs);
    if (zxid <= earlier)
      report("Linearizable", server, `${name} ${formatZxid(earlier)} ${formatZxid(zxid)}`);
    this.ackedWrites.add(zxid);
    if (zxid > (this.acked[this.acked.length - 1]?.zxid ?? 0))
      this.acked.push({ atUs: after.nowUs, zxid });
  }

  /** The highest zxid that had been acknowledged before that moment. */
  private ackedBefore(atUs: VirtualUs): Zxid {
    let low = 0;
    let high = this.acked.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.acked[middle]?.atUs ?? 0) < atUs) low = middle + 1;
      else high = middle;
    }
    return this.acked[low - 1]?.zxid ?? 0;
  }

  /** A later sequential znode has a higher number, as long as its parent is the same. */
  private nameSequence({ after, report }: Moment, path: string, zxid: Zxid): void {
    const parent = parentOf(path) ?? "/";
    const number = Number(path.slice(-DIGITS));
    const before = this.sequences.get(parent);
    const tree = after.servers.find(({ process }) => serves(process))?.process?.tree;
    const czxid = tree === undefined ? undefined : nodeAt(tree, parent)?.czxid;
    if (czxid === undefined || !(number >= 0)) return;
    if (before !== undefined && before.parent === czxid) {
      const isInOrder = before.zxid < zxid === before.number < number;
      if (!isInOrder) report("SequencesRise", [], path);
      if (before.zxid > zxid) return;
    }
    this.sequences.set(parent, { zxid, number, parent: czxid });
  }

  // What is committed, and applied.

  /** The writes of a session are committed in the order in which it has asked. */
  private commit({ report }: Moment, txn: Txn): void {
    const { sessionId, cxid, body } = txn;
    if (body.type === "closeSession") {
      if (!this.ending.has(sessionId) && this.beganUs === 0)
        report("SessionExpiredEarly", [], sessionId);
      this.over.add(sessionId);
      this.lastCxid.delete(sessionId);
      return;
    }
    if (cxid <= 0 || isError(txn)) return;
    const last = this.lastCxid.get(sessionId) ?? 0;
    if (cxid <= last) report("RequestsInOrder", [], `${sessionId} ${last} ${cxid}`);
    this.lastCxid.set(sessionId, cxid);
  }

  /** No ephemeral outlives its session, on any server. */
  private deliver({ report, after }: Moment, { sid }: Server, { sessionId }: Txn): void {
    const process = after.servers.find((one) => one.sid === sid)?.process ?? null;
    if (process === null || Object.hasOwn(process.sessions, sessionId)) return;
    if (entryOf(process.tree.ephemerals, sessionId) !== undefined)
      report("EphemeralOutlivesSession", [sid], sessionId);
  }

  // Sessions.

  /** Who begins to keep the time of sessions gives each its full timeout anew. */
  private watchTracker(world: World, { sid, process }: Server): void {
    if (process === null || process.service.mode === "learner" || !serves(process)) {
      this.trackers.delete(sid);
      return;
    }
    this.trackers.set(sid, { sinceUs: world.nowUs, heard: new Map() });
  }

  private hear(sid: Sid, session: SessionId, timeoutMs: number, atUs: VirtualUs): void {
    this.trackers.get(sid)?.heard.set(session, { atUs, timeoutMs });
  }

  /** The leader hears of sessions through its learners. */
  private readAsLeader({ before, after }: Moment, { packet, to, side }: HandledPacket): void {
    if (side !== "acceptor" || to.kind !== "server") return;
    const tracker = this.trackers.get(to.sid);
    if (tracker === undefined) return;
    if (packet.type === "PING")
      for (const { sessionId, timeoutMs } of packet.touched)
        this.hear(to.sid, sessionId, timeoutMs, after.nowUs);
    if (packet.type === "REVALIDATE")
      this.hear(to.sid, packet.sessionId, packet.timeoutMs, after.nowUs);
    if (packet.type === "REQUEST" && packet.request.op.type === "createSession")
      // It may wait for its turn, and is heard of only then.
      if (before.delays.service === undefined)
        this.hear(to.sid, packet.sessionId, packet.request.op.timeoutMs, after.nowUs);
  }

  /** No session expires sooner than its timeout after the last that its leader has heard of it; and nobody else ends it. */
  private expire({ before, after, event, report }: Moment, fact: FactOf<"session.expired">): void {
    this.ending.add(fact.sid);
    const sid = event !== null && "sid" in event ? event.sid : null;
    const server = before.servers.find((one) => one.sid === sid);
    if (sid === null || server?.process === null || server === undefined) return;
    const { local, mode } = server.process.service;
    if (local !== null) return;
    const tracker = this.trackers.get(sid);
    if (tracker === undefined) {
      report("SessionExpiredEarly", [sid], `${fact.sid} ${mode}`);
      return;
    }
    const heard = tracker.heard.get(fact.sid);
    const timeoutMs = heard?.timeoutMs ?? server.process.sessions[fact.sid]?.timeoutMs;
    if (timeoutMs === undefined) return;
    const silentUs = after.nowUs - Math.max(heard?.atUs ?? 0, tracker.sinceUs);
    tracker.heard.delete(fact.sid);
    if (silentUs < usFromMs(timeoutMs))
      report(
        "SessionExpiredEarly",
        [sid],
        `${fact.sid} silentUs=${silentUs} timeoutMs=${timeoutMs}`,
      );
  }

  // Locks.

  /** Each owner of a lock has a higher token than the ones before, and the session of an older one is over. */
  private acquire({ after, report }: Moment, name: string): void {
    const { lock, token } = standingOf(findClient(after, name)?.program ?? null);
    if (lock === null || token === 0) return;
    const highest = this.tokens.get(lock) ?? 0;
    if (token <= highest) report("OneOwner", [], `${name} ${lock} ${formatZxid(token)}`);
    else this.tokens.set(lock, token);
    for (const { name: other, program, chart } of after.clients) {
      if (other === name) continue;
      const standing = standingOf(program);
      if (!standing.believesLock || standing.lock !== lock || standing.token >= token) continue;
      const session = chart.context.sessionId;
      if (session !== null && !this.over.has(session))
        report("OneOwner", [], `${lock} ${other} ${name}`);
    }
  }
}

/** Source: ClientCnxn.AUTHPACKET_XID. */
const AUTH_XID = -4;
/** So many digits end the name of a sequential znode. */
const DIGITS = 10;

/** PERSISTENT_SEQUENTIAL, EPHEMERAL_SEQUENTIAL, and the one with a time to live. Source: CreateMode. */
function isSequential(flags: number): boolean {
  return flags === 2 || flags === 3 || flags === 6;
}

function isError({ body }: Txn): boolean {
  if (body.type === "multi") return body.txns.some((one) => one.type === "error");
  return body.type === "error";
}

/** What the leader of this server has committed; 0 where that is not known. */
function committedAtLeader(world: World, server: Server): Zxid {
  const sid = contextOf(server)?.following?.leader ?? server.sid;
  const leader = world.servers.find((one) => one.sid === sid);
  if (leader === undefined || !serves(leader.process) || leader.process === null) return 0;
  const zxid = leader.process.service.mode === "learner" ? 0 : leader.process.lastProcessed;
  return counterOf(zxid) === 0 ? 0 : zxid;
}
