import fc from "fast-check";
import { expect, test } from "vitest";
import { settingsOf } from "../config/settings";
import { type Acl, type Id, OPEN_ACL, PERMS } from "../tree/acl";
import { authenticate, checkAcl, fixupAcl, publicId } from "./access";

const settings = settingsOf({});
const bob: Id = { scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" };
const here: Id = { scheme: "ip", id: "127.0.0.1" };
const acl = (scheme: string, id: string, perms = 31): Acl => ({ scheme, id, perms });
const mayRead = (list: readonly Acl[], ids: readonly Id[] = [here], with_ = settings) =>
  checkAcl(list, PERMS.READ, ids, with_);

test("a digest proves user and password; a wrong password is somebody else, no error", () => {
  expect(authenticate("digest", "bob:pw", settings)).toEqual([bob]);
  expect(authenticate("digest", "bob:other", settings)).not.toEqual([bob]);
});

test("an unknown scheme is refused, and so is world, which has nothing to prove", () => {
  for (const scheme of ["nothing", "world", "auth", "super", "constructor"])
    expect(authenticate(scheme, "anyone", settings), scheme).toBeNull();
});

test("the address is known without proof: ip is accepted and adds nothing", () => {
  expect(authenticate("ip", "", settings)).toEqual([]);
});

test("the digest of the super user makes a super user", () => {
  const superDigest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";
  const withSuper = settingsOf({
    "zookeeper.DigestAuthenticationProvider.superDigest": superDigest,
  });
  expect(authenticate("digest", "super:test", withSuper)).toEqual([
    { scheme: "super", id: "" },
    { scheme: "digest", id: superDigest },
  ]);
  expect(authenticate("digest", "super:test", settings)).toHaveLength(1);
});

test("others learn the user and the address, not the digest", () => {
  expect([bob, here, { scheme: "super", id: "x" }].map(publicId)).toEqual([
    { scheme: "digest", id: "bob" },
    here,
    { scheme: "super", id: "" },
  ]);
});

test("an entry lets in those it names, with the permission it gives", () => {
  expect(mayRead(OPEN_ACL)).toBe(true);
  expect(mayRead([acl("world", "anyone", PERMS.ALL - PERMS.READ)])).toBe(false);
  expect(mayRead([acl("world", "somebody")])).toBe(false);
  expect(mayRead([acl(bob.scheme, bob.id)])).toBe(false);
  expect(mayRead([acl(bob.scheme, bob.id)], [here, bob])).toBe(true);
  expect(mayRead([acl("digest", "bob:x"), acl(bob.scheme, bob.id, PERMS.READ)], [bob])).toBe(true);
  expect(mayRead([acl("nothing", "a")], [{ scheme: "nothing", id: "a" }])).toBe(false);
});

test("an empty list, skipACL and the super user are never refused", () => {
  expect(mayRead([])).toBe(true);
  expect(mayRead([acl("digest", "x:y")], [], settingsOf({ "zookeeper.skipACL": "yes" }))).toBe(
    true,
  );
  expect(mayRead([acl("digest", "x:y")], [{ scheme: "super", id: "" }])).toBe(true);
});

test.each([
  ["127.0.0.1", true],
  ["127.0.0.2", false],
  ["127.0.0.0/8", true],
  ["127.0.0.2/30", true],
  ["127.0.0.2/31", false],
  ["1.2.3.4/0", true],
])("the address 127.0.0.1 and an entry ip:%s", (entry, allowed) => {
  expect(mayRead([acl("ip", entry)])).toBe(allowed);
});

test("two addresses match in their first bits, however many are asked", () => {
  const byte = fc.nat({ max: 255 });
  const address = fc.tuple(byte, byte, byte, byte);
  const bitsOf = (bytes: readonly number[]) =>
    bytes.map((one) => one.toString(2).padStart(8, "0")).join("");
  fc.assert(
    fc.property(address, address, fc.nat({ max: 32 }), (one, other, bits) => {
      const allowed = mayRead(
        [acl("ip", `${other.join(".")}/${bits}`)],
        [{ scheme: "ip", id: one.join(".") }],
      );
      expect(allowed).toBe(bitsOf(one).slice(0, bits) === bitsOf(other).slice(0, bits));
    }),
    { seed: 8, numRuns: 500 },
  );
});

test.each([
  ["an empty list", []],
  ["an unknown scheme", [acl("nothing", "x")]],
  ["world and not anyone", [acl("world", "somebody")]],
  ["a digest without a password", [acl("digest", "bob")]],
  ["a digest with nothing behind the colon", [acl("digest", "bob:")]],
  ["a digest with two colons", [acl("digest", "bob:a:b")]],
  ["an address of three bytes", [acl("ip", "1.2.3")]],
  ["an address out of range", [acl("ip", "1.2.3.256")]],
  ["more bits than there are", [acl("ip", "1.2.3.4/33")]],
  ["no number of bits", [acl("ip", "1.2.3.4/x")]],
  ["auth without a proof", [acl("auth", "")]],
  ["one bad entry among good ones", [...OPEN_ACL, acl("digest", "bob")]],
])("%s is no list", (_, list) => {
  expect(fixupAcl(list, [here])).toBeNull();
  expect(fixupAcl(null, [here])).toBeNull();
});

test("auth stands for all that the client has proved, and its own text for nothing", () => {
  const list = [acl("auth", "whatever", PERMS.READ), ...OPEN_ACL];
  expect(fixupAcl(list, [here, bob, { scheme: "super", id: "" }])).toEqual([
    { ...bob, perms: PERMS.READ },
    ...OPEN_ACL,
  ]);
});

test("the same entry twice is stored once; the same id with other permissions stays", () => {
  const ip = acl("ip", "10.0.0.0/8", 1);
  expect(fixupAcl([ip, ...OPEN_ACL, ip, { ...ip, perms: 99 }], [])).toEqual([
    ip,
    ...OPEN_ACL,
    { ...ip, perms: 99 },
  ]);
});
