import { expect, test } from "vitest";
import { errorCodeOf, ERROR_NUMBERS, errorNumberOf } from "./errorCodes";

test("a code has ZooKeeper's number", () => {
  expect(errorNumberOf("OK")).toBe(0);
  expect(errorNumberOf("NONODE")).toBe(-101);
  expect(errorNumberOf("QUOTAEXCEEDED")).toBe(-125);
});

test("each number is one code's", () => {
  const numbers = Object.values(ERROR_NUMBERS);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(errorCodeOf(-110)).toBe("NODEEXISTS");
  expect(errorCodeOf(-999)).toBeNull();
});
