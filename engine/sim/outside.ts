import type { Zxid } from "../zxid";
import type { Cause } from "../units";
import { tell, withClient } from "./change";
import { findClient, leaderOf } from "./read";
import type { World } from "./world";

/**
 * What a lock protects, outside ZooKeeper: a ledger that its owner writes to. It knows the highest token that has
 * written, and may be told to refuse lower ones.
 */
export interface Ledger {
  readonly fenced: boolean;
  readonly highest: Zxid;
  /** Who wrote with the highest token. */
  readonly by: string | null;
  /** How often the lock has been let go, by the learner's wish. */
  readonly releases: number;
}

const UNTOUCHED: Ledger = { fenced: false, highest: 0, by: null, releases: 0 };

export function ledgerOf(world: World, lock: string): Ledger {
  return world.ledgers[lock] ?? UNTOUCHED;
}

function withLedger(world: World, lock: string, change: Partial<Ledger>): World {
  const ledger = { ...ledgerOf(world, lock), ...change };
  return { ...world, ledgers: { ...world.ledgers, [lock]: ledger } };
}

/** An owner writes. ZooKeeper is not in that path: who believes wrongly that it owns the lock writes too. */
export function actAsOwner(
  world: World,
  name: string,
  lock: string,
  token: Zxid,
  cause: Cause,
): World {
  const { fenced, highest, by } = ledgerOf(world, lock);
  if (token === highest) return world;
  if (token > highest) return withLedger(world, lock, { highest: token, by: name });
  if (!fenced) {
    const names = [name, by ?? ""];
    return tell(world, { type: "app.doubleRun", names, fenced }, cause);
  }
  const told = tell(world, { type: "app.fenced", name, token }, cause);
  return withClient(told, name, ({ news }) => ({ news: [...news, { type: "refused", token }] }));
}

export function countRelease(world: World, lock: string): World {
  return withLedger(world, lock, { releases: ledgerOf(world, lock).releases + 1 });
}

/** The ledger refuses tokens lower than the highest it has seen, or does not. */
export function fence(world: World, lock: string, fenced: boolean, cause: Cause): World {
  return tell(
    withLedger(world, lock, { fenced }),
    { type: "cfg.saved", app: lock, key: "fencing" },
    cause,
  );
}

/** A consumer calls the first provider it knows: nobody answers where no process runs. */
export function callService(
  world: World,
  service: string,
  providers: readonly string[],
  cause: Cause,
): World {
  const [first] = providers;
  const provider = first === undefined ? null : findClient(world, first);
  const runs = provider === null || (provider.down === null && provider.paused === null);
  const type = first !== undefined && runs ? "app.call.ok" : "app.call.fail";
  return tell(world, { type, service, leaderless: leaderOf(world) === null }, cause);
}
