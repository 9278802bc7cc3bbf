import type { Planned } from "./faults";
import { run, type Setup, type Verdict } from "./run";

/** A failing run made small: the same violation with less. */
export interface Shrunk {
  readonly setup: Setup;
  readonly verdict: Verdict;
  /** Runs that were tried. */
  readonly tried: number;
}

/**
 * Leaves out of a failing run what it does not need, as long as a violation of the same name comes: what lies behind
 * it, clients, then planned acts, in ever smaller pieces; at last the same with the commands that came of them.
 * Source: Zeller and Hildebrandt, delta debugging.
 */
export function shrink(failing: Setup, first: Verdict, mostRuns = 400): Shrunk {
  const name = first.violations[0]?.name;
  let best: Shrunk = { setup: failing, verdict: first, tried: 0 };
  if (name === undefined) return best;
  let tried = 0;
  const holds = (setup: Setup): boolean => {
    if (tried >= mostRuns) return false;
    tried += 1;
    const verdict = run(setup);
    if (verdict.violations[0]?.name !== name) return false;
    best = { setup, verdict, tried };
    return true;
  };
  const lessPlan = () => {
    fewer(best.setup.plan, (plan) => holds({ ...best.setup, plan }));
  };
  shorten(best, holds);
  for (const { name: client } of best.setup.lab.clients) holds(withoutClient(best.setup, client));
  lessPlan();
  shorten(best, holds);
  const asCommands = best.verdict.commands
    .filter(({ atUs }) => atUs <= best.setup.endUs)
    .map(({ atUs, command }): Planned => ({ atUs, act: { type: "command", command } }));
  if (holds({ ...best.setup, plan: asCommands })) lessPlan();
  return { ...best, tried };
}

/** What lies behind the violation is not needed; where it came while all was being healed, a part of the time is not. */
function shorten({ setup, verdict }: Shrunk, holds: (setup: Setup) => boolean): void {
  const atUs = verdict.violations[0]?.atUs ?? setup.endUs;
  const last = setup.plan.findLast((planned) => planned.atUs <= atUs)?.atUs ?? 0;
  const endUs = Math.min(setup.endUs, atUs < setup.endUs ? atUs : last + 1);
  const plan = setup.plan.filter((planned) => planned.atUs <= endUs);
  if (endUs < setup.endUs || plan.length < setup.plan.length) holds({ ...setup, plan, endUs });
}

function withoutClient(setup: Setup, name: string): Setup {
  const clients = setup.lab.clients.filter((client) => client.name !== name);
  const plan = setup.plan.filter(({ act }) => act.type !== "request" || act.client !== name);
  return { ...setup, lab: { ...setup.lab, clients }, plan };
}

/** Tries the list without each of its pieces: halves, quarters, and so on down to single items. */
function fewer<T>(items: readonly T[], holds: (items: readonly T[]) => boolean): void {
  let left = items;
  for (let size = Math.max(Math.floor(left.length / 2), 1); ; size = Math.floor(size / 2)) {
    for (let at = 0; at < left.length;) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      if (holds(without)) left = without;
      else at += size;
    }
    if (size <= 1) return;
  }
}
