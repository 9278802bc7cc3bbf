import { expect, test } from "vitest";
import { sampleConfig } from "../config/sample";
import type { Notification, QuorumPacket, ServerState } from "../net/packet";
import type { VariantName } from "../rules/variants";
import { beginServer, type ServerStep, stepServer } from "../sim/chart";
import type { World } from "../sim/world";
import type { Txn } from "../tree/txn";
import type { Sid } from "../units";
import { makeZxid } from "../zxid";
import { SMALLEST } from "./election";
import type { Received, ServerEvent } from "./events";

/** What is special about a server: its place, more lines of zoo.cfg, its epochs. */
interface Given {
  readonly sid?: Sid;
  readonly voters?: readonly Sid[];
  readonly lines?: readonly string[];
  readonly flags?: readonly string[];
  readonly acceptedEpoch?: number;
  readonly currentEpoch?: number;
}

/** Tells a server's chart one event after the other; keeps the last step. */
class Server {
  private step: ServerStep;
  private readonly world: World;

  constructor(given: Given = {}, variant: VariantName = "3.9.5") {
    const { sid = 2, voters = [1, 2, 3], lines = [], flags = [] } = given;
    const { acceptedEpoch = 0, currentEpoch = 0 } = given;
    this.world = { variant } as World;
    const config = sampleConfig(sid, voters, lines, flags);
    this.step = beginServer(this.world, { config, acceptedEpoch, currentEpoch });
  }

  hears(...events: readonly ServerEvent[]): this {
    for (const event of events) this.step = stepServer(this.world, this.step.state, event);
    return this;
  }
  /** The running `after` of this name ends. */
  waits(name: string, state: string): this {
    return this.hears({ type: `xstate.after.${name}.server.${state}` } as never);
  }
  get value() {
    return this.step.state.value;
  }
  get context() {
    return this.step.state.context;
  }
  get leading() {
    return this.context.leading ?? expect.fail("it leads");
  }
  get following() {
    return this.context.following ?? expect.fail("it follows");
  }
  get effects() {
    return this.step.effects;
  }
  effect<T extends (typeof this.effects)[number]["type"]>(type: T) {
    return this.effects.filter(
      (one): one is Extract<(typeof this.effects)[number], { type: T }> => one.type === type,
    );
  }
  /** The packets of the last step, in order. */
  get sent() {
    return this.effect("send").map(({ packet }) => packet);
  }
}

const loaded = (lastZxid = 0): ServerEvent => ({ type: "database loaded", lastZxid });
function vote(
  sid: number,
  state: ServerState,
  leader: number,
  more: Partial<Notification> = {},
): Notification {
  const fields = { zxid: 0, peerEpoch: 0, round: 1, configVersion: 0, ...more };
  return { type: "NOTIFICATION", sid, state, leader, ...fields };
}
const from = <P extends QuorumPacket>(sid: number, packet: P): Received<P> => {
  return { ...packet, connection: 10 + sid, from: sid };
};
const txn = (zxid: number): Txn => {
  return { zxid, sessionId: "0x1", cxid: 0, timeMs: 0, body: { type: "error", code: "NONODE" } };
};
const closeSession: ServerEvent = {
  type: "own request",
  sessionId: "0x1",
  request: { cxid: 0, authInfo: [], op: { type: "closeSession" } },
};

/** Server 2, in the 200 ms after a quorum has agreed on this leader. */
const agreed = (leader: number, given: Given = {}, variant?: VariantName) =>
  new Server(given, variant).hears(
    loaded(),
    vote(leader === 2 ? 1 : leader, "LOOKING", leader, { peerEpoch: given.currentEpoch ?? 0 }),
    vote(2, "LOOKING", leader, { peerEpoch: given.currentEpoch ?? 0 }),
  );
const elected = (leader: number, given: Given = {}, variant?: VariantName) =>
  agreed(leader, given, variant).waits("finalizeWait", "looking.finalize");

// ---- looking

test("a server tells all voters its vote, itself included", () => {
  const [sent] = new Server().hears(loaded(makeZxid(1, 5))).effect("send vote");
  expect(sent?.to).toEqual([1, 2, 3]);
  expect(sent?.notification).toMatchObject({ leader: 2, zxid: makeZxid(1, 5), round: 1 });
});

test("a better vote is taken over and told to all", () => {
  const server = new Server().hears(loaded(), vote(3, "LOOKING", 3));
  expect(server.effect("send vote")[0]?.notification.leader).toBe(3);
  expect(server.context.proposal.leader).toBe(3);
});

test("a worse vote is recorded and not answered", () => {
  const server = new Server().hears(loaded(), vote(1, "LOOKING", 1));
  expect(server.effect("send vote")).toEqual([]);
  expect(server.context.recvset[1]?.leader).toBe(1);
});

test("a vote of an earlier round is answered with the own vote and not recorded", () => {
  const server = new Server().hears(
    loaded(),
    vote(1, "LOOKING", 1, { round: 4 }),
    vote(3, "LOOKING", 3, { round: 2 }),
  );
  expect(server.effect("send vote")[0]).toMatchObject({ to: [3], notification: { round: 4 } });
  expect(server.context.recvset[3]).toBeUndefined();
});

test("the wait for a notification doubles from 200 ms to 60 s, and a notification does not reset it", () => {
  const server = new Server().hears(loaded());
  const waits: number[] = [];
  for (let times = 0; times < 11; times += 1) {
    server.hears({ type: "notification timeout" });
    waits.push(server.effect("start timer").find((one) => one.name === "notification")?.ms ?? 0);
  }
  expect(waits).toEqual([400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000, 60000]);
  server.hears(vote(1, "LOOKING", 1));
  expect(server.effect("start timer")[0]).toMatchObject({ name: "notification", ms: 60_000 });
});

test("when nothing was heard the vote is sent again", () => {
  const server = new Server().hears(loaded(), { type: "notification timeout" });
  expect(server.effect("send vote again")[0]?.notification.leader).toBe(2);
});

