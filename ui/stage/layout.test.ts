import { expect, test } from "vitest";
import { boxesTouch, boxTouchesDisc, layoutOf, lineCrossesBox, RING_OFFSET } from "./layout";

const CANVASES = [
  { width: 700, height: 660 },
  { width: 700, height: 476 },
  { width: 644, height: 528 },
  { width: 390, height: 352 },
];
const COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

test("no plate touches another plate, a dial or the edge, on any canvas with one to nine servers", () => {
  for (const size of CANVASES) {
    for (const count of COUNTS) {
      const { seats, detail, dialRadius } = layoutOf(count, size, false);
      expect(seats).toHaveLength(count);
      if (detail !== "plates") continue;
      const name = `${count} servers at ${size.width}x${size.height}`;
      for (const [index, { plate }] of seats.entries()) {
        expect(Math.min(plate.x, plate.y), name).toBeGreaterThanOrEqual(0);
        expect(plate.x + plate.width, name).toBeLessThanOrEqual(size.width);
        expect(plate.y + plate.height, name).toBeLessThanOrEqual(size.height);
        for (const [otherIndex, other] of seats.entries()) {
          expect(boxTouchesDisc(plate, other.at, dialRadius + RING_OFFSET), name).toBe(false);
          if (otherIndex !== index) expect(boxesTouch(plate, other.plate), name).toBe(false);
        }
      }
    }
  }
});

test("the gauge in the middle covers no dial, on a tablet's low canvas either", () => {
  for (const size of [...CANVASES, { width: 800, height: 300 }, { width: 1000, height: 260 }]) {
    for (const count of COUNTS) {
      const { seats, middle, gaugeRadius, dialRadius } = layoutOf(count, size, false);
      for (const { at } of gaugeRadius === 0 ? [] : seats) {
        const apart = Math.hypot(at.x - middle.x, at.y - middle.y);
        expect(apart, `${count} servers at ${size.width}x${size.height}`).toBeGreaterThanOrEqual(
          dialRadius + gaugeRadius,
        );
      }
    }
  }
});

test("dials do not touch each other, and stand inside the canvas", () => {
  for (const size of CANVASES) {
    // A phone holds seven.
    for (const count of size.width < 480 ? COUNTS.slice(0, 7) : COUNTS) {
      const { seats, dialRadius } = layoutOf(count, size, false);
      for (const [index, { at }] of seats.entries()) {
        expect(at.x).toBeGreaterThanOrEqual(dialRadius + RING_OFFSET);
        expect(at.x).toBeLessThanOrEqual(size.width - dialRadius - RING_OFFSET);
        expect(at.y).toBeGreaterThanOrEqual(dialRadius + RING_OFFSET);
        expect(at.y).toBeLessThanOrEqual(size.height - dialRadius - RING_OFFSET);
        for (const other of seats.slice(index + 1)) {
          expect(Math.hypot(other.at.x - at.x, other.at.y - at.y)).toBeGreaterThan(2 * dialRadius);
        }
      }
    }
  }
});

test("a link never runs through a plate", () => {
  for (const size of CANVASES) {
    for (const count of COUNTS) {
      const { seats, detail } = layoutOf(count, size, false);
      if (detail !== "plates") continue;
      for (const [index, one] of seats.entries()) {
        for (const other of seats.slice(index + 1)) {
          for (const { plate } of seats) {
            expect(
              lineCrossesBox(one.at, other.at, plate),
              `${count} servers at ${size.width}x${size.height}`,
            ).toBe(false);
          }
        }
      }
    }
  }
});

test("a desk's canvas has room for the plates of nine servers", () => {
  const details = COUNTS.map((count) => layoutOf(count, CANVASES[0]!, false).detail);
  expect(new Set(details)).toEqual(new Set(["plates"]));
});

test("five servers keep their plates down to a tablet's canvas and lose them on a phone", () => {
  const details = CANVASES.map((size) => layoutOf(5, size, false).detail);
  expect(details).toEqual(["plates", "plates", "plates", "labels"]);
});

test("server 1 stands on top, and the others follow clockwise", () => {
  const { seats, middle } = layoutOf(5, CANVASES[0]!, false);
  const turns = seats.map(({ at }) => {
    const turn = Math.atan2(at.x - middle.x, middle.y - at.y) / (2 * Math.PI);
    return turn < 0 ? turn + 1 : turn;
  });
  expect(turns[0]).toBe(0);
  expect(turns).toEqual(turns.toSorted((a, b) => a - b));
});

test("a client's place touches no plate and no dial", () => {
  for (const size of CANVASES) {
    for (const count of COUNTS) {
      const { seats, dialRadius, clientSlots, clientRadius } = layoutOf(count, size, false);
      const slot = clientSlots[0]!;
      for (const { at, plate } of seats) {
        const name = `${count} servers at ${size.width}x${size.height}`;
        expect(boxTouchesDisc(plate, slot, plate.width === 0 ? 0 : clientRadius), name).toBe(false);
        expect(Math.hypot(at.x - slot.x, at.y - slot.y), name).toBeGreaterThan(
          dialRadius + clientRadius,
        );
      }
    }
  }
});

test("boxes that share an edge do not touch", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  expect(boxesTouch(box, { ...box, x: 10 })).toBe(false);
  expect(boxesTouch({ ...box, x: 10 }, box)).toBe(false);
  expect(boxesTouch(box, { ...box, x: 9 })).toBe(true);
});

test("observers stand outside the ring, in the order of the servers, and touch nothing", () => {
  const sizes = [...CANVASES, { width: 960, height: 640 }];
  for (const size of sizes) {
    for (const outside of [[3], [3, 4], [1, 4, 5]]) {
      const count = 3 + outside.length;
      const { seats, detail, dialRadius } = layoutOf(count, size, false, outside);
      const name = `${outside.join()} of ${count} at ${size.width}x${size.height}`;
      expect(seats, name).toHaveLength(count);
      const ring = seats.filter((_, index) => !outside.includes(index)).map(({ at }) => at);
      const arc = seats.filter((_, index) => outside.includes(index)).map(({ at }) => at);
      const isRight = arc.every(({ x }) => ring.every((at) => x > at.x + 2 * dialRadius));
      const isBelow = arc.every(({ y }) => ring.every((at) => y > at.y + 2 * dialRadius));
      expect(isRight || isBelow, name).toBe(true);
      for (const [index, { at, plate }] of seats.entries()) {
        expect(Math.min(at.x, at.y) - dialRadius, name).toBeGreaterThanOrEqual(0);
        expect(at.x + dialRadius, name).toBeLessThanOrEqual(size.width);
        expect(at.y + dialRadius, name).toBeLessThanOrEqual(size.height);
        for (const other of seats.slice(index + 1)) {
          expect(Math.hypot(other.at.x - at.x, other.at.y - at.y), name).toBeGreaterThan(
            2 * dialRadius,
          );
          if (detail === "plates") expect(boxesTouch(plate, other.plate), name).toBe(false);
        }
      }
    }
  }
});

test("three voters and two observers keep their plates on a desk's canvas", () => {
  for (const size of [CANVASES[0]!, { width: 960, height: 640 }]) {
    expect(layoutOf(5, size, false, [3, 4]).detail).toBe("plates");
  }
});
