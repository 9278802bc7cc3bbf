import { type Disk, entriesOf, lastEntry, newestSnapshot } from "../disk/disk";
import { itemAt } from "../disk/growing";
import { containsQuorum } from "../quorum/quorumVerifier";
import { rulesOf } from "../rules/rules";
import type { FactOf } from "../sim/fact";
import { contextOf, phaseOf, quorumOf, roleOf } from "../sim/read";
import type { Process, Server, World } from "../sim/world";
import { applyToDatabase, type Database } from "../tree/database";
import { emptyTree, type TreeNode } from "../tree/dataTree";
import { eachEntry, entryOf } from "../tree/persistentMap";
import type { Txn } from "../tree/txn";
import type { Sid } from "../units";
import { counterOf, epochOf, formatZxid, makeZxid, type Zxid } from "../zxid";
import type { HandledPacket, Moment } from "./moment";

/** What a primary has broadcast. */
interface Proposed {
  readonly txn: Txn | null;
  /** What it has broadcast before in its epoch; null: nothing. */
  readonly previous: Zxid | null;
}

/** How far a server that serves has come in the one history. */
interface Delivered {
  readonly process: number;
  readonly zxid: Zxid;
  /** The last transaction its memory held then. */
  readonly last: Txn | undefined;
}

/** The databases of so many of the latest transactions are kept, to compare those who come back with. */
const REMEMBERED = 2_048;

/**
 * What the invariants of Zab need to remember: who led which epoch, all that was broadcast, and the one history of what
 * was committed, with the database that it makes.
 */
export class ZabMemory {
  readonly leaders = new Map<number, Sid>();
  private readonly proposed = new Map<Zxid, Proposed>();
  private readonly lastOfEpoch = new Map<number, Zxid>();
  /** The one history. What stands below `base` was committed before anybody looked. */
  readonly order: Txn[] = [];
  private readonly base: Zxid;
  private readonly placeOf = new Map<Zxid, number>();
  /** The database after so many transactions of the history; null: not known, the next leader's counts. */
  private readonly databases = new Map<number, Database>();
  private readonly delivered = new Map<Sid, Delivered>();
  /** Committed once, and gone. */
  private readonly lost = new Set<Zxid>();
  private readonly lastAcked = new Map<number, Zxid>();
  /** Of servers whose files an operator has changed while they were down, nothing is expected to be left. */
  private readonly changedByHand = new Set<Sid>();
  /** Of this step: what was committed, what was lost again, and what each server has delivered. */
  committedNow: readonly Txn[] = [];
  lostNow: readonly Txn[] = [];
  deliveredNow: readonly { readonly server: Server; readonly txns: readonly Txn[] }[] = [];

  constructor(world: World) {
    this.base = world.lastCommitted;
    for (const { disk } of world.servers)
      for (const txn of entriesOf(disk)) this.proposed.set(txn.zxid, { txn, previous: null });
    const ahead = world.servers.find(({ process }) => serves(process));
    const { process } = ahead ?? { process: null };
    if (process !== null && process.lastProcessed >= this.base) this.databases.set(0, process);
    else if (this.base === 0) this.databases.set(0, { tree: emptyTree(), sessions: {} });
    for (const { sid, process: one } of world.servers)
      if (one !== null && serves(one)) this.noteDelivered(sid, one, one.lastProcessed);
  }

  look(moment: Moment): void {
    if (this.committedNow.length > 0) this.committedNow = [];
    if (this.lostNow.length > 0) this.lostNow = [];
    if (this.deliveredNow.length > 0) this.deliveredNow = [];
    const { before, after, handled } = moment;
    if (handled !== null && handled.connection.purpose === "quorum")
      this.readQuorum(moment, handled);
    for (const fact of after.facts) {
      if (fact.type === "txn.proposed") this.propose(moment, fact.id, fact.zxid);
      if (fact.type === "txn.committed") this.commit(moment, fact);
      if (fact.type === "leader.elected") this.establish(moment, fact.id, fact.epoch);
    }
    if (before.servers === after.servers) return;
    for (const [at, server] of after.servers.entries()) {
      const earlier = before.servers[at];
      if (earlier !== undefined && earlier !== server) this.lookAtServer(moment, earlier, server);
    }
  }

  // Leaders and epochs.

