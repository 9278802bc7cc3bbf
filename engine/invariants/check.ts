import type { World } from "../sim/world";
import type { Sid } from "../units";
import { eventBetween, handledBy, type Violation } from "./moment";
import { ServiceMemory } from "./service";
import { ZabMemory } from "./zab";

export type { Violation } from "./moment";

/** So many of the latest steps are remembered, twice over, to tell what led to a violation. */
const STEPS = 8_192;
/** How many causes a violation names at most. */
const LONGEST_CHAIN = 24;

/** What must be remembered over a run. It belongs to one run, and is given every step of it in order. */
export class Checking {
  readonly zab: ZabMemory;
  readonly service: ServiceMemory;
  /** Each step's number and what had caused it; the newer half and the older. */
  private causes = new Map<number, number>();
  private older = new Map<number, number>();

  constructor(
    world: World,
    private readonly ignored: readonly string[],
  ) {
    this.zab = new ZabMemory(world);
    this.service = new ServiceMemory(this.zab, world);
  }

  check(before: World, after: World): readonly Violation[] {
    const event = eventBetween(before, after);
    const number = event?.number ?? before.nextNumber;
    this.note(number, event?.cause ?? 0);
    let violations: Violation[] | null = null;
    const report = (name: string, servers: readonly Sid[], detail: string) => {
      if (this.ignored.includes(name)) return;
      violations ??= [];
      violations.push({ name, atUs: after.nowUs, servers, events: this.chain(number), detail });
    };
    const moment = { before, after, event, handled: handledBy(before, after, event), report };
    this.zab.look(moment);
    this.service.look(moment);
    return violations ?? NONE;
  }

  private note(number: number, cause: number): void {
    this.causes.set(number, cause);
    if (this.causes.size < STEPS) return;
    this.older = this.causes;
    this.causes = new Map();
  }

  /** From the first cause that is remembered to this step. */
  private chain(number: number): readonly number[] {
    const chain: number[] = [];
    for (let at = number; at > 0 && chain.length < LONGEST_CHAIN;) {
      chain.push(at);
      at = this.causes.get(at) ?? this.older.get(at) ?? 0;
    }
    return chain.reverse();
  }
}

const NONE: readonly Violation[] = [];

/** Begins to watch a run from this world on. What is `ignored`, by name, is known already and is not told. */
export function startChecking(world: World, ignored: readonly string[] = []): Checking {
  return new Checking(world, ignored);
}

/** What this step, an event or a command, has broken: mostly nothing. */
export function check(checking: Checking, before: World, after: World): readonly Violation[] {
  return checking.check(before, after);
}
