import { expect, test } from "vitest";
import { containsQuorum } from "./quorumVerifier";

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
  expect(containsQuorum(upTo(needed), upTo(voters))).toBe(true);
  expect(containsQuorum(upTo(needed - 1), upTo(voters))).toBe(false);
});

test("servers that do not vote are not counted, and nobody counts twice", () => {
  expect(containsQuorum([1, 8, 9], [1, 2, 3])).toBe(false);
  expect(containsQuorum([1, 1, 1], [1, 2, 3])).toBe(false);
});
