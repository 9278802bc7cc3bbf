import { expect, test } from "vitest";
import {
  advance,
  contextOf,
  cut,
  slowLink,
  slowDisk,
  fullDisk,
  cutClient,
  defineLab,
  flightsOf,
  type Flight,
  heal,
  kill,
  leaderOf,
  logLengthOf,
  pause,
  record,
  roleOf,
  serverOf,
  startHistory,
  US_PER_MS,
  type World,
  worldOfLab,
} from "../../engine/index";
import { packetAt, packetsOf, wayOf } from "./flights";
import { edge } from "./geometry";
import { reuse, sceneOf } from "./scene";

const SIZE = { width: 700, height: 660 };
const MS = US_PER_MS;

const sids = [1, 2, 3, 4, 5];
const zooCfg = `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n${sids
  .map((sid) => `server.${sid}=zk${sid}:2888:3888`)
  .join("\n")}\n`;
const lab = defineLab({
  id: "stage",
  servers: sids.map((sid) => ({ zooCfg, myid: `${sid}\n`, disk: "empty" as const, up: true })),
  clients: [
    {
      name: "A",
      timeoutMs: 6000,
      servers: sids,
      behaviour: { type: "writer", path: "/app", everyMs: 1000 },
    },
  ],
  met: {},
  solution: [],
  trap: { script: [], unmet: [] },
});

function historyAt(ms: number) {
  return advance(startHistory(worldOfLab(lab, 3)), ms * MS);
}

/** The first world after `fromMs` that is as asked, looked for in steps of 0.2 ms. */
function worldWhen(
  isSo: (world: World) => boolean,
  fromMs: number,
  history = historyAt(fromMs),
): World {
  let next = history;
  for (let step = 0; step < 20_000; step += 1) {
    if (isSo(next.now)) return next.now;
    next = advance(next, next.now.nowUs + 200);
  }
  throw new Error("such a world comes within four seconds");
}

function shapeOf(world: World, sid: number) {
  return sceneOf(world, SIZE).servers.find((shape) => shape.sid === sid)!;
}

const flight = (over: Partial<Flight> = {}): Flight => ({
  number: 1,
  packet: { type: "UPTODATE" },
  from: { kind: "server", sid: 1 },
  to: { kind: "server", sid: 2 },
  sentUs: 1000,
  arriveUs: 5000,
  heldUs: null,
  cause: 0,
  ...over,
});

test("a packet's way is linear in virtual time, whatever was played before", () => {
  expect([1000, 2000, 3000, 5000, 9000].map((nowUs) => wayOf(flight(), nowUs))).toEqual([
    0, 0.25, 0.5, 1, 1,
  ]);
});

test("a packet keeps to the right: 12 px off the straight line in the middle, none at the ends", () => {
  const [from, to] = [
    { x: 0, y: 0 },
    { x: 200, y: 0 },
  ];
  expect(packetAt(flight(), from, to, 1000)).toEqual(from);
  expect(packetAt(flight(), from, to, 3000)).toEqual({ x: 100, y: 12 });
  expect(packetAt(flight(), to, from, 3000)).toEqual({ x: 100, y: -12 });
  expect(packetAt(flight(), from, to, 5000)).toEqual(to);
});

test("a held packet stands where it was stopped", () => {
  expect(wayOf(flight({ heldUs: 2000 }), 4_000_000)).toBe(0.25);
  expect(wayOf(flight({ heldUs: 4000 }), 2000)).toBe(0.25);
});

test("a LOOKING server's ring counts the votes like its own, and its plate has a vote", () => {
  const world = worldWhen((one) => one.servers.some((server) => roleOf(server) === "LOOKING"), 300);
  const server = world.servers.find((one) => roleOf(one) === "LOOKING")!;
  const context = contextOf(server)!;
  const shape = shapeOf(world, server.sid);
  const same = Object.values(context.recvset).filter(
    (vote) => vote.leader === context.proposal.leader,
  );
  expect(shape.look).toBe("looking");
  expect(shape.ring).toMatchObject({ tone: "election", have: same.length, all: 5, need: 3 });
  expect(shape.plate.vote?.leader).toBe(context.proposal.leader);
  expect(shape.plate.box.height).toBe(74);
});

test("a vote for a larger id alone is decided by the id", () => {
  const world = worldWhen((one) => {
    const context = contextOf(serverOf(one, 4));
    return (
      context !== null && roleOf(serverOf(one, 4)) === "LOOKING" && context.proposal.leader === 5
    );
  }, 300);
  expect(shapeOf(world, 4).plate.vote).toMatchObject({ leader: 5, own: false, decidedBy: "sid" });
});

