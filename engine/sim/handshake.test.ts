import { expect, test } from "vitest";
import { BareSession } from "../scenario/bareSession";
import { followerIn, leaderIn, loneServer, servingEnsemble, servingTrial } from "../scenario/crew";
import { ensembleOf, Trial } from "../scenario/trial";
import { NO_PASSWORD, NO_SESSION, passwordOf } from "../session/sessionId";
import { createOf } from "../net/request";
import { makeZxid } from "../zxid";
import { openBare } from "./command";
import { serverOf } from "./read";

const alone = (more = "", jvmFlags: readonly string[] = []) =>
  servingTrial(loneServer(more, jvmFlags));
const three = () => servingTrial(servingEnsemble(3));

test("a session gets an id with its server's sid in the top byte, and the password that belongs to it", () => {
  const trial = three();
  const sid = followerIn(trial);
  const answer = new BareSession(trial, "s").connect(sid, { timeoutMs: 9_000 });
  expect(answer).toMatchObject({ timeoutMs: 9_000, readOnly: false });
  const id = answer?.sessionId ?? "";
  expect(id).toMatch(new RegExp(`^0x${sid}[0-9a-f]{14}$`));
  expect(answer?.password).toBe(passwordOf(id));
  const next = new BareSession(trial, "t").connect(sid)?.sessionId ?? "";
  expect(BigInt(next) - BigInt(id)).toBe(1n);
});

test("a new session is told of once, and known to every server when it is committed", () => {
  const trial = three();
  const session = new BareSession(trial, "s");
  session.connect(followerIn(trial));
  expect(trial.all("session.new")).toMatchObject([{ sid: session.sessionId, name: "s" }]);
  trial.wait(100);
  for (const { process } of trial.world.servers)
    expect(Object.keys(process?.sessions ?? {})).toEqual([session.sessionId]);
});

test("a client that has seen more than the server is sent away without a word", () => {
  const trial = alone();
  const session = new BareSession(trial, "s");
  expect(session.connect(1, { lastZxidSeen: makeZxid(9, 0) })).toBeNull();
  expect(trial.all("client.refused")).toMatchObject([{ name: "s", server: 1, reason: "zxid" }]);
  expect(session.connect(1, { lastZxidSeen: 0 })).not.toBeNull();
});

test("a server that looks for a leader accepts a connection and closes it at the greeting", () => {
  const setup = ensembleOf(3);
  const servers = setup.servers.map((server, nth) => ({ ...server, up: nth === 0 }));
  const trial = new Trial({ ...setup, servers }, 1).wait(5_000);
  const session = new BareSession(trial, "s").dial(1);
  expect(session.isOpen).toBe(true);
  trial.wait(1_000);
  expect(session.isOpen).toBe(true);
  session.greet();
  trial.until(session.isClosed);
  expect(trial.all("client.refused")).toMatchObject([{ reason: "not serving" }]);
});

test("whoever comes again keeps its session and its ephemerals, under a timeout negotiated anew", () => {
  const trial = three();
  const session = new BareSession(trial, "s");
  session.connect(followerIn(trial));
  session.asked(createOf("/e", "", "EPHEMERAL"));
  const id = session.sessionId;
  session.drop();
  expect(session.connect(leaderIn(trial), { timeoutMs: 6_000 })).toMatchObject({
    sessionId: id,
    timeoutMs: 6_000,
  });
  expect(session.asked({ type: "getEphemerals", prefix: "/" }).ephemerals).toEqual(["/e"]);
  expect(trial.all("session.moved")).toMatchObject([
    { sid: id, name: "s", from: followerIn(trial), to: leaderIn(trial) },
  ]);
});

test("whoever comes again to the same server loses its old connection there, even with a wrong password", () => {
  const trial = alone();
  const old = new BareSession(trial, "old");
  old.connect(1);
  const thief = new BareSession(trial, "new");
  const answer = thief.connect(1, { sessionId: old.sessionId, password: NO_PASSWORD });
  expect(answer).toMatchObject({ timeoutMs: 0, sessionId: NO_SESSION, password: NO_PASSWORD });
  trial.until(thief.isClosed).until(old.isClosed);
  expect(trial.all("session.expired")).toEqual([]);
  expect(old.connect(1)).toMatchObject({ sessionId: old.sessionId });
});

test.each(["leader", "follower"])(
  "a session that nobody knows has expired: the %s says so and hangs up",
  (at) => {
    const trial = three();
    const session = new BareSession(trial, "s");
    const sessionId = "0x100000000000001";
    const answer = session.connect(at === "leader" ? leaderIn(trial) : followerIn(trial), {
      sessionId,
      password: passwordOf(sessionId),
    });
    expect(answer).toMatchObject({ timeoutMs: 0, sessionId: NO_SESSION });
    trial.until(session.isClosed);
  },
);

