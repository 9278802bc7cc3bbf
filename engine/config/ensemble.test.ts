import { expect, test } from "vitest";
import { ensembleOf, majority, membershipText } from "./ensemble";
import { settingsOf } from "./settings";

const base = ["tickTime=2000", "initLimit=10", "syncLimit=5", "dataDir=/data", "clientPort=2181"];
const three = ["server.1=zk1:2888:3888", "server.2=zk2:2888:3888", "server.3=zk3:2888:3888"];

/** A good zoo.cfg of three, with more lines, of which the last of a key wins. */
const file = (...more: readonly string[]) => [...base, ...three, ...more].join("\n");
const without = (key: string) => file().replace(new RegExp(`^${key}=.*$`, "m"), "");
const fatalOf = (zooCfg: string, myid = "1") => {
  const read = ensembleOf(zooCfg, myid);
  return "fatal" in read ? read.fatal : null;
};
const configOf = (zooCfg: string, myid = "1") => {
  const read = ensembleOf(zooCfg, myid);
  if ("fatal" in read) throw new Error(read.fatal.text);
  return read.config;
};

test("a plain file of three servers is read whole", () => {
  expect(configOf(file(), "2\n")).toEqual({
    sid: 2,
    tickTimeMs: 2000,
    initLimitTicks: 10,
    syncLimitTicks: 5,
    minSessionTimeoutMs: 4000,
    maxSessionTimeoutMs: 40000,
    dataDir: "/data",
    clientPort: 2181,
    members: [
      {
        sid: 1,
        host: "zk1",
        quorumPort: 2888,
        electionPort: 3888,
        role: "participant",
        clientPort: null,
        clientAddress: null,
      },
      {
        sid: 2,
        host: "zk2",
        quorumPort: 2888,
        electionPort: 3888,
        role: "participant",
        clientPort: 2181,
        clientAddress: null,
      },
      {
        sid: 3,
        host: "zk3",
        quorumPort: 2888,
        electionPort: 3888,
        role: "participant",
        clientPort: null,
        clientAddress: null,
      },
    ],
    voters: [1, 2, 3],
    quorum: { voters: [1, 2, 3], hierarchy: null },
    standalone: false,
    role: "participant",
    localSessionsEnabled: false,
    localSessionsUpgradingEnabled: false,
    connectLimitTicks: 10,
    syncEnabled: true,
    maxClientCnxns: 60,
    purgeIntervalHours: 0,
    snapRetainCount: 3,
    settings: settingsOf({}),
    version: 0,
  });
});

test("a missing tickTime is 3000 ms, and the session limits follow it", () => {
  const config = configOf(without("tickTime"));
  expect([config.tickTimeMs, config.minSessionTimeoutMs, config.maxSessionTimeoutMs]).toEqual([
    3000, 6000, 60000,
  ]);
});

test("an observer is a member but no voter, and members go by number, not by line", () => {
  const config = configOf(
    file("server.10=zk10:2888:3888:OBSERVER", "server.4=zk4:2888:3888:participant"),
  );
  expect(config.members.map((member) => member.sid)).toEqual([1, 2, 3, 4, 10]);
  expect(config.voters).toEqual([1, 2, 3, 4]);
  expect(config.members[4]?.role).toBe("observer");
});

test("the client port may stand behind the server's address, with or without a host", () => {
  expect(
    configOf(without("clientPort").replace("zk1:2888:3888", "zk1:2888:3888;2191")).clientPort,
  ).toBe(2191);
  expect(
    configOf(without("clientPort").replace("zk1:2888:3888", "[::1]:2888:3888;zk1:2191")),
  ).toMatchObject({
    clientPort: 2191,
    members: [{ host: "::1" }, {}, {}],
  });
});

test("a server without a client port runs and serves nobody", () => {
  expect(configOf(without("clientPort")).clientPort).toBeNull();
});

test.each([
  [without("dataDir"), "dataDir is not set"],
  [without("initLimit"), "initLimit is not set"],
  [without("syncLimit"), "syncLimit is not set"],
  [file("tickTime=0"), "tickTime is not set"],
  [file("tickTime=-5"), "minSessionTimeout must not be larger than maxSessionTimeout"],
  [file("minSessionTimeout=50000"), "minSessionTimeout must not be larger than maxSessionTimeout"],
  [file("tickTime=abc"), 'For input string: "abc"'],
  [file("tickTime=99999999999"), 'For input string: "99999999999"'],
  [file("syncEnabled=yes"), "Invalid option yes for syncEnabled. Choose 'true' or 'false.'"],
  [file("electionAlg=1"), "Invalid electionAlg value. Only 3 is supported."],
  [file("peerType=foo"), "Unrecognised peertype: foo"],
  [
    file("clientPort=0", "clientPortAddress=zk1"),
    "clientPortAddress is set but clientPort is not set",
  ],
  [
    file("secureClientPortAddress=zk1"),
    "secureClientPortAddress is set but secureClientPort is not set",
  ],
  [file("a=\\u1"), "Malformed \\uxxxx encoding."],
  [file("server.x=zk4:2888:3888"), 'For input string: "x"'],
  [file("server.3=zk3:2888:3888:foo"), "Unrecognised peertype: foo"],
  [file("server.3=zk3:2888:x"), "Address unresolved: zk3:x"],
  [
    file("server.3=zk3:2888:2888"),
    "Client and election port must be different! Please update the configuration file on server.3",
  ],
  [
    file("server.3=zk3:2888:3888|zk4:2888:3888"),
    "Multiple address feature is disabled, but multiple addresses were specified for sid 3",
  ],
  [
    file("server.3=a:1"),
    "a:1 does not have the form server_config or server_config;client_config where server_config is the pipe separated list of host:port:port or host:port:port:type and client_config is port or host:port",
  ],
  [
    file("server.1=zk1:2888:3888;21890", "clientPort=21899"),
    "client address for this server (id = 1) in static config file is 0.0.0.0/0.0.0.0:21899 is different from client address found in dynamic file: /0.0.0.0:21890",
  ],
  [
    [...base, "server.1=zk1:2888:3888:observer"].join("\n"),
    "Observers w/o participants is an invalid configuration",
  ],
  [
    [...base, "server.1=zk1:2888:3888", "server.2=zk2:2888:3888:observer"].join("\n"),
    "Observers w/o quorum is an invalid configuration",
  ],
  [
    [...base, "standaloneEnabled=false"].join("\n"),
    "standaloneEnabled = false then number of participants should be >0",
  ],
  [file("group.1=1:2"), "Server 3is not in a group"],
  [file("group.1=1:2:3", "group.2=3"), "Server 3is in multiple groups"],
  [file("weight.1=3"), "Server 1is not in a group"],
  [file("group.1=1:2:3", "weight.1=heavy"), 'For input string: "heavy"'],
  [file("group.1=1,2,3"), 'For input string: "1,2,3"'],
])("file %# ends the server with exit code 2 and the text of ZooKeeper", (zooCfg, text) => {
  expect(fatalOf(zooCfg)).toEqual({ text, exitCode: 2 });
});