test("a new leader's ring is teal until NEWLEADER has its quorum, then it is gone", () => {
  const trying = worldWhen(
    (one) => one.servers.some((server) => roleOf(server) === "LEADING"),
    600,
  );
  const sid = trying.servers.find((server) => roleOf(server) === "LEADING")!.sid;
  expect(shapeOf(trying, sid).ring).toMatchObject({ tone: "handshake", need: 3 });
  const leads = worldWhen((one) => leaderOf(one) !== null, 600);
  expect(leaderOf(leads)).toBe(sid);
  expect(shapeOf(leads, sid).ring).toBeNull();
});

test("the ring of a write fills with each ACK, and the gauge tells who has logged it", () => {
  const open = (world: World) => {
    const leader = leaderOf(world);
    return leader === null
      ? []
      : (contextOf(serverOf(world, leader))!.leading?.proposals[0]?.acks ?? []);
  };
  const world = worldWhen((one) => open(one).length === 2, 2000);
  const shape = shapeOf(world, leaderOf(world)!);
  expect(shape.ring).toMatchObject({ tone: "broadcast", have: 2, need: 3 });
  expect(sceneOf(world, SIZE).gauge.write?.acks).toEqual(open(world));
});

test("an entry that others have is dotted on a server that lacks it, hollow where it is only logged", () => {
  const world = worldWhen((one) => {
    const lengths = one.servers.map((server) => logLengthOf(server));
    return Math.max(...lengths) > Math.min(...lengths);
  }, 2000);
  const longest = Math.max(...world.servers.map((server) => logLengthOf(server)));
  const behind = world.servers.find((server) => logLengthOf(server) < longest)!;
  const ahead = world.servers.find((server) => logLengthOf(server) === longest)!;
  expect(shapeOf(world, behind.sid).plate.cells.at(-1)?.state).toBe("missing");
  expect(["logged", "writing"]).toContain(shapeOf(world, ahead.sid).plate.cells.at(-1)?.state);
});

test("a long log shows its newest cells and the count of the others, inside the plate", () => {
  const { now } = historyAt(15_000);
  const shape = shapeOf(now, 1);
  const { cells, earlier } = shape.plate;
  expect(cells.length + earlier).toBe(logLengthOf(serverOf(now, 1)));
  expect(earlier).toBeGreaterThan(0);
  const last = cells.at(-1)!;
  expect(last.x + 10).toBeLessThan(148 - 6.9 * shape.zxid.length);
});

test("a killed server keeps its log strip, its links go silent, and the gauge counts one less", () => {
  const history = historyAt(4500);
  const killed = record(history, kill(5)).now;
  const scene = sceneOf(killed, SIZE);
  const shape = scene.servers[4]!;
  expect(shape.look).toBe("down");
  expect(shape.plate.phase.key).toBe("diskKept");
  expect(shape.plate.cells.length).toBe(logLengthOf(serverOf(killed, 5)));
  expect(scene.gauge).toMatchObject({
    up: 4,
    all: 5,
    tally: { have: 4, need: 3 },
    leader: null,
    lost: false,
  });
  expect(scene.links.filter((link) => link.b === 5).every((link) => link.look === "silent")).toBe(
    true,
  );
});

test("three servers down is a lost quorum, none started yet is not", () => {
  let history = historyAt(4500);
  for (const sid of [1, 2, 3]) history = record(history, kill(sid));
  expect(sceneOf(history.now, SIZE).gauge.lost).toBe(true);
  const cold = worldOfLab(
    { ...lab, servers: lab.servers.map((server) => ({ ...server, up: false })) },
    3,
  );
  expect(sceneOf(cold, SIZE).gauge).toMatchObject({ up: 0, lost: false });
});

test("what reaches a paused server waits at its edge, one behind the other", () => {
  const history = advance(record(historyAt(4500), pause(2)), 9_000 * MS);
  const shape = shapeOf(history.now, 2);
  expect(shape.paused).toBe(true);
  expect(shape.waiting).toBeGreaterThan(1);
  expect(shape.plate.phase).toMatchObject({ key: "waiting", values: { n: shape.waiting } });
  const scene = sceneOf(history.now, SIZE);
  const waiting = packetsOf(history.now, scene.layout).filter((one) => one.state === "waiting");
  expect(waiting.length).toBeGreaterThan(1);
  const places = waiting.map((one) => `${one.connection.number} ${Math.round(one.travelled)}`);
  expect(new Set(places).size).toBe(places.length);
});

