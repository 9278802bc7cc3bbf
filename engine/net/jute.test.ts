import { expect, test } from "vitest";
import { OPEN_ACL } from "../tree/acl";
import { lengthOf, mayExceed } from "./jute";
import { createOf, type Operation } from "./request";

const asked = (op: Operation) => ({ type: "request", cxid: 1, op }) as const;

test("a setData of 1048600 bytes to /a is a message of 1048622 bytes", () => {
  const packet = asked({ type: "setData", path: "/a", data: "x".repeat(1_048_600), version: -1 });
  expect(lengthOf(packet)).toBe(1_048_622);
});

test("a create counts path, data, each entry of the access control list, and flags", () => {
  // header 8, path 4 + 2, data 4 + 3, list 4 with one entry of 4 + 4 + 5 + 4 + 6, flags 4
  expect(
    lengthOf(asked({ type: "create2", path: "/a", data: "abc", acl: OPEN_ACL, flags: 0 })),
  ).toBe(8 + 6 + 7 + 27 + 4);
  expect(lengthOf(asked(createOf("/a", null, "PERSISTENT_WITH_TTL", { ttlMs: 1 })))).toBe(
    8 + 6 + 4 + 27 + 4 + 8,
  );
});

test("a multi has a header before each of its operations and one behind the last", () => {
  expect(lengthOf(asked({ type: "multi", ops: [] }))).toBe(8 + 9);
  const ops = [
    { type: "delete", path: "/a", version: -1 },
    { type: "check", path: "/bc", version: 0 },
  ] as const;
  expect(lengthOf(asked({ type: "multi", ops }))).toBe(8 + 9 + (9 + 10) + (9 + 11));
});

test("letters count as bytes of UTF-8", () => {
  expect(lengthOf(asked({ type: "sync", path: "/é" }))).toBe(8 + 4 + 3);
  expect(lengthOf(asked({ type: "sync", path: "/中" }))).toBe(8 + 4 + 4);
});

test("what is far from the limit is not counted, what may be beyond it is", () => {
  expect(mayExceed(asked({ type: "getACL", path: "/a" }), 1_048_575)).toBe(false);
  const data = "x".repeat(1_048_500);
  expect(mayExceed(asked({ type: "setData", path: "/a", data, version: -1 }), 1_048_575)).toBe(
    true,
  );
});
