import { expect, test } from "vitest";
import { base64, digestOf, sha1, utf8 } from "./digest";

const hex = (bytes: readonly number[]) =>
  bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");

test.each([
  ["", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
  ["abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
  ],
  ["a".repeat(1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"],
])("the SHA-1 of %j", (text, expected) => {
  expect(hex(sha1(utf8(text)))).toBe(expected);
});

test.each([
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foobar", "Zm9vYmFy"],
])("%j in base64", (text, expected) => {
  expect(base64(utf8(text))).toBe(expected);
});

test("a digest names the user and hides the password", () => {
  expect(digestOf("bob:pw")).toBe("bob:ikIaKsbtGweaHnb/jKn7OHqbunM=");
  expect(digestOf("a:b:c").startsWith("a:")).toBe(true);
  expect(digestOf("nobody").startsWith("nobody:")).toBe(true);
});

test("text is counted in the bytes of UTF-8", () => {
  expect(hex(utf8("aé€😀\ud800"))).toBe("61c3a9e282acf09f9880efbfbd");
});
