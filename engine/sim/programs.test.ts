import { describe, expect, test } from "vitest";
import { childrenOf as childNames, nodeAt } from "../tree/dataTree";
import {
  candidateOf,
  consumerOf,
  providerOf,
  readerOf,
  seqlockOf,
  standingOf,
  workerOf,
} from "../programs/programs";
import { usualDelays } from "../scenario/play";
import { ensembleOf, Trial } from "../scenario/trial";
import type { ClientSetup } from "./clients";
import {
  addClient,
  blockPort,
  closeClient,
  configureClient,
  fence,
  kill,
  killClient,
  openPort,
  pauseClient,
  releaseLock,
  restartClient,
  resumeClient,
  start,
} from "./command";
import { clientOf, leaderOf, serverOf } from "./read";
import { backlogOf } from "./serviceTimes";
import type { World } from "./world";

const standing = (world: World, name: string) => standingOf(clientOf(world, name).program);
const owners = (world: World) =>
  world.clients.filter((client) => standingOf(client.program).believesLock).map(({ name }) => name);
const node = (world: World, path: string) => {
  const process = serverOf(world, leaderOf(world) ?? 1).process;
  return process === null ? null : nodeAt(process.tree, path);
};
const connected = (name: string) => (world: World) =>
  clientOf(world, name).chart.value === "connected";
const trialOf = (clients: readonly ClientSetup[], seed = 1, tickTime = 1_000) =>
  new Trial(
    { ...ensembleOf(3, { up: true, clients, keys: { tickTime } }), library: "3.8.0" },
    seed,
  );

