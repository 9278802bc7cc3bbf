import fc from "fast-check";
import { expect, test } from "vitest";
import {
  allOf,
  emptyFifo,
  type Fifo,
  headOf,
  isEmpty,
  lengthOf,
  withLast,
  withoutHead,
} from "./fifo";

test("what is added first is taken first, however the two are mixed", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (adds) => {
      let fifo: Fifo<number> = emptyFifo();
      let plain: number[] = [];
      for (const [nth, add] of adds.entries()) {
        fifo = add ? withLast(fifo, nth) : withoutHead(fifo);
        plain = add ? [...plain, nth] : plain.slice(1);
        expect(headOf(fifo)).toBe(plain[0] ?? null);
        expect(lengthOf(fifo)).toBe(plain.length);
        expect(isEmpty(fifo)).toBe(plain.length === 0);
        expect(allOf(fifo)).toEqual(plain);
      }
    }),
  );
});

test("an emptied queue is again the empty queue", () => {
  let fifo: Fifo<number> = emptyFifo();
  for (let nth = 0; nth < 100; nth += 1) fifo = withLast(fifo, nth);
  for (let nth = 0; nth < 100; nth += 1) fifo = withoutHead(fifo);
  expect(fifo).toBe(emptyFifo());
});