  /** Leadership2, and that who leads was acknowledged, in this epoch, by a quorum. */
  private establish({ after, report }: Moment, sid: Sid, epoch: number): void {
    const other = this.leaders.get(epoch);
    if (other !== undefined && other !== sid) report("Leadership2", [other, sid], `epoch=${epoch}`);
    this.leaders.set(epoch, sid);
    const leader = after.servers.find((one) => one.sid === sid);
    const acks = (leader === undefined ? null : contextOf(leader))?.leading?.newLeaderAcks;
    if (acks === undefined) return;
    if (!containsQuorum(acks, quorumOf(after)))
      report("EstablishedByQuorum", [sid], `epoch=${epoch} acks=${acks.join()}`);
    for (const acker of acks) {
      const current = after.servers.find((one) => one.sid === acker)?.disk.currentEpoch ?? 0;
      if (current < epoch && !this.changedByHand.has(acker))
        report("ackInconsistent", [sid, acker], `epoch=${epoch} currentEpoch=${current}`);
    }
  }

  private lookAtServer(moment: Moment, earlier: Server, server: Server): void {
    const { report, after } = moment;
    const { sid, disk, process } = server;
    const isSame = earlier.process?.number === process?.number;
    if (disk !== earlier.disk) this.lookAtEpochs(moment, earlier, server);
    if (process === null) return;
    const chart = earlier.process?.chart;
    if (chart !== process.chart || disk !== earlier.disk) {
      this.lookAtLog(moment, server);
      if (isEstablished(server) && !(isSame && isEstablished(earlier)))
        for (const other of after.servers)
          if (other.sid !== sid && isEstablished(other) && epochLed(other) === epochLed(server))
            report("Leadership1", [other.sid, sid], `epoch=${epochLed(server)}`);
    }
    if (!serves(process)) return;
    if (!isSame || !serves(earlier.process)) this.enter(moment, earlier, server, process);
    if (process.committedLog !== earlier.process?.committedLog)
      this.deliver(moment, server, process);
  }

  /** The epochs on a disk never fall, and what was accepted is never behind what was entered. */
  private lookAtEpochs({ report }: Moment, earlier: Server, server: Server): void {
    const { sid, disk } = server;
    const was = earlier.disk;
    const byHand = earlier.process === null && server.process === null;
    if (byHand && (was.logs !== disk.logs || was.snapshots !== disk.snapshots))
      this.changedByHand.add(sid);
    if (was.acceptedEpoch === disk.acceptedEpoch && was.currentEpoch === disk.currentEpoch) return;
    const [accepted, current] = [disk.acceptedEpoch ?? 0, disk.currentEpoch ?? 0];
    const detail = `acceptedEpoch=${accepted} currentEpoch=${current}`;
    if (!byHand && (accepted < (was.acceptedEpoch ?? 0) || current < (was.currentEpoch ?? 0)))
      report("EpochsNeverFall", [sid], detail);
    if (accepted < current) report("EpochsInOrder", [sid], detail);
  }

  /**
   * Nothing of an epoch is logged before the epoch is entered, except in the step that does both; and a server whom
   * something has interrupted there goes on so until it comes to serve again.
   */
  private lookAtLog({ report }: Moment, server: Server): void {
    const { sid, disk, process } = server;
    const phase = phaseOf(server);
    if (process === null || phase !== "broadcast") return;
    if (process.files.writing !== null) return;
    const logged = lastEntry(disk)?.zxid ?? 0;
    const current = disk.currentEpoch ?? 0;
    if (current < epochOf(logged))
      report("EpochsInOrder", [sid], `currentEpoch=${current} lastLogged=${formatZxid(logged)}`);
  }

  // The one history.

  private propose({ after, report }: Moment, sid: Sid, zxid: Zxid): void {
    const server = after.servers.find((one) => one.sid === sid);
    const process = server?.process ?? null;
    const txn =
      process?.pendingTxns.findLast((one) => one.zxid === zxid) ??
      process?.committedLog.findLast((one) => one.zxid === zxid) ??
      null;
    const epoch = epochOf(zxid);
    const previous = this.lastOfEpoch.get(epoch) ?? null;
    if (this.proposed.has(zxid)) report("proposalInconsistent", [sid], formatZxid(zxid));
    this.proposed.set(zxid, { txn, previous });
    this.lastOfEpoch.set(epoch, zxid);
    const primary = this.leaders.get(epoch);
    if (server !== undefined && roleOf(server) === "LEADING" && primary !== undefined)
      if (primary !== sid) report("Leadership2", [primary, sid], formatZxid(zxid));
  }

  private commit(moment: Moment, fact: FactOf<"txn.committed">): void {
    const { zxid, carriedOver } = fact;
    if (!carriedOver || moment.after.variant !== "3.8.0") this.isDurable(moment, zxid);
    const txn = this.proposed.get(zxid)?.txn ?? null;
    if (txn === null) return;
    this.append(txn);
    this.committedNow = [...this.committedNow, txn];
  }

