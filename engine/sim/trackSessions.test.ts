import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { BareSession } from "../scenario/bareSession";
import {
  allServe,
  followerIn,
  followersIn,
  leaderIn,
  loneServer,
  servingEnsemble,
  servingTrial,
} from "../scenario/crew";
import type { Trial } from "../scenario/trial";
import { trackedSession } from "../session/sessionTracker";
import { nodeAt } from "../tree/dataTree";
import { keysOf } from "../tree/persistentMap";
import { cut, heal, kill } from "./command";
import { lastZxidOf, serverOf } from "./read";

const three = (keys = ["tickTime=1000"]) => servingTrial(servingEnsemble(3, keys));
const opened = (trial: Trial, sid: number, name = "s", timeoutMs = 4_000) => {
  const session = new BareSession(trial, name);
  session.connect(sid, { timeoutMs });
  return session;
};
const tracked = (trial: Trial, sid: number, session: BareSession) => {
  const { process } = serverOf(trial.world, sid);
  return process === null || session.sessionId === null
    ? null
    : trackedSession(process.service.tracker, session.sessionId);
};
const onServers = (trial: Trial, path: string) =>
  trial.world.servers
    .filter(({ process }) => process !== null && nodeAt(process.tree, path) !== null)
    .map(({ sid }) => sid);

test("the leader owns its own clients' sessions, and a learner's connection those of its clients", () => {
  const trial = three();
  const leader = leaderIn(trial);
  const own = opened(trial, leader, "own");
  const others = opened(trial, followerIn(trial), "others");
  expect(tracked(trial, leader, own)?.owner).toBe("this server");
  expect(typeof tracked(trial, leader, others)?.owner).toBe("number");
  others.drop().connect(leader);
  expect(tracked(trial, leader, others)?.owner).toBe("this server");
});

test("a session that has moved: its old way reads on at a learner, but a write takes a zxid and ends the connection", () => {
  const trial = three();
  const [from, to] = followersIn(trial);
  const old = opened(trial, from ?? 0, "old");
  const session = new BareSession(trial, "new");
  session.connect(to ?? 0, { sessionId: old.sessionId, password: old.password });
  expect(old.asked({ type: "exists", path: "/" }).code).toBe("OK");
  const before = lastZxidOf(serverOf(trial.world, leaderIn(trial)));
  expect(old.ask(createOf("/a", ""))).toBeNull();
  expect(old.isOpen).toBe(false);
  expect(lastZxidOf(serverOf(trial.world, leaderIn(trial)))).toBe(before + 1);
  expect(onServers(trial, "/a")).toEqual([]);
  expect(session.asked(createOf("/b", "")).code).toBe("OK");
});

test("at the leader, whatever comes by the old way ends the connection, and a read takes no zxid", () => {
  const trial = three();
  const old = opened(trial, leaderIn(trial), "old");
  const session = new BareSession(trial, "new");
  session.connect(followerIn(trial), { sessionId: old.sessionId, password: old.password });
  const before = lastZxidOf(serverOf(trial.world, leaderIn(trial)));
  expect(old.ask({ type: "exists", path: "/" })).toBeNull();
  expect(old.isOpen).toBe(false);
  expect(lastZxidOf(serverOf(trial.world, leaderIn(trial)))).toBe(before);
});

test("a multi by the old way: a learner answers it with SESSIONMOVED inside, the leader hangs up", () => {
  const trial = three();
  const [from, to] = followersIn(trial);
  const multi = { type: "multi", ops: [{ type: "check", path: "/", version: -1 }] } as const;
  const old = opened(trial, from ?? 0, "old");
  const session = new BareSession(trial, "new");
  session.connect(to ?? 0, { sessionId: old.sessionId, password: old.password });
  expect(old.asked(multi).results).toMatchObject([{ type: "error", code: "SESSIONMOVED" }]);
  const own = opened(trial, leaderIn(trial), "own");
  const moved = new BareSession(trial, "moved");
  moved.connect(to ?? 0, { sessionId: own.sessionId, password: own.password });
  expect(own.ask(multi)).toBeNull();
});

