import { describe, expect, test } from "vitest";
import { createOf } from "../net/request";
import { workerOf } from "../programs/programs";
import type { ClientLibrary } from "../session/context";
import { ensembleOf, Trial } from "../scenario/trial";
import type { ClientSetup } from "./clients";
import {
  blockPort,
  closeClient,
  cutClient,
  healClient,
  kill,
  openPort,
  operate,
  pause,
  pauseClient,
  resume,
  resumeClient,
  start,
} from "./command";
import { clientOf, flightsOf, handleStateOf, serverOf } from "./read";
import type { World } from "./world";

const chart = (world: World, name: string) => clientOf(world, name).chart;
const connected = (name: string) => (world: World) => chart(world, name).value === "connected";
const answers = (world: World, name: string) =>
  chart(world, name).context.replies.map(({ op, code }) => `${op.type} ${code}`);
const trialOf = (
  clients: readonly ClientSetup[],
  more: { readonly library?: ClientLibrary; readonly seed?: number } = {},
) =>
  new Trial(
    { ...ensembleOf(3, { up: true, clients }), library: more.library ?? "3.9.5" },
    more.seed ?? 1,
  ).until((world) => clients.every(({ name }) => connected(name)(world)));

/** The ms between the packets of a type that a client sends, from now on. */
function gaps(trial: Trial, type: string, ms: number): readonly number[] {
  const sent = new Set<number>();
  const endUs = trial.world.nowUs + ms * 1_000;
  trial.until((world) => {
    for (const { flight } of flightsOf(world))
      if (flight.from.kind === "client" && flight.packet.type === type) sent.add(flight.sentUs);
    return world.nowUs >= endUs;
  }, ms * 2);
  const times = [...sent].toSorted((a, b) => a - b);
  return times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1_000);
}

describe("the time between two pings of an idle client", () => {
  test.each([
    [6_000, 2_000],
    [12_000, 4_000],
    [40_000, 13_333],
  ])("is a third of its timeout: %i ms", (timeoutMs, expectedMs) => {
    const trial = trialOf([{ name: "A", timeoutMs }]);
    expect(new Set(gaps(trial, "ping", 6 * expectedMs))).toEqual(new Set([expectedMs]));
  });

  test("is a second less when something wakes it after a second", () => {
    const clients = [
      { name: "A", timeoutMs: 12_000 },
      { name: "B", timeoutMs: 12_000 },
    ];
    const trial = trialOf(clients)
      .do(operate("B", createOf("/a", "")))
      .wait(100);
    trial.do(operate("A", { type: "getData", path: "/a", watch: true })).wait(2_000);
    const askedUs = clientOf(trial.world, "A").lastSentUs;
    trial.do(operate("B", { type: "setData", path: "/a", data: "1", version: -1 }));
    trial.until((world) => clientOf(world, "A").lastSentUs > askedUs);
    const gapMs = (clientOf(trial.world, "A").lastSentUs - askedUs) / 1_000;
    expect(Math.floor(gapMs)).toBe(3_000);
  });
});

test("a server that says nothing is left after two thirds of the timeout, and the session kept", () => {
  const trial = trialOf([{ name: "A", timeoutMs: 12_000, servers: [1, 3] }]).wait(2_000);
  const { server, sessionId } = chart(trial.world, "A").context;
  let heardUs = 0;
  trial.do(pause(server)).until((world) => {
    const lost = world.facts.some(({ type }) => type === "client.disconnected");
    if (!lost) heardUs = clientOf(world, "A").lastHeardUs;
    return lost;
  });
  expect((trial.world.nowUs - heardUs) / 1_000).toBe(8_000);
  trial.until(connected("A"), 6_000);
  expect(chart(trial.world, "A").context.sessionId).toBe(sessionId);
  expect(chart(trial.world, "A").context.server).not.toBe(server);
  trial.do(resume(server));
});

