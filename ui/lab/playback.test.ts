import { describe, expect, test } from "vitest";
import { defineLab, flightsOf, kill, type Lab, leaderOf, start } from "../../engine/index";
import { createLabStore } from "./lab";
import type { LabStore } from "./store";
import { eased, startPlayback, type WallClock } from "./playback";

function labOf(count: number, up: boolean, clients: Lab["clients"] = []): Lab {
  const sids = Array.from({ length: count }, (_, at) => at + 1);
  const servers = sids.map((sid) => `server.${sid}=zk${sid}:2888:3888`).join("\n");
  const zooCfg = `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n${servers}\n`;
  return defineLab({
    id: "playback",
    servers: sids.map((sid) => ({ zooCfg, myid: `${sid}\n`, disk: "empty" as const, up })),
    clients,
    met: {},
    solution: [],
    trap: { script: [], unmet: [] },
  });
}

/** Wall time by hand: one frame every 16 ms while somebody asks for one. */
function wall() {
  let nowMs = 0;
  let wanted: (() => void) | null = null;
  const clock: WallClock = {
    nowMs: () => nowMs,
    requestFrame: (run) => {
      wanted = run;
      return 1;
    },
    cancelFrame: () => {
      wanted = null;
    },
  };
  return {
    clock,
    isAsked: () => wanted !== null,
    /** Lets frames pass until it holds; the wall seconds it took. */
    until(holds: () => boolean, limitSeconds: number): number {
      const fromMs = nowMs;
      while (!holds()) {
        if (nowMs - fromMs > limitSeconds * 1_000)
          throw new Error(`not within ${limitSeconds} s of wall time`);
        nowMs += 16;
        const run = wanted;
        wanted = null;
        run?.();
      }
      return (nowMs - fromMs) / 1_000;
    },
  };
}

const leads = (store: LabStore) => () => leaderOf(store.get().history.now) !== null;
const nowSeconds = (store: LabStore) => store.get().history.now.nowUs / 1_000_000;

describe("resting", () => {
  test("no frame is asked for while paused, out of sight, or with nothing left to happen", () => {
    const store = createLabStore({ lab: labOf(3, false), seed: 1 });
    const time = wall();
    const playback = startPlayback(store, time.clock);
    expect(time.isAsked()).toBe(false);
    store.play();
    expect(time.isAsked()).toBe(false);
    store.dispatch(start(1));
    expect(time.isAsked()).toBe(true);
    playback.setVisible(false);
    time.until(() => true, 1);
    const before = nowSeconds(store);
    time.until(() => !time.isAsked(), 1);
    expect(nowSeconds(store)).toBe(before);
    playback.setVisible(true);
    expect(time.isAsked()).toBe(true);
    playback.stop();
    expect(time.isAsked()).toBe(false);
  });
});

describe("under the Director", () => {
  test.each([1, 2, 3, 4, 5])(
    "an election of five can be followed, and is over in time (seed %i)",
    (seed) => {
      const store = createLabStore({ lab: labOf(5, true), seed });
      const time = wall();
      startPlayback(store, time.clock);
      store.play();
      const seconds = time.until(leads(store), 60);
      expect(seconds).toBeGreaterThan(4);
      expect(seconds).toBeLessThan(30);
    },
  );

  test("killing the leader slows time down at once, and a new leader comes within half a minute", () => {
    const store = createLabStore({ lab: labOf(5, true), seed: 2 });
    const time = wall();
    startPlayback(store, time.clock);
    store.play();
    time.until(leads(store), 60);
    const quietFrom = nowSeconds(store);
    time.until(() => nowSeconds(store) > quietFrom + 10, 20);
    expect(store.get().pace).toEqual({ factor: 4, reason: "quiet" });
    const leader = leaderOf(store.get().history.now);
    store.dispatch(kill(leader ?? 0));
    const seconds = time.until(
      () => leads(store)() && leaderOf(store.get().history.now) !== leader,
      60,
    );
    expect(seconds).toBeGreaterThan(3);
    expect(seconds).toBeLessThan(30);
  });

  test("a write in a quiet stretch is seen from its first packet on", () => {
    const behaviour = { type: "writer", path: "/a", everyMs: 2_000 } as const;
    const lab = labOf(3, true, [{ name: "A", timeoutMs: 6_000, behaviour }]);
    const store = createLabStore({ lab, seed: 1 });
    const time = wall();
    startPlayback(store, time.clock);
    store.play();
    const writes = () => store.facts().filter(({ type }) => type === "write.ack").length;
    time.until(() => writes() > 2, 120);
    const frames = new Map<number, number>();
    const watch = () => {
      for (const { flight } of flightsOf(store.get().history.now)) {
        if (flight.packet.type !== "request") continue;
        frames.set(flight.number, (frames.get(flight.number) ?? 0) + 1);
      }
      return writes() > 5;
    };
    time.until(watch, 60);
    expect(frames.size).toBe(3);
    for (const count of frames.values()) expect(count).toBeGreaterThan(20);
  });

  test("a lonely server's back-off of a minute does not make anybody wait", () => {
    const store = createLabStore({ lab: labOf(3, false), seed: 1 });
    const time = wall();
    startPlayback(store, time.clock);
    store.dispatch(start(1));
    expect(time.until(() => nowSeconds(store) > 120, 40)).toBeLessThan(40);
  });

  test("a quiet ensemble runs a minute in about fifteen seconds", () => {
    const store = createLabStore({ lab: labOf(3, true), seed: 1 });
    const time = wall();
    startPlayback(store, time.clock);
    store.play();
    time.until(leads(store), 60);
    const fromS = nowSeconds(store) + 5;
    time.until(() => nowSeconds(store) > fromS, 30);
    const seconds = time.until(() => nowSeconds(store) > fromS + 60, 30);
    expect(seconds).toBeGreaterThan(12);
    expect(seconds).toBeLessThan(20);
  });
});

test("by hand, virtual time is wall time times the speed", () => {
  const store = createLabStore({ lab: labOf(3, true), seed: 1 });
  const time = wall();
  startPlayback(store, time.clock);
  store.setDirector(false);
  store.setSpeed(0.1);
  store.play();
  store.setSpeed(0.1);
  time.until(() => nowSeconds(store) >= 0.2, 10);
  expect(time.until(() => nowSeconds(store) >= 0.5, 10)).toBeCloseTo(3, 1);
});

describe("ramps", () => {
  test("slowing down is met at once near the target, speeding up takes its time", () => {
    const slow = { factor: 0.008, reason: "election" } as const;
    expect(eased(4, slow, 16)).toBeLessThanOrEqual(0.02);
    const fast = { factor: 4, reason: "quiet" } as const;
    expect(eased(0.008, fast, 16)).toBeLessThan(0.02);
    let factor = 0.008;
    for (let ms = 0; ms < 1_200; ms += 16) factor = eased(factor, fast, 16);
    expect(factor).toBe(4);
  });
});
