import { expect, test } from "vitest";
import type { Notification, ServerState } from "../net/packet";
import { sampleConfig } from "../config/sample";
import { rulesOf } from "../rules/rules";
import { makeZxid } from "../zxid";
import type { ServerContext } from "./context";
import {
  adoptVote,
  agreeing,
  beginRound,
  confirmsLeader,
  joinEnsemble,
  joinRound,
  lacksDatabase,
  recordVote,
  rememberOutside,
  SMALLEST,
  voteOf,
} from "./election";
import { contextFrom } from "./setup";

const rules = rulesOf("3.9.5");

/** Server 1 of five, in its first round, with the history that is given. */
function looking(given: Partial<ServerContext> = {}, lastZxid = 0): ServerContext {
  const context = {
    ...contextFrom({
      config: sampleConfig(1, [1, 2, 3, 4, 5]),
      acceptedEpoch: 0,
      currentEpoch: 0,
    }),
    ...given,
  };
  return { ...context, ...beginRound(context, lastZxid) };
}

function notification(
  sid: number,
  state: ServerState,
  fields: Partial<Notification> = {},
): Notification {
  return {
    type: "NOTIFICATION",
    sid,
    state,
    leader: sid,
    zxid: 0,
    peerEpoch: 0,
    round: 1,
    configVersion: 0,
    ...fields,
  };
}

const heard = (context: ServerContext, n: Notification): ServerContext => {
  return { ...context, ...recordVote(context, n, rules) };
};
const outside = (context: ServerContext, n: Notification): ServerContext => {
  return { ...context, ...rememberOutside(context, n) };
};

test("a server enters the election one round on, votes for itself and has heard nothing", () => {
  const context = looking({ round: 4, currentEpoch: 2 }, makeZxid(2, 9));
  expect(context.round).toBe(5);
  expect(context.proposal).toEqual({ leader: 1, zxid: makeZxid(2, 9), peerEpoch: 2 });
  expect(context.recvset).toEqual({});
  expect(context.notificationTimeoutMs).toBe(200);
});

test("an epoch that was only accepted does not count in the vote", () => {
  expect(looking({ acceptedEpoch: 3, currentEpoch: 2 }).ownVote.peerEpoch).toBe(2);
});

test("a vote of a later round clears what was received and brings its round", () => {
  const before = heard(looking(), notification(2, "LOOKING"));
  const after = {
    ...before,
    ...joinRound(before, notification(3, "LOOKING", { round: 7 }), rules),
  };
  expect(after.round).toBe(7);
  expect(Object.keys(after.recvset)).toEqual(["3"]);
  expect(after.proposal.leader).toBe(3);
});

test("who joins a round compares with its own first vote, not with the vote it had taken over", () => {
  const own = looking({}, makeZxid(0, 5));
  const taken = {
    ...own,
    ...adoptVote(own, notification(3, "LOOKING", { zxid: makeZxid(0, 9) }), rules),
  };
  expect(taken.proposal.leader).toBe(3);
  const joined = joinRound(
    taken,
    notification(2, "LOOKING", { zxid: makeZxid(0, 6), round: 2 }),
    rules,
  );
  expect(joined.proposal).toEqual({ leader: 2, zxid: makeZxid(0, 6), peerEpoch: 0 });
  const kept = joinRound(
    taken,
    notification(2, "LOOKING", { zxid: makeZxid(0, 4), round: 2 }),
    rules,
  );
  expect(kept.proposal).toEqual(own.ownVote);
});

test("only votes equal in leader, zxid, epoch and round agree", () => {
  const context = looking();
  const votes = {
    1: { leader: 3, zxid: 1, peerEpoch: 0, round: 1, state: "LOOKING" as const },
    2: { leader: 3, zxid: 2, peerEpoch: 0, round: 1, state: "LOOKING" as const },
    3: { leader: 3, zxid: 1, peerEpoch: 1, round: 1, state: "LOOKING" as const },
    4: { leader: 3, zxid: 1, peerEpoch: 0, round: 2, state: "LOOKING" as const },
    5: { leader: 2, zxid: 1, peerEpoch: 0, round: 1, state: "LOOKING" as const },
  };
  expect(agreeing(votes, { leader: 3, zxid: 1, peerEpoch: 0 }, context.round)).toEqual([1]);
});

test("three equal votes of five agree, two do not", () => {
  let context = looking();
  context = { ...context, ...adoptVote(context, notification(3, "LOOKING"), rules) };
  context = heard(context, notification(2, "LOOKING", { leader: 3 }));
  expect(context.agreed).toBe(false);
  context = heard(context, notification(1, "LOOKING", { leader: 3 }));
  expect(context.agreed).toBe(true);
});

