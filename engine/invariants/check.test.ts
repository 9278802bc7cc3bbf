import { expect, test } from "vitest";
import { connectionOf } from "../sim/change";
import type { FactBody } from "../sim/fact";
import type { Packet } from "../net/connection";
import { createOf, type Operation } from "../net/request";
import { workerOf } from "../programs/programs";
import { ensembleOf, Trial } from "../scenario/trial";
import { kill, operate } from "../sim/command";
import { leaderOf, roleOf } from "../sim/read";
import type { Process, Server, World } from "../sim/world";
import { withNode, treeNodeAt } from "../tree/dataTree";
import { emptyMap, withEntry } from "../tree/persistentMap";
import type { Txn } from "../tree/txn";
import type { Sid } from "../units";
import { check, type Checking, startChecking, type Violation } from "./check";

/** A run that is watched from its beginning, and that a test may give another world than came. */
class Watched {
  readonly trial: Trial;
  readonly found: Violation[] = [];
  readonly checking: Checking;
  /** What to make of the next step that fits, once. */
  spoil: ((before: World, after: World) => readonly [World, World] | null) | null = null;
  private before: World;

  constructor(clients = [{ name: "A", timeoutMs: 10_000 }], size = 3) {
    this.trial = new Trial(ensembleOf(size, { up: true, clients }), 7, (world) => this.look(world));
    this.before = this.trial.world;
    this.checking = startChecking(this.before);
    const serves = (world: World) =>
      world.servers.every(({ process }) => process?.serving === true);
    this.trial.until(serves).wait(1_500);
    expect(this.found).toEqual([]);
  }

  private look(world: World): void {
    const spoilt = this.spoil?.(this.before, world) ?? null;
    if (spoilt !== null) this.spoil = null;
    this.found.push(...check(this.checking, ...(spoilt ?? ([this.before, world] as const))));
    this.before = world;
  }

  get world(): World {
    return this.trial.world;
  }

  get leader(): Sid {
    return leaderOf(this.world) ?? 0;
  }

  get follower(): Sid {
    return this.world.servers.find((one) => roleOf(one) === "FOLLOWING")?.sid ?? 0;
  }

  /** Client A asks, and time passes. */
  ask(...ops: readonly Operation[]): this {
    this.trial.do(...ops.map((op) => operate("A", op))).wait(400);
    return this;
  }

  /** As if one more step had led here from `before`; names of what it breaks. */
  claim(after: World, before: World = this.world): readonly string[] {
    return check(this.checking, before, { ...after, steps: after.steps + 1 }).map(
      ({ name }) => name,
    );
  }

  /** As if the next such packet on its way had said something else. */
  misread<T extends Packet["type"]>(
    type: T,
    say: (packet: Extract<Packet, { type: T }>) => Packet | null,
    toSid?: Sid,
  ): this {
    this.spoil = (before, after) => {
      const event = before.queue[0];
      if (event?.type !== "arrival") return null;
      const connection = connectionOf(before, event.connection);
      const lane = connection?.toAcceptor[0]?.number === event.flight ? "toAcceptor" : "toDialer";
      const flight = connection?.[lane][0];
      if (connection === null || flight === undefined || flight.packet.type !== type) return null;
      if (flight.number !== event.flight) return null;
      if (toSid !== undefined && (flight.to.kind !== "server" || flight.to.sid !== toSid))
        return null;
      const packet = say(flight.packet as Extract<Packet, { type: T }>);
      if (packet === null) return null;
      const changed = {
        ...connection,
        [lane]: [{ ...flight, packet }, ...connection[lane].slice(1)],
      };
      const connections = before.network.connections.map((one) =>
        one === connection ? changed : one,
      );
      return [{ ...before, network: { ...before.network, connections } }, after];
    };
    return this;
  }

  get names(): readonly string[] {
    return this.found.map(({ name }) => name);
  }
}

const write = (path: string) => createOf(path, "");