test.each([1, 2, 3, 4, 5])(
  "after a loss it waits 100 ms and up to a second of chance, and a second more after the whole list (seed %i)",
  (seed) => {
    const one = trialOf([{ name: "A", timeoutMs: 30_000, servers: [1] }], { seed }).wait(1_000);
    const lost = one.do(kill(1)).untilFact("client.disconnected");
    one.until((world) => chart(world, "A").value === "dialing");
    const waitMs = (one.world.nowUs - lost.atUs) / 1_000;
    expect(waitMs).toBeGreaterThanOrEqual(1_100);
    expect(waitMs).toBeLessThan(2_100);
    const two = trialOf([{ name: "A", timeoutMs: 30_000, servers: [1, 2] }], { seed }).wait(1_000);
    const on = chart(two.world, "A").context.server;
    const gone = two.do(kill(on)).untilFact("client.disconnected");
    two.until((world) => chart(world, "A").value === "dialing");
    expect((two.world.nowUs - gone.atUs) / 1_000).toBeLessThan(1_100);
  },
);

test("the application hears of the loss 100 ms later, after the errors of its requests", () => {
  const clients = [{ name: "A", timeoutMs: 6_000, servers: [1] }];
  const trial = trialOf(clients).wait(1_000);
  trial
    .do(pause(1), operate("A", { type: "exists", path: "/a" }))
    .wait(100)
    .do(kill(1));
  const lost = trial.untilFact("client.disconnected");
  expect(answers(trial.world, "A")).toEqual([]);
  trial.until((world) => answers(world, "A").length > 0);
  expect((trial.world.nowUs - lost.atUs) / 1_000).toBe(100);
  expect(answers(trial.world, "A")).toEqual(["exists CONNECTIONLOSS"]);
});

describe("cut off from all servers", () => {
  const cutOff = (library: ClientLibrary) => {
    const trial = trialOf([{ name: "A", timeoutMs: 6_000 }], { library }).wait(2_000);
    return trial.do(cutClient("A")).wait(60_000);
  };

  test("the library of 3.9.5 gives up after four thirds of its timeout", () => {
    const trial = cutOff("3.9.5");
    expect(trial.all("client.expiredSeen")).toMatchObject([{ name: "A", by: "own clock" }]);
    expect(chart(trial.world, "A").value).toBe("closed");
  });

  test("that of 3.8.0 tries on, and learns it from the first server it reaches", () => {
    const trial = cutOff("3.8.0");
    expect(trial.all("client.expiredSeen")).toEqual([]);
    trial.do(healClient("A"));
    trial.untilFact({ type: "client.expiredSeen", name: "A", by: "server" });
    expect(chart(trial.world, "A").value).toBe("closed");
  });

  test("a client that has never had a session tries on in both", () => {
    const setup = { name: "A", timeoutMs: 6_000 };
    const trial = new Trial(ensembleOf(3, { clients: [setup] }), 1).wait(120_000);
    trial.do(start(1), start(2)).until(connected("A"));
    expect(trial.all("client.expiredSeen")).toEqual([]);
  });
});

describe("a process that was frozen", () => {
  const frozen = (ms: number, library: ClientLibrary) => {
    const trial = trialOf([{ name: "A", timeoutMs: 9_000 }], { library }).wait(1_000);
    trial
      .do(operate("A", { type: "exists", path: "/" }))
      .wait(1)
      .do(pauseClient("A"))
      .wait(ms);
    expect(trial.all("client.disconnected")).toEqual([]);
    return trial.do(resumeClient("A")).wait(1);
  };

  test("for a while goes on, and reads what has come", () => {
    const trial = frozen(4_000, "3.9.5");
    expect(answers(trial.world, "A")).toEqual(["exists OK"]);
    trial.wait(30_000);
    expect(trial.all("client.disconnected")).toEqual([]);
  });

  test("for more than two thirds of its timeout leaves its server, whatever waits on its connection", () => {
    const trial = frozen(7_000, "3.9.5");
    expect(answers(trial.world, "A")).toEqual([]);
    expect(trial.all("client.disconnected")).toHaveLength(1);
    trial.until(connected("A"));
    expect(trial.all("session.expired")).toEqual([]);
  });

  test("for more than four thirds gives its session up at once with 3.9.5, and asks a server with 3.8.0", () => {
    expect(frozen(20_000, "3.9.5").all("client.expiredSeen")).toMatchObject([{ by: "own clock" }]);
    const trial = frozen(20_000, "3.8.0");
    expect(trial.all("client.expiredSeen")).toEqual([]);
    trial.untilFact({ type: "client.expiredSeen", by: "server" });
  });
});