test("what a client sends before it has its session waits, and is answered behind the ConnectResponse", () => {
  const trial = three();
  const session = new BareSession(trial, "s").dial(followerIn(trial)).greet();
  const made = session.send(createOf("/a", "1"));
  const read = session.send({ type: "getData", path: "/a" });
  trial.until(() => session.replyTo(read) !== null);
  expect(session.received.map(({ type }) => type)).toEqual([
    "ConnectResponse",
    "response",
    "response",
  ]);
  expect(session.replyTo(made)?.code).toBe("OK");
  expect(session.replyTo(read)?.data).toBe("1");
});

test("what a client that comes again sends before it is told that it may waits too", () => {
  const trial = three();
  const session = new BareSession(trial, "s");
  session.connect(followerIn(trial));
  session.dial(followerIn(trial)).greet();
  const read = session.send({ type: "exists", path: "/" });
  session.ping();
  trial.until(() => session.replyTo(read) !== null).wait(100);
  expect(session.received.map(({ type }) => type)).toEqual(["ConnectResponse", "response", "pong"]);
});

test("a server alone names its sessions as server 1, whatever its sid", () => {
  const lab = loneServer("server.5=zk5:2888:3888");
  const servers = lab.servers.map((server) => ({ ...server, myid: "5" }));
  const trial = servingTrial({ ...lab, servers });
  expect(new BareSession(trial, "s").connect(5)?.sessionId).toMatch(/^0x1[0-9a-f]{14}$/);
});

test("of one address, maxClientCnxns connections stand; one more is closed at once, until one goes", () => {
  const trial = alone("maxClientCnxns=2");
  const [a, b, c] = ["a", "b", "c"].map((name) => new BareSession(trial, name));
  a?.connect(1);
  b?.connect(1);
  c?.dial(1).trial.wait(100);
  expect([a?.isOpen, b?.isOpen, c?.isOpen]).toEqual([true, true, false]);
  a?.drop().trial.wait(100);
  expect(c?.connect(1)?.timeoutMs).toBe(10_000);
});

test("a connection without a session is closed between 10 and 20 s later, one with a session is not", () => {
  const trial = alone();
  const idle = new BareSession(trial, "idle");
  const living = new BareSession(trial, "living");
  living.connect(1, { timeoutMs: 40_000 });
  idle.dial(1);
  const sinceUs = trial.world.nowUs;
  trial.until(idle.isClosed);
  const lastedMs = (trial.world.nowUs - sinceUs) / 1_000;
  expect(lastedMs).toBeGreaterThan(10_000);
  expect(lastedMs).toBeLessThan(20_100);
  expect(living.isOpen).toBe(true);
});

test("a message longer than jute.maxbuffer closes the connection, one of just that length does not", () => {
  const trial = alone("", ["-Djute.maxbuffer=1000"]);
  const session = new BareSession(trial, "s");
  session.connect(1);
  session.asked(createOf("/a", ""));
  const set = (length: number) =>
    session.ask({ type: "setData", path: "/a", data: "x".repeat(length), version: -1 });
  // header 8, path 4 + 2, data 4, version 4
  expect(set(978)?.code).toBe("OK");
  expect(set(979)).toBeNull();
  expect(session.isOpen).toBe(false);
  expect(session.connect(1)).toMatchObject({ sessionId: session.sessionId });
  expect(session.asked({ type: "exists", path: "/a" }).stat?.dataLength).toBe(978);
});

test("a leader that does not serve takes no clients, and keeps the times of the others' sessions", () => {
  const lab = servingEnsemble(3, [], ["-Dzookeeper.leaderServes=no"]);
  const trial = new Trial(lab, 1).until(
    (world) => world.servers.filter(({ process }) => process?.serving).length === 2,
  );
  expect(serverOf(trial.world, leaderIn(trial)).process?.serving).toBe(false);
  const refused = new BareSession(trial, "refused");
  expect(refused.connect(leaderIn(trial))).toBeNull();
  const session = new BareSession(trial, "s");
  session.connect(followerIn(trial), { timeoutMs: 4_000 });
  expect(session.asked(createOf("/e", "", "EPHEMERAL")).code).toBe("OK");
  trial.untilFact({ type: "session.expired", sid: session.sessionId ?? "" }, 10_000);
});

test("a connection to a process that stands still waits for it, and counts when it wakes", () => {
  const trial = alone();
  trial.do(openBare("b", 1)).wait(100);
  expect(serverOf(trial.world, 1).process?.service.cnxns.size).toBe(1);
  trial.do({ type: "pause", sid: 1 }, openBare("c", 1)).wait(100);
  expect(serverOf(trial.world, 1).process?.service.cnxns.size).toBe(1);
  trial.do({ type: "resume", sid: 1 }).wait(100);
  expect(serverOf(trial.world, 1).process?.service.cnxns.size).toBe(2);
});
