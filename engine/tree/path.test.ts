import { expect, test } from "vitest";
import { nameOf, namesOf, parentOf, validatePath } from "./path";

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
  ["/\ud800", 'Invalid path string "/\ud800" caused by invalid character @1'],
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

test("the names lead from the root to the znode", () => {
  expect(namesOf("/")).toEqual([]);
  expect(namesOf("/a/b")).toEqual(["a", "b"]);
  expect(namesOf("a/b")).toBeNull();
});
