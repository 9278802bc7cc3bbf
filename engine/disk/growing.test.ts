import fc from "fast-check";
import { expect, test } from "vitest";
import {
  firstItems,
  firstPlace,
  grown,
  growingOf,
  itemAt,
  itemsOf,
  lastItem,
  nothingYet,
} from "./growing";

const some = fc.array(fc.integer(), { maxLength: 300 });
const build = (items: readonly number[]) => items.reduce(grown<number>, nothingYet<number>());

test("a list that grew item by item holds what an array would", () => {
  fc.assert(
    fc.property(
      some,
      fc.integer({ min: -5, max: 310 }),
      fc.integer({ min: -5, max: 310 }),
      (items, from, to) => {
        const list = build(items);
        expect(list).toEqual(growingOf(items));
        expect(list.count).toBe(items.length);
        expect(itemsOf(list)).toEqual(items);
        expect(lastItem(list)).toBe(items.at(-1));
        expect(itemAt(list, Math.max(from, 0))).toBe(items[Math.max(from, 0)]);
        const begin = Math.max(from, 0);
        expect(itemsOf(list, from, Math.max(to, begin))).toEqual(
          items.slice(begin, Math.max(to, begin)),
        );
      },
    ),
  );
});

test("its first items are a list as if no others had come", () => {
  fc.assert(
    fc.property(some, fc.nat(310), (items, count) => {
      expect(firstItems(build(items), count)).toEqual(growingOf(items.slice(0, count)));
    }),
  );
});

test("the first place that fits is found as a search from the front finds it", () => {
  fc.assert(
    fc.property(some, fc.integer(), (items, least) => {
      const sorted = items.toSorted((a, b) => a - b);
      const found = sorted.findIndex((item) => item >= least);
      expect(firstPlace(build(sorted), (item) => item >= least)).toBe(
        found < 0 ? sorted.length : found,
      );
    }),
  );
});

test("a longer list leaves the shorter as it was", () => {
  const short = build([1, 2, 3]);
  grown(short, 4);
  expect(itemsOf(short)).toEqual([1, 2, 3]);
});
