import { expect, test } from "vitest";
import { fill } from "./text";

test("each gap of a sentence takes the value of its name", () => {
  expect(fill("{n} of {all}, {n} again", { n: 2, all: 5 })).toBe("2 of 5, 2 again");
});

test("a gap without a value stays, so that a missing one is seen", () => {
  expect(fill("server {sid}", {})).toBe("server {sid}");
});