test("when a quorum agrees, 200 ms more must bring nothing better", () => {
  const server = agreed(3);
  expect(server.value).toEqual({ looking: "finalize" });
  expect(server.effect("start delay")[0]).toMatchObject({ ms: 200 });
  server.waits("finalizeWait", "looking.finalize");
  expect(server.value).toEqual({ following: "discovery" });
});

test.each([
  ["a vote that is not better", vote(1, "LOOKING", 1)],
  ["a vote of a later round that is not better", vote(1, "LOOKING", 1, { round: 9 })],
  ["the vote of a server that follows", vote(1, "FOLLOWING", 1)],
])("%s begins the 200 ms anew and is dropped", (_, n) => {
  const server = agreed(3);
  const before = server.context;
  server.hears(n);
  expect(server.value).toEqual({ looking: "finalize" });
  expect(server.effects.map(({ type }) => type)).toEqual(["stop delay", "start delay"]);
  expect(server.context).toEqual(before);
});

test("a better vote within the 200 ms opens the election again", () => {
  const server = agreed(3, { voters: [1, 2, 3, 4] });
  server.hears(vote(1, "LOOKING", 3), vote(4, "LOOKING", 4));
  expect(server.value).toEqual({ looking: "collect" });
  expect(server.context.proposal.leader).toBe(4);
});

test("the one voted for leads, the others follow", () => {
  expect(elected(2).value).toEqual({ leading: { discovery: "acceptedEpochs" } });
  expect(elected(3).value).toEqual({ following: "discovery" });
});

test("a leader that a quorum confirms is joined at once, without the 200 ms", () => {
  const server = new Server().hears(
    loaded(),
    vote(1, "FOLLOWING", 3, { round: 5 }),
    vote(3, "LEADING", 3, { round: 5 }),
  );
  expect(server.value).toEqual({ following: "discovery" });
  expect(server.context.round).toBe(5);
});

test("a server outside the ensemble is answered with the decided vote and heard no further", () => {
  const server = new Server().hears(loaded(), vote(9, "LOOKING", 9, { zxid: 99 }));
  expect(server.effect("send vote")[0]).toMatchObject({ to: [9], notification: { leader: 2 } });
  expect(server.context.recvset).toEqual({});
});

test("a vote for a server outside the ensemble is ignored", () => {
  const server = new Server().hears(loaded(), vote(1, "LOOKING", 9, { zxid: 99 }));
  expect(server.context.proposal.leader).toBe(2);
  expect(server.context.recvset).toEqual({});
});

test("who follows or leads answers a server that looks with its decided vote, and no other", () => {
  const server = elected(3).hears(vote(1, "LOOKING", 1, { round: 8 }));
  expect(server.effect("send vote")[0]).toMatchObject({
    to: [1],
    notification: { leader: 3, state: "FOLLOWING", round: 1 },
  });
  expect(server.hears(vote(1, "FOLLOWING", 3)).effects).toEqual([]);
});

// ---- following

const joined = (given: Given = {}, variant?: VariantName) =>
  elected(3, given, variant).hears({ type: "leader connected", connection: 13 });
const ackEpoch = (server: Server) => server.sent.find((packet) => packet.type === "ACKEPOCH");

test("FOLLOWERINFO tells the accepted epoch", () => {
  expect(joined({ acceptedEpoch: 4, currentEpoch: 3 }).sent).toEqual([
    { type: "FOLLOWERINFO", sid: 2, acceptedEpoch: 4, configVersion: 0 },
  ]);
});

test("a refused connection is tried five times, 100 ms apart, and then the server looks again", () => {
  const server = elected(3);
  for (let tried = 1; tried < 5; tried += 1) {
    server.hears({ type: "leader refused" });
    expect(server.effect("start timer")[0]).toMatchObject({ name: "retry", ms: 100 });
    expect(server.hears({ type: "retry to connect" }).effect("connect to leader")).toHaveLength(1);
  }
  expect(server.hears({ type: "leader refused" }).value).toEqual({ looking: "sendVote" });
});

test("LEADERINFO with a new epoch: acceptedEpoch is written before ACKEPOCH is sent", () => {
  const server = joined({ acceptedEpoch: 1, currentEpoch: 1 });
  server.hears(from(3, { type: "LEADERINFO", epoch: 2 }));
  expect(server.effects.map(({ type }) => type).slice(-2)).toEqual(["write acceptedEpoch", "send"]);
  expect(ackEpoch(server)).toEqual({ type: "ACKEPOCH", currentEpoch: 1, lastZxid: 0 });
});

test("LEADERINFO with the epoch accepted before: ACKEPOCH -1, and nothing is written", () => {
  const server = joined({ acceptedEpoch: 2, currentEpoch: 1 });
  server.hears(from(3, { type: "LEADERINFO", epoch: 2 }));
  expect(server.effect("write acceptedEpoch")).toEqual([]);
  expect(ackEpoch(server)).toEqual({ type: "ACKEPOCH", currentEpoch: -1, lastZxid: 0 });
  expect(server.value).toEqual({ following: { synchronization: "receive" } });
});

test("LEADERINFO with a lower epoch sends the server back to looking", () => {
  const server = joined({ acceptedEpoch: 3, currentEpoch: 1 });
  expect(server.hears(from(3, { type: "LEADERINFO", epoch: 2 })).value).toEqual({
    looking: "sendVote",
  });
});

const syncing = (variant?: VariantName) =>
  joined({}, variant).hears(from(3, { type: "LEADERINFO", epoch: 1 }));
const [first, second, third] = [makeZxid(1, 1), makeZxid(1, 2), makeZxid(1, 3)];
const proposals = [first, second].map((zxid) => from(3, { type: "PROPOSAL", txn: txn(zxid) }));

