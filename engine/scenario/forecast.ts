import type { Vote } from "../quorum/context";
import type { DecidedBy } from "../quorum/decidedBy";
import { apply } from "../sim/apply";
import type { Command } from "../sim/command";
import { contextOf } from "../sim/read";
import { nextEventUs, takeStep } from "../sim/step";
import type { World } from "../sim/world";
import { type Sid, type VirtualUs, usFromMs } from "../units";

/** Who leads next, found out by running the engine on. */
export interface Forecast {
  /** Null: nobody, within a minute. */
  readonly leader: Sid | null;
  /** The first field in which it beat the second best. */
  readonly wonBy: DecidedBy | null;
  readonly afterUs: VirtualUs;
  /** What each server that runs then would have voted for alone. */
  readonly votes: readonly Vote[];
}

/** Does this command to a copy of the world, and runs it on until somebody leads. The world itself is untouched. */
export function whoLeadsAfter(world: World, command: Command): Forecast {
  const endUs = world.nowUs + usFromMs(60_000);
  let next = apply(world, command);
  for (let due = nextEventUs(next); due !== null && due <= endUs; due = nextEventUs(next)) {
    next = takeStep(next);
    for (const fact of next.facts) {
      if (fact.type === "leader.elected")
        return {
          leader: fact.id,
          wonBy: fact.wonBy,
          afterUs: fact.atUs - world.nowUs,
          votes: next.servers.flatMap((server) => contextOf(server)?.ownVote ?? []),
        };
    }
  }
  return { leader: null, wonBy: null, afterUs: endUs - world.nowUs, votes: [] };
}
