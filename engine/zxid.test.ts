import fc from "fast-check";
import { expect, test } from "vitest";
import { counterOf, epochOf, formatZxid, makeZxid, ZERO_ZXID } from "./zxid";

test("a zxid is the epoch in the high half and the counter in the low half", () => {
  expect(formatZxid(makeZxid(1, 5))).toBe("0x100000005");
  expect([epochOf(makeZxid(1, 5)), counterOf(makeZxid(1, 5))]).toEqual([1, 5]);
  expect(makeZxid(0, 0)).toBe(ZERO_ZXID);
  expect(formatZxid(ZERO_ZXID)).toBe("0x0");
});

test("what is put together is taken apart again, up to the largest epoch and counter", () => {
  const parts = fc.tuple(
    fc.integer({ min: 0, max: 2 ** 21 - 1 }),
    fc.integer({ min: 0, max: 0xffffffff }),
  );
  fc.assert(
    fc.property(parts, ([epoch, counter]) => {
      const zxid = makeZxid(epoch, counter);
      expect(Number.isSafeInteger(zxid)).toBe(true);
      expect([epochOf(zxid), counterOf(zxid)]).toEqual([epoch, counter]);
    }),
  );
});

test("zxids are ordered by epoch, then by counter", () => {
  expect(makeZxid(2, 0)).toBeGreaterThan(makeZxid(1, 0xffffffff));
  expect(makeZxid(1, 2)).toBeGreaterThan(makeZxid(1, 1));
});

test("an epoch or counter that does not fit is refused, not rounded", () => {
  expect(() => makeZxid(2 ** 21, 0)).toThrow("an epoch lies between");
  expect(() => makeZxid(-1, 0)).toThrow("an epoch lies between");
  expect(() => makeZxid(1, 2 ** 32)).toThrow("a counter fits 32 bits");
});

test("a zxid of -1 is printed as ZooKeeper prints it", () => {
  expect(formatZxid(-1)).toBe("0xffffffffffffffff");
});
