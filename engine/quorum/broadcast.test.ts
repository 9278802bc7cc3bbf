import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleConfig } from "../config/sample";
import { rulesOf } from "../rules/rules";
import { makeZxid } from "../zxid";
import {
  advanceTick,
  beginBroadcast,
  committable,
  countAcks,
  dropCommitted,
  forgetLearner,
  hearFrom,
  inTouch,
  keepSync,
  lagsBehind,
  noteAck,
  rollsOver,
  takeNextZxid,
} from "./broadcast";
import type { ServerContext } from "./context";
import { leaderMemory, newLeaderMemory, noteFollowerInfo, tickOf } from "./discovery";
import { contextFrom } from "./setup";
import { countNewLeaderAck } from "./synchronization";

const rules = rulesOf("3.9.5");

/** Server 3 of three or five, established as leader of epoch 2, with these learners. */
function leader(learners: readonly number[] = [1, 2], voters = [1, 2, 3]): ServerContext {
  const config = sampleConfig(3, voters);
  let context: ServerContext = contextFrom({ config, acceptedEpoch: 2, currentEpoch: 2 });
  context = { ...context, leading: { ...newLeaderMemory(context), epoch: 2 } };
  for (const from of learners) {
    const packet = { type: "FOLLOWERINFO", from, connection: 10 + from, acceptedEpoch: 2 } as const;
    context = { ...context, leading: noteFollowerInfo(context, packet) };
  }
  return { ...context, ...beginBroadcast(context) };
}
const proposed = (context: ServerContext, count: number): ServerContext =>
  count === 0 ? context : proposed({ ...context, leading: takeNextZxid(context) }, count - 1);
const acked = (context: ServerContext, from: number, ...counters: number[]): ServerContext => {
  const zxids = counters.map((counter) => makeZxid(2, counter));
  return { ...context, leading: countAcks(context, from, zxids) };
};
/** What the last ACKs, of all that is outstanding, make committable. */
const allAcked = (context: ServerContext) =>
  leaderMemory(context).proposals.map(({ zxid }) => zxid);
const ready = (context: ServerContext) =>
  committable(context, allAcked(context), rules).map(({ zxid }) => zxid);
const ticks = (context: ServerContext, count: number): ServerContext =>
  count === 0 ? context : ticks({ ...context, leading: advanceTick(context) }, count - 1);

test("the zxids of an epoch begin at counter 1; its vote names the established epoch", () => {
  const context = proposed(leader(), 2);
  const { proposals, lastProposed } = leaderMemory(context);
  expect(proposals.map(({ zxid }) => zxid)).toEqual([makeZxid(2, 1), makeZxid(2, 2)]);
  expect(lastProposed).toBe(makeZxid(2, 2));
  expect(context.currentVote.peerEpoch).toBe(2);
});

test("two of three make a proposal committable, in whatever order and with or without the leader", () => {
  expect(ready(acked(proposed(leader(), 1), 3, 1))).toEqual([]);
  expect(ready(acked(acked(proposed(leader(), 1), 3, 1), 1, 1))).toEqual([makeZxid(2, 1)]);
  expect(ready(acked(acked(proposed(leader(), 1), 2, 1), 1, 1))).toEqual([makeZxid(2, 1)]);
});

test("a server acknowledges a proposal once, however often it says so", () => {
  expect(ready(acked(acked(proposed(leader(), 1), 1, 1), 1, 1))).toEqual([]);
});

test("the ACK of a server that does not vote is not counted", () => {
  expect(ready(acked(acked(proposed(leader(), 1), 3, 1), 9, 1))).toEqual([]);
});

test("a proposal waits for the one before it, though a quorum has it", () => {
  let context = acked(acked(proposed(leader(), 3), 1, 2, 3), 2, 2, 3);
  expect(ready(context)).toEqual([]);
  context = acked(acked(context, 1, 1), 3, 1);
  expect(ready(context)).toEqual([makeZxid(2, 1), makeZxid(2, 2), makeZxid(2, 3)]);
});

test("ACKs of what is committed, unknown or the begin of the epoch change nothing", () => {
  let context = acked(acked(proposed(leader(), 2), 1, 1), 3, 1);
  context = { ...context, leading: dropCommitted(context, allAcked(context), rules) };
  expect(leaderMemory(context)).toMatchObject({
    lastCommitted: makeZxid(2, 1),
    proposals: [{ zxid: makeZxid(2, 2), acks: [] }],
  });
  expect(leaderMemory(acked(context, 1, 0, 1, 77))).toEqual(leaderMemory(context));
});

test("whatever order ACKs come in, what is committable is a beginning of the proposals, each with a quorum", () => {
  const anyAck = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(fc.array(anyAck, { maxLength: 40 }), (acks) => {
      let context = proposed(leader([1, 2, 4, 5], [1, 2, 3, 4, 5]), 5);
      for (const [from, counter] of acks) context = acked(context, from, counter);
      const committed = committable(context, allAcked(context), rules);
      expect(committed).toEqual(leaderMemory(context).proposals.slice(0, committed.length));
      for (const { zxid } of committed) {
        const voters = new Set(
          acks.filter(([from, at]) => from <= 5 && makeZxid(2, at) === zxid).map(([from]) => from),
        );
        expect(voters.size).toBeGreaterThanOrEqual(3);
      }
    }),
  );
});

test("a tick is two half ticks", () => {
  expect([0, 1, 2, 3, 4].map((half) => tickOf(leaderMemory(ticks(leader(), half))))).toEqual([
    0, 0, 1, 1, 2,
  ]);
});

