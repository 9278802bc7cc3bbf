import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { BareSession } from "../scenario/bareSession";
import {
  followerIn,
  followersIn,
  leaderIn,
  loneServer,
  servingEnsemble,
  servingTrial,
} from "../scenario/crew";
import type { Trial } from "../scenario/trial";
import { cut } from "./command";
import { lastZxidOf, serverOf } from "./read";

const alone = () => servingTrial(loneServer());
const three = () => servingTrial(servingEnsemble(3));
const opened = (trial: Trial, sid: number, name = "s") => {
  const session = new BareSession(trial, name);
  session.connect(sid);
  return session;
};
const get = (path: string) => ({ type: "getData", path }) as const;
const set = (path: string, data: string) => ({ type: "setData", path, data, version: -1 }) as const;

test.each(["leader", "follower"])(
  "on a %s, what one session asks is answered in the order it asked",
  (at) => {
    const trial = three();
    const session = opened(trial, at === "leader" ? leaderIn(trial) : followerIn(trial));
    const asked = [
      session.send(createOf("/a", "0")),
      session.send(get("/a")),
      session.send(set("/a", "1")),
      session.send(set("/none", "")),
      session.send(get("/a")),
      session.send({ type: "sync", path: "/a" }),
      session.send({ type: "delete", path: "/a", version: -1 }),
      session.send({ type: "exists", path: "/a" }),
    ];
    trial.until(() => session.replies.length === asked.length);
    expect(session.replies.map(({ cxid }) => cxid)).toEqual(asked);
    expect(session.replies.map(({ code }) => code)).toEqual([
      "OK",
      "OK",
      "OK",
      "NONODE",
      "OK",
      "OK",
      "OK",
      "NONODE",
    ]);
    expect(session.replies.map(({ data }) => data)[1]).toBe("0");
    expect(session.replies.map(({ data }) => data)[4]).toBe("1");
    const zxids = session.replies.map(({ zxid }) => zxid);
    expect(zxids).toEqual(zxids.toSorted((a, b) => a - b));
    expect(zxids[zxids.length - 1]).toBe(lastZxidOf(serverOf(trial.world, leaderIn(trial))));
  },
);

/** A learner that the leader does not hear: what its clients write does not come back. */
const cutOff = (trial: Trial) => {
  const sid = followerIn(trial);
  return { sid, silence: () => trial.do(cut(sid, leaderIn(trial))).wait(100) };
};

test("a read waits behind its own session's write, and behind no other's", () => {
  const trial = three();
  const { sid, silence } = cutOff(trial);
  const writer = opened(trial, sid, "writer");
  const reader = opened(trial, sid, "reader");
  silence();
  const write = writer.send(set("/", "x"));
  const waits = writer.send(get("/"));
  expect(reader.asked(get("/")).code).toBe("OK");
  trial.wait(1_000);
  expect(writer.replyTo(write)).toBeNull();
  expect(writer.replyTo(waits)).toBeNull();
});

test("on a server alone, a read waits behind every write that came before it", () => {
  const slow = { packetUs: [100, 100], fsyncUs: [300_000, 300_000], startUpUs: [0, 0] } as const;
  const trial = servingTrial({ ...loneServer(), delays: slow });
  const writer = opened(trial, 1, "writer");
  const reader = opened(trial, 1, "reader");
  writer.asked(createOf("/a", "0"));
  const write = writer.send(set("/a", "1"));
  trial.wait(10);
  const read = reader.send(get("/a"));
  trial.wait(100);
  expect(reader.replyTo(read)).toBeNull();
  trial.until(() => reader.replyTo(read) !== null);
  expect(reader.replyTo(read)?.data).toBe("1");
  expect(writer.replyTo(write)?.code).toBe("OK");
});

test("a sync waits behind its session's writes, and what is read behind it is new", () => {
  const trial = three();
  const [here, there] = followersIn(trial);
  const reader = opened(trial, here ?? 0, "reader");
  const writer = opened(trial, there ?? 0, "writer");
  writer.asked(createOf("/a", "new"));
  const sync = reader.send({ type: "sync", path: "/a" });
  const read = reader.send(get("/a"));
  trial.until(() => reader.replyTo(read) !== null);
  expect(reader.replyTo(sync)).toMatchObject({ code: "OK", path: "/a" });
  expect(reader.replyTo(read)?.data).toBe("new");
});

test("a pong waits behind the session's own write; the answer to a proof does not", () => {
  const trial = three();
  const { sid, silence } = cutOff(trial);
  const session = opened(trial, sid);
  session.ping();
  trial.until(() => session.received.some(({ type }) => type === "pong"));
  silence();
  session.send(set("/", "x"));
  session.ping();
  session.send({ type: "auth", scheme: "digest", credential: "bob:pw" }, -4);
  trial.wait(1_000);
  expect(session.received.map(({ type }) => type)).toEqual(["ConnectResponse", "pong", "response"]);
  expect(session.replyTo(-4)).toMatchObject({ code: "OK", zxid: 0 });
});

