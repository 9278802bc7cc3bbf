import { expect, test } from "vitest";
import { bytesOf } from "./znode";

test.each([
  [null, 0],
  ["", 0],
  ["a\u007f", 2],
  ["\u0080\u07ff", 4],
  ["\u0800\ud7ff\ue000\uffff", 12],
  ["😀", 4],
  ["a😀b", 6],
])("%j is stored in %i bytes", (data, bytes) => {
  expect(bytesOf(data)).toBe(bytes);
});

test("a byte that is no UTF-8 counts one, half a pair of surrogates three as its letter would", () => {
  expect(bytesOf("\udc80")).toBe(1);
  expect(bytesOf("\udcff\udcff")).toBe(2);
  expect(bytesOf("\udc7f")).toBe(3);
  expect(bytesOf("\udd00")).toBe(3);
  expect(bytesOf("\ud800")).toBe(3);
  expect(bytesOf("\ud800a")).toBe(4);
});