test.each([1, 2, 3, 4, 5])(
  "a silent session is gone between its timeout and a tick more after the leader heard of it (seed %i)",
  (seed) => {
    const trial = servingTrial(servingEnsemble(3, ["tickTime=1000"]), seed);
    const leader = leaderIn(trial);
    const session = opened(trial, followerIn(trial));
    session.asked(createOf("/e", "", "EPHEMERAL"));
    let expiresUs = 0;
    let heardUs = 0;
    trial.until((world) => {
      const now = tracked(trial, leader, session)?.expiresUs ?? 0;
      if (now !== expiresUs) heardUs = world.nowUs;
      expiresUs = now;
      return world.facts.some((fact) => fact.type === "session.expired");
    });
    expect(trial.world.nowUs).toBe(expiresUs);
    expect(trial.world.nowUs % 1_000_000).toBe(0);
    expect(trial.world.nowUs - heardUs).toBeGreaterThan(4_000_000);
    expect(trial.world.nowUs - heardUs).toBeLessThanOrEqual(5_000_000);
    trial.wait(200);
    expect(session.isOpen).toBe(false);
    expect(onServers(trial, "/e")).toEqual([]);
    expect(trial.all("session.closed")).toEqual([]);
  },
);

test("pings through a learner keep a session alive; the touch travels with the learner's answer to a ping", () => {
  const trial = three();
  const session = opened(trial, followerIn(trial));
  for (let nth = 0; nth < 12; nth += 1) session.ping().trial.wait(1_000);
  expect(session.isOpen).toBe(true);
  expect(trial.all("session.expired")).toEqual([]);
  trial.untilFact("session.expired", 8_000);
});

test("a session that comes again with another timeout is touched with that one", () => {
  const trial = three();
  const session = opened(trial, followerIn(trial), "s", 16_000);
  // Every learner has heard of its birth, and tells the leader with its next answer to a ping.
  trial.wait(1_000);
  session.drop().connect(followerIn(trial), { timeoutMs: 4_000 });
  const sinceUs = trial.world.nowUs;
  trial.untilFact("session.expired", 8_000);
  expect(trial.world.nowUs - sinceUs).toBeLessThan(6_500_000);
});

test("once its end has begun a session at the leader gets no answer any more, and a write through a learner is refused", () => {
  const trial = three();
  const leader = leaderIn(trial);
  const own = opened(trial, leader, "own");
  const others = opened(trial, followerIn(trial), "others", 16_000);
  // The last closeSession before the others' stays uncommitted while the leader hears nobody.
  trial.wait(3_000);
  for (const sid of followersIn(trial)) trial.do(cut(sid, leader));
  trial.untilFact({ type: "session.expired", sid: own.sessionId ?? "" }, 10_000);
  const read = own.send({ type: "exists", path: "/" });
  trial.wait(300);
  expect(own.replyTo(read)).toBeNull();
  expect(tracked(trial, leader, own)?.closing).toBe(true);
  expect(tracked(trial, leader, others)?.closing).toBe(false);
});

test("the end of a session counts from its proposal on: the leader lets nobody take it up any more", () => {
  const trial = three();
  const leader = leaderIn(trial);
  const session = opened(trial, leader, "s", 16_000);
  for (const sid of followersIn(trial)) trial.do(cut(sid, leader));
  session.send({ type: "closeSession" });
  trial.wait(200);
  expect(tracked(trial, leader, session)?.closing).toBe(true);
  expect(session.connect(leader)?.timeoutMs).toBe(0);
  expect(trial.all("session.closed")).toEqual([]);
});

test("every learner that hears of a session's birth tells the leader so", () => {
  const trial = three();
  const session = opened(trial, leaderIn(trial));
  const touchedAt = (sid: number) =>
    keysOf(serverOf(trial.world, sid).process?.service.touched ?? expect.fail("up"));
  const heard = new Set<number>();
  trial.until(() => {
    for (const sid of followersIn(trial))
      if (touchedAt(sid).includes(session.sessionId ?? "")) heard.add(sid);
    return heard.size === 2;
  }, 1_000);
});