  private append(txn: Txn): void {
    const before = this.databases.get(this.order.length);
    this.placeOf.set(txn.zxid, this.order.length);
    this.order.push(txn);
    if (before === undefined) return;
    const { tree, sessions } = applyToDatabase(before, txn);
    this.databases.set(this.order.length, { tree, sessions });
    this.databases.delete(this.order.length - REMEMBERED);
  }

  /** What is committed is on the platters of a quorum. 3.8.0 does not promise it of what it carries over. */
  private isDurable({ after, report }: Moment, zxid: Zxid): void {
    const holders: Sid[] = [];
    for (const { sid, disk, process } of after.servers) {
      if (process !== null && !process.config.settings.forceSync) return;
      const safe = Math.max(lastSynced(disk), newestSnapshot(disk)?.zxid ?? 0);
      if (safe >= zxid || this.changedByHand.has(sid)) holders.push(sid);
    }
    if (!containsQuorum(holders, quorumOf(after)))
      report("CommittedIsDurable", holders, formatZxid(zxid));
  }

  /** What was committed under this zxid; null: nothing. */
  committedTxn(zxid: Zxid): Txn | "lost" | "unknown" | null {
    const place = this.placeOf.get(zxid);
    if (place !== undefined) return this.order[place] ?? null;
    if (this.lost.has(zxid)) return "lost";
    return zxid <= this.base || this.proposed.get(zxid)?.txn === null ? "unknown" : null;
  }

