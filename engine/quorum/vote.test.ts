import fc from "fast-check";
import { expect, test } from "vitest";
import type { QuorumVerifier } from "../config/ensemble";
import { makeZxid } from "../zxid";
import type { Vote } from "./context";
import { betterVote, compareVotes, sameVote } from "./vote";

const voteFor = (leader: number, peerEpoch: number, zxid: number): Vote => {
  return { leader, peerEpoch, zxid };
};

const voters = [1, 2, 3, 4, 5];
const equals: QuorumVerifier = { voters, hierarchy: null };

const small = fc.integer({ min: 0, max: 3 });
const anyVote = fc.record<Vote>({
  leader: fc.integer({ min: 1, max: 4 }),
  peerEpoch: small,
  zxid: fc.tuple(small, small).map(([epoch, counter]) => makeZxid(epoch, counter)),
});

test("a higher current epoch beats any zxid and any sid", () => {
  const recent = voteFor(1, 2, makeZxid(1, 1));
  const long = voteFor(3, 1, makeZxid(1, 0xff));
  expect(compareVotes(recent, long)).toEqual({ better: "a", decidedBy: "epoch" });
  expect(compareVotes(long, recent)).toEqual({ better: "b", decidedBy: "epoch" });
});

test("in the same epoch the higher last zxid wins, also against a higher sid", () => {
  const longer = voteFor(2, 1, makeZxid(1, 7));
  const shorter = voteFor(3, 1, makeZxid(1, 5));
  expect(compareVotes(shorter, longer)).toEqual({ better: "b", decidedBy: "zxid" });
});

test("with equal histories the higher sid wins", () => {
  expect(compareVotes(voteFor(3, 0, 0), voteFor(1, 0, 0))).toEqual({
    better: "a",
    decidedBy: "sid",
  });
});

test("equal zxids and different epochs are decided by the epoch, never by the sid (ZOOKEEPER-1419)", () => {
  const zxid = makeZxid(1, 3);
  expect(betterVote(voteFor(5, 1, zxid), voteFor(4, 2, zxid), equals)).toBe(false);
  expect(betterVote(voteFor(4, 2, zxid), voteFor(5, 1, zxid), equals)).toBe(true);
});

test("a vote does not beat itself", () => {
  const vote = voteFor(2, 1, makeZxid(1, 1));
  expect(compareVotes(vote, { ...vote })).toEqual({ better: "equal", decidedBy: null });
  expect(betterVote(vote, { ...vote }, equals)).toBe(false);
});

test("votes are totally ordered: of two different ones exactly one is better", () => {
  fc.assert(
    fc.property(anyVote, anyVote, (a, b) => {
      expect(betterVote(a, b, equals) && betterVote(b, a, equals)).toBe(false);
      expect(betterVote(a, b, equals) || betterVote(b, a, equals)).toBe(!sameVote(a, b));
      const forth = compareVotes(a, b);
      const back = compareVotes(b, a);
      expect(back.decidedBy).toBe(forth.decidedBy);
    }),
  );
});

test("better than better is better", () => {
  fc.assert(
    fc.property(anyVote, anyVote, anyVote, (a, b, c) => {
      fc.pre(betterVote(a, b, equals) && betterVote(b, c, equals));
      expect(betterVote(a, c, equals)).toBe(true);
    }),
  );
});

test("a server of weight 0 never beats anyone, however long its history; all others are compared as always", () => {
  const quorum: QuorumVerifier = {
    voters,
    hierarchy: { groupOf: { 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 }, weightOf: { 4: 0, 5: 2 } },
  };
  expect(betterVote(voteFor(4, 9, makeZxid(9, 9)), voteFor(1, 0, 0), quorum)).toBe(false);
  fc.assert(
    fc.property(anyVote, anyVote, (a, b) => {
      expect(betterVote(a, b, quorum)).toBe(a.leader !== 4 && betterVote(a, b, equals));
    }),
  );
});
