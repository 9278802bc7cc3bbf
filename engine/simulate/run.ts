import { usualDelays, worldOfLab } from "../scenario/play";
import type { Lab } from "../scenario/lab";
import type { RecordedCommand } from "../history/history";
import { type Behaviour } from "../programs/programs";
import type { MutantName } from "../rules/mutants";
import type { VariantName } from "../rules/variants";
import { draw, drawBetween } from "../random";
import { apply } from "../sim/apply";
import type { ClientSetup } from "../sim/clients";
import { type Command, killClient, removeClient, start } from "../sim/command";
import { leaderOf, phaseOf, roleOf } from "../sim/read";
import { nextEventUs, rest, takeStep } from "../sim/step";
import type { Server, World } from "../sim/world";
import { type DataTree, withConfig } from "../tree/dataTree";
import { eachEntry } from "../tree/persistentMap";
import { type Sid, US_PER_SECOND, type VirtualUs } from "../units";
import { formatZxid } from "../zxid";
import { check, type Checking, startChecking, type Violation } from "../invariants/check";
import {
  commandsOf,
  FAULT_NAMES,
  type FaultName,
  type Planned,
  planOf,
  repairs,
  requestOf,
} from "./faults";

export type { Violation } from "../invariants/check";

/** What is asked of a run; what is left out is drawn from the seed. */
export interface Asked {
  readonly seed: number;
  /** Voting servers; observers come beside them. */
  readonly servers?: number;
  readonly observers?: number;
  readonly clients?: number;
  /** How long faults go on. */
  readonly seconds?: number;
  readonly faults?: readonly FaultName[];
  readonly variant?: VariantName;
  readonly mutants?: readonly MutantName[];
  readonly invariants?: boolean;
  /** Invariants by name whose violations are known already: a run goes on behind them. */
  readonly ignored?: readonly string[];
}

/** A run before it begins: who is there, and all that will happen to them. */
export interface Setup {
  readonly seed: number;
  readonly lab: SimulatedLab;
  readonly plan: readonly Planned[];
  readonly endUs: VirtualUs;
  readonly variant: VariantName;
  readonly mutants: readonly MutantName[];
  readonly invariants: boolean;
  readonly ignored: readonly string[];
}
export type SimulatedLab = Pick<Lab, "servers" | "clients">;

/** What a run came to. It ends with its first violation. */
export interface Verdict {
  readonly violations: readonly Violation[];
  /** Entries of the queue that were taken. */
  readonly events: number;
  readonly commands: readonly RecordedCommand[];
  /** Was everything well and equal in the end? */
  readonly healed: boolean;
  readonly endUs: VirtualUs;
}

export const USUAL_SECONDS = 30;

/** After the last fault all must be well within this: a vote that nobody wants is sent again after 60 s at most. */
const HEALTHY_WITHIN_US = 180 * US_PER_SECOND;
/** Sessions die, and the last transactions reach everyone. */
const EQUAL_WITHIN_US = 90 * US_PER_SECOND;

export function simulate(asked: Asked): Verdict {
  return run(setupOf(asked));
}

export function setupOf(asked: Asked): Setup {
  const { seed, seconds = USUAL_SECONDS, faults = FAULT_NAMES } = asked;
  const voters =
    asked.servers ?? [3, 5, 3, 5, 4][drawBetween(seed, "voters", "setup", 0, 0, 4)] ?? 3;
  const observers =
    asked.observers ?? [0, 0, 1][drawBetween(seed, "observers", "setup", 0, 0, 2)] ?? 0;
  const clients = asked.clients ?? drawBetween(seed, "clients", "setup", 0, 2, 5);
  const lab = labOf(seed, voters, observers, clients);
  const sids = Array.from({ length: voters + observers }, (_, index) => index + 1);
  const names = lab.clients.map(({ name }) => name);
  return {
    seed,
    lab,
    plan: planOf(seed, sids, voters, names, seconds, faults),
    endUs: seconds * US_PER_SECOND,
    variant: asked.variant ?? "3.9.5",
    mutants: asked.mutants ?? [],
    invariants: asked.invariants ?? true,
    ignored: asked.ignored ?? [],
  };
}