  /** How many transactions of the history a server has that has come so far. */
  private countUpTo(zxid: Zxid): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.order[middle]?.zxid ?? 0) <= zxid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private noteDelivered(sid: Sid, process: Process, zxid: Zxid): void {
    const last = process.committedLog[process.committedLog.length - 1];
    this.delivered.set(sid, { process: process.number, zxid, last });
  }

  /**
   * A server begins to serve: what it has is a prefix of the history. A primary has all of it (PrimaryIntegrity); what
   * it lacks is lost, and from now on the history is its own.
   */
  private enter(moment: Moment, earlier: Server, server: Server, process: Process): void {
    const { report, after } = moment;
    const { sid } = server;
    const isPrimary = process.service.mode !== "learner";
    const applied = isPrimary
      ? (earlier.process?.lastProcessed ?? process.lastProcessed)
      : process.lastProcessed;
    const count = this.countUpTo(applied);
    if (!isPrimary && counterOf(applied) > 0 && applied > after.lastCommitted)
      report("commitInconsistent", [sid], formatZxid(applied));
    if (isPrimary && count < this.order.length) {
      const lost = this.order.splice(count);
      for (const { zxid } of lost) {
        this.placeOf.delete(zxid);
        this.lost.add(zxid);
      }
      this.lostNow = lost;
      report("PrimaryIntegrity", [sid], lost.map(({ zxid }) => formatZxid(zxid)).join());
    }
    this.comparePast(moment, server, process, count);
    const known = this.databases.get(count);
    const where = known === undefined ? null : differsAt(process, known);
    if (where !== null) report("PrefixConsistency", [sid], where);
    if (isPrimary && (known === undefined || where !== null)) this.databases.set(count, process);
    this.noteDelivered(sid, process, this.order[count - 1]?.zxid ?? this.base);
  }

  /** What a server keeps in memory for others is the end of the history that it has. */
  private comparePast({ report }: Moment, { sid }: Server, process: Process, count: number): void {
    let place = count - 1;
    const log = process.committedLog;
    for (let at = log.length - 1; at >= 0 && place >= 0; at -= 1, place -= 1) {
      const [own, one] = [log[at] as Txn, this.order[place] as Txn];
      if (own === one || (own.zxid === one.zxid && JSON.stringify(own) === JSON.stringify(one)))
        continue;
      const name = own.zxid === one.zxid ? "Agreement" : "PrefixConsistency";
      report(name, [sid], `${formatZxid(own.zxid)} ${formatZxid(one.zxid)}`);
      return;
    }
  }

  /** A server that serves has delivered more: each is the next of the one history. */
  private deliver(moment: Moment, server: Server, process: Process): void {
    const { sid } = server;
    const before = this.delivered.get(sid);
    if (before === undefined || before.process !== process.number) return;
    const log = process.committedLog;
    let from = log.length;
    while (from > 0 && log[from - 1] !== before.last) from -= 1;
    if (from === log.length) return;
    const txns = log.slice(from);
    let { zxid: previous } = before;
    // Where memory is too short to tell what came before, only what stands in it is compared.
    let isKnown = from > 0 || before.last === undefined;
    for (const txn of txns) {
      this.deliverOne(moment, sid, txn, isKnown ? previous : null);
      previous = txn.zxid;
      isKnown = true;
    }
    this.noteDelivered(sid, process, previous);
    this.deliveredNow = [...this.deliveredNow, { server, txns }];
  }

  private deliverOne({ after, report }: Moment, sid: Sid, txn: Txn, previous: Zxid | null): void {
    const { zxid } = txn;
    const proposed = this.proposed.get(zxid);
    const detail = `${previous === null ? "" : formatZxid(previous)} ${formatZxid(zxid)}`;
    if (proposed === undefined) report("Integrity", [sid], formatZxid(zxid));
    if (previous !== null && epochOf(zxid) < epochOf(previous))
      report("GlobalPrimaryOrder", [sid], detail);
    const place = this.placeOf.get(zxid);
    if (place === undefined) {
      if (zxid <= this.base) return;
      const isLate = zxid <= after.lastCommitted;
      report(isLate ? "Agreement" : "commitInconsistent", [sid], formatZxid(zxid));
      return;
    }
    const one = this.order[place];
    if (one !== txn && JSON.stringify(one) !== JSON.stringify(txn))
      report("Agreement", [sid], formatZxid(zxid));
    if (previous === null) return;
    const due = this.order[place - 1]?.zxid ?? this.base;
    if (due !== previous) {
      const isOfEpoch = proposed?.previous !== null && proposed?.previous !== previous;
      if (isOfEpoch) report("LocalPrimaryOrder", [sid], detail);
      report("TotalOrder", [sid], detail);
    }
  }

  // Packets between leader and learner.

  /** The five flags of the specification, when a packet is read. */
  private readQuorum(moment: Moment, handled: HandledPacket): void {
    const { before, report } = moment;
    const { packet, to, from, side, connection } = handled;
    if (to.kind !== "server" || from.kind !== "server") return;
    const server = before.servers.find((one) => one.sid === to.sid);
    const context = server === undefined ? null : contextOf(server);
    if (server === undefined || context === null || server.process === null) return;
    const role = roleOf(server);
    if (role === "LOOKING" || role === "STARTING") return;
    const phase = phaseOf(server);
    const zxid = "zxid" in packet ? packet.zxid : "txn" in packet ? packet.txn.zxid : 0;
    const flag = (name: string) =>
      report(name, [from.sid, to.sid], `${packet.type} ${formatZxid(zxid)} ${phase}`);
    const isLearner = side === "dialer";
    const { following, leading } = context;
    if (isLearner && following?.connection !== connection.number) return;
    switch (packet.type) {
      case "LEADERINFO":
        if (!isLearner) flag("messageIllegal");
        else if (phase !== "discovery") flag("stateInconsistent");
        return;
      case "DIFF":
      case "SNAP":
      case "TRUNC":
      case "NEWLEADER":
      case "UPTODATE":
        if (!isLearner) flag("messageIllegal");
        else if (phase !== "synchronization" && phase !== "failing") flag("stateInconsistent");
        else if (packet.type === "TRUNC" && !holds(server.disk, packet.zxid))
          flag("proposalInconsistent");
        return;
      case "PROPOSAL":
        if (!isLearner || (phase === "broadcast" && role === "OBSERVING")) flag("messageIllegal");
        else if (phase === "discovery") flag("stateInconsistent");
        else if (!this.isNextProposal(server, packet.txn.zxid)) flag("proposalInconsistent");
        return;
      case "INFORM":
        if (!isLearner || role === "FOLLOWING") flag("messageIllegal");
        else if (phase === "discovery") flag("stateInconsistent");
        return;
      case "COMMIT": {
        if (!isLearner) flag("messageIllegal");
        else if (phase === "discovery") flag("stateInconsistent");
        const head = server.process.pendingTxns[0];
        if (phase === "broadcast" && role === "FOLLOWING" && head?.zxid !== packet.zxid)
          flag("commitInconsistent");
        const { commitOfNothing } = rulesOf(before.variant);
        if (phase === "synchronization" && commitOfNothing === "fails")
          if (following?.collected.length === 0) flag("commitInconsistent");
        return;
      }
      case "FOLLOWERINFO":
      case "OBSERVERINFO":
      case "ACKEPOCH":
      case "REQUEST":
        if (isLearner) flag("messageIllegal");
        return;
      case "ACK": {
        if (isLearner) return flag("messageIllegal");
        const epoch = leading?.epoch ?? 0;
        if (leading?.learners[from.sid]?.phase === "syncing") {
          if (packet.zxid !== makeZxid(epoch, 0)) flag("ackInconsistent");
        } else if (epochOf(packet.zxid) === epoch && counterOf(packet.zxid) > 0) {
          // Those of earlier epochs come from the synchronization, and 3.8.0 acknowledges UPTODATE as it did NEWLEADER.
          const last = this.lastAcked.get(connection.number);
          if (last !== undefined && packet.zxid <= last) flag("ackInconsistent");
          if (this.lastAcked.size > 1_000) this.lastAcked.clear();
          this.lastAcked.set(connection.number, packet.zxid);
        }
        return;
      }
      default:
        return;
    }
  }

  /** Is this the one behind the last that this learner was sent? Where another epoch begins nobody can tell. */
  private isNextProposal(server: Server, zxid: Zxid): boolean {
    const { process } = server;
    const context = contextOf(server);
    if (process === null || context === null) return true;
    const pending = process.pendingTxns[process.pendingTxns.length - 1];
    const { syncMode = null, lastQueued = 0 } = context.following ?? {};
    const phase = phaseOf(server);
    if (phase === "failing") return true;
    const isSyncing = phase === "synchronization";
    const last = isSyncing ? lastQueued : (pending?.zxid ?? process.lastProcessed);
    if (isSyncing && (syncMode !== "DIFF" || last === 0)) return true;
    return zxid === last + 1 || epochOf(zxid) > epochOf(last);
  }
}

