import { describe, expect, test } from "vitest";
import {
  candidateOf,
  consumerOf,
  providerOf,
  seqlockOf,
  standingOf,
  workerOf,
} from "../programs/programs";
import type { ClientSetup } from "../sim/clients";
import {
  closeClient,
  configureClient,
  cutClient,
  fence,
  healClient,
  kill,
  killClient,
  releaseLock,
  restartClient,
  start,
  updateServerList,
} from "../sim/command";
import { leaderOf } from "../sim/read";
import type { World } from "../sim/world";
import type { Lab } from "./lab";
import {
  allSynced,
  type Check,
  cli,
  clis,
  count,
  elected,
  firstSessionOf,
  has,
  inOrder,
  last,
  lives,
  nodeAt,
  nodeOf,
} from "./objective";
import { playScript } from "./play";
import {
  act,
  cutClientFor,
  killThe,
  pauseClientFor,
  type ScriptLine,
  startThe,
  until,
  wait,
} from "./script";
import { ensembleOf } from "./trial";

/** Three servers, started in the order of their ids: 2 leads. */
const began: readonly ScriptLine[] = [
  start(1),
  start(2),
  until(elected(2)),
  start(3),
  until(allSynced),
];

function played(
  lab: {
    readonly clients: readonly ClientSetup[];
    readonly met: Readonly<Record<string, Check>>;
    readonly tickTime?: number;
    readonly library?: "3.8.0" | "3.9.5";
  },
  script: readonly ScriptLine[],
  seed: number,
) {
  const keys = { tickTime: lab.tickTime ?? 2_000 };
  const full: Lab = {
    id: "lab",
    ...ensembleOf(3, { clients: lab.clients, keys }),
    ...(lab.library === undefined ? {} : { library: lab.library }),
    met: lab.met,
    solution: [],
    trap: { script: [], unmet: [] },
  };
  return playScript(full, [...began, ...script], seed);
}

const connected =
  (name: string): Check =>
  ({ world }) =>
    cli(world, name).state === "CONNECTED";
const quiet =
  (names: readonly string[]): Check =>
  ({ world }) =>
    names.every((name) => cli(world, name).state === "CONNECTED");
const ownerOf = (world: World, type: "worker" | "seqlock" | "candidate") =>
  world.clients.find((one) => one.behaviour?.type === type && standingOf(one.program).believesLock)
    ?.name ?? "";

