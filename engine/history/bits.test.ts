import fc from "fast-check";
import { expect, test } from "vitest";
import { BitReader, BitWriter, Unreadable } from "./bits";

test("bytes, numbers and text come back as they went in", () => {
  const item = fc.oneof(
    fc.record({ kind: fc.constant("byte" as const), value: fc.nat(255) }),
    fc.record({ kind: fc.constant("whole" as const), value: fc.maxSafeNat() }),
    fc.record({ kind: fc.constant("text" as const), value: fc.string({ unit: "binary" }) }),
  );
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const to = new BitWriter();
      for (const { kind, value } of items)
        if (kind === "byte") to.byte(3, value);
        else if (kind === "whole") to.whole(7, value);
        else to.text(9, value);
      const from = new BitReader(to.finish());
      for (const { kind, value } of items)
        if (kind === "byte") expect(from.byte(3)).toBe(value);
        else if (kind === "whole") expect(from.whole(7)).toBe(value);
        else expect(from.text(9, 1_000)).toBe(value);
    }),
  );
});

test("what has come often costs little", () => {
  const to = new BitWriter();
  for (let count = 0; count < 1_000; count += 1) to.whole(1, 5);
  expect(to.finish().length).toBeLessThan(40);
});

test("a reader refuses what ends too soon, and what is larger than it may be", () => {
  const to = new BitWriter();
  to.text(1, "as long as this");
  const bytes = to.finish();
  expect(() => new BitReader(bytes).text(1, 3)).toThrow(Unreadable);
  const endless = new BitReader([255, 255, 255, 255, 255]);
  expect(() => {
    for (;;) endless.byte(2);
  }).toThrow(Unreadable);
});