/** Does this process answer clients with what is committed? */
export function serves(process: Process | null): boolean {
  return process !== null && process.serving && process.service.mode !== "read-only";
}

function isEstablished(server: Server): boolean {
  if (roleOf(server) !== "LEADING") return false;
  const phase = phaseOf(server);
  return phase === "synchronization" || phase === "broadcast";
}

function epochLed(server: Server): number | null {
  return contextOf(server)?.leading?.epoch ?? null;
}

/** The last entry of the log that a power loss would leave. */
function lastSynced({ logs, unsynced }: Disk): Zxid {
  let left = unsynced;
  for (let at = logs.length - 1; at >= 0; at -= 1) {
    const entries = logs[at]?.entries;
    if (entries === undefined) continue;
    if (entries.count > left) return itemAt(entries, entries.count - 1 - left)?.zxid ?? 0;
    left -= entries.count;
  }
  return 0;
}

/** Can this log be cut there? */
function holds(disk: Disk, zxid: Zxid): boolean {
  if (zxid === 0 || disk.snapshots.some((one) => one.zxid === zxid)) return true;
  for (const { entries, firstZxid } of disk.logs) {
    if (firstZxid > zxid) continue;
    for (let place = entries.count - 1; place >= 0; place -= 1)
      if (itemAt(entries, place)?.zxid === zxid) return true;
  }
  return false;
}

/** Each server writes the membership into its tree by itself, at its own time. */
const CONFIG = "/zookeeper/config";

/** The first thing in which two databases differ, or null. */
export function differsAt(one: Database, other: Database): string | null {
  const nodes = other.tree.nodes;
  let found: string | null = null;
  if (one.tree.nodes !== nodes) {
    if (one.tree.nodes.size !== nodes.size) found = `znodes ${one.tree.nodes.size} ${nodes.size}`;
    eachEntry(one.tree.nodes, (path, node) => {
      if (path === CONFIG || (found !== null && found.startsWith("/"))) return;
      const there = entryOf(nodes, path);
      if (there === undefined || !isSameNode(node, there)) found = path;
    });
  }
  if (found !== null || one.sessions === other.sessions) return found;
  const [here, there] = [Object.keys(one.sessions), Object.keys(other.sessions)];
  const odd = here.find((id) => !Object.hasOwn(other.sessions, id));
  if (odd !== undefined) return `session ${odd}`;
  return here.length === there.length ? null : `sessions ${here.length} ${there.length}`;
}

function isSameNode(one: TreeNode, other: TreeNode): boolean {
  return (
    one === other ||
    (one.data === other.data &&
      one.czxid === other.czxid &&
      one.mzxid === other.mzxid &&
      one.pzxid === other.pzxid &&
      one.version === other.version &&
      one.cversion === other.cversion &&
      one.aversion === other.aversion &&
      one.ephemeralOwner === other.ephemeralOwner &&
      one.children.size === other.children.size)
  );
}
