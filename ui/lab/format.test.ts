import { expect, test } from "vitest";
import { formatFactor, formatSeconds, SPEED_STEPS, speedAt, stepOfSpeed } from "./format";

test("the clock shows seconds with three decimals", () => {
  expect(formatSeconds(12_480_000)).toBe("12.480");
});

test("a factor has as many digits as matter", () => {
  expect([0.0077, 0.05, 0.28, 1.43, 4, 20].map(formatFactor)).toEqual([
    "0.008",
    "0.05",
    "0.28",
    "1.4",
    "4",
    "20",
  ]);
});

test("the speed slider runs from 0.005 to 20 by equal ratios, and finds its step again", () => {
  expect(speedAt(0)).toBeCloseTo(0.005);
  expect(speedAt(SPEED_STEPS)).toBeCloseTo(20);
  for (let step = 0; step <= SPEED_STEPS; step += 1) expect(stepOfSpeed(speedAt(step))).toBe(step);
});