describe("two workers and one lock", () => {
  const two = (seed = 1) =>
    trialOf(
      [
        { name: "A", behaviour: workerOf("/payroll/leader"), server: 1, timeoutMs: 10_000 },
        { name: "B", behaviour: workerOf("/payroll/leader"), server: 3, timeoutMs: 10_000 },
      ],
      seed,
    ).until((world) => owners(world).length === 1);
  const other = (name: string | undefined) => (name === "A" ? "B" : "A");

  test("one owns it, the other watches, and the parents of the node are made", () => {
    const trial = two();
    const [owner] = owners(trial.world);
    trial.until((world) => standing(world, other(owner)).waiting);
    expect(trial.all("lock.acquired")).toMatchObject([{ name: owner, kind: "lock" }]);
    expect(node(trial.world, "/payroll/leader")?.data).toBe(owner);
  });

  test("the lock of a killed worker is free when its session ends, not when its connection does", () => {
    const trial = two().wait(5_000);
    const owner = owners(trial.world)[0] ?? "";
    const { sessionId } = clientOf(trial.world, owner).chart.context;
    trial.do(killClient(owner));
    const expired = trial.untilFact({ type: "session.expired", sid: sessionId ?? "" });
    expect(trial.all("lock.acquired")).toHaveLength(1);
    const [killed] = trial.all("client.kill");
    expect(expired.t - (killed?.t ?? 0)).toBeGreaterThan(6_000);
    trial.untilFact({ type: "lock.acquired", name: other(owner) });
    expect(trial.all({ type: "watch.fired", client: other(owner) })).toMatchObject([
      { path: "/payroll/leader", kind: "NodeDeleted", recipe: "simple", release: 0 },
    ]);
    expect(trial.all("app.doubleRun")).toEqual([]);
  });

  test("a worker that closes its handle gives the lock away at once", () => {
    const trial = two().wait(5_000);
    const owner = owners(trial.world)[0] ?? "";
    trial.do(closeClient(owner));
    trial.untilFact({ type: "lock.acquired", name: other(owner) }, 1_000);
    expect(clientOf(trial.world, owner).chart.value).toBe("closed");
  });

  test("an owner paused past its timeout wakes up and writes, though the lock has passed to the other", () => {
    const trial = two().wait(5_000);
    const owner = owners(trial.world)[0] ?? "";
    trial.do(pauseClient(owner)).untilFact({ type: "lock.acquired", name: other(owner) });
    trial.wait(20_000 - (trial.world.nowUs / 1_000 - (trial.all("client.pause")[0]?.t ?? 0)));
    expect(owners(trial.world)).toHaveLength(2);
    trial.do(resumeClient(owner)).wait(1);
    expect(trial.all("app.doubleRun")).toMatchObject([
      { names: [owner, other(owner)], fenced: false },
    ]);
    trial.untilFact({ type: "client.expiredSeen", name: owner, by: "server" });
    trial.until((world) => standing(world, owner).waiting);
    expect(owners(trial.world)).toEqual([other(owner)]);
    expect(trial.all("app.doubleRun")).toHaveLength(1);
  });

  test("a fenced ledger refuses the write of the old owner", () => {
    const trial = two().wait(5_000);
    const owner = owners(trial.world)[0] ?? "";
    const { token } = standing(trial.world, owner);
    expect(token).toBe(node(trial.world, "/payroll/leader")?.czxid);
    trial.do(fence("/payroll/leader"), pauseClient(owner));
    trial.untilFact({ type: "lock.acquired", name: other(owner) });
    trial.do(resumeClient(owner)).wait(1);
    expect(trial.all("app.fenced")).toMatchObject([{ name: owner, token }]);
    expect(owners(trial.world)).toEqual([other(owner)]);
    trial.wait(30_000);
    expect(trial.all("app.doubleRun")).toEqual([]);
    expect(standing(trial.world, owner).waiting).toBe(true);
  });

  test("a pause that the session survives changes nothing", () => {
    const trial = two().wait(5_000);
    const owner = owners(trial.world)[0] ?? "";
    trial.do(pauseClient(owner)).wait(4_000).do(resumeClient(owner)).wait(10_000);
    expect(trial.all("lock.acquired")).toHaveLength(1);
    expect(owners(trial.world)).toEqual([owner]);
    expect(trial.all({ type: "client.resume", name: owner, pausedMs: 4_000 })).toHaveLength(1);
  });

  test.each([1, 2, 3])(
    "the death of the leader suspends the owner, and it goes on with the same session (seed %i)",
    (seed) => {
      const trial = two(seed).wait(5_000);
      const owner = owners(trial.world)[0] ?? "";
      trial.do(kill(leaderOf(trial.world) ?? 0));
      trial
        .until((world) => owners(world).length === 0)
        .until((world) => owners(world).length === 1);
      expect(owners(trial.world)).toEqual([owner]);
      expect(trial.all("lock.acquired")).toHaveLength(1);
      trial.wait(15_000);
      expect(standing(trial.world, other(owner)).waiting).toBe(true);
      expect(trial.all("session.expired")).toEqual([]);
    },
  );

  test("a worker started again has another session, and waits for its own old one to end", () => {
    const trial = two().wait(5_000);
    const owner = owners(trial.world)[0] ?? "";
    trial.do(killClient(owner), restartClient(owner)).wait(2_000);
    expect(standing(trial.world, owner).waiting).toBe(true);
    trial.untilFact("lock.acquired", 20_000);
    expect(owners(trial.world)).toHaveLength(1);
  });
});

describe("a herd", () => {
  const herdOf = (count: number) =>
    trialOf([{ name: "herd", behaviour: workerOf("/lock"), count, timeoutMs: 30_000 }]).until(
      (world) =>
        world.clients.filter(({ program }) => standingOf(program).waiting).length === count - 1,
    );

  test("each release wakes all who wait, and one of them wins", () => {
    const trial = herdOf(20).do(releaseLock("/lock")).wait(2_000);
    const woken = { type: "watch.fired", release: 1, kind: "NodeDeleted" } as const;
    expect(trial.all({ ...woken, recipe: "simple" })).toHaveLength(19);
    expect(trial.all("lock.acquired")).toHaveLength(2);
    expect(owners(trial.world)).toHaveLength(1);
  });
});