test("NEWLEADER in 3.9.5: what is committed is made durable before the epoch is entered and acknowledged", () => {
  const server = syncing().hears(
    from(3, { type: "DIFF", zxid: first }),
    ...proposals,
    from(3, { type: "COMMIT", zxid: first }),
    from(3, { type: "NEWLEADER", epoch: 1 }),
  );
  expect(server.effects).toEqual([{ type: "persist", txns: [txn(first)] }]);
  expect(server.context.currentEpoch).toBe(0);
  server.hears({ type: "history persisted" });
  expect(server.effects.map(({ type }) => type)).toEqual([
    "write currentEpoch",
    "set read timeout",
    "send",
  ]);
  expect(server.sent).toEqual([{ type: "ACK", zxid: makeZxid(1, 0) }]);
});

test("NEWLEADER in 3.8.0: the epoch is entered first, and the ACK does not wait for the disk", () => {
  const server = syncing("3.8.0").hears(
    from(3, { type: "DIFF", zxid: first }),
    ...proposals,
    from(3, { type: "COMMIT", zxid: first }),
    from(3, { type: "NEWLEADER", epoch: 1 }),
  );
  expect(server.effects.map(({ type }) => type)).toEqual([
    "write currentEpoch",
    "set read timeout",
    "hand over",
  ]);
  expect(server.effect("hand over")[0]?.txns).toEqual([txn(first), txn(second)]);
  expect(server.hears({ type: "handed over" }).sent).toEqual([
    { type: "ACK", zxid: makeZxid(1, 0) },
  ]);
});

test.each(["SNAP", "TRUNC"] as const)(
  "after %s a snapshot is saved at NEWLEADER, before the epoch",
  (type) => {
    const snapshot = { zxid: 0, tree: {}, sessions: {} };
    const packet = { type, zxid: 0, snapshot } as unknown as QuorumPacket;
    const server = syncing().hears(from(3, packet), from(3, { type: "NEWLEADER", epoch: 1 }));
    expect(server.effects.map((effect) => effect.type)).toEqual(["save snapshot", "persist"]);
  },
);

test("after SNAP what is committed before NEWLEADER goes into the tree at once", () => {
  const snapshot = { zxid: 0, tree: {}, sessions: {} } as never;
  const server = syncing().hears(
    from(3, { type: "SNAP", zxid: 0, snapshot }),
    ...proposals,
    from(3, { type: "COMMIT", zxid: first }),
  );
  expect(server.effects).toEqual([{ type: "apply collected", txn: txn(first) }]);
  expect(server.following.collected).toEqual([txn(second)]);
});

test("a COMMIT that comes while NEWLEADER is being persisted is kept for UPTODATE, with its proposal", () => {
  const server = syncing().hears(
    from(3, { type: "DIFF", zxid: first }),
    ...proposals,
    from(3, { type: "COMMIT", zxid: first }),
    from(3, { type: "NEWLEADER", epoch: 1 }),
    from(3, { type: "COMMIT", zxid: second }),
    { type: "history persisted" },
    from(3, { type: "UPTODATE" }),
  );
  expect(server.effect("log")[0]?.txns).toEqual([txn(second)]);
  expect(server.effect("apply").map(({ zxid }) => zxid)).toEqual([second]);
});

test.each(["3.8.0", "3.9.5"] as const)(
  "UPTODATE in %s: serve, log what is left, apply what was committed, and take the epoch into the vote",
  (variant) => {
    const server = syncing(variant).hears(
      from(3, { type: "DIFF", zxid: 0 }),
      from(3, { type: "NEWLEADER", epoch: 1 }),
      { type: variant === "3.8.0" ? "handed over" : "history persisted" },
      from(3, { type: "PROPOSAL", txn: txn(third) }),
      from(3, { type: "COMMIT", zxid: third }),
      from(3, { type: "UPTODATE" }),
    );
    const types = server.effects.map(({ type }) => type);
    expect(types).toEqual(["send", "start serving", "tell", "log", "apply"]);
    expect(server.sent).toEqual([{ type: "ACK", zxid: makeZxid(1, 0) }]);
    expect(server.context.currentVote.peerEpoch).toBe(1);
    expect(server.value).toEqual({ following: "broadcast" });
  },
);

test("a follower acknowledges a proposal when it is synced, not when it comes", () => {
  const server = syncing().hears(
    from(3, { type: "DIFF", zxid: 0 }),
    from(3, { type: "NEWLEADER", epoch: 1 }),
    { type: "history persisted" },
    from(3, { type: "UPTODATE" }),
    from(3, { type: "PROPOSAL", txn: txn(first) }),
  );
  expect(server.sent).toEqual([]);
  server.hears({ type: "disk synced", zxids: [first] });
  expect(server.sent).toEqual([{ type: "ACK", zxid: first }]);
});

test("the end of any other connection does not disturb a follower, that of its leader's does", () => {
  const server = syncing();
  server.hears({ type: "connection closed", connection: 99, from: 3 });
  expect(server.value).toEqual({ following: { synchronization: "receive" } });
  server.hears({ type: "connection closed", connection: 13, from: 3 });
  expect(server.value).toEqual({ looking: "sendVote" });
});

// ---- leading

const info = (sid: number, acceptedEpoch = 0) =>
  from(sid, { type: "FOLLOWERINFO", sid, acceptedEpoch, configVersion: 0 });
const ack = (sid: number, zxid: number) => from(sid, { type: "ACK", zxid });
const epochAck = (sid: number, currentEpoch = 0, lastZxid = 0) =>
  from(sid, { type: "ACKEPOCH", currentEpoch, lastZxid });

test("the new epoch is one above all that a quorum has accepted, and is on disk before it is told", () => {
  const server = elected(2, { acceptedEpoch: 1, currentEpoch: 1 }).hears(info(1, 4));
  expect(server.effects.map(({ type }) => type)).toContain("write acceptedEpoch");
  expect(server.sent).toEqual([{ type: "LEADERINFO", epoch: 5 }]);
  const types = server.effects.map(({ type }) => type);
  expect(types.indexOf("write acceptedEpoch")).toBeLessThan(types.indexOf("send"));
  expect(server.value).toEqual({ leading: { discovery: "epochAcks" } });
});

