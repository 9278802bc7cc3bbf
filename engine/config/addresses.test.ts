import { expect, test } from "vitest";
import { addressText, hostOf, isSameAddress, javaAddressText } from "./addresses";

/** As Java 17 reads and prints them. */
test.each([
  ["127.0.0.1", "/127.0.0.1:1"],
  ["1.2.3", "/1.2.0.3:1"],
  ["7", "/0.0.0.7:1"],
  ["01.2.3.4", "/1.2.3.4:1"],
  ["1.2.3.400", "1.2.3.400/<unresolved>:1"],
  ["::1", "/[0:0:0:0:0:0:0:1]:1"],
  ["[fe80::1:2]", "/[fe80:0:0:0:0:0:1:2]:1"],
  ["::1::", "::1::/<unresolved>:1"],
  ["", "localhost/127.0.0.1:1"],
  ["zk.invalid", "zk.invalid/<unresolved>:1"],
  ["a b", "a b/<unresolved>:1"],
])("the host %j is %j", (host, text) => {
  expect(javaAddressText({ ...hostOf(host), port: 1 })).toBe(text);
});

test("an address is what it stands for, not how it is written", () => {
  const one = { ...hostOf("localhost"), port: 1 };
  expect(isSameAddress(one, { ...hostOf("127.1"), port: 1 })).toBe(true);
  expect(isSameAddress(one, { ...hostOf("127.1"), port: 2 })).toBe(false);
  expect(addressText({ ...hostOf("::1"), port: 1 })).toBe("[0:0:0:0:0:0:0:1]:1");
});
