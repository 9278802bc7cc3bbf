import { expect, test } from "vitest";
import { readConfig, verifierText } from "./quorumPeerConfig";

const base = ["tickTime=2000", "initLimit=10", "syncLimit=5", "dataDir=/data", "clientPort=2181"];
const two = ["server.1=zk1:2888:3888", "server.2=zk2:2888:3888"];

/** Reads /zoo.cfg of these lines on a server that has these other files and properties. */
function read(
  lines: readonly string[],
  files: Readonly<Record<string, string>> = {},
  systemProperties: Readonly<Record<string, string>> = {},
) {
  const all: Readonly<Record<string, string>> = {
    "/zoo.cfg": lines.join("\n"),
    "/data/myid": "1\n",
    ...files,
  };
  const reading = readConfig("/zoo.cfg", { fileAt: (path) => all[path] ?? null, systemProperties });
  const { outcome } = reading;
  return {
    ...reading,
    config: "config" in outcome ? outcome.config : null,
    chain:
      "chain" in outcome
        ? outcome.chain.map((one) => `${one.class.replace(/^.*[.$]/, "")}: ${one.message}`)
        : [],
  };
}

test("an exception of reading is told with its file, one of ZooKeeper's own is not", () => {
  expect(read([...base, "tickTime=x"]).chain).toEqual([
    "ConfigException: Error processing /zoo.cfg",
    'NumberFormatException: For input string: "x"',
  ]);
  expect(read([...base, "syncEnabled=x"]).chain).toEqual([
    "ConfigException: Invalid option x for syncEnabled. Choose 'true' or 'false.'",
  ]);
  expect(read([...base, "dataDir="]).chain).toEqual([
    "StringIndexOutOfBoundsException: begin 0, end 2, length 0",
  ]);
});

test("of two faults the first in Java's order is reported, and the keys before it are properties", () => {
  const { chain, properties } = read([...base, ...two, "syncLimit=a", "initLimit=b"]);
  expect(chain[1]).toBe('NumberFormatException: For input string: "b"');
  expect(properties).toEqual({
    "zookeeper.server.1": "zk1:2888:3888",
    "zookeeper.server.2": "zk2:2888:3888",
  });
});

test("members may stand in a file of their own, whose version is in its name", () => {
  const lines = [...base, "dynamicConfigFile=/zoo.cfg.dynamic.1a"];
  const { config, properties } = read(lines, { "/zoo.cfg.dynamic.1a": two.join("\n") });
  expect(config?.verifier.voting).toEqual([1, 2]);
  expect(config?.verifier.version).toBe(0x1a);
  expect(properties).toEqual({});
});

test.each([
  [
    [...two],
    {},
    ["ConfigException: parameter: server.2 must be in a separate dynamic config file"],
  ],
  [
    [],
    {},
    [
      "ConfigException: Error processing /dyn",
      "FileNotFoundException: /dyn (No such file or directory)",
    ],
  ],
  [[], { "/dyn": "version=1" }, ["ConfigException: dynamic file shouldn't have version inside"]],
  [[], { "/dyn": "peerType=observer" }, ["ConfigException: Unrecognised parameter: peerType"]],
])("a dynamic file that cannot be: %j, %j", (lines, files, chain) => {
  expect(read([...base, "dynamicConfigFile=/dyn", ...lines], files).chain).toEqual(chain);
});

test("what was seen and not committed is read beside", () => {
  const lines = [...base, "dynamicConfigFile=/dyn"];
  const next = [...two, "server.3=zk3:2888:3888", "version=2"].join("\n");
  const { config } = read(lines, { "/dyn": two.join("\n"), "/zoo.cfg.dynamic.next": next });
  expect(config?.lastSeen).toMatchObject({ voting: [1, 2, 3], version: 2 });
});

test("several addresses of a server want the system property: the key in the file comes too late", () => {
  const lines = [...base, "server.1=b:1:2|a:3:4", "server.2=c:1:2", "multiAddress.enabled=true"];
  expect(read(lines).chain).toEqual([
    "ConfigException: Multiple address feature is disabled, but multiple addresses were specified for sid 1",
  ]);
  const { config } = read(lines, {}, { "zookeeper.multiAddress.enabled": "true" });
  expect(config === null ? null : verifierText(config.verifier)).toBe(
    "server.1=a:3:4|b:1:2:participant\nserver.2=c:1:2:participant\nversion=0",
  );
});

test("a secure port makes X.509 a scheme of authentication", () => {
  expect(read([...base, "secureClientPort=2281"]).properties).toEqual({
    "zookeeper.authProvider.x509": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
  });
});

test("half of SASL is refused", () => {
  expect(read([...base, "quorum.auth.serverRequireSasl=true"]).chain[1]).toBe(
    "IllegalArgumentException: quorum.auth.enableSasl is disabled, so cannot enable quorum.auth.serverRequireSasl",
  );
});

test("a limit beyond 32 bits begins again below zero, as in Java", () => {
  expect(read([...base, "tickTime=1000000000"]).chain[1]).toBe(
    "IllegalArgumentException: minSessionTimeout must not be larger than maxSessionTimeout",
  );
});
