import { createOf } from "../net/request";
import { expect, test } from "vitest";
import { lastEntry } from "../disk/disk";
import type { Flight } from "../net/connection";
import { draw, drawBetween } from "../random";
import { ensembleOf, Trial } from "../scenario/trial";
import { apply } from "./apply";
import {
  blockPort,
  breakConnection,
  cut,
  cutOneWay,
  delayFlight,
  deliver,
  heal,
  healOneWay,
  hold,
  kill,
  openPort,
  operate,
  pause,
  release,
  resume,
  slowLink,
  start,
} from "./command";
import { clientOf, contextOf, flightsOf, leaderOf, phaseOf, roleOf, serverOf } from "./read";
import { nextEventUs, rest, takeStep } from "./step";
import type { World } from "./world";

const three = (seed = 1) => {
  const clients = [{ name: "A", timeoutMs: 6_000, servers: [3] }];
  return new Trial(ensembleOf(3, { up: true, clients }), seed).until(
    (world) =>
      world.servers.every((server) => phaseOf(server) === "broadcast") &&
      clientOf(world, "A").chart.value === "connected",
  );
};
/** The quorum connection of this follower. */
const quorumOf = (world: World, sid: number) => {
  const number = contextOf(serverOf(world, sid))?.following?.connection;
  return (
    world.network.connections.find((one) => one.number === number) ?? expect.fail("it follows")
  );
};
const create = (path: string) => operate("A", createOf(path, ""));

/**
 * Between two worlds a lane may lose flights only from its front, one by one, and gain them only at its end; unless
 * an end of the connection is closed. Says what is wrong, or null.
 */
function disorder(before: World, after: World): string | null {
  for (const connection of after.network.connections) {
    const former = before.network.connections.find((one) => one.number === connection.number);
    if (former === undefined) continue;
    for (const [lane, closed] of [
      ["toAcceptor", connection.closed.acceptor],
      ["toDialer", connection.closed.dialer],
    ] as const) {
      if (closed) continue;
      const [was, is] = [former[lane], connection[lane]].map((flights: readonly Flight[]) =>
        flights.map(({ number }) => number),
      ) as [number[], number[]];
      const gone = was.length === 0 ? 0 : was.findIndex((number) => is.includes(number));
      const left = gone < 0 ? [] : was.slice(gone);
      if (gone > 1 || (gone < 0 && was.length > 1)) return `${was.join()} became ${is.join()}`;
      if (is.slice(0, left.length).join() !== left.join())
        return `${was.join()} became ${is.join()}`;
    }
  }
  return null;
}

test("whatever is cut, blocked, paused or healed, a living connection keeps its order and loses nothing", () => {
  for (let seed = 1; seed <= 15; seed += 1) {
    let before: World | null = null;
    const clients = ["A", "B"].map((name) => ({ name, timeoutMs: 6_000 }));
    const trial = new Trial(ensembleOf(3, { up: true, clients }), seed, (world) => {
      if (before !== null) expect(disorder(before, world)).toBeNull();
      before = world;
    });
    for (let nth = 0; nth < 60; nth += 1) {
      const pick = (what: string, most: number) => drawBetween(seed, what, "wire", nth, 1, most);
      const [a, b, port] = [pick("a", 3), pick("b", 3), pick("port", 2) === 1 ? 2888 : 3888];
      const command = [
        cut(a, b),
        heal(a, b),
        heal(a, b),
        pause(a),
        resume(a),
        resume(a),
        blockPort(a, port),
        openPort(a, port),
        create(`/${nth}`),
        cutOneWay(a, b),
        healOneWay(b, a),
        slowLink(a, b, pick("slow", 40)),
        hold("PROPOSAL"),
        deliver("PROPOSAL", a),
        release(),
        delayFlight(flightsOf(trial.world).at(-1)?.flight.number ?? 0, 80),
      ][pick("kind", 16) - 1];
      if (command !== undefined) trial.do(command);
      trial.wait(draw(seed, "gap", "wire", nth) * 900);
    }
  }
}, 60_000);

test("packets of one direction arrive in the order of sending, though each has its own time", () => {
  const trial = three().do(create("/a"));
  trial.until((world) => flightsOf(world).some(({ flight }) => flight.packet.type === "PROPOSAL"));
  for (const connection of trial.world.network.connections)
    for (const lane of [connection.toAcceptor, connection.toDialer])
      for (const [index, flight] of lane.entries())
        expect(flight.arriveUs).toBeGreaterThan(lane[index - 1]?.arriveUs ?? -1);
});

test("what is cut stands still where it is, and goes on for the rest of its way after the heal", () => {
  const trial = three().do(create("/a"));
  const proposal = (world: World) =>
    quorumOf(world, 1).toDialer.find(({ packet }) => packet.type === "PROPOSAL");
  trial.until((world) => proposal(world) !== undefined).wait(1);
  const before = proposal(trial.world) ?? expect.fail("it is on its way");
  trial.do(cut(1, 3));
  const cutUs = trial.world.nowUs;
  expect(proposal(trial.world)?.heldUs).toBe(cutUs);
  trial.wait(3_000).do(create("/b")).wait(100);
  const held = quorumOf(trial.world, 1).toDialer;
  expect(held.length).toBeGreaterThan(3);
  expect(held.every(({ heldUs }) => heldUs !== null)).toBe(true);
  trial.do(heal(1, 3));
  const goes = proposal(trial.world);
  expect(goes?.heldUs).toBeNull();
  expect((goes?.arriveUs ?? 0) - trial.world.nowUs).toBe(before.arriveUs - cutUs);
  trial.wait(50);
  expect(serverOf(trial.world, 1).process?.lastProcessed).toBe(trial.world.lastCommitted);
});

