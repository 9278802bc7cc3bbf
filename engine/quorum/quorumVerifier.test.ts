import fc from "fast-check";
import { expect, test } from "vitest";
import type { QuorumVerifier } from "../config/ensemble";
import { containsQuorum, weightOf } from "./quorumVerifier";

const most = (voters: readonly number[]): QuorumVerifier => ({ voters, hierarchy: null });
/** Voters in groups, each voter once; weights that are not 1. */
const grouped = (
  groups: readonly (readonly number[])[],
  weightOf: Readonly<Record<number, number>> = {},
): QuorumVerifier => {
  const groupOf = Object.fromEntries(
    groups.flatMap((sids, index) => sids.map((sid) => [sid, index + 1])),
  );
  return { voters: groups.flat(), hierarchy: { groupOf, weightOf } };
};
/** All smallest sets that are quorums. */
const minimal = (quorum: QuorumVerifier): string[] => {
  const found: string[] = [];
  for (let bits = 0; bits < 2 ** quorum.voters.length; bits += 1) {
    const set = quorum.voters.filter((_, index) => (bits >> index) & 1);
    const less = set.map((sid) => set.filter((other) => other !== sid));
    if (containsQuorum(set, quorum) && !less.some((one) => containsQuorum(one, quorum)))
      found.push(set.join(""));
  }
  return found.toSorted();
};

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
  [6, 4],
  [7, 4],
])("of %i voters %i make a quorum, and one less does not", (voters, needed) => {
  expect(containsQuorum(upTo(needed), most(upTo(voters)))).toBe(true);
  expect(containsQuorum(upTo(needed - 1), most(upTo(voters)))).toBe(false);
});

test("servers that do not vote are not counted, and nobody counts twice", () => {
  expect(containsQuorum([1, 8, 9], most([1, 2, 3]))).toBe(false);
  expect(containsQuorum([1, 1, 1], most([1, 2, 3]))).toBe(false);
});

test("with groups, most of them must be won, each by more than half of its weight", () => {
  const nine = grouped([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);
  expect(containsQuorum([1, 2, 4, 5], nine)).toBe(true);
  expect(containsQuorum([1, 4, 7], nine)).toBe(false);
  expect(containsQuorum([1, 2, 3, 4, 7], nine)).toBe(false);
  // An even weight: half of it is not more than half.
  expect(minimal(grouped([[1, 2], [3, 4], [5]]))).toEqual(["1234", "125", "345"]);
});

test("a weight counts as so many votes; weight 0 adds nothing, and a group of weight 0 is no group", () => {
  expect(minimal(grouped([[1, 2, 3]], { 3: 0 }))).toEqual(["12"]);
  expect(minimal(grouped([[1, 2, 3]], { 2: 4 }))).toEqual(["2"]);
  const half = grouped(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { 4: 0, 5: 0, 6: 0 },
  );
  expect(minimal(half)).toEqual(["12", "13", "23"]);
  expect(minimal(grouped([[1, 2, 3]], { 1: 0, 2: 0, 3: 0 }))).toEqual([]);
  expect([4, 1].map((sid) => weightOf(sid, half))).toEqual([0, 1]);
});

test("a server without a group is ignored; with plain majorities everybody weighs 1", () => {
  expect(containsQuorum([1, 7, 8], grouped([[1, 2, 3]]))).toBe(false);
  expect(weightOf(7, most([1, 2, 3]))).toBe(1);
});

const anyQuorum = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 7 }),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 7, maxLength: 7 }),
    fc.boolean(),
  )
  .map(([groups, weights, plain]) => {
    const voters = groups.map((_, index) => index + 1);
    if (plain) return most(voters);
    const groupOf = Object.fromEntries(groups.map((group, index) => [index + 1, group]));
    const weightsOf = Object.fromEntries(weights.map((weight, index) => [index + 1, weight]));
    return { voters, hierarchy: { groupOf, weightOf: weightsOf } };
  });
const anySet = fc.uniqueArray(fc.integer({ min: 1, max: 9 }));

test("two quorums always share a voter", () => {
  fc.assert(
    fc.property(anyQuorum, anySet, anySet, (quorum, a, b) => {
      fc.pre(containsQuorum(a, quorum) && containsQuorum(b, quorum));
      expect(a.some((sid) => b.includes(sid) && quorum.voters.includes(sid))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("a quorum with more servers is a quorum, and nobody is none", () => {
  fc.assert(
    fc.property(anyQuorum, anySet, anySet, (quorum, a, b) => {
      expect(containsQuorum([], quorum)).toBe(false);
      if (containsQuorum(a, quorum)) expect(containsQuorum([...a, ...b], quorum)).toBe(true);
    }),
  );
});
