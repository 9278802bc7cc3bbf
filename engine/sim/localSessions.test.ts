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
import { nodeAt } from "../tree/dataTree";
import { kill } from "./command";
import { lastZxidOf, serverOf } from "./read";

const local = ["tickTime=1000", "localSessionsEnabled=true"];
const upgrading = [...local, "localSessionsUpgradingEnabled=true"];
const ensemble = (lines: readonly string[]) => servingTrial(servingEnsemble(3, lines));
const opened = (trial: Trial, sid: number, name = "s", timeoutMs = 4_000) => {
  const session = new BareSession(trial, name);
  session.connect(sid, { timeoutMs });
  return session;
};
const zxid = (trial: Trial) => lastZxidOf(serverOf(trial.world, leaderIn(trial)));
const known = (trial: Trial) =>
  trial.world.servers.map(({ process }) => Object.keys(process?.sessions ?? {}).length);

test.each(["leader", "follower"])(
  "a local session of a %s is no transaction, neither its birth nor its end",
  (at) => {
    const trial = ensemble(local);
    const before = zxid(trial);
    const session = opened(trial, at === "leader" ? leaderIn(trial) : followerIn(trial));
    expect(session.asked({ type: "exists", path: "/" }).code).toBe("OK");
    expect(session.asked({ type: "closeSession" }).code).toBe("OK");
    trial.until(session.isClosed);
    expect(zxid(trial)).toBe(before);
    expect(known(trial)).toEqual([0, 0, 0]);
    expect(trial.all("session.closed")).toHaveLength(1);
  },
);

test.each(["leader", "follower"])(
  "a local session of a %s writes like any other, but owns no ephemeral",
  (at) => {
    const trial = ensemble(local);
    const session = opened(trial, at === "leader" ? leaderIn(trial) : followerIn(trial));
    expect(session.asked(createOf("/a", "")).code).toBe("OK");
    const before = zxid(trial);
    expect(session.asked(createOf("/e", "", "EPHEMERAL")).code).toBe("EPHEMERALONLOCALSESSION");
    expect(zxid(trial)).toBe(before + 1);
    expect(session.asked({ type: "exists", path: "/e" }).code).toBe("NONODE");
  },
);

test.each(["leader", "follower"])(
  "where upgrading is on, an ephemeral makes a %s's local session one of the ensemble first",
  (at) => {
    const trial = ensemble(upgrading);
    const sid = at === "leader" ? leaderIn(trial) : followerIn(trial);
    const session = opened(trial, sid);
    const before = zxid(trial);
    const ops = [createOf("/e", "", "EPHEMERAL")];
    expect(session.asked({ type: "multi", ops }).code).toBe("OK");
    expect(zxid(trial)).toBe(before + 2);
    trial.wait(100);
    expect(known(trial)).toEqual([1, 1, 1]);
    // From now on it may go elsewhere, and the leader lets it die.
    const [other] = [leaderIn(trial), ...followersIn(trial)].filter((one) => one !== sid);
    session.drop();
    expect(session.connect(other ?? 0)).toMatchObject({ sessionId: session.sessionId });
    session.drop();
    trial.untilFact("session.expired", 15_000);
    trial.wait(200);
    for (const { process } of trial.world.servers)
      expect(process === null ? null : nodeAt(process.tree, "/e")).toBeNull();
  },
);

test("a silent local session ends on its own server, its connection with it", () => {
  const trial = ensemble(local);
  const session = opened(trial, followerIn(trial));
  const sinceUs = trial.world.nowUs;
  trial.until(session.isClosed);
  const lastedMs = (trial.world.nowUs - sinceUs) / 1_000;
  expect(lastedMs).toBeGreaterThan(4_000);
  expect(lastedMs).toBeLessThan(5_100);
  expect(trial.all("session.expired")).toMatchObject([{ sid: session.sessionId }]);
  expect(known(trial)).toEqual([0, 0, 0]);
});

test("a local session that comes back to its server goes on; elsewhere it has expired", () => {
  const trial = ensemble(local);
  const [here, there] = followersIn(trial);
  const session = opened(trial, here ?? 0);
  session.drop();
  expect(session.connect(here ?? 0)?.timeoutMs).toBe(10_000);
  session.drop();
  expect(session.connect(there ?? 0)?.timeoutMs).toBe(0);
  expect(session.connect(leaderIn(trial))?.timeoutMs).toBe(0);
});

test("a server alone knows no local sessions, whatever its file says", () => {
  const trial = servingTrial(loneServer("localSessionsEnabled=true"));
  const session = opened(trial, 1);
  expect(lastZxidOf(serverOf(trial.world, 1))).toBe(1);
  expect(session.asked(createOf("/e", "", "EPHEMERAL")).code).toBe("OK");
});

test("a local session dies with its server", () => {
  const trial = ensemble(local);
  const sid = followerIn(trial);
  const session = opened(trial, sid);
  trial.do(kill(sid)).wait(100).do({ type: "start", sid });
  trial.until((world) => serverOf(world, sid).process?.serving === true);
  expect(session.connect(sid)?.timeoutMs).toBe(0);
});