describe.each([1, 2, 3])("with seed %i", { timeout: 30_000 }, (seed) => {
  test("one lock, two workers: it passes when the session ends, and the service survives one server", () => {
    const clients = ["A", "B"].map((name, index) => ({
      name,
      behaviour: workerOf("/payroll/leader"),
      server: index === 0 ? 1 : 3,
      timeoutMs: 10_000,
    }));
    const down = (world: World) => world.servers.filter(({ process }) => process === null).length;
    const sessionOf = firstSessionOf;
    const { reached } = played(
      {
        clients,
        met: {
          c1: ({ facts }) =>
            facts.some((fact) => fact.type === "client.kill") &&
            inOrder(
              facts,
              "client.kill",
              { type: "session.expired", sid: sessionOf(facts, "A") ?? "" },
              { type: "lock.acquired", name: "B" },
            ),
          c2: ({ world, facts }) =>
            has(facts, "client.kill") &&
            down(world) === 1 &&
            leaderOf(world) !== null &&
            cli(world, "B").state === "CONNECTED",
          c3: ({ world, facts }) =>
            has(facts, "client.kill") && down(world) === 2 && leaderOf(world) === null,
          c4: ({ world, facts }) =>
            has(facts, "leader.lost") &&
            leaderOf(world) !== null &&
            cli(world, "B").sid === sessionOf(facts, "B") &&
            cli(world, "B").state === "CONNECTED",
          g1: ({ facts }) => has(facts, "app.doubleRun"),
        },
      },
      [
        until(quiet(["A", "B"])),
        // The lesson's A owns the lock; whoever came first, A shall.
        until(({ world }) => clis(world, "worker").some(({ believesLock }) => believesLock)),
        act((world) => (ownerOf(world, "worker") === "A" ? [] : [releaseLock("/payroll/leader")])),
        until(({ world }) => ownerOf(world, "worker") === "A"),
        wait(2_000),
        killClient("A"),
        until("session.expired"),
        kill(1),
        wait(3_000),
        kill(2),
        until("leader.lost"),
        start(1),
        until("leader.elected"),
        until({ type: "client.connected", name: "B" }),
      ],
      seed,
    );
    expect(reached.toSorted()).toEqual(["c1", "c2", "c3", "c4"]);
  });

  test("a session moves, outlives a leader and a short cut, and ends by a long one; others know first", () => {
    const clients: ClientSetup[] = [
      { name: "A", behaviour: providerOf("/live/a"), server: 1, timeoutMs: 9_000 },
      { name: "B", behaviour: consumerOf("/live"), server: 3, timeoutMs: 9_000 },
    ];
    const a = (facts: Parameters<Check>[0]["facts"]) => firstSessionOf(facts, "A");
    const { reached } = played(
      {
        clients,
        tickTime: 1_000,
        met: {
          c1: ({ world, facts }) =>
            has(facts, { type: "session.moved", sid: a(facts) ?? "" }) &&
            cli(world, "A").state === "CONNECTED" &&
            nodeOf(world, "/live/a") !== null,
          c2: ({ world, facts }) =>
            inOrder(facts, "leader.lost", "leader.elected", {
              type: "client.connected",
              name: "A",
            }) && lives(world, a(facts)),
          c4: ({ facts }) =>
            inOrder(
              facts,
              { type: "session.expired", sid: a(facts) ?? "" },
              { type: "watch.fired", client: "B", path: "/live" },
              { type: "client.expiredSeen", name: "A" },
            ),
          c5: ({ facts }) => has(facts, { type: "session.expired", during: "leaderless" }),
          c6: ({ world, facts }) =>
            cli(world, "A").state === "CONNECTED" &&
            cli(world, "A").sid !== a(facts) &&
            nodeOf(world, "/live/a") !== null,
        },
      },
      [
        until({ type: "app.registered", name: "A" }),
        until(connected("B")),
        wait(2_000),
        killThe("leader"),
        until({ type: "client.connected", name: "A" }),
        startThe("down"),
        until(allSynced),
        act((world) => [kill(cli(world, "A").server ?? 0)]),
        until({ type: "client.connected", name: "A" }),
        startThe("down"),
        until(allSynced),
        wait(2_000),
        ...cutClientFor("A", 4_000),
        wait(6_000),
        ...cutClientFor("A", 15_000),
        until({ type: "client.connected", name: "A" }),
        wait(3_000),
        killThe("followers"),
        until("leader.lost"),
        wait(31_000),
        startThe("down"),
        until("leader.elected"),
        until(connected("A")),
      ],
      seed,
    );
    expect(reached).toEqual(expect.arrayContaining(["c1", "c2", "c4", "c6"]));
    expect(reached).not.toContain("c5");
  });

  test("a pause corrupts the ledger, until it asks for tokens", () => {
    const clients: ClientSetup[] = ["P", "Q"].map((name) => ({
      name,
      behaviour: workerOf("/lock"),
      timeoutMs: 10_000,
    }));
    const pauseOwner = (ms: number): readonly ScriptLine[] => [
      act((world) => [{ type: "pauseClient", client: ownerOf(world, "worker") }]),
      wait(ms),
      act((world) =>
        world.clients
          .filter(({ paused }) => paused !== null)
          .map(({ name }) => ({ type: "resumeClient", client: name })),
      ),
    ];
    const { history } = played(
      { clients, library: "3.8.0", met: {} },
      [
        until(({ world }) => clis(world, "worker").some(({ believesLock }) => believesLock)),
        wait(3_000),
        ...pauseOwner(20_000),
        until("app.doubleRun"),
        fence("/lock"),
        until(({ world }) => clis(world, "worker").filter((one) => one.believesLock).length === 1),
        wait(10_000),
        ...pauseOwner(20_000),
        until("app.fenced"),
        wait(10_000),
      ],
      seed,
    );
    const { facts } = history;
    expect(inOrder(facts, "session.expired", "lock.acquired", "app.doubleRun", "app.fenced")).toBe(
      true,
    );
    expect(has(facts, { type: "app.doubleRun", fenced: true })).toBe(false);
    expect(count(facts, "app.doubleRun")).toBe(1);
  });

  test("a herd is counted, and the queue that replaces it wakes one", () => {
    const many = 20;
    const clients: ClientSetup[] = [
      { name: "herd", behaviour: workerOf("/lock"), count: many, timeoutMs: 10_000 },
    ];
    const waiting = (world: World) =>
      world.clients.filter(({ program }) => standingOf(program).waiting).length;
    const all = Array.from({ length: many }, (_, index) => `herd${index + 1}`);
    const { history } = played(
      { clients, met: {} },
      [
        until(({ world }) => waiting(world) === many - 1),
        releaseLock("/lock"),
        wait(2_000),
        ...all.map(closeClient),
        wait(1_000),
        ...all.map((name) => restartClient(name, seqlockOf("/lock"))),
        until(({ world }) => waiting(world) === many - 1),
        act((world) => [
          killClient(
            world.clients.filter(({ program }) => standingOf(program).waiting)[7]?.name ?? "",
          ),
        ]),
        until("session.expired"),
        wait(1_000),
        releaseLock("/lock"),
        wait(2_000),
      ],
      seed,
    );
    const { facts, now } = history;
    const woken = { type: "watch.fired", kind: "NodeDeleted" } as const;
    expect(count(facts, { ...woken, release: 1, recipe: "simple" })).toBeGreaterThanOrEqual(
      many - 1,
    );
    expect(count(facts, { ...woken, release: 2, recipe: "seq" })).toBe(1);
    expect(has(facts, { type: "client.kill", waiting: true })).toBe(true);
    expect(clis(now, "seqlock").filter((one) => one.believesLock)).toHaveLength(1);
  });

  test("providers that forget to register are forgotten, and consumers call on without ZooKeeper", () => {
    const bug = { reregister: false, onNodeExists: "success" } as const;
    const clients: ClientSetup[] = [
      { name: "shop", behaviour: providerOf("/dubbo/Shop/providers/shop", bug), timeoutMs: 60_000 },
      { name: "pay", behaviour: providerOf("/dubbo/Pay/providers/pay", bug), timeoutMs: 60_000 },
      { name: "web", behaviour: consumerOf("/dubbo", ["Shop", "Pay"]), timeoutMs: 60_000 },
    ];
    const blip = [
      ...["shop", "pay"].map(cutClient),
      wait(50_000),
      ...["shop", "pay"].map(healClient),
    ];
    const { history } = played(
      { clients, met: {} },
      [
        until({ type: "app.call.ok", service: "Pay" }),
        until({ type: "app.call.ok", service: "Shop" }),
        ...blip,
        wait(5_000),
        until({ type: "app.call.fail", service: "Shop" }),
        ...["shop", "pay"].map((name) =>
          configureClient(name, { reregister: true, onNodeExists: "recreate-if-foreign" }),
        ),
        ...blip,
        until({ type: "app.call.ok", service: "Shop" }),
        killThe("followers"),
        killThe("leader"),
        wait(5_000),
      ],
      seed,
    );
    const { facts, now } = history;
    expect(cli(now, "shop").timeout).toBe(40_000);
    const again = {
      type: "app.registered",
      name: "shop",
      afterFix: true,
      newSession: true,
    } as const;
    expect(has(facts, again)).toBe(true);
    expect(leaderOf(now)).toBeNull();
    expect(last(facts, "app.call.ok")).toMatchObject({ leaderless: true });
  });

  test("needless elections of an application, and one that was needed", () => {
    const clients: ClientSetup[] = [
      {
        name: "cand",
        behaviour: candidateOf("/overseer_elect/election", { onReconnect: "rejoin" }),
        count: 4,
        timeoutMs: 10_000,
      },
    ];
    const names = [1, 2, 3, 4].map((nth) => `cand${nth}`);
    const restart = (sid: number) => [kill(sid), wait(1_000), start(sid), until(allSynced)];
    const { history } = played(
      { clients, met: {} },
      [
        until({ type: "lock.acquired", kind: "overseer" }),
        until(quiet(names)),
        wait(1_000),
        ...restart(2),
        until(quiet(names)),
        wait(2_000),
        ...names.map((name) => configureClient(name, { onReconnect: "none", onExpired: "rejoin" })),
        wait(1_000),
        ...restart(3),
        until(quiet(names)),
        wait(1_000),
        act((world) => [killClient(ownerOf(world, "candidate"))]),
        until({ type: "lock.acquired", kind: "overseer" }),
        wait(2_000),
      ],
      seed,
    );
    const { facts, now } = history;
    const overseer = { type: "lock.acquired", kind: "overseer" } as const;
    const expiredAt = facts.findIndex(({ type }) => type === "session.expired");
    expect(count(facts.slice(0, expiredAt), overseer)).toBeGreaterThanOrEqual(2);
    expect(count(facts, { ...overseer, afterFix: true, after: "restart" })).toBe(0);
    expect(
      inOrder(facts, { type: "client.kill", overseer: true }, "session.expired", overseer),
    ).toBe(true);
    expect(clis(now, "candidate").filter((one) => one.believesLock)).toHaveLength(1);
  });
});

test("a client moves to the servers it is told, and a frozen or removed one is no trouble", () => {
  const clients: ClientSetup[] = [
    { name: "R", servers: [3], timeoutMs: 10_000 },
    { name: "S", behaviour: workerOf("/s"), timeoutMs: 10_000 },
  ];
  const { history } = played(
    { clients, met: {} },
    [
      until(connected("R")),
      updateServerList("R", [2]),
      until({ type: "client.connected", name: "R", server: 2 }),
      {
        type: "addClient",
        setup: { name: "T", behaviour: workerOf("/s"), count: 2, timeoutMs: 6_000 },
      },
      until(({ world }) => cli(world, "S").believesLock),
      until(quiet(["T1", "T2"])),
      ...pauseClientFor("T1", 3_000),
      { type: "removeClient", client: "S" },
      until({ type: "session.expired", name: "S" }),
      { type: "removeClient", client: "T1" },
      wait(15_000),
    ],
    1,
  );
  expect(history.now.clients.map(({ name }) => name)).toEqual(["R", "T2"]);
  expect(cli(history.now, "T2").believesLock).toBe(true);
  expect(nodeAt(history.now, 1, "/s")?.data).toBe("T2");
});