test("a learner that comes later gets the same epoch", () => {
  const server = elected(2).hears(info(1), info(3, 9));
  expect(server.sent).toEqual([{ type: "LEADERINFO", epoch: 1 }]);
});

test("ACKEPOCH -1 is no acknowledgement, but its learner is synchronized with the others", () => {
  const five = new Server({ voters: [1, 2, 3, 4, 5] })
    .hears(loaded(), vote(1, "LOOKING", 2), vote(2, "LOOKING", 2), vote(3, "LOOKING", 1))
    .hears(vote(3, "LOOKING", 2))
    .waits("finalizeWait", "looking.finalize")
    .hears(info(1), info(3), info(4), epochAck(1, -1), epochAck(3));
  expect(five.value).toEqual({ leading: { discovery: "epochAcks" } });
  five.hears(epochAck(4));
  expect(five.value).toEqual({ leading: "synchronization" });
  expect(five.effect("synchronize").map(({ sid }) => sid)).toEqual([1, 3, 4]);
});

test("while the epoch is being acknowledged a learner that knows more is sent away", () => {
  const server = elected(2).hears(info(1), epochAck(1, 0, makeZxid(0, 1)));
  expect(server.effect("close")).toEqual([{ type: "close", connection: 11 }]);
  expect(server.value).toEqual({ leading: { discovery: "epochAcks" } });
});

test("once a quorum has acknowledged the epoch, a learner that knows more is synchronized like any other", () => {
  const server = elected(2).hears(info(1), epochAck(1), info(3), epochAck(3, 0, makeZxid(0, 7)));
  expect(server.effect("close")).toEqual([]);
  expect(server.effect("synchronize")[0]).toMatchObject({ sid: 3, peerLastZxid: makeZxid(0, 7) });
});

test("no quorum within initLimit sends the leader back to looking, in each of its three waits", () => {
  const waits = [
    elected(2).waits("initLimit", "leading.discovery.acceptedEpochs"),
    elected(2).hears(info(1)).waits("initLimit", "leading.discovery.epochAcks"),
    elected(2).hears(info(1), epochAck(1)).waits("initLimit", "leading.synchronization"),
  ];
  for (const server of waits) {
    expect(server.value).toEqual({ looking: "sendVote" });
    expect(server.effect("tell")[0]?.fact).toMatchObject({ type: "join.timeout", side: "leader" });
  }
});

const established = () => elected(2).hears(info(1), epochAck(1), ack(1, makeZxid(1, 0)));

test("a quorum of NEWLEADER ACKs establishes the leader: UPTODATE, and its zxid begins the epoch", () => {
  const server = established();
  expect(server.value).toEqual({ leading: "broadcast" });
  expect(server.sent).toEqual([{ type: "UPTODATE" }]);
  expect(server.leading.lastCommitted).toBe(makeZxid(1, 0));
  expect(server.context.currentVote.peerEpoch).toBe(1);
});

test("how a leader won is told by its lead over the second best of those that joined it", () => {
  const wonBy = (...acks: readonly ServerEvent[]) => {
    const server = elected(2, { acceptedEpoch: 1, currentEpoch: 1 });
    server.hears(info(1, 1), info(3, 1), ...acks, ack(1, makeZxid(2, 0)));
    const [told] = server.effect("tell");
    return told?.fact.type === "leader.elected" ? told.fact.wonBy : null;
  };
  expect(wonBy(epochAck(1, 1))).toBe("sid");
  expect(wonBy(epochAck(1, 0))).toBe("epoch");
  expect(wonBy(epochAck(3, 0), epochAck(1, 1))).toBe("sid");
  // It had accepted this epoch before and does not tell its own: nothing says that it is lower.
  expect(wonBy(epochAck(3, 0), epochAck(1, -1))).toBe("sid");
});

test("an ACK from another epoch does not establish a leader", () => {
  const server = elected(2).hears(info(1), epochAck(1), ack(1, makeZxid(0, 0)));
  expect(server.value).toEqual({ leading: "synchronization" });
});

test("a learner that comes to a serving leader is synchronized, and is up to date at its first NEWLEADER ACK", () => {
  const server = established().hears(info(3), epochAck(3));
  expect(server.effect("synchronize")[0]?.sid).toBe(3);
  expect(server.hears(ack(3, makeZxid(1, 0))).sent).toEqual([{ type: "UPTODATE" }]);
  expect(server.hears(ack(3, makeZxid(1, 0))).sent).toEqual([]);
});

test("a proposal goes to every learner that is being or has been synchronized", () => {
  const server = established().hears(info(3), epochAck(3), closeSession);
  expect(server.effect("propose")[0]).toMatchObject({ zxid: makeZxid(1, 1), to: [11, 13] });
});

test("a proposal is committed when a quorum has logged it, the leader's own disk not needed", () => {
  const server = established().hears(info(3), epochAck(3), ack(3, makeZxid(1, 0)), closeSession);
  expect(server.hears(ack(1, makeZxid(1, 1))).effect("commit")).toEqual([]);
  server.hears(ack(3, makeZxid(1, 1)));
  expect(server.effect("commit")[0]?.proposals).toEqual([{ zxid: makeZxid(1, 1), acks: [1, 3] }]);
});

test("a leader pings every half tick and counts its quorum at each full one", () => {
  const server = established();
  server.hears({ type: "half tick" });
  expect(server.effect("send pings")[0]?.to).toEqual([11]);
  expect(server.effect("start timer")[0]).toMatchObject({ name: "half tick", ms: 1_000 });
  server.hears({ type: "connection closed", connection: 11, from: 1 });
  expect(server.value).toEqual({ leading: "broadcast" });
  expect(server.hears({ type: "half tick" }).value).toEqual({ looking: "sendVote" });
  expect(server.effect("tell")[0]?.fact).toMatchObject({ type: "leader.lost", epoch: 1 });
});

