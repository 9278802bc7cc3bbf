import { expect, test } from "vitest";
import { ensembleOf } from "../scenario/trial";
import { worldOfLab } from "../scenario/play";
import { apply } from "../sim/apply";
import {
  cutClient,
  cutOneWay,
  fullDisk,
  kill,
  killClient,
  pause,
  pauseClient,
  blockPort,
  slowDisk,
  slowLink,
} from "../sim/command";
import { FAULT_NAMES, type FaultName, planOf, repairs } from "./faults";

const planned = (seed: number, faults: readonly FaultName[] = FAULT_NAMES) =>
  planOf(seed, [1, 2, 3, 4, 5], 5, ["A", "B"], 60, faults);

test("a seed decides a plan; it is in the order of time and ends in time", () => {
  const plan = planned(7);
  expect(planned(7)).toEqual(plan);
  expect(planned(8)).not.toEqual(plan);
  for (const [at, { atUs }] of plan.entries()) {
    expect(atUs).toBeGreaterThanOrEqual(plan[at - 1]?.atUs ?? 0);
    expect(atUs).toBeLessThan(60_000_000);
  }
});

test("every fault comes somewhere in twenty seeds, and none that was not asked for", () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 20; seed += 1)
    for (const { act } of planned(seed)) if (act.type === "fault") seen.add(act.name);
  expect([...seen].toSorted()).toEqual([...FAULT_NAMES].toSorted());
  const few = planned(3, ["pause", "break"]).flatMap(({ act }) =>
    act.type === "fault" ? [act.name] : [],
  );
  expect(new Set(few)).toEqual(new Set(["pause", "break"]));
  expect(planned(3, []).every(({ act }) => act.type === "request")).toBe(true);
});

test("repairs undo all that was done", () => {
  const clients = ["A", "B", "C"].map((name) => ({ name, timeoutMs: 6_000 }));
  let world = worldOfLab(ensembleOf(3, { up: true, clients }), 1);
  const done = [
    kill(1),
    pause(2),
    cutOneWay(1, 3),
    blockPort(3, 3888),
    slowLink(2, 3, 100),
    slowDisk(3, 500),
    fullDisk(3),
    cutClient("A"),
    killClient("B"),
    pauseClient("C"),
  ];
  expect(repairs(world)).toEqual([]);
  for (const command of done) world = apply(world, command);
  expect(repairs(world)).toHaveLength(done.length);
  for (const command of repairs(world)) world = apply(world, command);
  expect(repairs(world)).toEqual([]);
});
