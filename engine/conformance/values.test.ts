import { expect, test } from "vitest";
import { aclInWords, aclOf, dataOf, permsInLetters, permsOf, sentDataOf, sizeOf } from "./values";

test("data is text, null, something repeated, or bytes that are no text", () => {
  expect(dataOf("a")).toBe("a");
  expect(dataOf(null)).toBeNull();
  expect(dataOf({ repeat: "xy", times: 3 })).toBe("xyxyxy");
  expect(dataOf({ base64: "aGk=" })).toBe("hi");
  expect(dataOf({ base64: "w6TwnZKz" })).toBe("ä𝒳");
  expect(dataOf({ base64: "/wBh" })).toBe("\udcff\0a");
});

test("a step may send bytes by their hexadecimal digits; what is expected is never meant so", () => {
  expect([sentDataOf("hex:00ff61"), sentDataOf("hex:"), sentDataOf("hex:0")]).toEqual([
    "\0\udcffa",
    "",
    "hex:0",
  ]);
  expect(dataOf("hex:00")).toBe("hex:00");
});

test("a size is that of the bytes", () => {
  expect([sizeOf(""), sizeOf("ä"), sizeOf("€"), sizeOf("𝒳"), sizeOf("\udcff")]).toEqual([
    0, 2, 3, 4, 1,
  ]);
});

test("permissions are letters in the order cdrwa, and a number outside 0..31", () => {
  expect(permsOf("cdrwa")).toBe(31);
  expect(permsOf("rw")).toBe(3);
  expect([permsInLetters(31), permsInLetters(3), permsInLetters(0)]).toEqual(["cdrwa", "rw", ""]);
  expect([permsOf(63), permsInLetters(63), permsInLetters(-1)]).toEqual([63, 63, -1]);
});

test("an access control list goes there and back; null stays null", () => {
  const acl = [{ scheme: "world", id: "anyone", perms: "cdrwa" }];
  expect(aclInWords(aclOf(acl) ?? [])).toEqual(acl);
  expect(aclOf(null)).toBeNull();
});