/** Small snapshots and logs in some, so that a learner meets every way to be synchronized. */
function labOf(seed: number, voters: number, observers: number, clients: number): SimulatedLab {
  const sids = Array.from({ length: voters + observers }, (_, index) => index + 1);
  const snapCount = [20, 60, 100_000][drawBetween(seed, "snapCount", "setup", 0, 0, 2)] ?? 100_000;
  const zooCfg = [
    "tickTime=2000",
    "initLimit=5",
    "syncLimit=2",
    "dataDir=/data",
    "clientPort=2181",
    `snapCount=${snapCount}`,
    ...(draw(seed, "snap only", "setup", 0) < 0.2 ? ["forceSnapshotSync=true"] : []),
    ...sids.map((sid) => `server.${sid}=zk${sid}:2888:3888${sid > voters ? ":observer" : ""}`),
  ].join("\n");
  return {
    servers: sids.map((sid) => ({ zooCfg, myid: `${sid}`, disk: "empty", up: true })),
    clients: Array.from({ length: clients }, (_, nth) => clientOf(seed, nth)),
  };
}

function clientOf(seed: number, nth: number): ClientSetup {
  const behaviours: readonly (Behaviour | null)[] = [
    { type: "writer", path: "/load/counter", everyMs: 100 },
    { type: "reader", path: "/load/counter", everyMs: 120 },
    { type: "worker", lock: "/locks/simple", workMs: 500 },
    { type: "seqlock", lock: "/locks/queue", workMs: 500 },
    { type: "consumer", path: "/services", services: [], callMs: 1_000 },
    {
      type: "provider",
      path: `/services/p${nth}`,
      reregister: true,
      onNodeExists: "recreate-if-foreign",
    },
    null,
  ];
  const kind = nth === 0 ? 0 : drawBetween(seed, "behaviour", "setup", nth, 0, 6);
  const behaviour = behaviours[kind] ?? null;
  const timeoutMs = [4_000, 6_000, 15_000][drawBetween(seed, "timeout", "setup", nth, 0, 2)];
  const client = { name: String.fromCharCode(65 + nth), timeoutMs: timeoutMs ?? 6_000 };
  return behaviour === null ? client : { ...client, behaviour };
}

/** Plays a plan, heals what it has done, and judges. */
export function run(setup: Setup): Verdict {
  const player = new Player(setup);
  player.play();
  if (player.ended) return player.verdict(false);
  player.heal();
  return player.verdict(!player.ended);
}

/** What is to be done at its time, in the order in which it was noted where times are equal. */
interface Due {
  readonly atUs: VirtualUs;
  readonly do: () => void;
}

class Player {
  private world: World;
  private readonly checking: Checking;
  private readonly commands: RecordedCommand[] = [];
  private readonly violations: Violation[] = [];
  private events = 0;
  private agenda: Due[] = [];
  private ambushes: Extract<Planned["act"], { type: "fault" }>[] = [];

  constructor(private readonly setup: Setup) {
    const { lab, seed, variant, mutants } = setup;
    this.world = { ...worldOfLab({ ...lab, delays: usualDelays }, seed, variant), mutants };
    this.checking = startChecking(this.world, setup.ignored);
  }

  get ended(): boolean {
    return this.violations.length > 0;
  }

  verdict(healed: boolean): Verdict {
    const { violations, events, commands, world } = this;
    return { violations, events, commands, healed, endUs: world.nowUs };
  }

  play(): void {
    const { plan, endUs } = this.setup;
    for (const { atUs, act } of plan) {
      this.goTo(atUs);
      if (this.ended) return;
      switch (act.type) {
        case "command":
          this.do(act.command);
          break;
        case "request":
          this.do(requestOf(act.client, act.op));
          break;
        case "fault":
          if (act.ambush === null) this.strike(act, null);
          else this.ambushes.push(act);
          break;
      }
    }
    this.goTo(endUs);
  }

  /** No faults any more: a supervisor starts what is down, and all must become well; then, without clients, equal. */
  heal(): void {
    this.agenda = [];
    this.ambushes = [];
    const healthyByUs = this.world.nowUs + HEALTHY_WITHIN_US;
    for (const command of repairs(this.world)) this.do(command);
    while (!this.ended && !isHealthy(this.world)) {
      if (this.world.nowUs >= healthyByUs) return this.fail("Liveness", standings(this.world));
      this.goTo(this.world.nowUs + US_PER_SECOND / 2);
      this.supervise();
    }
    for (const { name } of this.world.clients) {
      this.do(killClient(name));
      this.do(removeClient(name));
    }
    const equalByUs = this.world.nowUs + EQUAL_WITHIN_US;
    this.goTo(this.world.nowUs + 5 * US_PER_SECOND);
    while (!this.ended && !(isHealthy(this.world) && isStill(this.world))) {
      if (this.world.nowUs >= equalByUs) return this.fail("SessionsEnd", standings(this.world));
      this.goTo(this.world.nowUs + US_PER_SECOND);
      this.supervise();
    }
    if (this.ended) return;
    const [first, ...others] = this.world.servers;
    for (const other of others) {
      const difference = differenceOf(first, other);
      if (difference !== null)
        return this.fail("Equality", difference, [first?.sid ?? 0, other.sid]);
    }
  }

