import type { World } from "../sim/world";
import type { History } from "./history";

/** A run at its beginning. On its own, so that a page can show it before the simulator is there. */
export function startHistory(world: World): History {
  return {
    start: world,
    now: world,
    endUs: world.nowUs,
    endStep: world.steps,
    commands: [],
    facts: world.facts,
    checkpoints: [world],
    branches: [],
  };
}