describe("watches", () => {
  const clients: readonly ClientSetup[] = [
    { name: "A", timeoutMs: 20_000, servers: [1] },
    { name: "B", timeoutMs: 20_000, servers: [2] },
  ];
  const away = (trial: Trial) =>
    trial.do(blockPort(1, 2181)).until((world) => !connected("A")(world)) && trial;
  const back = (trial: Trial) => trial.do(openPort(1, 2181)).until(connected("A")).wait(1_000);
  const setData = (path: string) => operate("B", { type: "setData", path, data: "2", version: -1 });

  test("fire when the client is back, for what has changed meanwhile", () => {
    const trial = trialOf(clients)
      .do(operate("B", createOf("/a", "1")))
      .wait(500);
    trial.do(operate("A", { type: "getData", path: "/a", watch: true })).wait(500);
    away(trial).do(setData("/a")).wait(500);
    expect(trial.all("watch.fired")).toEqual([]);
    back(trial);
    expect(trial.all("watch.fired")).toMatchObject([
      { client: "A", path: "/a", kind: "NodeDataChanged" },
    ]);
  });

  test("that have not fired stand again on the new connection", () => {
    const trial = trialOf(clients)
      .do(operate("B", createOf("/a", "1")))
      .wait(500);
    trial.do(operate("A", { type: "getData", path: "/a", watch: true })).wait(500);
    back(away(trial)).do(setData("/a")).wait(500);
    expect(trial.all({ type: "watch.fired", client: "A" })).toHaveLength(1);
  });

  test("miss a node that came and went", () => {
    const trial = trialOf(clients);
    trial.do(operate("A", { type: "exists", path: "/a", watch: true })).wait(500);
    away(trial).do(
      operate("B", createOf("/a", "")),
      operate("B", { type: "delete", path: "/a", version: -1 }),
    );
    trial.wait(500);
    expect(back(trial).all("watch.fired")).toEqual([]);
  });

  test("are told before any reply that shows the change", () => {
    const trial = trialOf(clients.slice(0, 1))
      .do(operate("A", createOf("/a", "")))
      .wait(500);
    trial.do(operate("A", { type: "getData", path: "/a", watch: true })).wait(500);
    trial.do(operate("A", { type: "setData", path: "/a", data: "2", version: -1 }));
    const fired = trial.untilFact("watch.fired");
    expect(fired.number).toBeLessThan(trial.untilFact({ type: "write.ack", path: "/a" }).number);
  });
});

test("a chroot is a node of the tree to the servers, and / to the application", () => {
  const clients = [
    { name: "A", timeoutMs: 6_000, chroot: "/app" },
    { name: "B", timeoutMs: 6_000 },
  ];
  const trial = trialOf(clients)
    .do(operate("B", createOf("/app", "")))
    .wait(500);
  trial.do(operate("A", createOf("/x-", "", "PERSISTENT_SEQUENTIAL"))).wait(500);
  expect(chart(trial.world, "A").context.replies.at(-1)).toMatchObject({ path: "/x-0000000000" });
  trial.do(operate("A", { type: "getChildren", path: "/", watch: true })).wait(500);
  expect(chart(trial.world, "A").context.replies.at(-1)).toMatchObject({
    children: ["x-0000000000"],
  });
  trial.do(operate("B", createOf("/app/y", ""))).wait(500);
  expect(trial.all("watch.fired")).toMatchObject([{ client: "A", path: "/" }]);
});