  private supervise(): void {
    for (const { sid, process } of this.world.servers) if (process === null) this.do(start(sid));
  }

  private fail(name: string, detail: string, servers: readonly Sid[] = []): void {
    if (this.setup.ignored.includes(name)) return;
    const { nowUs, nextNumber } = this.world;
    const all = servers.length > 0 ? servers : this.world.servers.map(({ sid }) => sid);
    this.violations.push({ name, atUs: nowUs, servers: all, events: [nextNumber - 1], detail });
  }

  /** All that happens up to this time. */
  private goTo(untilUs: VirtualUs): void {
    while (!this.ended) {
      const [due] = this.agenda;
      const eventUs = nextEventUs(this.world);
      if (due !== undefined && due.atUs <= untilUs && due.atUs < (eventUs ?? Infinity)) {
        this.agenda.shift();
        this.world = rest(this.world, Math.max(due.atUs, this.world.nowUs));
        due.do();
      } else if (eventUs !== null && eventUs <= untilUs) {
        this.events += 1;
        this.came(takeStep(this.world));
      } else break;
    }
    if (!this.ended && untilUs > this.world.nowUs) this.world = rest(this.world, untilUs);
  }

  private do(command: Command): void {
    if (this.ended) return;
    const { steps, nowUs } = this.world;
    this.commands.push({ step: steps, atUs: nowUs, command });
    this.came(apply(this.world, command));
  }

  private came(after: World): void {
    const before = this.world;
    this.world = after;
    if (this.setup.invariants) this.violations.push(...check(this.checking, before, after));
    if (this.ambushes.length > 0) this.spring(before, after);
  }

  private later(atUs: VirtualUs, what: () => void): void {
    const place = this.agenda.findIndex((due) => due.atUs > atUs);
    this.agenda.splice(place < 0 ? this.agenda.length : place, 0, { atUs, do: what });
  }

  private strike(fault: Extract<Planned["act"], { type: "fault" }>, met: Sid | null): void {
    const { begin, end } = commandsOf(this.world, fault, met);
    for (const command of begin) this.do(command);
    if (end.length > 0)
      this.later(this.world.nowUs + fault.forUs, () => {
        for (const command of end) this.do(command);
      });
  }

  /** Has a server entered a phase in which a fault waits for one? */
  private spring(before: World, after: World): void {
    if (before.servers === after.servers) return;
    for (const [index, server] of after.servers.entries()) {
      const old = before.servers[index];
      if (old === undefined || old.process?.chart?.value === server.process?.chart?.value) continue;
      const phase = phaseOf(server);
      if (phase === null || phase === phaseOf(old)) continue;
      const nth = this.ambushes.findIndex(({ ambush }) => ambush?.phase === phase);
      const fault = this.ambushes[nth];
      if (fault === undefined || fault.ambush === null) continue;
      this.ambushes.splice(nth, 1);
      const { afterUs, self } = fault.ambush;
      this.later(after.nowUs + afterUs, () => this.strike(fault, self ? server.sid : null));
    }
  }
}

/** One leads, and every server serves. */
function isHealthy(world: World): boolean {
  return leaderOf(world) !== null && world.servers.every((one) => phaseOf(one) === "broadcast");
}

/** Has every session ended everywhere? The end of the last one is the last transaction there is. */
function isStill({ servers }: World): boolean {
  return servers.every(
    ({ process }) =>
      process !== null &&
      process.pendingTxns.length === 0 &&
      Object.keys(process.sessions).length === 0,
  );
}

/** What each server is, for a verdict. */
function standings({ servers }: World): string {
  return servers
    .map((server) => {
      const { sid, process } = server;
      const sessions = Object.keys(process?.sessions ?? {}).length;
      const zxid = formatZxid(process?.lastProcessed ?? 0);
      return `${sid}:${roleOf(server)}/${phaseOf(server)}/${zxid}/${sessions}`;
    })
    .join(" ");
}

/** The first znode in which two servers differ, or null. Each has written the membership for itself, at its own time. */
function differenceOf(a: Server | undefined, b: Server): string | null {
  const [mine, theirs] = [znodesOf(a?.process?.tree), znodesOf(b.process?.tree)];
  for (const [path, node] of mine) if (theirs.get(path) !== node) return path;
  for (const path of theirs.keys()) if (!mine.has(path)) return path;
  return null;
}

function znodesOf(tree: DataTree | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (tree === undefined) return found;
  eachEntry(withConfig(tree, "", 0, 0).nodes, (path, node) => {
    found.set(path, JSON.stringify(node));
  });
  return found;
}