function withServer(world: World, sid: Sid, change: (server: Server) => Partial<Server>): World {
  return {
    ...world,
    facts: [],
    servers: world.servers.map((one) => (one.sid === sid ? { ...one, ...change(one) } : one)),
  };
}

function withProcess(world: World, sid: Sid, change: (one: Process) => Partial<Process>): World {
  return withServer(world, sid, ({ process }) => ({
    process: process === null ? null : { ...process, ...change(process) },
  }));
}

function telling(world: World, ...bodies: readonly FactBody[]): World {
  const stamp = { t: 0, atUs: world.nowUs, number: world.nextNumber, cause: 0 };
  return { ...world, facts: bodies.map((body) => ({ ...body, ...stamp })) };
}

/** As if this server had also delivered that. */
const delivering = (world: World, sid: Sid, txn: Txn) =>
  withProcess(world, sid, ({ committedLog }) => ({ committedLog: [...committedLog, txn] }));

const logOf = (world: World, sid: Sid) =>
  world.servers.find((one) => one.sid === sid)?.process?.committedLog ?? [];

test("a run in which nothing is wrong breaks nothing, also when its leader dies", () => {
  const run = new Watched().ask(write("/a"), write("/b"), { type: "sync", path: "/" });
  run.trial.do(kill(run.leader)).wait(10_000);
  run.ask(write("/c"), { type: "exists", path: "/c", watch: true }, write("/d"));
  expect(run.found).toEqual([]);
  expect(run.checking.zab.order.length).toBeGreaterThan(4);
});

test("a violation tells when, who, and which events led to it, from the first cause on", () => {
  const run = new Watched();
  const now = telling(run.world, { type: "leader.elected", id: 99, epoch: 1, wonBy: "sid" });
  const [violation] = check(run.checking, run.world, now);
  expect(violation).toMatchObject({
    name: "Leadership2",
    atUs: run.world.nowUs,
    servers: [run.leader, 99],
    detail: "epoch=1",
  });
  const other = new Watched();
  other.misread("response", (packet) => ({ ...packet, zxid: 1 })).ask(write("/a"), write("/b"));
  const { events = [] } = other.found[0] ?? {};
  expect(events.length).toBeGreaterThan(5);
  expect(events).toEqual(events.toSorted((a, b) => a - b));
});

test("what is known already is not told", () => {
  const { world } = new Watched();
  const elected = (id: Sid) =>
    telling(world, { type: "leader.elected", id, epoch: 5, wonBy: "sid" });
  const names = (ignored: readonly string[]) => {
    const checking = startChecking(world, ignored);
    check(checking, world, elected(98));
    return check(checking, world, elected(99)).map(({ name }) => name);
  };
  expect(names([])).toContain("Leadership2");
  expect(names(["Leadership2"])).toEqual([]);
});

// Leaders and epochs.

test("Leadership1: two established leaders of one epoch at once", () => {
  const run = new Watched();
  const leading = run.world.servers.find(({ sid }) => sid === run.leader)?.process?.chart ?? null;
  const two = withProcess(run.world, run.follower, () => ({ chart: leading }));
  expect(run.claim(two)).toContain("Leadership1");
});

test("EstablishedByQuorum, ackInconsistent: a leader whom too few acknowledged, or who were not in its epoch", () => {
  const run = new Watched();
  const fact = { type: "leader.elected", id: run.leader, epoch: 7, wonBy: "sid" } as const;
  expect(run.claim(telling(run.world, fact))).toContain("ackInconsistent");
  const alone = withProcess(run.world, run.leader, ({ chart }) => {
    if (chart?.context.leading === undefined || chart.context.leading === null) return {};
    const leading = { ...chart.context.leading, newLeaderAcks: [run.leader] };
    return { chart: { ...chart, context: { ...chart.context, leading } } };
  });
  expect(run.claim(telling(alone, { ...fact, epoch: 1 }))).toEqual(["EstablishedByQuorum"]);
});