test("at the last counter of an epoch the leader gives up instead of proposing (ZOOKEEPER-1277)", () => {
  const server = established();
  // An epoch of four billion writes is not played through: the counter is set.
  Object.assign(server.leading, { lastGiven: makeZxid(1, 0xfffffffd) });
  server.hears(closeSession);
  expect(server.effect("propose")[0]?.zxid).toBe(makeZxid(1, 0xfffffffe));
  expect(server.hears(closeSession).effect("propose")).toEqual([]);
  expect(server.effect("shut down")).toHaveLength(1);
  expect(server.value).toEqual({ leading: "stopped" });
  expect(server.hears({ type: "half tick" }).value).toEqual({ looking: "sendVote" });
});

const upToDate = () =>
  syncing().hears(
    from(3, { type: "DIFF", zxid: 0 }),
    from(3, { type: "NEWLEADER", epoch: 1 }),
    { type: "history persisted" },
    from(3, { type: "UPTODATE" }),
  );

test("a follower logs a PROPOSAL at once and applies it at its COMMIT", () => {
  const server = upToDate().hears(from(3, { type: "PROPOSAL", txn: txn(first) }));
  expect(server.effects).toEqual([{ type: "log", txns: [txn(first)] }]);
  server.hears(from(3, { type: "COMMIT", zxid: first }));
  expect(server.effects).toEqual([{ type: "apply", zxid: first }]);
});

test("a PING is answered by a follower, and its answer touches sessions at the leader", () => {
  const ping = {
    type: "PING",
    zxid: first,
    touched: [{ sessionId: "0x1", timeoutMs: 4_000 }],
    reply: true,
  } as const;
  expect(upToDate().hears(from(3, ping)).effect("answer ping")).toHaveLength(1);
  const leader = established().hears(from(1, ping));
  expect(leader.effects).toEqual([{ type: "touch sessions", sessions: ping.touched }]);
});

test("REVALIDATE: the leader looks a session up, the follower takes its answer", () => {
  const ask = { type: "REVALIDATE", sessionId: "0x1", timeoutMs: 4_000, valid: null } as const;
  expect(established().hears(from(1, ask)).effect("revalidate")).toMatchObject([
    { connection: 11, sessionId: "0x1" },
  ]);
  expect(upToDate().hears(from(3, { ...ask, valid: false })).effects).toEqual([
    { type: "revalidated", sessionId: "0x1", timeoutMs: 4_000, valid: false },
  ]);
});

test("a REQUEST of a learner is proposed like a write of the leader's own clients, but not before it is established", () => {
  const request = from(1, {
    type: "REQUEST",
    sessionId: "0x1",
    request: { cxid: 4, authInfo: [], op: { type: "delete", path: "/a", version: -1 } },
  });
  expect(established().hears(request).effect("propose")).toMatchObject([{ zxid: makeZxid(1, 1) }]);
  expect(elected(2).hears(info(1), epochAck(1), request).effects).toEqual([]);
});

// ---- standalone

const alone = (lastZxid = makeZxid(1, 7)) =>
  new Server({ voters: [2], lines: ["standaloneEnabled=true"] }).hears(loaded(lastZxid));

test("a server alone saves a snapshot and serves, without any vote", () => {
  const server = alone();
  expect(server.value).toEqual({ standalone: "serve" });
  expect(server.effects).toEqual([
    { type: "save snapshot" },
    { type: "start serving", lastProcessed: makeZxid(1, 7) },
  ]);
});

test("a server alone goes on from its last zxid in the same epoch: logged, synced, committed", () => {
  const server = alone().hears(closeSession);
  expect(server.effect("propose")).toMatchObject([{ zxid: makeZxid(1, 8), to: [] }]);
  server.hears({ type: "disk synced", zxids: [makeZxid(1, 8)] });
  expect(server.effects).toEqual([
    {
      type: "commit",
      proposals: [{ zxid: makeZxid(1, 8), acks: [2] }],
      to: [],
      observers: [],
      syncs: [],
    },
  ]);
});

// ---- looking: who is counted

test("a vote that names a server outside, of an observer, or without a database is heard and not counted", () => {
  const server = new Server().hears(loaded());
  for (const n of [
    vote(1, "LOOKING", 9, { zxid: 99 }),
    vote(1, "OBSERVING", 3),
    vote(3, "LOOKING", 3, { zxid: -1 }),
  ]) {
    server.hears(n);
    expect(server.context.recvset).toEqual({});
    expect(server.context.outOfElection).toEqual({});
    expect(server.effects).toMatchObject([{ type: "start timer", name: "notification" }]);
  }
});

test("a server without a database counts nobody, not even itself, until others lead", () => {
  const server = new Server().hears(loaded(-1), vote(2, "LOOKING", 2, { zxid: -1 }));
  server.hears(vote(3, "LOOKING", 3));
  expect(server.context.recvset).toEqual({});
  server.hears(vote(1, "FOLLOWING", 3, { round: 5 }), vote(3, "LEADING", 3, { round: 5 }));
  expect(server.value).toEqual({ following: "discovery" });
});

test("within the 200 ms a better vote is taken up again, whatever state it comes from", () => {
  const server = agreed(3, { voters: [1, 2, 3, 4, 5] });
  expect(server.value).toEqual({ looking: "collect" });
  server.hears(vote(1, "LOOKING", 3), vote(4, "FOLLOWING", 5));
  expect(server.value).toEqual({ looking: "collect" });
  expect(server.context.outOfElection[4]?.leader).toBe(5);
});

test("a server of weight 0 is never taken over, and with it in front the election goes to the best of the others", () => {
  const lines = ["group.1=1:2:3", "weight.3=0"];
  const server = new Server({ lines }).hears(loaded(), vote(3, "LOOKING", 3, { zxid: 9 }));
  expect(server.context.proposal.leader).toBe(2);
  server.hears(vote(2, "LOOKING", 2), vote(3, "LOOKING", 2));
  expect(server.value).toEqual({ looking: "collect" });
  server.hears(vote(1, "LOOKING", 2));
  expect(server.value).toEqual({ looking: "finalize" });
});