test("a split names both islands against the same quorum", () => {
  let history = historyAt(4500);
  for (const a of [1, 2]) for (const b of [3, 4, 5]) history = record(history, cut(a, b));
  const { islands, seams, links } = sceneOf(history.now, SIZE);
  expect(islands.map(({ sids: members, have, can }) => ({ members, have, can }))).toEqual([
    { members: [1, 2], have: 2, can: false },
    { members: [3, 4, 5], have: 3, can: true },
  ]);
  expect(seams).toHaveLength(1);
  expect(links.filter((link) => link.look === "cut")).toHaveLength(6);
  const healed = [1, 2].flatMap((a) => [3, 4, 5].map((b) => heal(a, b))).reduce(record, history);
  expect(sceneOf(healed.now, SIZE).islands).toEqual([]);
});

test("the session's ring is full when something was heard and drains in virtual time", () => {
  const { now } = historyAt(4500);
  const client = sceneOf(now, SIZE).clients[0]!;
  const heard = now.clients[0]!.lastHeardUs;
  expect(client.state).toBe("connected");
  expect(client.share).toBeCloseTo(1 - (now.nowUs - heard) / (6000 * MS), 1);
});

test("every packet the world shows has its place on the stage", () => {
  const world = worldWhen((one) => flightsOf(one).length > 3, 400);
  const { layout } = sceneOf(world, SIZE);
  expect(packetsOf(world, layout).map((one) => one.flight.number)).toEqual(
    flightsOf(world).map((one) => one.flight.number),
  );
});

test("with less motion a message stands at 62 percent of its way until it arrives", () => {
  const world = worldWhen((one) => flightsOf(one).length > 3, 400);
  const { layout } = sceneOf(world, SIZE);
  const still = packetsOf(world, layout, true);
  const later = packetsOf({ ...world, nowUs: world.nowUs + 1 }, layout, true);
  expect(still.map((one) => one.at)).toEqual(later.map((one) => one.at));
  expect(packetsOf(world, layout).map((one) => one.at)).not.toEqual(still.map((one) => one.at));
});

test("links end before the dials, on the way to each other", () => {
  expect(edge({ x: 0, y: 0 }, { x: 30, y: 40 }, 10)).toEqual({ x: 6, y: 8 });
});

test("what has not changed is the same value again", () => {
  const before = { a: [{ x: 1 }, { x: 2 }], b: "one" };
  expect(reuse(before, { a: [{ x: 1 }, { x: 2 }], b: "one" })).toBe(before);
  const after = reuse(before, { a: [{ x: 1 }, { x: 3 }], b: "one" });
  expect(after).toEqual({ a: [{ x: 1 }, { x: 3 }], b: "one" });
  expect(after.a[0]).toBe(before.a[0]);
});

test("an observer sits outside the ring, and no gauge and no ring counts it", () => {
  const lines = [1, 2, 3].map((sid) => `server.${sid}=zk${sid}:2888:3888`);
  const zooCfg = `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n${[...lines, "server.4=zk4:2888:3888:observer"].join("\n")}\n`;
  const servers = [1, 2, 3, 4].map((sid) => ({
    zooCfg,
    myid: `${sid}\n`,
    disk: "empty" as const,
    up: sid !== 3,
  }));
  const scene = sceneOf(worldOfLab({ servers, clients: [] }, 1), { width: 960, height: 640 });
  expect(scene.servers.map((shape) => shape.votes)).toEqual([true, true, true, false]);
  expect(scene.gauge).toMatchObject({ up: 2, all: 3, tally: { have: 2, need: 2 } });
  const [, , , observer] = scene.servers;
  const farthest = Math.max(...scene.servers.slice(0, 3).map(({ seat }) => seat.at.x));
  expect(observer?.seat.at.x).toBeGreaterThan(farthest);
});

test("a cut that silences one way only says which", () => {
  const { now } = historyAt(6_000);
  const cuts = [{ from: 3, to: 1, sinceUs: now.nowUs }];
  const world = { ...now, network: { ...now.network, cuts } };
  const link = sceneOf(world, SIZE).links.find(({ a, b }) => a === 1 && b === 3);
  expect(link).toMatchObject({ look: "cut", silenced: "back" });
});

test("what ails a disk, a link and a client's way is seen where it is", () => {
  let history = historyAt(6_000);
  const sick = [fullDisk(1), slowDisk(2, 500), slowLink(1, 2, 200), slowLink("A", 3, 40)];
  for (const command of [...sick, cutClient("A")]) history = record(history, command);
  const { servers, links, clients } = sceneOf(history.now, SIZE);
  expect(servers.map((shape) => shape.disk).slice(0, 3)).toEqual(["full", "slow", null]);
  expect(links.filter((link) => link.slowMs > 0)).toMatchObject([{ a: 1, b: 2, slowMs: 200 }]);
  expect(clients[0]).toMatchObject({ isCut: true });
});
