import fc from "fast-check";
import { expect, test } from "vitest";
import { nameOf, parentOf, validatePath } from "./path";

test.each(["/", "/a", "/a/b", "/...", "/a.b/.c/d..", "/集群", "/\u00a0"])(
  "%j is a good path",
  (path) => {
    expect(validatePath(path)).toBeNull();
  },
);

test.each([
  ["", "Path length must be > 0"],
  ["a", "Path must start with / character"],
  ["/a/", "Path must not end with / character"],
  ["//a", 'Invalid path string "//a" caused by empty node name specified @1'],
  ["/a/./b", 'Invalid path string "/a/./b" caused by relative paths not allowed @3'],
  ["/.", 'Invalid path string "/." caused by relative paths not allowed @1'],
  ["/..", 'Invalid path string "/.." caused by relative paths not allowed @2'],
  ["/a\0", 'Invalid path string "/a\0" caused by null character not allowed @2'],
  ["/\u001f", 'Invalid path string "/\u001f" caused by invalid character @1'],
  ["/\u007f", 'Invalid path string "/\u007f" caused by invalid character @1'],
  ["/\u009f", 'Invalid path string "/\u009f" caused by invalid character @1'],
  ["/\ud800", 'Invalid path string "/?" caused by invalid character @1'],
  ["/😀", 'Invalid path string "/😀" caused by invalid character @1'],
  ["/\ufff0", 'Invalid path string "/\ufff0" caused by invalid character @1'],
])("%j is refused with ZooKeeper's text", (path, text) => {
  expect(validatePath(path)).toBe(text);
});

test("a path is its parent and its name", () => {
  expect([parentOf("/a/b"), nameOf("/a/b")]).toEqual(["/a", "b"]);
  expect([parentOf("/a"), nameOf("/a")]).toEqual(["/", "a"]);
  expect([parentOf("/"), nameOf("/")]).toEqual([null, ""]);
  expect(parentOf("a")).toBeNull();
});

/** Pieces of which good and bad paths are made. */
const piece = fc.constantFrom(
  "/",
  "a",
  ".",
  "..",
  "集",
  "\0",
  "\u001f",
  "\u00a0",
  "\ud800",
  "\ufff0",
);

test("a path is good when each of its names is, and it begins with a slash and ends with none", () => {
  const isRefused = (code: number) =>
    code < 0x20 ||
    (code > 0x7e && code < 0xa0) ||
    (code > 0xd7ff && code < 0xf900) ||
    code > 0xffef;
  const isGoodName = (name: string) =>
    !["", ".", ".."].includes(name) &&
    !name.split("").some((char) => isRefused(char.charCodeAt(0)));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = pieces.join("");
      const names = path.split("/");
      const isGood =
        path === "/" || (names[0] === "" && names.length > 1 && names.slice(1).every(isGoodName));
      expect(validatePath(path) === null, JSON.stringify(path)).toBe(isGood);
    }),
    { seed: 4, numRuns: 1_000 },
  );
});

test("a good path is its parent, a slash and its name", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b.c", "集"), { minLength: 1 }), (names) => {
      const path = `/${names.join("/")}`;
      const parent = parentOf(path) ?? "";
      expect(parent === "/" ? `/${nameOf(path)}` : `${parent}/${nameOf(path)}`).toBe(path);
    }),
    { seed: 6, numRuns: 200 },
  );
});
