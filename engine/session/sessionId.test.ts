import { expect, test } from "vitest";
import { creatorOf, firstSessionNumber, passwordOf, sessionIdOf } from "./sessionId";

test("a session id holds the creating server's sid, its clock when it began to serve, and a counter", () => {
  expect(sessionIdOf(1, firstSessionNumber(0x10d021))).toBe("0x1000010d0210000");
  expect(sessionIdOf(1, firstSessionNumber(0x10d021) + 3)).toBe("0x1000010d0210003");
  expect(sessionIdOf(254, firstSessionNumber(1))).toBe("0xfe00000000010000");
});

test("the top byte of a session id is the server that created it", () => {
  expect(creatorOf("0x1000010d0210000")).toBe(1);
  expect(creatorOf("0xfe00000000010000")).toBe(254);
  expect(creatorOf("0x0")).toBe(0);
});

test.each([
  ["0x1000010d0210000", "e58615fd0e5f0dd7cbd8000107f9e8aa"],
  ["0x200003e80000001", "05ccfb5837b2d7e915678bc20cf30e43"],
  ["0xfe00ffffffff1234", "7df013f908883bd31d5a3545072652a7"],
])("the password of %s is what java.util.Random makes of it", (id, password) => {
  expect(passwordOf(id)).toBe(password);
});
