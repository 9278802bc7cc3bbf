import { expect, test } from "vitest";
import { sampleConfig } from "../config/sample";
import { rulesOf } from "../rules/rules";
import { makeZxid } from "../zxid";
import type { ServerContext } from "./context";
import {
  answerToEpoch,
  chooseEpoch,
  isMoreRecent,
  leaderMemory,
  learnersIn,
  newEpoch,
  newLeaderMemory,
  noteEpochAck,
  noteFollowerInfo,
} from "./discovery";
import { contextFrom } from "./setup";

/** Server 3 of five, that has begun to lead. */
function leader(acceptedEpoch = 0): ServerContext {
  const config = sampleConfig(3, [1, 2, 3, 4, 5]);
  const context = contextFrom({ config, acceptedEpoch, currentEpoch: acceptedEpoch });
  return { ...context, leading: newLeaderMemory(context) };
}
const told = (context: ServerContext, from: number, acceptedEpoch: number): ServerContext => {
  const packet = { type: "FOLLOWERINFO", from, connection: 10 + from, acceptedEpoch } as const;
  return { ...context, leading: noteFollowerInfo(context, packet) };
};
const chosen = (context: ServerContext): ServerContext => {
  return { ...context, ...chooseEpoch(context, rulesOf("3.9.5")) };
};

test("the new epoch is one above the highest that was accepted", () => {
  expect([newEpoch(0), newEpoch(7)]).toEqual([1, 8]);
  const context = told(told(leader(2), 1, 5), 2, 1);
  expect(chosen(context)).toMatchObject({ acceptedEpoch: 6, leading: { epoch: 6 } });
});

test("the leader counts itself among those that told their accepted epoch, a non-voter is not counted", () => {
  expect(leaderMemory(told(told(leader(), 1, 0), 9, 0)).connecting).toEqual([3, 1]);
});

test("who comes after the epoch was chosen cannot change it", () => {
  const context = told(chosen(told(told(leader(), 1, 0), 2, 0)), 4, 9);
  expect(leaderMemory(context)).toMatchObject({ epoch: 1, connecting: [3, 1, 2] });
  expect(leaderMemory(context).learners[4]?.acceptedEpoch).toBe(9);
});

test.each([
  [3, 2, "accept"],
  [3, 3, "join without ack"],
  [3, 4, "refuse"],
] as const)("epoch %i offered to one that has accepted %i: %s", (offered, accepted, answer) => {
  expect(answerToEpoch(offered, accepted)).toBe(answer);
});

test.each([
  ["a higher current epoch, whatever the zxid", 2, makeZxid(1, 0), true],
  ["the same epoch and a higher zxid", 1, makeZxid(1, 6), true],
  ["the same epoch and the same zxid", 1, makeZxid(1, 5), false],
  ["the same epoch and a lower zxid", 1, makeZxid(1, 4), false],
  ["a lower current epoch, whatever the zxid", 0, makeZxid(1, 9), false],
] as const)("more recent than (1, 0x100000005)? %s", (_, currentEpoch, lastZxid, more) => {
  expect(
    isMoreRecent({ currentEpoch, lastZxid }, { currentEpoch: 1, lastZxid: makeZxid(1, 5) }),
  ).toBe(more);
});

test("ACKEPOCH counts once per voter, and not with -1 or from a non-voter", () => {
  let context = chosen(told(told(told(leader(), 1, 0), 2, 1), 9, 0));
  for (const [from, currentEpoch] of [
    [1, 0],
    [1, 0],
    [2, -1],
    [9, 0],
  ] as const) {
    context = { ...context, leading: noteEpochAck(context, { from, currentEpoch, lastZxid: 0 }) };
  }
  const memory = leaderMemory(context);
  expect(memory.epochAcks).toEqual([3, 1]);
  expect(learnersIn(memory, "epoch acked").map(({ sid }) => sid)).toEqual([1, 2, 9]);
});

test("an ACKEPOCH of a learner that is gone changes nothing", () => {
  const context = chosen(told(leader(), 1, 0));
  expect(noteEpochAck(context, { from: 2, currentEpoch: 0, lastZxid: 0 })).toBe(context.leading);
});

test("an ACKEPOCH of a server without a database is no acknowledgement", () => {
  const context = chosen(told(leader(), 1, 0));
  const memory = noteEpochAck(context, { from: 1, currentEpoch: 0, lastZxid: -1 });
  expect(memory.epochAcks).toEqual([3]);
});

test("OBSERVERINFO: an observer raises the epoch and is not counted; it stays known as one", () => {
  const packet = { type: "OBSERVERINFO", from: 9, connection: 19, acceptedEpoch: 7 } as const;
  const context = { ...leader(), leading: noteFollowerInfo(leader(), packet) };
  expect(leaderMemory(context)).toMatchObject({ connecting: [3], highestAcceptedEpoch: 7 });
  expect(leaderMemory(context).learners[9]?.observer).toBe(true);
});
