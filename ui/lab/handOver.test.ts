import { expect, test } from "vitest";
import { collect, type HandOver, leave } from "./handOver";

const run: HandOver = {
  version: 1,
  lab: "cold-start",
  seed: 7,
  commands: [{ step: 0, atUs: 0, command: { type: "start", sid: 1 } }],
  playheadUs: 12_480_000,
  endUs: 20_000_000,
  reached: ["c5"],
  playing: true,
  director: true,
  suspended: false,
  speed: 1,
  hand: "look",
};

/** A tab's storage, as small as it can be. */
function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    key: (at) => [...kept.keys()][at] ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem: (key, text) => void kept.set(key, text),
  };
}

test("the page in the other language takes the run, once", () => {
  const tab = storage();
  leave(run, "en", 1_000, tab);
  expect(collect("cold-start", "zh", 2_000, tab)).toEqual(run);
  expect(collect("cold-start", "zh", 2_000, tab)).toBeNull();
});

test("a reload in the same language begins anew", () => {
  const tab = storage();
  leave(run, "en", 1_000, tab);
  expect(collect("cold-start", "en", 2_000, tab)).toBeNull();
});

test("a run that was left long ago, or of another lab, is not taken", () => {
  const tab = storage();
  leave(run, "en", 1_000, tab);
  expect(collect("cold-start", "zh", 60_000, tab)).toBeNull();
  leave(run, "en", 1_000, tab);
  expect(collect("votes", "zh", 2_000, tab)).toBeNull();
});

test("what is damaged or foreign is ignored and never throws", () => {
  const damaged: unknown[] = [
    "{",
    "null",
    '"run"',
    JSON.stringify({ run, lang: "en" }),
    JSON.stringify({ run: { ...run, version: 2 }, lang: "en", leftMs: 1_000 }),
    JSON.stringify({ run: { ...run, commands: [{ step: 0 }] }, lang: "en", leftMs: 1_000 }),
    JSON.stringify({ run: { ...run, playheadUs: -1 }, lang: "en", leftMs: 1_000 }),
    JSON.stringify({ run: { ...run, hand: "foot" }, lang: "en", leftMs: 1_000 }),
    JSON.stringify({ run: { ...run, reached: [3] }, lang: "en", leftMs: 1_000 }),
  ];
  for (const text of damaged) {
    const tab = storage();
    tab.setItem("ensemble.handOver", String(text));
    expect(collect("cold-start", "zh", 2_000, tab)).toBeNull();
  }
});

test("a storage that refuses costs the run, not the page", () => {
  const throwing = storage();
  throwing.setItem = throwing.getItem = () => {
    throw new Error("full");
  };
  leave(run, "en", 0, throwing);
  expect(collect("cold-start", "zh", 0, throwing)).toBeNull();
  leave(run, "en", 0, null);
  expect(collect("cold-start", "zh", 0, null)).toBeNull();
});