describe("a fair lock", () => {
  const names = (trial: Trial) =>
    trial.all("lock.acquired").map((fact) => (fact.type === "lock.acquired" ? fact.name : ""));
  const queueOf = (count: number) =>
    trialOf([{ name: "q", behaviour: seqlockOf("/lock"), count, timeoutMs: 6_000 }]).until(
      (world) =>
        world.clients.filter(({ program }) => standingOf(program).waiting).length === count - 1,
    );

  test("a release wakes one, in the order of coming", () => {
    const trial = queueOf(6);
    for (let nth = 1; nth <= 5; nth += 1) {
      trial.do(releaseLock("/lock")).wait(1_000);
      expect(trial.all({ type: "watch.fired", release: nth, recipe: "seq" })).toHaveLength(1);
    }
    expect(new Set(names(trial)).size).toBe(6);
    expect(owners(trial.world)).toHaveLength(1);
  });

  test("one that dies while it waits wakes only the one behind it, who then waits for another", () => {
    const trial = queueOf(5);
    const [owner] = owners(trial.world);
    const waiting = trial.world.clients.filter(({ program }) => standingOf(program).waiting);
    const middle = waiting.toSorted((a, b) => tokenOf(a) - tokenOf(b))[1]?.name ?? "";
    trial.do(killClient(middle));
    expect(trial.all("client.kill")).toMatchObject([{ name: middle, waiting: true }]);
    trial.untilFact("session.expired");
    trial.wait(2_000);
    expect(trial.all("watch.fired")).toHaveLength(1);
    expect(owners(trial.world)).toEqual([owner]);
    expect(names(trial)).toEqual([owner]);
  });

  test("lost answers leave no second node behind", () => {
    const trial = queueOf(4);
    for (let nth = 0; nth < 3; nth += 1) {
      trial.do(releaseLock("/lock")).wait(3).do(kill(1)).wait(3_000).do(start(1)).wait(8_000);
    }
    expect(childrenOf(trial.world, "/lock")).toHaveLength(4);
    expect(owners(trial.world)).toHaveLength(1);
  });
});

const tokenOf = (client: World["clients"][number]) =>
  client.program !== null && "token" in client.program.state ? client.program.state.token : 0;

function childrenOf(world: World, path: string): readonly string[] {
  const process = serverOf(world, leaderOf(world) ?? 1).process;
  return process === null ? [] : (childNames(process.tree, path) ?? []);
}

describe("a registry", () => {
  test("a provider is listed, and again after its session has ended", () => {
    const clients = [
      { name: "A", behaviour: providerOf("/live/a"), servers: [1], timeoutMs: 6_000 },
      { name: "B", behaviour: consumerOf("/live"), servers: [3], timeoutMs: 6_000 },
    ];
    const trial = trialOf(clients);
    trial.untilFact("app.registered");
    trial.until((world) => standing(world, "B").cache["/live"]?.includes("a") ?? false);
    trial.do(blockPort(1, 2181)).untilFact("session.expired");
    trial.until((world) => standing(world, "B").cache["/live"]?.length === 0);
    expect(trial.all({ type: "watch.fired", client: "B", path: "/live" })).not.toEqual([]);
    trial.do(openPort(1, 2181));
    const back = trial.untilFact("app.registered");
    expect(back).toMatchObject({ name: "A", newSession: true, afterFix: false });
    trial.until((world) => standing(world, "B").cache["/live"]?.includes("a") ?? false);
  });

  test("a provider that does not register again runs unlisted, and calls fail until it is set right", () => {
    const behaviour = providerOf("/dubbo/Shop/providers/shop", {
      reregister: false,
      onNodeExists: "success",
    });
    const trial = trialOf([
      { name: "shop", behaviour, servers: [1], timeoutMs: 6_000 },
      { name: "web", behaviour: consumerOf("/dubbo", ["Shop"]), servers: [3], timeoutMs: 6_000 },
    ]);
    trial.untilFact({ type: "app.call.ok", service: "Shop", leaderless: false });
    trial.do(blockPort(1, 2181)).untilFact({ type: "session.expired", name: "shop" });
    trial.do(openPort(1, 2181)).until(connected("shop")).wait(3_000);
    trial.untilFact({ type: "app.call.fail", service: "Shop" });
    trial.do(configureClient("shop", { reregister: true, onNodeExists: "recreate-if-foreign" }));
    expect(trial.all("cfg.saved")).toMatchObject([
      { app: "provider", key: "reregister" },
      { app: "provider", key: "onNodeExists" },
    ]);
    trial.do(killClient("shop"), restartClient("shop"));
    trial.untilFact({ type: "app.registered", name: "shop", afterFix: true });
    trial.untilFact({ type: "app.call.ok", service: "Shop" });
    trial.do(kill(1), kill(2), kill(3));
    trial.untilFact({ type: "app.call.ok", service: "Shop", leaderless: true });
  });

  test("a node of its own last session is made its own", () => {
    const trial = trialOf([{ name: "A", behaviour: providerOf("/a"), timeoutMs: 20_000 }]);
    trial.untilFact("app.registered");
    trial.do(killClient("A"), restartClient("A")).untilFact("app.registered", 3_000);
    trial.wait(30_000);
    expect(node(trial.world, "/a")?.ephemeralOwner).toBe(
      clientOf(trial.world, "A").chart.context.sessionId,
    );
  });
});