test("EpochsNeverFall, EpochsInOrder: of the epochs on a disk", () => {
  const run = new Watched();
  const disk = (change: object) =>
    withServer(run.world, 2, (one) => ({ disk: { ...one.disk, ...change } }));
  expect(run.claim(disk({ acceptedEpoch: 0, currentEpoch: 0 }))).toContain("EpochsNeverFall");
  expect(run.claim(disk({ currentEpoch: 9 }))).toEqual(["EpochsInOrder"]);
});

// The one history.

test("Integrity, commitInconsistent: something is delivered that nobody broadcast or committed", () => {
  const run = new Watched().ask(write("/a"));
  const [last] = logOf(run.world, run.follower).slice(-1);
  if (last === undefined) expect.fail("something is delivered");
  const madeUp = { ...last, zxid: last.zxid + 1 };
  const names = run.claim(delivering(run.world, run.follower, madeUp));
  expect(names).toEqual(["Integrity", "commitInconsistent"]);
});

test("TotalOrder, LocalPrimaryOrder: something is delivered out of its turn", () => {
  const run = new Watched().ask(write("/a"), write("/b"), write("/c"));
  const earlier = logOf(run.world, run.follower).at(-2);
  if (earlier === undefined) expect.fail("something is delivered");
  const names = run.claim(delivering(run.world, run.follower, earlier));
  expect(names).toEqual(["LocalPrimaryOrder", "TotalOrder"]);
});

test("GlobalPrimaryOrder: something of an earlier epoch is delivered after a later one", () => {
  const run = new Watched().ask(write("/a"), write("/b"));
  const old = logOf(run.world, run.follower).at(-1);
  if (old === undefined) expect.fail("something is delivered");
  run.trial.do(kill(run.leader)).wait(10_000);
  run.ask(write("/c"));
  expect(run.found).toEqual([]);
  expect(run.claim(delivering(run.world, run.follower, old))).toContain("GlobalPrimaryOrder");
});

test("Agreement: under one zxid two servers deliver different things", () => {
  const run = new Watched().ask(write("/a"));
  const { follower } = run;
  run.spoil = (before, after) => {
    const log = logOf(after, follower);
    const last = log.at(-1);
    if (last === undefined || log === logOf(before, follower)) return null;
    const other = { ...last, timeMs: last.timeMs + 1 };
    return [before, withProcess(after, follower, () => ({ committedLog: log.with(-1, other) }))];
  };
  expect(run.ask(write("/b")).names).toContain("Agreement");
});

test("PrefixConsistency: a server begins to serve with another tree", () => {
  const run = new Watched().ask(write("/a"));
  const away = withProcess(run.world, run.follower, () => ({ serving: false }));
  const odd = withProcess(run.world, run.follower, ({ tree }) => {
    const node = treeNodeAt(tree, "/a");
    return { tree: node === null ? tree : withNode(tree, "/a", { ...node, data: "odd" }) };
  });
  expect(run.claim(odd, away)).toEqual(["PrefixConsistency"]);
});

test("PrimaryIntegrity, AcknowledgedWriteLost: a primary lacks what was committed before", () => {
  const run = new Watched().ask(write("/a"));
  const { leader } = run;
  const last = logOf(run.world, leader).at(-1);
  const lacking = withProcess(run.world, leader, (one) => ({
    serving: false,
    lastProcessed: one.lastProcessed - 1,
    committedLog: one.committedLog.filter((txn) => txn !== last),
  }));
  const served = withProcess(lacking, leader, () => ({ serving: true }));
  const names = run.claim(served, lacking);
  expect(names).toContain("PrimaryIntegrity");
  expect(names).toContain("AcknowledgedWriteLost");
});

