import fc from "fast-check";
import { expect, test } from "vitest";
import { launch } from "./launch";

const lines = ["initLimit=10", "syncLimit=5", "dataDir=/data", "clientPort=2181"];
const two = ["server.1=zk1:2888:3888", "server.2=zk2:2888:3888"];

const started = (
  more: readonly string[],
  { myid = "1", takenPorts = [] as readonly number[], hasDataDir = true } = {},
) =>
  launch(["/zoo.cfg"], {
    fileAt: (path) => (path === "/zoo.cfg" ? [...lines, ...more].join("\n") : myid),
    systemProperties: {},
    hasDataDir,
    takenPorts,
  });

test("a bad file ends the process with 2, and the whole chain is told", () => {
  expect(started([...two, "tickTime=x"])).toEqual({
    exitCode: 2,
    messages: [
      "ERROR org.apache.zookeeper.server.quorum.QuorumPeerMain - Invalid config, exiting abnormally",
      "org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing /zoo.cfg",
      'Caused by: java.lang.NumberFormatException: For input string: "x"',
      "Invalid config, exiting abnormally",
      "ERROR org.apache.zookeeper.util.ServiceUtils - Exiting JVM with code 2",
    ],
    srvr: null,
  });
});

test("what nobody expected ends it with 1: no member of this id, a port that is taken", () => {
  const stranger = started(two, { myid: "9" });
  expect(stranger.exitCode).toBe(1);
  expect(stranger.messages).toContain("java.lang.RuntimeException: My id 9 not in the peer list");
  const taken = started([], { takenPorts: [2181] });
  expect(taken.exitCode).toBe(1);
  expect(taken.messages).toContain("java.net.BindException: Address already in use");
});

test("a data directory that cannot be made ends it with 3", () => {
  expect(started([], { hasDataDir: false }).exitCode).toBe(3);
});

test("one of two runs, calls the other and serves nobody; one alone serves", () => {
  const one = started(two);
  expect(one.exitCode).toBeNull();
  expect(one.srvr).toBe("This ZooKeeper instance is not currently serving requests\n");
  expect(one.messages).toContain(
    "WARN org.apache.zookeeper.server.quorum.QuorumCnxManager - Cannot open channel to 2 at election address zk2/zk2:3888",
  );
  expect(started([]).srvr).toBe("Mode: standalone\n");
});

/** Lines with all that has a meaning in one. */
const words =
  "server. group. weight. 1 -5 = : ; | [ ] :: 127.0.0.1 \\u00 dataDir dynamicConfigFile / version true observer " +
  "standaloneEnabled é clientPortAddress 99999999999 peerType tickTime # \\";
const pieces = fc.constantFrom("\n", " ", ...words.split(" "));

test("whatever stands in the files, the process runs or ends with a code and a reason", () => {
  const texts = fc.array(pieces, { maxLength: 40 }).map((all) => all.join(""));
  fc.assert(
    fc.property(texts, texts, (text, myid) => {
      const { exitCode, messages } = started([text], { myid });
      expect(exitCode === null || messages.length > 1).toBe(true);
      expect([null, 1, 2, 3]).toContain(exitCode);
    }),
    { numRuns: 1000 },
  );
});
