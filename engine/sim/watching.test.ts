import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { BareSession } from "../scenario/bareSession";
import { followerIn, leaderIn, loneServer, servingEnsemble, servingTrial } from "../scenario/crew";
import type { Trial } from "../scenario/trial";
import { watchCount } from "../tree/watches";
import { serverOf } from "./read";

const opened = (trial: Trial, sid: number, name = "s") => {
  const session = new BareSession(trial, name);
  session.connect(sid);
  return session;
};
const alone = () => servingTrial(loneServer());
const set = (path: string, data: string) => ({ type: "setData", path, data, version: -1 }) as const;
const watch = (path: string) => ({ type: "getData", path, watch: true }) as const;
const held = (trial: Trial, sid = 1) =>
  watchCount(serverOf(trial.world, sid).process?.watches ?? expect.fail("up"));

test("who changes what it watches itself hears of it before its own answer", () => {
  const trial = alone();
  const session = opened(trial, 1);
  session.asked(createOf("/a", "1"));
  session.asked(watch("/a"));
  session.asked(set("/a", "2"));
  expect(session.received.slice(-2)).toMatchObject([
    { type: "watchEvent", event: "NodeDataChanged", path: "/a" },
    { type: "response", code: "OK" },
  ]);
  session.asked(set("/a", "3"));
  expect(session.events).toHaveLength(1);
});

test("each server tells its own clients, when it applies the change", () => {
  const trial = servingTrial(servingEnsemble(3));
  const writer = opened(trial, leaderIn(trial), "writer");
  writer.asked(createOf("/a", "1"));
  const reader = opened(trial, followerIn(trial), "reader");
  reader.asked(watch("/a"));
  const write = writer.send(set("/a", "2"));
  trial.until(() => writer.replyTo(write) !== null);
  expect(reader.events).toEqual([]);
  trial.until(() => reader.events.length === 1);
  expect(reader.asked({ type: "getData", path: "/a" }).data).toBe("2");
});

test.each([
  ["3.8.0", "-1"],
  ["3.9.5", "the transaction's"],
] as const)("in %s an event's zxid is %s", (variant, _tells) => {
  const trial = servingTrial(loneServer(), 1, variant);
  const session = opened(trial, 1);
  session.asked({ type: "exists", path: "/a", watch: true });
  const { zxid } = session.asked(createOf("/a", ""));
  expect(session.events).toMatchObject([
    { event: "NodeCreated", zxid: variant === "3.8.0" ? -1 : zxid },
  ]);
});

test("watches go with their connection, however it ends; what happens then is nobody's event", () => {
  const trial = alone();
  const writer = opened(trial, 1, "writer");
  writer.asked(createOf("/a", "1"));
  const session = opened(trial, 1);
  session.asked(watch("/a"));
  session.asked({ type: "addWatch", path: "/", mode: "PERSISTENT_RECURSIVE" });
  expect(held(trial)).toBeGreaterThan(0);
  session.drop().trial.wait(100);
  expect(held(trial)).toBe(0);
  session.connect(1);
  writer.asked(set("/a", "2"));
  expect(session.events).toEqual([]);
});

test("setWatches: what has changed meanwhile is told before its answer, what has not is watched again", () => {
  const trial = alone();
  const writer = opened(trial, 1, "writer");
  writer.asked(createOf("/a", "1"));
  const { zxid } = writer.asked(createOf("/b", "1"));
  writer.asked(set("/a", "2"));
  const session = opened(trial, 1);
  const paths = { dataWatches: ["/a", "/b"], existWatches: ["/c"], childWatches: [] };
  session.ask({ type: "setWatches", relativeZxid: zxid, ...paths }, -8);
  expect(session.received.slice(-2)).toMatchObject([
    { type: "watchEvent", event: "NodeDataChanged", path: "/a" },
    { type: "response", cxid: -8, code: "OK" },
  ]);
  writer.asked(set("/b", "2"));
  writer.asked(createOf("/c", ""));
  expect(session.asked({ type: "exists", path: "/c" }).code).toBe("OK");
  expect(session.events.map(({ path }) => path)).toEqual(["/a", "/b", "/c"]);
});

test("who may not read a znode hears nothing of it", () => {
  const trial = alone();
  const owner = opened(trial, 1, "owner");
  owner.ask({ type: "auth", scheme: "digest", credential: "bob:pw" }, -4);
  const session = opened(trial, 1);
  session.asked({ type: "exists", path: "/secret", watch: true });
  const acl = [{ scheme: "auth", id: "", perms: 31 }];
  expect(owner.asked(createOf("/secret", "", "PERSISTENT", { acl })).code).toBe("OK");
  expect(session.asked({ type: "exists", path: "/secret", watch: true }).code).toBe("OK");
  expect(session.events).toEqual([]);
});

test("a read that waits behind a write sees it, and its watch is set after it", () => {
  const trial = servingTrial(servingEnsemble(3));
  const session = opened(trial, followerIn(trial));
  session.send(createOf("/a", "1"));
  const read = session.send(watch("/a"));
  trial.until(() => session.replyTo(read) !== null);
  expect(session.replyTo(read)?.data).toBe("1");
  expect(session.events).toEqual([]);
  session.asked(set("/a", "2"));
  expect(session.events).toHaveLength(1);
});
