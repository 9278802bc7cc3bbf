import fc from "fast-check";
import { expect, test } from "vitest";
import { draw, drawBetween } from "./random";

test("a draw depends on seed, purpose, place and nth, on each of them", () => {
  const draws = [
    draw(1, "packet", "a", 0),
    draw(2, "packet", "a", 0),
    draw(1, "fsync", "a", 0),
    draw(1, "packet", "b", 0),
    draw(1, "packet", "a", 1),
  ];
  expect(new Set(draws).size).toBe(5);
  expect(draw(1, "packet", "a", 0)).toBe(draws[0]);
});

test("purpose and place are two words, not one", () => {
  expect(draw(1, "ab", "c", 0)).not.toBe(draw(1, "a", "bc", 0));
});

test("draws never leave [0, 1) and drawn numbers never leave their range", () => {
  const anyDraw = fc.tuple(fc.integer(), fc.string(), fc.string(), fc.nat(10_000));
  fc.assert(
    fc.property(anyDraw, fc.nat(1_000), fc.nat(1_000), ([seed, purpose, place, nth], low, span) => {
      const drawn = draw(seed, purpose, place, nth);
      expect(drawn >= 0 && drawn < 1).toBe(true);
      const number = drawBetween(seed, purpose, place, nth, low, low + span);
      expect(Number.isInteger(number) && number >= low && number <= low + span).toBe(true);
    }),
  );
});

test("ten thousand draws fill ten equal bins evenly", () => {
  const bins = Array(10).fill(0) as number[];
  for (let nth = 0; nth < 10_000; nth += 1) {
    const bin = Math.floor(draw(42, "packet", "quorum/1>3/0", nth) * 10);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  for (const count of bins) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test("both ends of a range are drawn", () => {
  const drawn = new Set(
    Array.from({ length: 200 }, (_, nth) => drawBetween(1, "packet", "a", nth, 3, 5)),
  );
  expect([...drawn].toSorted((a, b) => a - b)).toEqual([3, 4, 5]);
});