test("a new leader gives every session its full time again, and none an owner", () => {
  const trial = three();
  const session = opened(trial, followerIn(trial), "s", 8_000);
  session.asked(createOf("/e", "", "EPHEMERAL"));
  trial
    .wait(6_000)
    .do(kill(leaderIn(trial)))
    .wait(1_000)
    .until(allServe, 20_000);
  const leader = leaderIn(trial);
  expect(tracked(trial, leader, session)).toMatchObject({ owner: null, closing: false });
  const leftUs = (tracked(trial, leader, session)?.expiresUs ?? 0) - trial.world.nowUs;
  expect(leftUs).toBeGreaterThan(7_000_000);
  session.drop();
  expect(session.connect(followerIn(trial), { timeoutMs: 8_000 })?.timeoutMs).toBe(8_000);
  expect(session.asked({ type: "getEphemerals", prefix: "/" }).ephemerals).toEqual(["/e"]);
});

test("when a session ends, the server that its client is on hangs up, wherever that is", () => {
  const trial = three();
  const session = opened(trial, followerIn(trial), "s", 4_000);
  const closer = new BareSession(trial, "closer");
  closer.connect(leaderIn(trial), { sessionId: session.sessionId, password: session.password });
  expect(session.isOpen).toBe(true);
  expect(closer.asked({ type: "closeSession" }).code).toBe("OK");
  trial.wait(200);
  expect(session.isOpen).toBe(false);
});

test("sessions live in the log and in snapshots: after a kill of all servers they are known, with their time anew", () => {
  const trial = servingTrial(loneServer());
  const session = new BareSession(trial, "s");
  session.connect(1, { timeoutMs: 8_000 });
  session.asked(createOf("/e", "", "EPHEMERAL"));
  trial.do(kill(1)).wait(30_000).do({ type: "start", sid: 1 });
  trial.until((world) => serverOf(world, 1).process?.serving === true);
  expect(session.connect(1)).toMatchObject({ sessionId: session.sessionId });
  expect(session.asked({ type: "exists", path: "/e" }).code).toBe("OK");
  session.drop();
  trial.untilFact("session.expired", 14_000);
  trial.wait(500);
  expect(onServers(trial, "/e")).toEqual([]);
});

test("a learner tells its touched sessions once, and forgets one that has ended", () => {
  const trial = three();
  const sid = followerIn(trial);
  const session = opened(trial, sid);
  const touched = () =>
    keysOf(serverOf(trial.world, sid).process?.service.touched ?? expect.fail("up"));
  trial.wait(2_000);
  expect(touched()).toEqual([]);
  session.ping();
  trial.until(() => touched().length === 1);
  expect(touched()).toEqual([session.sessionId]);
  session.asked({ type: "closeSession" });
  expect(touched()).toEqual([]);
});

test("a read of a server that lags is told as stale, one of what has not changed is not", () => {
  const trial = three();
  const sid = followerIn(trial);
  const writer = opened(trial, leaderIn(trial), "writer");
  const reader = opened(trial, sid, "reader");
  writer.asked(createOf("/price", "1"));
  writer.asked(createOf("/other", ""));
  trial.wait(200).do(cut(sid, leaderIn(trial)));
  writer.asked({ type: "setData", path: "/price", data: "2", version: -1 });
  expect(reader.asked({ type: "getData", path: "/other" }).code).toBe("OK");
  expect(trial.all("read.stale")).toEqual([]);
  expect(reader.asked({ type: "getData", path: "/price" }).data).toBe("1");
  expect(trial.all("read.stale")).toMatchObject([
    { client: "reader", server: sid, path: "/price", backwards: false },
  ]);
  trial.do(heal(sid, leaderIn(trial)));
});