test("who a client proves to be counts for what it asks later on this connection, and for no other", () => {
  const trial = alone();
  const session = opened(trial, 1);
  session.ask({ type: "auth", scheme: "digest", credential: "bob:pw" }, -4);
  session.ask({ type: "auth", scheme: "digest", credential: "bob:pw" }, -4);
  const bob = { scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" };
  const acl = [{ ...bob, perms: 31 }];
  expect(session.asked(createOf("/b", "", "PERSISTENT", { acl })).code).toBe("OK");
  expect(session.asked(get("/b")).code).toBe("OK");
  expect(session.asked({ type: "whoAmI" }).ids).toHaveLength(2);
  session.drop().connect(1);
  expect(session.asked(get("/b")).code).toBe("NOAUTH");
});

test("a proof that is refused is told, and the connection closed", () => {
  const trial = alone();
  const session = opened(trial, 1);
  expect(session.ask({ type: "auth", scheme: "nosuch", credential: "x" }, -4)?.code).toBe(
    "AUTHFAILED",
  );
  trial.wait(100);
  expect(session.isOpen).toBe(false);
});

test("the end of a session is answered, then the connection closed; its ephemerals are gone everywhere", () => {
  const trial = three();
  const session = opened(trial, followerIn(trial));
  session.asked(createOf("/e", "", "EPHEMERAL"));
  const other = opened(trial, leaderIn(trial), "other");
  expect(session.asked({ type: "closeSession" }).code).toBe("OK");
  trial.until(session.isClosed);
  expect(trial.all("session.closed")).toMatchObject([{ sid: session.sessionId, name: "s" }]);
  expect(other.asked({ type: "exists", path: "/e" }).code).toBe("NONODE");
  expect(session.connect(followerIn(trial))?.timeoutMs).toBe(0);
});

test("while a server has more under way than it wants, it reads no more from who waits for answers", () => {
  const limit = ["-Dzookeeper.globalOutstandingLimit=4"];
  const trial = servingTrial(servingEnsemble(3, [], limit));
  const { sid, silence } = cutOff(trial);
  const busy = opened(trial, sid, "busy");
  const idle = opened(trial, sid, "idle");
  silence();
  for (let nth = 0; nth < 10; nth += 1) busy.send(createOf(`/n${nth}`, ""));
  trial.wait(500);
  const { process } = serverOf(trial.world, sid);
  // 4 / (3 - 1) = 2 may be under way; the check comes when the third has been taken.
  expect(process?.service.inProcess).toBe(3);
  expect(idle.asked(get("/")).code).toBe("OK");
  trial.do({ type: "heal", a: sid, b: leaderIn(trial) });
  trial.until(() => busy.replies.length === 10);
  expect(busy.replies.map(({ code }) => code)).toEqual(Array(10).fill("OK"));
  expect(serverOf(trial.world, sid).process?.service).toMatchObject({ inProcess: 0 });
});

test("the limit is shared by those who vote; an observer has all of it", () => {
  const setup = servingEnsemble(
    3,
    ["server.4=zk4:2888:3888:observer"],
    ["-Dzookeeper.globalOutstandingLimit=4"],
  );
  const [first] = setup.servers;
  const fourth = first === undefined ? [] : [{ ...first, myid: "4" }];
  const trial = servingTrial({ ...setup, servers: [...setup.servers, ...fourth] });
  const busy = opened(trial, 4, "busy");
  trial.do(cut(4, leaderIn(trial)));
  for (let nth = 0; nth < 10; nth += 1) busy.send(createOf(`/n${nth}`, ""));
  trial.wait(500);
  expect(serverOf(trial.world, 4).process?.service.inProcess).toBe(5);
});

test("writes of many sessions through one learner are answered each to the one who asked", () => {
  const trial = three();
  const sid = followerIn(trial);
  const sessions = [1, 2, 3, 4].map((nth) => opened(trial, sid, `s${nth}`));
  const asked = sessions.map((session, nth) =>
    [0, 1, 2].map((time) => session.send(createOf(`/${nth}-${time}`, ""))),
  );
  trial.until(() => sessions.every((session) => session.replies.length === 3));
  for (const [nth, session] of sessions.entries()) {
    expect(session.replies.map(({ cxid }) => cxid)).toEqual(asked[nth]);
    expect(session.replies.map(({ path }) => path)).toEqual(
      [0, 1, 2].map((time) => `/${nth}-${time}`),
    );
  }
});
