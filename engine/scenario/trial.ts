import { assert } from "../assert";
import { apply } from "../sim/apply";
import type { VariantName } from "../rules/variants";
import type { Command } from "../sim/command";
import type { Fact } from "../sim/fact";
import { nextEventUs, rest, takeStep } from "../sim/step";
import type { World } from "../sim/world";
import { type Sid, usFromMs } from "../units";
import type { ClientSetup, Lab, ServerSetup } from "./lab";
import { type FactMatch, matches } from "./objective";
import { worldOfLab } from "./play";

/** The zoo.cfg that all servers of a trial share, with other values or more lines where one asks for them. */
export function zooCfgOf(sids: readonly Sid[], changed: Readonly<Record<string, number>> = {}) {
  const keys = { tickTime: 2_000, initLimit: 10, syncLimit: 5, clientPort: 2181, ...changed };
  return [
    ...Object.entries(keys).map(([key, value]) => `${key}=${value}`),
    "dataDir=/data",
    ...sids.map((sid) => `server.${sid}=zk${sid}:2888:3888`),
  ].join("\n");
}

/** An ensemble to try something on. All its servers are down, unless said otherwise. */
export function ensembleOf(
  size: number,
  more: {
    readonly up?: boolean;
    readonly clients?: readonly ClientSetup[];
    readonly keys?: Readonly<Record<string, number>>;
  } = {},
): Pick<Lab, "servers" | "clients"> {
  const sids = Array.from({ length: size }, (_, index) => index + 1);
  const zooCfg = zooCfgOf(sids, more.keys);
  const servers = sids.map((sid): ServerSetup => {
    return { zooCfg, myid: `${sid}`, disk: "empty", up: more.up ?? false };
  });
  return { servers, clients: more.clients ?? [] };
}

/**
 * A run that keeps no past, only its facts: quicker than a history, for tests and for many seeds.
 * `after` looks at every world on the way, after each command and event.
 */
export class Trial {
  world: World;
  readonly facts: Fact[] = [];

  constructor(
    lab: Pick<Lab, "servers" | "clients" | "delays" | "library">,
    seed: number,
    private readonly after: (world: World) => void = () => {},
    variant?: VariantName,
  ) {
    this.world = worldOfLab(lab, seed, variant);
    this.facts.push(...this.world.facts);
  }

  private came(world: World): void {
    this.world = world;
    this.facts.push(...world.facts);
    this.after(world);
  }

  /** Does these commands, at once. */
  do(...commands: readonly Command[]): this {
    for (const command of commands) this.came(apply(this.world, command));
    return this;
  }

  /** The next event, whatever it is. */
  step(): this {
    this.came(takeStep(this.world));
    return this;
  }

  /** Lets so much simulated time pass. */
  wait(ms: number): this {
    const endUs = this.world.nowUs + Math.floor(usFromMs(ms));
    for (let due = nextEventUs(this.world); due !== null && due <= endUs;) {
      this.step();
      due = nextEventUs(this.world);
    }
    this.world = rest(this.world, endUs);
    return this;
  }

  /** Runs event by event until this holds; it must within so much simulated time. */
  until(holds: (world: World) => boolean, withinMs = 60_000): this {
    const endUs = this.world.nowUs + usFromMs(withinMs);
    while (!holds(this.world)) {
      const due = nextEventUs(this.world);
      assert(due !== null && due <= endUs, `${holds.toString()} within ${withinMs} ms`);
      this.step();
    }
    return this;
  }

  /** Runs until such a fact comes. */
  untilFact(match: FactMatch, withinMs = 60_000): Fact {
    const before = this.facts.length;
    const come = () => this.facts.slice(before).find((fact) => matches(fact, match));
    this.until(() => come() !== undefined, withinMs);
    const fact = come();
    assert(fact !== undefined, "the fact came");
    return fact;
  }

  /** All such facts so far. */
  all(match: FactMatch): readonly Fact[] {
    return this.facts.filter((fact) => matches(fact, match));
  }
}