test("the notification interval and its limit can be set", () => {
  const lines = ["fastleader.minNotificationInterval=50", "fastleader.maxNotificationInterval=120"];
  const server = new Server({ lines }).hears(loaded());
  const waits = [0, 0].map(() => {
    server.hears({ type: "notification timeout" });
    return server.effect("start timer").find((one) => one.name === "notification")?.ms;
  });
  expect(waits).toEqual([100, 120]);
});

test("read-only mode: after two seconds of LOOKING, at least a tick, reads are served; and no more once it is over", () => {
  const readOnly = (tickTime: number) =>
    new Server({ lines: [`tickTime=${tickTime}`], flags: ["-Dreadonlymode.enabled=true"] });
  const due = (server: Server) =>
    server.effect("start timer").find((one) => one.name === "read-only")?.ms;
  expect(due(readOnly(500))).toBe(2_000);
  expect(due(readOnly(3_000))).toBe(3_000);
  expect(due(new Server())).toBeUndefined();
  const server = readOnly(500).hears(loaded(), { type: "read-only due" });
  expect(server.effects).toEqual([{ type: "serve read-only" }]);
  server.hears(vote(1, "FOLLOWING", 3), vote(3, "LEADING", 3));
  expect(server.effect("stop read-only")).toHaveLength(1);
});

// ---- observing

const observer = (given: Given = {}, variant?: VariantName) =>
  new Server({ sid: 4, lines: ["server.4=zk4:2888:3888:observer"], ...given }, variant);
const observing = (variant?: VariantName, given: Given = {}) =>
  observer(given, variant)
    .hears(loaded(makeZxid(1, 5)))
    .hears(vote(1, "FOLLOWING", 3, { round: 5 }), vote(3, "LEADING", 3, { round: 5 }))
    .hears({ type: "leader connected", connection: 13 });

test("an observer asks all voters with a vote that cannot win, and joins the leader that a quorum confirms", () => {
  const server = observer().hears(loaded(makeZxid(1, 5)));
  expect(server.effect("send vote")[0]).toMatchObject({
    to: [1, 2, 3],
    notification: { leader: SMALLEST, zxid: SMALLEST, peerEpoch: SMALLEST, round: 1 },
  });
  server.hears(vote(1, "FOLLOWING", 3, { round: 5 }), vote(3, "LEADING", 3, { round: 5 }));
  expect(server.value).toEqual({ observing: "discovery" });
  expect(server.effect("tell")[0]?.fact).toMatchObject({ state: "OBSERVING", leader: 3 });
});

test("an observer also ends by a quorum of equal votes and the 200 ms", () => {
  const server = observer().hears(loaded(), vote(1, "LOOKING", 3), vote(3, "LOOKING", 3));
  expect(server.value).toEqual({ looking: "finalize" });
  expect(server.waits("finalizeWait", "looking.finalize").value).toEqual({
    observing: "discovery",
  });
});

test("OBSERVERINFO tells the accepted epoch, and ACKEPOCH the history on disk, not the vote", () => {
  const server = observing();
  expect(server.sent).toMatchObject([{ type: "OBSERVERINFO", sid: 4 }]);
  server.hears(from(3, { type: "LEADERINFO", epoch: 2 }));
  expect(ackEpoch(server)).toEqual({ type: "ACKEPOCH", currentEpoch: 0, lastZxid: makeZxid(1, 5) });
});

test("an observer answers nobody who looks for a leader", () => {
  expect(observing().hears(vote(1, "LOOKING", 1)).effects).toEqual([]);
});

test.each(["3.8.0", "3.9.5"] as const)(
  "INFORM in %s: during synchronization collected until UPTODATE, afterwards taken in at once",
  (variant) => {
    const server = observing(variant).hears(
      from(3, { type: "LEADERINFO", epoch: 2 }),
      from(3, { type: "DIFF", zxid: makeZxid(1, 6) }),
      from(3, { type: "PROPOSAL", txn: txn(makeZxid(1, 6)) }),
      from(3, { type: "COMMIT", zxid: makeZxid(1, 6) }),
      from(3, { type: "NEWLEADER", epoch: 2 }),
    );
    const [handed] = [...server.effect("hand over"), ...server.effect("persist")];
    expect(handed?.txns).toEqual([]);
    server.hears({ type: variant === "3.8.0" ? "handed over" : "history persisted" });
    expect(server.sent).toEqual([{ type: "ACK", zxid: makeZxid(2, 0) }]);
    server.hears(
      from(3, { type: "INFORM", txn: txn(makeZxid(2, 1)) }),
      from(3, { type: "UPTODATE" }),
    );
    expect(server.value).toEqual({ observing: "broadcast" });
    expect(server.effect("inform").map((one) => one.txn.zxid)).toEqual([
      makeZxid(1, 6),
      makeZxid(2, 1),
    ]);
    server.hears(from(3, { type: "INFORM", txn: txn(makeZxid(2, 2)) }));
    expect(server.effects).toEqual([{ type: "inform", txn: txn(makeZxid(2, 2)), log: true }]);
    expect(server.hears({ type: "disk synced", zxids: [makeZxid(2, 2)] }).sent).toEqual([]);
  },
);

test("after SNAP an INFORM before NEWLEADER goes into the tree at once", () => {
  const snapshot = { zxid: 0, tree: {}, sessions: {} } as never;
  const server = observing().hears(
    from(3, { type: "LEADERINFO", epoch: 2 }),
    from(3, { type: "SNAP", zxid: 0, snapshot }),
    from(3, { type: "INFORM", txn: txn(first) }),
  );
  expect(server.effects).toEqual([{ type: "apply collected", txn: txn(first) }]);
  expect(server.following.collected).toEqual([]);
});

test("an observer with syncEnabled=false keeps no log", () => {
  const lines = ["server.4=zk4:2888:3888:observer", "syncEnabled=false"];
  const server = observing("3.9.5", { lines }).hears(
    from(3, { type: "LEADERINFO", epoch: 2 }),
    from(3, { type: "DIFF", zxid: 0 }),
    from(3, { type: "NEWLEADER", epoch: 2 }),
    { type: "history persisted" },
    from(3, { type: "UPTODATE" }),
    from(3, { type: "INFORM", txn: txn(first) }),
  );
  expect(server.effect("inform")[0]?.log).toBe(false);
});