test.each([
  ["", "myid file is missing"],
  ["abc", "serverid abc is not a number"],
  ["1 ", "serverid 1  is not a number"],
  ["\ufeff1", "serverid \ufeff1 is not a number"],
])("a myid of %j ends the server with exit code 2", (myid, text) => {
  expect(fatalOf(file(), myid)).toEqual({ text, exitCode: 2 });
});

test("a myid that no server line has ends the server with exit code 1", () => {
  expect(fatalOf(file(), "9")).toEqual({ text: "My id 9 not in the peer list", exitCode: 1 });
});

test("the first check that fails decides: limits before a missing myid, a bad myid before the limits", () => {
  expect(fatalOf(without("initLimit"), "")?.text).toBe("initLimit is not set");
  expect(fatalOf(without("initLimit"), "abc")?.text).toBe("serverid abc is not a number");
  expect(fatalOf(without("dataDir").replace("tickTime=2000", "tickTime=0"))?.text).toBe(
    "dataDir is not set",
  );
});

test("a typing error in a key gives no error, and the default holds", () => {
  expect(configOf(without("tickTime") + "\ntickTme=2000").tickTimeMs).toBe(3000);
});

test("one server alone needs neither limits nor myid", () => {
  expect(configOf("dataDir=/data\nclientPort=2181", "")).toMatchObject({
    sid: 1,
    voters: [1],
    clientPort: 2181,
  });
  expect(configOf("dataDir=/data\nserver.7=zk7:2888:3888", "")).toMatchObject({
    sid: 7,
    voters: [7],
  });
});

test("one server with standaloneEnabled=false is an ensemble and needs all of them", () => {
  const lines = ["dataDir=/data", "standaloneEnabled=false", "server.7=zk7:2888:3888"];
  expect(fatalOf(lines.join("\n"), "7")?.text).toBe("initLimit is not set");
  expect(configOf([...lines, "initLimit=1", "syncLimit=1"].join("\n"), "7").voters).toEqual([7]);
});

test("a majority is more than half", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(majority)).toEqual([1, 2, 2, 3, 3, 4, 4]);
});

test("groups and weights make the quorum hierarchical; who has no weight weighs 1", () => {
  const { quorum } = configOf(file("group.1=1:2", "group.2=3", "weight.2=0"));
  expect(quorum).toEqual({
    voters: [1, 2, 3],
    hierarchy: { groupOf: { 1: 1, 2: 1, 3: 2 }, weightOf: { 2: 0 } },
  });
});

test("a group may hold a server that is no voter only with a weight; else Java meets a null, exit code 1", () => {
  expect(fatalOf(file("group.1=1:2:3:4"))).toMatchObject({ exitCode: 1 });
  const observer = "server.4=zk4:2888:3888:observer";
  expect(fatalOf(file(observer, "group.1=1:2:3:4"))).toMatchObject({ exitCode: 1 });
  expect(configOf(file("group.1=1:2:3:4", "weight.4=1")).quorum.hierarchy?.groupOf[4]).toBe(1);
});

test("an observer by the server list is one, whatever peerType says; one server alone is standalone", () => {
  const lines = file("server.4=zk4:2888:3888:observer", "connectToLearnerMasterLimit=3");
  expect(configOf(lines, "4")).toMatchObject({ role: "observer", connectLimitTicks: 3 });
  expect(configOf("dataDir=/data\nclientPort=2181", "").standalone).toBe(true);
});

test("the membership is told as its lines, with the client's address where the file has it behind a semicolon", () => {
  const text = file(
    "server.4=zk4:2888:3888:observer;2191",
    "group.1=1:2:3",
    "weight.2=2",
    "version=1a",
  );
  expect(membershipText(configOf(text)).split("\n")).toEqual([
    "server.1=zk1:2888:3888:participant",
    "server.2=zk2:2888:3888:participant",
    "server.3=zk3:2888:3888:participant",
    "server.4=zk4:2888:3888:observer;0.0.0.0:2191",
    "group.1=1:2:3",
    "weight.1=1",
    "weight.2=2",
    "weight.3=1",
    "version=1a",
  ]);
});