test("under a chroot a client's watches are set again where they were", () => {
  const clients = [
    { name: "A", timeoutMs: 20_000, chroot: "/app", servers: [1] },
    { name: "B", timeoutMs: 20_000, servers: [2] },
  ];
  const trial = trialOf(clients)
    .do(operate("B", createOf("/app", "")), operate("B", createOf("/app/x", "")))
    .wait(500);
  trial.do(operate("A", { type: "getData", path: "/x", watch: true }));
  trial.do(operate("A", { type: "addWatch", path: "/", mode: "PERSISTENT" })).wait(500);
  trial.do(blockPort(1, 2181)).untilFact("client.disconnected");
  trial.do(openPort(1, 2181)).until(connected("A")).wait(500);
  expect(trial.all("watch.fired")).toEqual([]);
  trial.do(operate("B", { type: "setData", path: "/app/x", data: "2", version: -1 })).wait(500);
  trial.do(operate("B", createOf("/app/y", ""))).wait(500);
  expect(trial.all("watch.fired")).toMatchObject([
    { client: "A", path: "/x", kind: "NodeDataChanged" },
    { client: "A", path: "/", kind: "NodeChildrenChanged" },
  ]);
});

test("who a client has proved to be is known again on the next connection", () => {
  const trial = trialOf([{ name: "A", timeoutMs: 20_000 }]);
  const acl = [{ scheme: "auth", id: "", perms: 31 }];
  trial.do(operate("A", { type: "auth", scheme: "digest", credential: "u:p" })).wait(100);
  trial.do(operate("A", createOf("/mine", "", "PERSISTENT", { acl }))).wait(500);
  trial.do(kill(chart(trial.world, "A").context.server)).untilFact("client.disconnected");
  trial
    .until(connected("A"))
    .do(operate("A", { type: "getData", path: "/mine" }))
    .wait(500);
  expect(answers(trial.world, "A")).toEqual(["create2 OK", "getData OK"]);
});

test("close ends the session on the servers, and the handle for ever", () => {
  const behaviour = workerOf("/lock");
  const trial = trialOf([{ name: "A", timeoutMs: 6_000, behaviour }]);
  trial.untilFact("lock.acquired");
  trial.do(closeClient("A")).untilFact("session.closed", 1_000);
  trial.wait(60_000);
  expect(handleStateOf(clientOf(trial.world, "A"))).toBe("CLOSED");
  expect(clientOf(trial.world, "A").timers).toEqual({});
  expect(serverOf(trial.world, 1).process?.sessions).toEqual({});
});

test("a server without a quorum serves who puts up with it, until another one serves writes too", () => {
  const lab = ensembleOf(3, {
    clients: [{ name: "A", timeoutMs: 20_000, servers: [1, 2], canBeReadOnly: true }],
  });
  const jvmFlags = ["-Dreadonlymode.enabled=true"];
  // Without local sessions a read-only server has none to give.
  const servers = lab.servers.map((server) => {
    return { ...server, zooCfg: `${server.zooCfg}\nlocalSessionsEnabled=true`, jvmFlags };
  });
  const trial = new Trial({ ...lab, servers }, 1).do(start(1)).until(connected("A"), 20_000);
  expect(chart(trial.world, "A").context).toMatchObject({ readOnly: true, server: 1 });
  expect(handleStateOf(clientOf(trial.world, "A"))).toBe("CONNECTEDREADONLY");
  trial.do(operate("A", createOf("/a", ""))).wait(500);
  expect(answers(trial.world, "A")).toEqual(["create2 NOTREADONLY"]);
  const { sessionId } = chart(trial.world, "A").context;
  trial
    .do(start(2), start(3))
    .until((world) => connected("A")(world) && !chart(world, "A").context.readOnly, 120_000);
  expect(chart(trial.world, "A").context.sessionId).not.toBe(sessionId);
  trial.do(operate("A", createOf("/a", ""))).wait(500);
  expect(answers(trial.world, "A").at(-1)).toBe("create2 OK");
});