test("an observer that lost its leader waits a random while before it looks for another", () => {
  const server = observing().hears({ type: "connection closed", connection: 13, from: 3 });
  expect(server.value).toEqual({ looking: "pause" });
  expect(server.effect("start random timer")[0]).toMatchObject({ belowMs: 200 });
  server.hears({ type: "delay over" });
  expect(server.value).toEqual({ looking: "sendVote" });
  const short = observing("3.9.5", {
    lines: ["server.4=zk4:2888:3888:observer", "observer.election.DelayMs=50"],
  });
  short.hears({ type: "connection closed", connection: 13, from: 3 });
  expect(short.effect("start random timer")[0]?.belowMs).toBe(50);
});

// ---- the windows of the NEWLEADER step

const twoProposed = (variant: VariantName) =>
  syncing(variant).hears(from(3, { type: "DIFF", zxid: first }), ...proposals);

test("in 3.8.0 a COMMIT between NEWLEADER and UPTODATE finds nothing collected, and the follower fails (ZOOKEEPER-4394)", () => {
  const server = twoProposed("3.8.0").hears(
    from(3, { type: "NEWLEADER", epoch: 1 }),
    { type: "handed over" },
    from(3, { type: "COMMIT", zxid: first }),
  );
  expect(server.value).toEqual({ looking: "sendVote" });
});

test("in 3.8.0 it is remembered when a later PROPOSAL is collected again; and in 3.9.5 always", () => {
  const later = from(3, { type: "PROPOSAL", txn: txn(third) });
  const commit = from(3, { type: "COMMIT", zxid: first });
  const server = twoProposed("3.8.0").hears(
    from(3, { type: "NEWLEADER", epoch: 1 }),
    { type: "handed over" },
    later,
    commit,
  );
  expect(server.following.committed).toEqual([first]);
  const newer = twoProposed("3.9.5").hears(
    from(3, { type: "NEWLEADER", epoch: 1 }),
    { type: "history persisted" },
    commit,
  );
  expect(newer.following.committed).toEqual([first]);
});

test("in 3.8.0 the sync thread may be quicker: the ACK of a proposal goes out before that of NEWLEADER (ZOOKEEPER-4685)", () => {
  const server = twoProposed("3.8.0").hears(from(3, { type: "NEWLEADER", epoch: 1 }));
  expect(server.hears({ type: "disk synced", zxids: [first] }).sent).toEqual([
    { type: "ACK", zxid: first },
  ]);
  expect(server.hears({ type: "handed over" }).sent).toEqual([
    { type: "ACK", zxid: makeZxid(1, 0) },
  ]);
});

test("a gap in a DIFF makes the learner fail in 3.9.5, not in 3.8.0", () => {
  const gap = [first, third].map((zxid) => from(3, { type: "PROPOSAL", txn: txn(zxid) }));
  const diff = from(3, { type: "DIFF", zxid: third });
  expect(syncing("3.9.5").hears(diff, ...gap).value).toEqual({ looking: "sendVote" });
  expect(syncing("3.8.0").hears(diff, ...gap).value).toEqual({
    following: { synchronization: "receive" },
  });
});

test("after SNAP a COMMIT that does not name the next proposal changes nothing", () => {
  const snapshot = { zxid: 0, tree: {}, sessions: {} } as never;
  const server = syncing().hears(
    from(3, { type: "SNAP", zxid: 0, snapshot }),
    ...proposals,
    from(3, { type: "COMMIT", zxid: second }),
  );
  expect(server.effects).toEqual([]);
  expect(server.following.collected).toHaveLength(2);
});

test("a follower whose disk failed leaves its leader when it has read one packet more", () => {
  const server = upToDate().hears({ type: "disk failed" });
  expect(server.value).toEqual({ following: "failing" });
  server.hears(from(3, { type: "PING", zxid: first, touched: [], reply: false }));
  expect(server.value).toEqual({ looking: "sendVote" });
});

test("SYNC answers the client that has asked", () => {
  const server = upToDate().hears(from(3, { type: "SYNC", sessionId: "0x1", cxid: 9 }));
  expect(server.effects).toEqual([{ type: "answer sync", sessionId: "0x1", cxid: 9 }]);
});

// ---- leading: observers, syncs, limits

const watcherInfo = (sid: number, configVersion = 0) =>
  from(sid, { type: "OBSERVERINFO", sid, acceptedEpoch: 0, configVersion });
const withObserver = () => established().hears(watcherInfo(4), epochAck(4), ack(4, makeZxid(1, 0)));

test("OBSERVERINFO: an observer gets LEADERINFO and history like others, but PROPOSALs and COMMITs are not for it", () => {
  const server = established().hears(watcherInfo(4));
  expect(server.sent).toEqual([{ type: "LEADERINFO", epoch: 1 }]);
  expect(server.hears(epochAck(4)).effect("synchronize")[0]).toMatchObject({ observer: true });
  expect(server.hears(ack(4, makeZxid(1, 0))).sent).toEqual([{ type: "UPTODATE" }]);
  expect(server.hears(closeSession).effect("propose")[0]?.to).toEqual([11]);
  server.hears({ type: "disk synced", zxids: [makeZxid(1, 1)] }, ack(1, makeZxid(1, 1)));
  expect(server.effect("commit")[0]).toMatchObject({ to: [11], observers: [14] });
});

test("the ACK of an observer commits nothing, and its presence keeps no quorum", () => {
  const server = withObserver().hears(closeSession);
  server.hears({ type: "disk synced", zxids: [makeZxid(1, 1)] }, ack(4, makeZxid(1, 1)));
  expect(server.effect("commit")).toEqual([]);
  server.hears({ type: "connection closed", connection: 11, from: 1 });
  server.hears({ type: "half tick" }, { type: "half tick" });
  expect(server.value).toEqual({ looking: "sendVote" });
});

