import { expect, test } from "vitest";
import { tallyOf } from "./tally";

const three = { voters: [1, 2, 3], hierarchy: null };

test("an observer that is up counts for nothing", () => {
  expect(tallyOf([1, 4], three)).toEqual({
    have: 1,
    all: 3,
    need: 2,
    isQuorum: false,
    groups: null,
  });
  expect(tallyOf([1, 2], three).isQuorum).toBe(true);
});

test("with groups, what counts are the groups won by more than half of their weight", () => {
  const quorum = {
    voters: [1, 2, 3, 4, 5],
    hierarchy: {
      groupOf: { 1: 1, 2: 1, 3: 2, 4: 2, 5: 3 },
      weightOf: { 1: 3 },
    },
  };
  const tally = tallyOf([1, 5], quorum);
  expect(tally).toMatchObject({ have: 2, all: 3, need: 2, isQuorum: true });
  expect(
    tally.groups?.map(({ weights, filled, need, isWon }) => [weights, filled, need, isWon]),
  ).toEqual([
    [[3, 1], 1, 3, true],
    [[1, 1], 0, 2, false],
    [[1], 1, 1, true],
  ]);
  expect(tallyOf([3], quorum)).toMatchObject({ have: 0, isQuorum: false });
});
