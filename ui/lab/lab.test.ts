import { describe, expect, test, vi } from "vitest";
import {
  defineLab,
  flightsOf,
  has,
  kill,
  type Lab,
  leaderOf,
  phaseOf,
  roleNow,
  roleOf,
  serverOf,
  start,
} from "../../engine/index";
import { createLabStore } from "./lab";
import type { LabStore } from "./store";

const sids = [1, 2, 3];
const zooCfg = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=/data
clientPort=2181
${sids.map((sid) => `server.${sid}=zk${sid}:2888:3888`).join("\n")}
`;

/** Three servers that run from the start, and no client. */
const three: Lab = defineLab({
  id: "three",
  servers: sids.map((sid) => ({ zooCfg, myid: `${sid}\n`, disk: "empty" as const, up: true })),
  clients: [],
  met: {
    led: ({ facts }) => has(facts, "leader.elected"),
    finalized: ({ world }) => world.servers.some((server) => phaseOf(server) === "finalize"),
    followed: ({ world }) => roleNow(world, 3) === "FOLLOWING",
  },
  solution: [],
  trap: { script: [], unmet: [] },
});

const open = (seed = 1): LabStore => createLabStore({ lab: three, seed });

/** Runs on until a leader is established. */
function elect(store: LabStore): number {
  for (let ms = 100; ms < 60_000; ms += 100) {
    store.advanceTo(ms * 1_000);
    const leader = leaderOf(store.get().history.now);
    if (leader !== null) return leader;
  }
  throw new Error("no leader within a minute");
}

describe("the run", () => {
  test("a snapshot stays the same until something changes", () => {
    const store = open();
    expect(store.get()).toBe(store.get());
    const before = store.get();
    store.setHand("look");
    expect(store.get()).not.toBe(before);
    expect(store.get().history).toBe(before.history);
  });

  test("listeners hear a batch once", () => {
    const store = open();
    const listener = vi.fn<() => void>();
    store.subscribe(listener);
    store.batch(() => {
      store.setHand("look");
      store.advanceTo(3_000_000);
    });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("a command is applied at the playhead, and the run plays on", () => {
    const store = open();
    elect(store);
    store.dispatch(kill(1));
    expect(roleOf(serverOf(store.get().history.now, 1))).toBe("DOWN");
    expect(store.get().playing).toBe(true);
  });

  test("the run is the same whether it was taken in one leap or in frames", () => {
    const leap = open();
    leap.advanceTo(5_000_000);
    const frames = open();
    for (let us = 0; us <= 5_000_000; us += 16_667) frames.advanceTo(us);
    frames.advanceTo(5_000_000);
    expect(frames.get().history.now).toEqual(leap.get().history.now);
  });

  test("to act in the past leaves the old run as a branch, and it can be taken up again", () => {
    const store = open();
    const leader = elect(store);
    const endUs = store.get().history.endUs;
    store.seek(Math.floor(endUs / 2));
    store.dispatch(kill(leader));
    expect(store.get().history.branches).toHaveLength(1);
    store.switchBranch(0);
    expect(store.get().history.endUs).toBe(endUs);
    expect(store.facts().some((fact) => fact.type === "srv.kill")).toBe(false);
  });

  test("start over leads to the first moment and forgets nothing that was reached", () => {
    const store = open();
    elect(store);
    store.reset();
    expect(store.get().history.now.nowUs).toBe(0);
    expect(store.get().reached).toContain("led");
  });
});

describe("checks", () => {
  test("a check is latched, and kept when the learner goes back in time", () => {
    const store = open();
    elect(store);
    expect(store.get().reached).toContain("led");
    store.seek(0);
    expect(store.get().reached).toContain("led");
    expect(has(store.facts(), "leader.elected")).toBe(false);
  });

  test("what held for a moment between two frames counts", () => {
    const store = open();
    store.advanceTo(10_000_000);
    expect(leaderOf(store.get().history.now)).not.toBeNull();
    expect(store.get().reached).toContain("finalized");
  });
});

describe("the gate", () => {
  test("a held command waits for the learner and stops the clock; releasing performs it", () => {
    const store = open();
    elect(store);
    store.setGate((command) => (command.type === "kill" ? "hold" : "go"));
    store.play();
    store.dispatch(kill(1));
    expect(store.get().held).toEqual(kill(1));
    expect(store.get().playing).toBe(false);
    expect(roleOf(serverOf(store.get().history.now, 1))).not.toBe("DOWN");
    store.release(true);
    expect(store.get().held).toBeNull();
    expect(roleOf(serverOf(store.get().history.now, 1))).toBe("DOWN");
    expect(store.get().playing).toBe(true);
  });

  test("a held command can be forgotten", () => {
    const store = open();
    store.setGate(() => "hold");
    store.dispatch(start(1));
    store.release(false);
    expect(store.get().held).toBeNull();
    expect(store.get().history.commands).toEqual([]);
  });
});

describe("steps", () => {
  test("a message step ends at a delivery, and the step back returns to the one before", () => {
    const store = open();
    store.advanceTo(1_000_000);
    const times: number[] = [];
    for (let step = 0; step < 6; step += 1) {
      store.stepMessage(1);
      times.push(store.get().history.now.nowUs);
    }
    const worldAtSix = store.get().history.now;
    store.stepMessage(-1);
    expect(store.get().history.now.steps).toBeLessThan(worldAtSix.steps);
    store.stepMessage(1);
    expect(store.get().history.now).toEqual(worldAtSix);
    const back: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      store.stepMessage(-1);
      back.push(store.get().history.now.nowUs);
    }
    expect(back).toEqual(times.slice(0, 5).toReversed());
    expect(store.get().playing).toBe(false);
  });

  test("a step back in mid-air lands on the delivery before", () => {
    const store = open();
    store.advanceTo(1_000_000);
    store.stepMessage(1);
    const landedUs = store.get().history.now.nowUs;
    store.advanceTo(landedUs + 1);
    store.stepMessage(-1);
    expect(store.get().history.now.nowUs).toBeLessThanOrEqual(landedUs);
    expect(store.get().history.now.nowUs).toBe(landedUs);
  });

  test("an event step ends where the ensemble changed", () => {
    const store = open();
    store.stepEvent(1);
    expect(store.get().history.now.facts.length).toBeGreaterThan(0);
    const nowUs = store.get().history.now.nowUs;
    store.stepEvent(1);
    store.stepEvent(-1);
    expect(store.get().history.now.nowUs).toBe(nowUs);
  });
});

describe("the Director's hands", () => {
  test("a chosen speed or a scrub suspends it until Play; the switch turns it off", () => {
    const store = open();
    store.setSpeed(0.1);
    expect(store.get()).toMatchObject({ director: true, suspended: true, speed: 0.1 });
    store.play();
    expect(store.get().suspended).toBe(false);
    store.seek(0);
    expect(store.get()).toMatchObject({ suspended: true, playing: false });
    store.setDirector(false);
    store.play();
    expect(store.get()).toMatchObject({ director: false, suspended: false });
  });

  test("no speed leaves the slider's ends", () => {
    const store = open();
    store.setSpeed(100);
    expect(store.get().speed).toBe(20);
    store.setSpeed(0);
    expect(store.get().speed).toBe(0.005);
  });
});

describe("handing over", () => {
  test("another page rebuilds the same world from seed, commands and playhead", () => {
    const store = open(5);
    const leader = elect(store);
    store.dispatch(kill(leader));
    store.advanceTo(store.get().history.now.nowUs + 400_000);
    const text = JSON.stringify(store.handOver());
    const other = createLabStore({ lab: three, seed: 5, handed: JSON.parse(text) });
    expect(other.get().history.now).toEqual(store.get().history.now);
    expect(other.get().reached).toEqual(store.get().reached);
    expect(other.get().playing).toBe(true);
    expect(flightsOf(other.get().history.now)).toEqual(flightsOf(store.get().history.now));
  });

  test("commands the engine cannot follow cost the run, not the page", () => {
    const run = open().handOver();
    if (run === null) throw new Error("an open lab can be handed over");
    const broken = {
      ...run,
      commands: [{ step: 0, atUs: 0, command: kill(99) }],
      playheadUs: 5_000_000,
    };
    const store = createLabStore({ lab: three, seed: 1, handed: broken });
    expect(store.get().stopped).toBeNull();
  });
});

test("a fault inside the engine stops the run with a report, and going back lifts it", () => {
  const store = open();
  elect(store);
  store.dispatch(kill(99));
  expect(store.get().stopped?.report).toContain("lab three, seed 1");
  expect(store.get().playing).toBe(false);
  store.stepEvent(-1);
  expect(store.get().stopped).toBeNull();
});