test("a new learner is counted for initLimit + syncLimit ticks, and after any packet for syncLimit more", () => {
  expect(inTouch(ticks(leader(), 30))).toEqual([3, 1, 2]);
  expect(inTouch(ticks(leader(), 32))).toEqual([3]);
  let context = ticks(leader(), 20);
  context = { ...context, leading: hearFrom(context, 2) };
  expect(inTouch(ticks(context, 10))).toEqual([3, 1, 2]);
  expect(inTouch(ticks(context, 12))).toEqual([3]);
});

test("an observer in touch is not counted, also where it stands in a group with a weight", () => {
  const quorum = {
    voters: [1, 2, 3],
    hierarchy: { groupOf: { 1: 1, 2: 1, 3: 1, 4: 1 }, weightOf: { 4: 3 } },
  };
  expect(inTouch({ ...leader([1, 2, 4]), quorum })).toEqual([3, 1, 2]);
});

test("a learner whose connection ended is forgotten; an older connection of it ends without effect", () => {
  expect(inTouch({ ...leader(), leading: forgetLearner(leader(), 12) })).toEqual([3, 1]);
  expect(inTouch({ ...leader(), leading: forgetLearner(leader(), 99) })).toEqual([3, 1, 2]);
});

test("the counter 0xffffffff is never proposed (ZOOKEEPER-1277)", () => {
  const at = (counter: number): ServerContext => {
    const context = leader();
    return {
      ...context,
      leading: { ...leaderMemory(context), lastGiven: makeZxid(2, counter) },
    };
  };
  expect(rollsOver(at(0xfffffffd), rules)).toBe(false);
  expect(rollsOver(at(0xfffffffe), rules)).toBe(true);
});

test("a proposal that had its quorum before its turn waits for another ACK of its own", () => {
  // The ACK of 1 for the first one was taken for that of NEWLEADER.
  let context = acked(acked(proposed(leader(), 2), 1, 2), 3, 1, 2);
  expect(ready(context)).toEqual([]);
  context = acked(context, 2, 1);
  expect(committable(context, [makeZxid(2, 1)], rules)).toHaveLength(1);
  context = { ...context, leading: dropCommitted(context, [makeZxid(2, 1)], rules) };
  expect(allAcked(context)).toEqual([makeZxid(2, 2)]);
  context = acked(context, 2, 2);
  expect(committable(context, [makeZxid(2, 2)], rules)).toHaveLength(1);
});

/** All learners have acknowledged NEWLEADER. */
const joined = (context: ServerContext): ServerContext => {
  let memory = leaderMemory(context);
  for (const sid of [1, 2])
    memory = countNewLeaderAck(
      { ...context, leading: memory },
      sid,
      { zxid: makeZxid(2, 0) },
      rules,
    );
  return { ...context, leading: memory };
};
const awaitedOf = (context: ServerContext, sid: number) =>
  leaderMemory(context).learners[sid]?.awaited ?? null;

test("the first proposal that a learner has not acknowledged is watched, and then the last one sent", () => {
  let context = proposed(joined(leader()), 1);
  context = proposed(ticks(context, 3), 2);
  expect(awaitedOf(context, 1)).toEqual({ zxid: makeZxid(2, 1), sinceHalfTick: 0 });
  const noted = noteAck(context, 1, makeZxid(2, 1));
  expect(noted.learners[1]?.awaited).toEqual({ zxid: makeZxid(2, 3), sinceHalfTick: 3 });
  const all = noteAck({ ...context, leading: noted }, 1, makeZxid(2, 3));
  expect(all.learners[1]?.awaited).toBeNull();
  // An ACK of one between them changes nothing.
  expect(noteAck(context, 1, makeZxid(2, 2))).toBe(context.leading);
});

test("what was sent before the ACK of NEWLEADER is not watched", () => {
  expect(awaitedOf(proposed(leader(), 1), 1)).toBeNull();
});

test("a learner lags behind when its oldest proposal is older than syncLimit", () => {
  const context = proposed(joined(leader()), 1);
  const lags = (halves: number) => {
    const memory = leaderMemory(ticks(context, halves));
    const one = memory.learners[1];
    return one !== undefined && lagsBehind(one, memory.halfTicks, 5);
  };
  expect([lags(0), lags(10), lags(11)]).toEqual([false, false, true]);
});

test("SYNC of a learner waits for the last proposal that is outstanding, and is forgotten with its connection", () => {
  const sync = { connection: 11, sessionId: "0x1", cxid: 4 };
  let context = proposed(leader(), 2);
  context = { ...context, leading: keepSync(context, sync) };
  expect(leaderMemory(context).syncs).toEqual([{ ...sync, after: makeZxid(2, 2) }]);
  expect(forgetLearner(context, 11).syncs).toEqual([]);
  context = acked(acked(context, 1, 1, 2), 3, 1, 2);
  const half = dropCommitted(context, [makeZxid(2, 1)], rules);
  expect(half.syncs).toHaveLength(1);
  expect(dropCommitted({ ...context, leading: half }, [makeZxid(2, 2)], rules).syncs).toEqual([]);
});

test("the setting for tests lets the counter begin higher; the ping still tells the beginning of the epoch", () => {
  const context = leader();
  const settings = { ...context.settings, initialZxid: 0xfffffff0 };
  const begun = { ...context, ...beginBroadcast({ ...context, settings }) };
  expect(leaderMemory(begun).lastProposed).toBe(makeZxid(2, 0));
  expect(leaderMemory(proposed(begun, 1)).lastProposed).toBe(makeZxid(2, 0xfffffff1));
});
