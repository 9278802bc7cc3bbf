import { expect, test } from "vitest";
import type { ChoiceItem } from "../../lessons/lesson";
import { readNumber, shuffled, verdictOf, wrongRows } from "./quiz";

const both = (text: string) => ({ en: text, zh: text });
const option = (id: string, right?: true) => ({
  id,
  text: both(id),
  why: both(id),
  ...(right && { right }),
});
const multiple: ChoiceItem = {
  kind: "multiple",
  id: "q",
  tags: [],
  question: both("q"),
  options: [option("a", true), option("b", true), option("c"), option("d")],
};

test("options keep all their members in an order that only the learner and the question decide", () => {
  const options = ["a", "b", "c", "d", "e"];
  const orders = new Set(
    Array.from({ length: 40 }, (_, seed) => shuffled(options, seed, "L13q2").join("")),
  );

  expect(shuffled(options, 5, "L13q2")).toEqual(shuffled(options, 5, "L13q2"));
  expect([...shuffled(options, 5, "L13q2")].sort()).toEqual(options);
  expect(orders.size).toBeGreaterThan(20);
});

test("every option comes to every place", () => {
  const firsts = new Set(
    Array.from({ length: 60 }, (_, seed) => shuffled(["a", "b", "c", "d"], seed, "q")[0]),
  );
  expect(firsts.size).toBe(4);
});

test("several choices are right when each row is as it should be", () => {
  expect(verdictOf(multiple, ["b", "a"])).toBe("right");
});

test("one row too few or too many is one step off", () => {
  expect(verdictOf(multiple, ["a"])).toBe("nearly");
  expect(verdictOf(multiple, ["a", "b", "c"])).toBe("nearly");
  expect(wrongRows(multiple, ["a", "b", "c"])).toEqual(["c"]);
});

test("one right and one wrong choice are two rows off", () => {
  expect(verdictOf(multiple, ["a", "c"])).toBe("wrong");
});

test("a single choice has no half right", () => {
  const single: ChoiceItem = {
    ...multiple,
    kind: "single",
    options: [option("a", true), option("b")],
  };
  expect(verdictOf(single, [])).toBe("wrong");
});

test("a number may hold gaps, but is decimal where the question says so", () => {
  expect(readNumber(" 500 000_003 ", "decimal")).toBe(500_000_003);
  expect(readNumber("0x5", "decimal")).toBe("not decimal");
  expect(readNumber("0x500000003", "zxid")).toBe(0x500000003);
});

test("what is no whole number is said to be none", () => {
  expect(readNumber("", "decimal")).toBe("empty");
  expect(readNumber("five", "decimal")).toBe("not a number");
  expect(readNumber("-1", "zxid")).toBe("not a number");
});