test("a server that changes its vote is counted for its new one only", () => {
  let context = looking();
  context = heard(context, notification(1, "LOOKING"));
  context = heard(context, notification(2, "LOOKING", { leader: 1 }));
  context = heard(context, notification(2, "LOOKING"));
  context = heard(context, notification(3, "LOOKING", { leader: 1 }));
  expect(context.agreed).toBe(false);
});

test("a leader is joined when a quorum names it and it says itself that it leads", () => {
  let context = looking();
  context = outside(context, notification(1, "FOLLOWING", { leader: 5, peerEpoch: 2, round: 3 }));
  context = outside(context, notification(2, "FOLLOWING", { leader: 5, peerEpoch: 2, round: 3 }));
  const leader = notification(5, "LEADING", { peerEpoch: 2, round: 3 });
  expect(confirmsLeader(context, leader, rules)).toBe(true);
  expect(joinEnsemble(context, leader, rules).round).toBe(3);
});

test("a dead leader is not joined, however many still name it", () => {
  let context = looking();
  for (const sid of [2, 3]) {
    const n = notification(sid, "FOLLOWING", { leader: 5, peerEpoch: 2, round: 3 });
    expect(confirmsLeader(context, n, rules)).toBe(false);
    context = outside(context, n);
  }
  const fourth = notification(4, "FOLLOWING", { leader: 5, peerEpoch: 2, round: 3 });
  expect(confirmsLeader(context, fourth, rules)).toBe(false);
});

test("a restarted leader does not believe followers of another round that it still leads", () => {
  let context = looking();
  for (const sid of [2, 3]) {
    context = outside(context, notification(sid, "FOLLOWING", { leader: 1, round: 4 }));
  }
  const third = notification(4, "FOLLOWING", { leader: 1, round: 4 });
  expect(confirmsLeader(context, third, rules)).toBe(false);
  expect(confirmsLeader({ ...context, round: 4 }, third, rules)).toBe(true);
});

test("a leader that too few name is not joined", () => {
  const context = outside(looking(), notification(2, "FOLLOWING", { leader: 5, round: 3 }));
  expect(confirmsLeader(context, notification(5, "LEADING", { round: 3 }), rules)).toBe(false);
});

test("in the same round only the id must be equal, outside it the epoch too", () => {
  const votes = (round: number) => {
    let context = looking();
    context = outside(context, notification(2, "FOLLOWING", { leader: 5, peerEpoch: 1, round }));
    return outside(context, notification(3, "FOLLOWING", { leader: 5, peerEpoch: 1, round }));
  };
  // The leader has an established epoch already, the followers' votes are older.
  const leader = (round: number) => notification(5, "LEADING", { peerEpoch: 2, round });
  expect(confirmsLeader(votes(1), leader(1), rules)).toBe(true);
  expect(confirmsLeader(votes(3), leader(3), rules)).toBe(false);
});

test("a vote of a server that still looked counts only when it is equal in everything", () => {
  const withLooking = (zxid: number) => {
    const context = heard(looking(), notification(2, "LOOKING", { leader: 5, zxid }));
    return outside(context, notification(3, "FOLLOWING", { leader: 5, zxid: 8 }));
  };
  const leader = notification(5, "LEADING", { zxid: 8 });
  expect(confirmsLeader(withLooking(8), leader, rules)).toBe(true);
  expect(confirmsLeader(withLooking(7), leader, rules)).toBe(false);
});

test("an observer votes with the smallest numbers there are, so that anyone is better", () => {
  const observer = { ...looking({ role: "observer" }), role: "observer" as const };
  const context = { ...observer, ...beginRound(observer, makeZxid(4, 4)) };
  expect(context.ownVote).toEqual({ leader: SMALLEST, zxid: SMALLEST, peerEpoch: SMALLEST });
  expect(SMALLEST).toBe(-9223372036854775808);
  expect(JSON.parse(JSON.stringify(SMALLEST))).toBe(SMALLEST);
  const worst = notification(1, "LOOKING", { zxid: -1, peerEpoch: -1 });
  expect(rules.betterVote(voteOf(worst), context.proposal, context.quorum)).toBe(true);
});

test("neither a server without a database votes nor is one of that kind voted with; leaders are heard all the same", () => {
  const without = looking({}, -1);
  expect(lacksDatabase(without, notification(2, "LOOKING"))).toBe(true);
  expect(lacksDatabase(looking(), notification(2, "LOOKING", { zxid: -1 }))).toBe(true);
  expect(lacksDatabase(without, notification(2, "LEADING", { zxid: -1 }))).toBe(false);
});

test("who has voted for the one elected is remembered", () => {
  let context = looking();
  for (const sid of [3, 2, 1])
    context = {
      ...context,
      ...adoptVote(context, notification(sid, "LOOKING", { leader: 3 }), rules),
    };
  expect(context.voteSet).toEqual([1, 2, 3]);
});