test("CommittedIsDurable: committed, and not on the platters of a quorum", () => {
  const run = new Watched();
  const { leader } = run;
  run.spoil = (before, after) => {
    if (!after.facts.some(({ type }) => type === "txn.committed")) return null;
    const servers = after.servers.map((one) =>
      one.sid === leader ? one : { ...one, disk: { ...one.disk, logs: [], snapshots: [] } },
    );
    return [before, { ...after, servers }];
  };
  expect(run.ask(write("/a")).names).toContain("CommittedIsDurable");
});

// Packets between leader and learner.

test("stateInconsistent, messageIllegal: a packet that cannot be read there", () => {
  const early = new Watched().misread("COMMIT", () => ({ type: "LEADERINFO", epoch: 3 }));
  expect(early.ask(write("/a")).names).toEqual(["stateInconsistent"]);
  const odd = new Watched().misread("COMMIT", () => ({ type: "ACK", zxid: 3 }));
  expect(odd.ask(write("/a")).names).toEqual(["messageIllegal"]);
});

test("proposalInconsistent, commitInconsistent, ackInconsistent: one that is not the next", () => {
  const gap = new Watched().misread("PROPOSAL", ({ txn }) => ({
    type: "PROPOSAL",
    txn: { ...txn, zxid: txn.zxid + 1 },
  }));
  expect(gap.ask(write("/a")).names).toEqual(["proposalInconsistent"]);
  const commit = new Watched().misread("COMMIT", ({ zxid }) => ({
    type: "COMMIT",
    zxid: zxid + 1,
  }));
  expect(commit.ask(write("/a")).names).toEqual(["commitInconsistent"]);
  const twice = new Watched().ask(write("/a"));
  twice.misread("ACK", ({ zxid }) => ({ type: "ACK", zxid: zxid - 1 }));
  expect(twice.ask(write("/b")).names).toContain("ackInconsistent");
});

// What a client may rely on.

test("AcknowledgedAfterCommit: an answer to a write that was not committed", () => {
  const run = new Watched();
  run.misread("response", (packet) => ({ ...packet, zxid: packet.zxid + 9 }));
  expect(run.ask(write("/a")).names).toContain("AcknowledgedAfterCommit");
});

test("Linearizable, ReadsGoForward: a write before one that was acknowledged when it was begun", () => {
  const run = new Watched().ask(write("/a"));
  run.misread("response", (packet) => ({ ...packet, zxid: packet.zxid - 1 }));
  expect(run.ask(write("/b")).names).toContain("Linearizable");
  const reading = new Watched().ask(write("/a"));
  reading.misread("response", (packet) => ({ ...packet, zxid: packet.zxid - 1 }));
  expect(reading.ask({ type: "exists", path: "/a" }).names).toEqual(["ReadsGoForward"]);
});

test("RequestsInOrder: an answer that came before an earlier one, and a write that was committed before an earlier one", () => {
  const run = new Watched();
  run.misread("response", (packet) => ({ ...packet, cxid: packet.cxid + 1 }));
  expect(run.ask(write("/a"), write("/b")).names).toContain("RequestsInOrder");
  const late = new Watched().ask(write("/a"), write("/b"));
  late.spoil = (before, after) => {
    const fact = after.facts.find(({ type }) => type === "txn.proposed");
    if (fact === undefined) return null;
    const old = withProcess(after, late.leader, ({ pendingTxns }) => ({
      pendingTxns: pendingTxns.map((txn) => ({ ...txn, cxid: 1 })),
    }));
    return [before, { ...old, facts: after.facts }];
  };
  expect(late.ask(write("/c")).names).toContain("RequestsInOrder");
});

test("SyncSeesCommitted: a sync comes back before what its leader had committed", () => {
  const run = new Watched().ask(write("/a"));
  run.misread("response", (packet) => ({ ...packet, zxid: packet.zxid - 1 }));
  expect(run.ask({ type: "sync", path: "/" }).names).toContain("SyncSeesCommitted");
});

