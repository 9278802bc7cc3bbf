import { expect, test } from "vitest";
import type { Mark } from "./lanes";
import { columnsOf, placeMarks, timeScaleOf } from "./timeline";

/** An election of 0.3 s between two quiet half minutes. */
const moments = [0, 30_000_000, 30_100_000, 30_200_000, 30_300_000, 60_000_000];

test("a busy third of a second takes more room than its share of a minute", () => {
  const { xOf } = timeScaleOf(moments, 60_000_000, 600);
  const share = (xOf(30_300_000) - xOf(30_000_000)) / xOf(60_000_000);
  expect(share).toBeGreaterThan(4 * (0.3 / 60));
});

test("later is always further right, and every pixel leads back to its moment", () => {
  const { xOf, usOf } = timeScaleOf(moments, 60_000_000, 600);
  let lastX = -1;
  for (let us = 0; us <= 62_000_000; us += 250_000) {
    const x = xOf(us);
    expect(x).toBeGreaterThan(lastX);
    expect(Math.abs(usOf(x) - us)).toBeLessThan(5);
    lastX = x;
  }
});

test("the axis grows in steps, so that marks stand still while time runs", () => {
  const rooms = [1, 2, 3, 4, 5].map((second) => timeScaleOf([0], second * 1_000_000, 600).room);
  expect(new Set(rooms).size).toBeLessThan(3);
  expect(timeScaleOf([0], 600_000_000, 600).xOf(600_000_000)).toBeLessThanOrEqual(600 * 0.92);
});

test("ticks are round seconds that do not touch", () => {
  const { ticks } = timeScaleOf(moments, 60_000_000, 600);
  expect(ticks.length).toBeGreaterThan(3);
  ticks.forEach(({ x }, at) => {
    if (at > 0) expect(x - (ticks[at - 1]?.x ?? 0)).toBeGreaterThanOrEqual(64);
  });
});

test("commits give way to deeds, and thin out where they crowd", () => {
  const commits: Mark[] = Array.from({ length: 100 }, (_, at) => ({
    kind: "commit",
    atUs: at,
    id: null,
  }));
  const kill: Mark = { kind: "kill", atUs: 50, id: 5 };
  const placed = placeMarks([...commits, kill], (us) => us * 2, 200);
  expect(placed.length).toBeLessThan(16);
  expect(placed.filter(({ mark, x }) => mark.kind === "commit" && Math.abs(x - 100) < 13)).toEqual(
    [],
  );
});

test("a mark is named in full only where the next one leaves room", () => {
  const marks: Mark[] = [
    { kind: "kill", atUs: 0, id: 1 },
    { kind: "start", atUs: 20, id: 2 },
    { kind: "kill", atUs: 60, id: 3 },
  ];
  expect(placeMarks(marks, (us) => us, 200).map(({ label }) => label)).toEqual([
    "none",
    "short",
    "long",
  ]);
});

test("a column has the phase of most of its facts, and the busiest is full", () => {
  const columns = columnsOf(
    [
      { atUs: 0, phase: "election" },
      { atUs: 1, phase: "election" },
      { atUs: 2, phase: "other" },
      { atUs: 9, phase: "broadcast" },
    ],
    (us) => us,
  );
  expect(columns.map(({ phase }) => phase)).toEqual(["election", "broadcast"]);
  expect(columns[0]?.height).toBe(1);
});