test("a blocked port holds what goes to it, on every connection, and lets the other way pass", () => {
  const trial = three().do(blockPort(3, 2888)).wait(2_500);
  for (const sid of [1, 2]) {
    const { toAcceptor, toDialer } = quorumOf(trial.world, sid);
    expect(toAcceptor.length).toBeGreaterThan(0);
    expect(toAcceptor.every(({ heldUs }) => heldUs !== null)).toBe(true);
    expect(toDialer.every(({ heldUs }) => heldUs === null)).toBe(true);
  }
  trial.do(openPort(3, 2888)).wait(20);
  expect(quorumOf(trial.world, 1).toAcceptor).toEqual([]);
  expect(trial.all("srv.looking")).toHaveLength(3);
});

test("the end of a connection travels behind what was sent before it", () => {
  const trial = three().do(create("/a"));
  const lane = (world: World) => quorumOf(world, 1).toDialer.map(({ packet }) => packet.type);
  trial.until((world) => lane(world).includes("PROPOSAL"));
  trial.do(kill(3));
  expect(lane(trial.world)).toEqual(["PROPOSAL", "FIN"]);
  trial.until((world) => roleOf(serverOf(world, 1)) === "LOOKING");
  expect(lastEntry(serverOf(trial.world, 1).disk)?.body).toMatchObject({ path: "/a" });
});

test("what was on its way to a killed server is lost", () => {
  const trial = three().do(cut(1, 3), create("/a")).wait(100);
  trial.do(kill(1), heal(1, 3), start(1)).wait(10);
  expect(lastEntry(serverOf(trial.world, 1).disk)?.body.type).toBe("createSession");
});

test("a broken connection is known at both ends at once, and what was on the way is lost", () => {
  const trial = three().do(create("/a"));
  trial.until((world) => quorumOf(world, 1).toDialer.length > 0);
  const { number } = quorumOf(trial.world, 1);
  trial.do(breakConnection(number)).wait(0);
  expect(
    trial.all({ type: "connection.broken", connection: number, purpose: "quorum" }),
  ).toHaveLength(1);
  expect(trial.world.network.connections.some((one) => one.number === number)).toBe(false);
  expect(roleOf(serverOf(trial.world, 1))).toBe("LOOKING");
  expect(Object.keys(contextOf(serverOf(trial.world, 3))?.leading?.learners ?? {})).toEqual(["2"]);
  expect(lastEntry(serverOf(trial.world, 1).disk)?.body.type).toBe("createSession");
});

test("a paused process accepts connections and answers nothing; what comes is read in order after it goes on", () => {
  const trial = three();
  const leader = leaderOf(trial.world) ?? 0;
  trial.do(pause(1)).do(kill(2), start(2)).wait(2_000);
  expect(serverOf(trial.world, 1).paused?.inbox.length).toBeGreaterThan(0);
  const greeted = trial.world.network.connections.filter(
    ({ purpose, dialer, acceptor, closed }) =>
      purpose === "election" &&
      !closed.dialer &&
      dialer.kind === "server" &&
      dialer.sid === 2 &&
      acceptor.kind === "server" &&
      acceptor.sid === 1,
  );
  expect(greeted).toHaveLength(1);
  trial.do(resume(1)).wait(1_000);
  expect(leaderOf(trial.world)).toBe(leader);
  expect(trial.all({ type: "srv.looking", id: 1 })).toHaveLength(1);
});

test("what waited at a paused process is read before what comes in the moment it goes on", () => {
  const { world: begun } = three().do(pause(1)).wait(1_500);
  const { number } = quorumOf(begun, 1);
  const waiting = quorumOf(begun, 1).toDialer;
  expect(waiting.length).toBeGreaterThan(0);
  // Up to the moment of the next arrival on the same connection, and not into it.
  let world = begun;
  const isNext = () => {
    const [event] = world.queue;
    return (
      event?.type === "arrival" &&
      event.connection === number &&
      quorumOf(world, 1).toDialer.some((flight) => flight.number === event.flight)
    );
  };
  while (!isNext()) world = takeStep(world);
  world = apply(rest(world, nextEventUs(world) ?? 0), resume(1));
  const moment = world.nowUs;
  while (nextEventUs(world) === moment) {
    const next = takeStep(world);
    expect(disorder(world, next)).toBeNull();
    world = next;
  }
  expect(quorumOf(world, 1).toDialer).toEqual([]);
});

test("a call to a port where nobody listens is refused, and the caller tries elsewhere", () => {
  const clients = [{ name: "A", timeoutMs: 6_000, servers: [1, 2] }];
  const trial = new Trial(ensembleOf(3, { clients }), 1).do(start(2), start(3));
  trial.until((world) => clientOf(world, "A").chart.value === "connected");
  expect(clientOf(trial.world, "A").chart.context.server).toBe(2);
});

test("only a leader listens on the quorum port, so only learners of a leader stand there", () => {
  const trial = three();
  for (const { purpose, acceptor } of trial.world.network.connections)
    if (purpose === "quorum") expect(acceptor).toEqual({ kind: "server", sid: 3 });
});

test("each pair of servers has one election connection, dialled by the larger sid", () => {
  const { world } = three();
  const pairs = world.network.connections
    .filter(({ purpose }) => purpose === "election")
    .map(({ dialer, acceptor }) =>
      dialer.kind === "server" && acceptor.kind === "server" ? `${dialer.sid}>${acceptor.sid}` : "",
    );
  expect(pairs.toSorted()).toEqual(["2>1", "3>1", "3>2"]);
});