test("WatchBeforeData: an answer shows a change of which the watch has not told", () => {
  const read = { type: "exists", path: "/a", watch: true } as const;
  const run = new Watched().ask(write("/a"), read);
  run.misread("response", (packet) =>
    packet.stat === null ? null : { ...packet, stat: { ...packet.stat, mzxid: 1 } },
  );
  expect(run.ask(read).names).toEqual(["WatchBeforeData"]);
  const told = new Watched().ask(write("/a"), read);
  told.misread("watchEvent", (packet) => ({ ...packet, zxid: 1 }));
  expect(told.ask({ type: "setData", path: "/a", data: "", version: -1 }).names).toEqual([
    "WatchBeforeData",
  ]);
});

test("SequencesRise: a number that was given before", () => {
  const sequential = createOf("/s-", "", "PERSISTENT_SEQUENTIAL");
  const run = new Watched().ask(sequential);
  run.misread("response", (packet) => ({ ...packet, path: "/s-0000000000" }));
  expect(run.ask(sequential).names).toEqual(["SequencesRise"]);
});

test("EphemeralOutlivesSession: a session is over, and its znode is there", () => {
  const run = new Watched().ask(createOf("/e", "", "EPHEMERAL"));
  const { follower } = run;
  run.spoil = (before, after) => {
    const closing = logOf(after, follower).at(-1);
    if (closing?.body.type !== "closeSession") return null;
    const kept = withProcess(after, follower, ({ tree }) => {
      const paths = withEntry(emptyMap<true>(), "/e", true);
      return {
        tree: { ...tree, ephemerals: withEntry(tree.ephemerals, closing.sessionId, paths) },
      };
    });
    return [before, kept];
  };
  expect(run.ask({ type: "closeSession" }).names).toContain("EphemeralOutlivesSession");
});

test("SessionExpiredEarly: a session that was heard of, or by somebody who keeps no time, or without a word", () => {
  const run = new Watched().ask({ type: "exists", path: "/" });
  const session = run.world.clients[0]?.chart.context.sessionId ?? "";
  const expired = { type: "session.expired", sid: session, name: "A", during: "led" } as const;
  const at = (sid: Sid): World => {
    const number = run.world.servers.find((one) => one.sid === sid)?.process?.number ?? 0;
    const event = { type: "session bucket due" } as const;
    const body = { type: "timer", name: "", sid, process: number, event } as const;
    const due = { ...body, number: 1, cause: 0, atUs: run.world.nowUs };
    return { ...run.world, queue: [due, ...run.world.queue] };
  };
  const claim = (sid: Sid) => run.claim(telling(run.world, expired), at(sid));
  expect(claim(run.leader)).toEqual(["SessionExpiredEarly"]);
  expect(claim(run.follower)).toEqual(["SessionExpiredEarly"]);
  const silent = new Watched().misread("request", () => ({ type: "ping" }));
  expect(silent.ask({ type: "closeSession" }).names).toContain("SessionExpiredEarly");
});

test("OneOwner, FencedWriteRefused: two own a lock, and an old owner writes", () => {
  const clients = ["A", "B"].map((name) => ({
    name,
    timeoutMs: 10_000,
    behaviour: workerOf("/lock"),
  }));
  const run = new Watched(clients);
  const [first, second] = run.world.clients;
  if (first === undefined || second === undefined) expect.fail("two clients");
  const both = {
    ...run.world,
    clients: run.world.clients.map((one) => {
      if (one.program?.behaviour.type !== "worker") return one;
      const state = { ...one.program.state, phase: "owner", token: one.name === "A" ? 8 : 9 };
      return { ...one, program: { ...one.program, state } as typeof one.program };
    }),
  };
  const acquired = { type: "lock.acquired", name: "B", kind: "lock" } as const;
  expect(run.claim(telling(both, acquired))).toContain("OneOwner");
  const twice: FactBody = { type: "app.doubleRun", names: ["A", "B"], fenced: true };
  expect(run.claim(telling(run.world, twice))).toEqual(["FencedWriteRefused"]);
});
