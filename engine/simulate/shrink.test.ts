import { expect, test } from "vitest";
import { freeDisk, fullDisk, kill, resume, start } from "../sim/command";
import type { Planned } from "./faults";
import { run, setupOf } from "./run";
import { shrink } from "./shrink";

test("a failing run is made small: what it does not need is left out, and it still fails the same way", () => {
  // A disk that was full for a moment leaves a gap in the log of 3.8.0, which its next start brings to light.
  const setup = setupOf({ seed: 361, seconds: 20, faults: [], variant: "3.8.0" });
  const needed = [
    [1_887_222, fullDisk(1)],
    [1_971_511, freeDisk(1)],
    [5_472_057, kill(1)],
    [6_377_058, start(1)],
  ] as const;
  const idle = [
    [1_000_000, start(2)],
    [2_200_000, resume(3)],
  ] as const;
  const plan = [...needed, ...idle]
    .toSorted(([a], [b]) => a - b)
    .map(([atUs, command]): Planned => ({ atUs, act: { type: "command", command } }));
  const failing = { ...setup, plan };
  const verdict = run(failing);
  expect(verdict.violations).not.toEqual([]);
  const small = shrink(failing, verdict, 40);
  expect(small.verdict.violations[0]?.name).toBe(verdict.violations[0]?.name);
  const left = small.setup.plan.map(({ act }) => (act.type === "command" ? act.command : act));
  expect(left).toEqual(needed.map(([, command]) => command));
  expect(small.setup.lab.clients.length).toBeLessThan(setup.lab.clients.length);
  expect(small.setup.endUs).toBeLessThan(setup.endUs);
  expect(run(small.setup)).toEqual(small.verdict);
  expect(small.tried).toBeLessThanOrEqual(40);
}, 60_000);

test("a run that is well is left as it is", () => {
  const setup = setupOf({ seed: 1, servers: 3, observers: 0, clients: 0, seconds: 1, faults: [] });
  const verdict = run(setup);
  expect(shrink(setup, verdict)).toEqual({ setup, verdict, tried: 0 });
});