describe("an election of an application", () => {
  const electing = (onReconnect: "none" | "rejoin") =>
    trialOf([
      {
        name: "cand",
        behaviour: candidateOf("/overseer_elect/election", { onReconnect }),
        count: 4,
        timeoutMs: 8_000,
      },
    ]).until(
      (world) => world.clients.filter(({ program }) => standingOf(program).waiting).length === 3,
    );
  const restartOne = (trial: Trial) => trial.do(kill(1)).wait(4_000).do(start(1)).wait(8_000);
  const election = (trial: Trial) => childrenOf(trial.world, "/overseer_elect/election").length;

  test("candidates that enter again at every reconnect elect again without need, and leave nodes behind", () => {
    const trial = electing("rejoin");
    const [overseer] = owners(trial.world);
    const itsServer = clientOf(trial.world, overseer ?? "").chart.context.server ?? 0;
    trial.do(kill(itsServer)).wait(8_000).do(start(itsServer)).wait(8_000);
    expect(trial.all("session.expired")).toEqual([]);
    expect(trial.all({ type: "lock.acquired", kind: "overseer" }).length).toBeGreaterThan(1);
    expect(trial.all({ type: "lock.acquired", after: "restart" }).length).toBeGreaterThan(0);
    expect(election(trial)).toBeGreaterThan(4);
  });

  test("set right, they only stand still while they are away", () => {
    const trial = electing("none");
    restartOne(restartOne(trial)).do(kill(2)).wait(8_000);
    expect(trial.all({ type: "lock.acquired", kind: "overseer" })).toMatchObject([
      { after: "start", afterFix: false },
    ]);
    expect(election(trial)).toBe(4);
    expect(owners(trial.world)).toHaveLength(1);
  });

  test("the death of the overseer makes exactly one other", () => {
    const trial = electing("none");
    const [overseer] = owners(trial.world);
    trial.do(killClient(overseer ?? ""));
    expect(trial.all("client.kill")).toMatchObject([{ name: overseer, overseer: true }]);
    const next = trial.untilFact({ type: "lock.acquired", kind: "overseer" });
    expect(next).toMatchObject({ after: "death" });
    trial.wait(5_000);
    expect(trial.all("lock.acquired")).toHaveLength(2);
    expect(owners(trial.world)).toHaveLength(1);
  });
});

test("readers read so often, at their own moments, without waiting for answers", () => {
  const trial = trialOf([{ name: "r", behaviour: readerOf(4, "/a"), count: 10, timeoutMs: 6_000 }]);
  trial.until((world) => world.clients.every(({ name }) => connected(name)(world)));
  trial.wait(1_000);
  const cxids = () =>
    trial.world.clients.reduce((sum, { chart }) => sum + chart.context.nextCxid, 0);
  const before = cxids();
  trial.wait(10_000);
  expect(cxids() - before).toBeGreaterThanOrEqual(390);
  expect(cxids() - before).toBeLessThanOrEqual(410);
});

test("readers that are too many for their servers leave reads waiting there, and more servers take them", () => {
  const crowd = (size: number) => {
    const readers = { name: "r", behaviour: readerOf(4, "/"), count: 30, timeoutMs: 10_000 };
    const delays = { ...usualDelays, service: { readUs: 28_571, writeUs: 0, sendUs: 0 } };
    // They come when all servers are open: else the first to open would get them all.
    const trial = new Trial({ ...ensembleOf(size, { up: true }), delays }, 1).wait(10_000);
    trial.do(addClient(readers)).wait(30_000);
    return trial.world.servers.map(({ sid }) => backlogOf(trial.world, sid, 1_000_000));
  };
  const waiting = (backlogs: readonly number[]) => backlogs.reduce((sum, one) => sum + one, 0);
  expect(waiting(crowd(3))).toBeGreaterThan(50);
  expect(waiting(crowd(7))).toBe(0);
}, 30_000);