test("observers are no quorum for an epoch nor for NEWLEADER", () => {
  const server = elected(2).hears(watcherInfo(4), watcherInfo(5));
  expect(server.value).toEqual({ leading: { discovery: "acceptedEpochs" } });
  server.hears(info(1), epochAck(4), epochAck(5));
  expect(server.value).toEqual({ leading: { discovery: "epochAcks" } });
  server.hears(epochAck(1), ack(4, makeZxid(1, 0)), ack(5, makeZxid(1, 0)));
  expect(server.value).toEqual({ leading: "synchronization" });
});

test("FOLLOWERINFO with a newer membership is refused", () => {
  const newer = from(1, {
    type: "FOLLOWERINFO",
    sid: 1,
    acceptedEpoch: 0,
    configVersion: 0x100000000,
  });
  for (const server of [elected(2), established()]) {
    server.hears(newer);
    expect(server.effects).toEqual([{ type: "close", connection: 11 }]);
  }
});

test("who waits for a quorum is not read from: its silence ends nothing until it is asked again", () => {
  const five = new Server({ voters: [1, 2, 3, 4, 5] })
    .hears(loaded(), vote(1, "LOOKING", 2), vote(2, "LOOKING", 2), vote(3, "LOOKING", 2))
    .waits("finalizeWait", "looking.finalize")
    .hears(info(1));
  expect(five.effects).toEqual([{ type: "set read timeout", connection: 11, ms: null }]);
  five.hears(info(3));
  expect(five.effect("set read timeout").slice(-2)).toEqual([
    { type: "set read timeout", connection: 11, ms: 20_000 },
    { type: "set read timeout", connection: 13, ms: 20_000 },
  ]);
  five.hears(epochAck(1));
  expect(five.effect("set read timeout")).toMatchObject([{ connection: 11, ms: null }]);
});

test("after UPTODATE the leader reads within syncLimit", () => {
  expect(established().effect("set read timeout").at(-1)).toMatchObject({
    connection: 11,
    ms: 10_000,
  });
});

const syncOf = (sid: number, cxid: number) =>
  from(sid, {
    type: "REQUEST",
    sessionId: "0x1",
    request: { cxid, authInfo: [], op: { type: "sync", path: "/" } },
  });

test("a sync of a learner is answered with SYNC at once, when nothing is outstanding", () => {
  const server = established().hears(syncOf(1, 7));
  expect(server.effects).toEqual([
    { type: "send", connection: 11, packet: { type: "SYNC", sessionId: "0x1", cxid: 7 } },
  ]);
});

test("else it goes out behind the commit of the last proposal of that moment", () => {
  const server = established().hears(closeSession, closeSession, syncOf(1, 7), closeSession);
  expect(server.sent).toEqual([]);
  const sync = { after: makeZxid(1, 2), connection: 11, sessionId: "0x1", cxid: 7 };
  expect(server.leading.syncs).toEqual([sync]);
  const zxids = [makeZxid(1, 1), makeZxid(1, 2)];
  server.hears({ type: "disk synced", zxids }, ack(1, zxids[0] ?? 0), ack(1, zxids[1] ?? 0));
  expect(server.effect("commit")[0]?.syncs).toEqual([sync]);
  expect(server.leading.syncs).toEqual([]);
});

test("a learner that leaves a proposal unacknowledged for longer than syncLimit is sent away at the ping step", () => {
  const server = established().hears(info(3), epochAck(3), ack(3, makeZxid(1, 0)), closeSession);
  for (let half = 1; half <= 11; half += 1) {
    server.hears(
      from(1, { type: "PING", zxid: 0, touched: [], reply: true }),
      from(3, { type: "PING", zxid: 0, touched: [], reply: true }),
      ack(1, makeZxid(1, 1)),
      { type: "half tick" },
    );
    expect(server.effect("close")).toEqual(half < 11 ? [] : [{ type: "close", connection: 13 }]);
  }
  expect(server.effect("send pings")[0]?.to).toEqual([11]);
});

test("a leader whose disk failed gives up at its next half tick", () => {
  const server = established().hears({ type: "disk failed" });
  expect(server.value).toEqual({ leading: "broadcast" });
  expect(server.hears({ type: "half tick" }).value).toEqual({ looking: "sendVote" });
});

test("a server that is no voter here follows and acknowledges, and is counted nowhere", () => {
  const server = established().hears(info(9), epochAck(9), ack(9, makeZxid(1, 0)), closeSession);
  expect(server.effect("propose")[0]?.to).toEqual([11, 19]);
  server.hears({ type: "disk synced", zxids: [makeZxid(1, 1)] }, ack(9, makeZxid(1, 1)));
  expect(server.effect("commit")).toEqual([]);
});

test("with maxTimeToWaitForEpoch an elected leader gives up when one that voted for it looks again after that time", () => {
  const lines = ["leader.maxTimeToWaitForEpoch=500"];
  const server = elected(2, { lines });
  expect(server.effect("start timer")).toMatchObject([{ name: "patience", ms: 500 }]);
  const again = vote(1, "LOOKING", 1, { round: 2 });
  expect(server.hears(again).value).toEqual({ leading: { discovery: "acceptedEpochs" } });
  server.hears({ type: "patience over" }, again);
  expect(server.value).toEqual({ looking: "sendVote" });
  expect(elected(2).effect("start timer")).toEqual([]);
});

test("a stranger is answered by a leader in whatever state it is", () => {
  expect(
    established()
      .hears(vote(9, "FOLLOWING", 9))
      .effect("send vote"),
  ).toMatchObject([{ to: [9], notification: { state: "LEADING" } }]);
});

test("one server as an ensemble of its own leads at once", () => {
  const server = new Server({ voters: [2] }).hears(loaded(), vote(2, "LOOKING", 2));
  expect(server.waits("finalizeWait", "looking.finalize").value).toEqual({ leading: "broadcast" });
});
