import fc from "fast-check";
import { expect, test } from "vitest";
import {
  eachEntry,
  emptyMap,
  entryOf,
  hasEntry,
  keysOf,
  type PersistentMap,
  withEntry,
  withoutEntry,
} from "./persistentMap";

/** Few keys, so that they meet; among them pairs of the same hash, and names that every object has. */
const SAME_HASH = ["rjlizpsq", "ekaweyun", "bmjahejx", "jpttgwdo"];
const key = fc.oneof(
  fc.constantFrom(...SAME_HASH, "__proto__", "constructor", ""),
  fc.nat({ max: 60 }).map((number) => `n-${String(number).padStart(10, "0")}`),
);
const change = fc.record({ key, value: fc.nat({ max: 3 }), remove: fc.boolean() });
type Change = { readonly key: string; readonly value: number; readonly remove: boolean };

function mapAfter(changes: readonly Change[]): PersistentMap<number> {
  return changes.reduce(
    (map, one) => (one.remove ? withoutEntry(map, one.key) : withEntry(map, one.key, one.value)),
    emptyMap<number>(),
  );
}

function modelAfter(changes: readonly Change[]): Map<string, number> {
  const model = new Map<string, number>();
  for (const one of changes) {
    if (one.remove) model.delete(one.key);
    else model.set(one.key, one.value);
  }
  return model;
}

test("a map holds what was put in last and not taken out, as a Map does", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const map = mapAfter(changes);
      const model = modelAfter(changes);
      expect(map.size).toBe(model.size);
      expect(keysOf(map)).toEqual([...model.keys()].sort());
      for (const [name, value] of model) expect(entryOf(map, name)).toBe(value);
      for (const one of changes) expect(hasEntry(map, one.key)).toBe(model.has(one.key));
      const seen = new Map<string, number>();
      eachEntry(map, (name, value) => seen.set(name, value));
      expect(seen).toEqual(model);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("maps with the same entries are alike, however they came about", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const entries = [...modelAfter(changes)].toSorted(([a], [b]) => (a < b ? 1 : -1));
      const straight = entries.reduce(
        (map, [name, value]) => withEntry(map, name, value),
        emptyMap<number>(),
      );
      expect(mapAfter(changes)).toEqual(straight);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("a change leaves the old map as it was", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), change, (changes, last) => {
      const before = mapAfter(changes);
      const copy = JSON.parse(JSON.stringify(before)) as unknown;
      void (last.remove ? withoutEntry(before, last.key) : withEntry(before, last.key, last.value));
      expect(before).toEqual(copy);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("two keys of the same hash stand side by side, in alphabetical order", () => {
  for (const keys of [SAME_HASH.slice(0, 2), SAME_HASH.slice(0, 2).toReversed()]) {
    const map = keys.reduce((before, name) => withEntry(before, name, 1), emptyMap<number>());
    expect(map.root).toMatchObject({ key: "ekaweyun", more: { key: "rjlizpsq" } });
  }
});

test("what changes nothing gives back the same map", () => {
  const map = withEntry(emptyMap<number>(), "a", 1);
  expect(withEntry(map, "a", 1)).toBe(map);
  expect(withoutEntry(map, "b")).toBe(map);
  expect(withoutEntry(map, "a")).toEqual(emptyMap());
});

test("a large map is changed by a few new branches, not by a copy", () => {
  let map = emptyMap<number>();
  for (let at = 0; at < 30_000; at += 1) map = withEntry(map, `/a/n-${at}`, at);
  expect(map.size).toBe(30_000);
  expect(branchesOf(map)).toBeLessThan(8);
  const grown = withEntry(map, "/a/one-more", 1);
  let shared = 0;
  const before = map.root?.nodes ?? [];
  for (const node of grown.root?.nodes ?? []) if (before.includes(node)) shared += 1;
  expect(shared).toBe(31);
  for (let at = 0; at < 30_000; at += 1) map = withoutEntry(map, `/a/n-${at}`);
  expect(map).toEqual(emptyMap());
});

/** The most branches on the way to any leaf. */
function branchesOf(map: PersistentMap<unknown>): number {
  const depth = (node: PersistentMap<unknown>["root"]): number =>
    node?.nodes === undefined ? 0 : 1 + Math.max(...node.nodes.map(depth));
  return depth(map.root);
}
