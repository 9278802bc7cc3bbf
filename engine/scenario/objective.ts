import type { Fact, FactOf, FactType } from "../sim/fact";
import { leaderOf, phaseOf, roleOf, serverOf, type Role } from "../sim/read";
import type { World } from "../sim/world";
import type { Sid } from "../units";
import { counterOf } from "../zxid";

/** What a check may look at: the world now, and all facts since the lab began, oldest first. */
export interface LabView {
  readonly world: World;
  readonly facts: readonly Fact[];
}

/** Met once it has been true: the only mode this far. */
export type Check = (view: LabView) => boolean;

/** Values the fields of a fact must have, or questions about them. A field that a fact lacks does not match. */
type FieldsMatch<F> = {
  readonly [K in Exclude<keyof F, "type">]?: F[K] | ((value: NonNullable<F[K]>) => boolean);
};
export type FactMatch =
  | FactType
  | {
      [T in FactType]: { readonly type: T } & FieldsMatch<FactOf<T>>;
    }[FactType];

export const elected = (id: Sid): FactMatch => ({ type: "leader.elected", id });
export const killed = (id: Sid): FactMatch => ({ type: "srv.kill", id });
export const started = (id: Sid): FactMatch => ({ type: "srv.start", id });

/** Does one fact answer the match? */
export function matches(fact: Fact, match: FactMatch): boolean {
  if (typeof match === "string") return fact.type === match;
  return Object.entries(match).every(([field, wanted]) => {
    const value = (fact as unknown as Record<string, unknown>)[field];
    if (value === undefined) return false;
    return typeof wanted === "function"
      ? (wanted as (value: unknown) => boolean)(value)
      : value === wanted;
  });
}

/** Did such facts happen in this order, with anything between them? */
export function inOrder(facts: readonly Fact[], ...wanted: readonly FactMatch[]): boolean {
  let next = 0;
  for (const fact of facts) {
    const match = wanted[next];
    if (match === undefined) return true;
    if (matches(fact, match)) next += 1;
  }
  return next === wanted.length;
}

export function has(facts: readonly Fact[], match: FactMatch): boolean {
  return facts.some((fact) => matches(fact, match));
}

/** What a server is now; a check's short way. */
export function roleNow(world: World, sid: Sid): Role {
  return roleOf(serverOf(world, sid));
}

/**
 * Is there a leader, and has every voter that is up finished synchronization with it and applied all it has committed?
 * A bare epoch<<32 is no transaction, so it is no lag.
 */
export function allSynced({ world }: LabView): boolean {
  const leader = leaderOf(world);
  if (leader === null) return false;
  const committed = serverOf(world, leader).process?.lastProcessed ?? 0;
  return world.servers.every((server) => {
    if (server.process === null) return true;
    if (phaseOf(server) !== "broadcast") return false;
    return counterOf(committed) === 0 || server.process.lastProcessed >= committed;
  });
}
