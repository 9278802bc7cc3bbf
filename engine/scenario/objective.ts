import type { Fact, FactOf, FactType } from "../sim/fact";
import { type Behaviour, type Standing, standingOf } from "../programs/programs";
import { clientOf, leaderOf, phaseOf, roleOf, serverOf, type Role } from "../sim/read";
import type { Client, World } from "../sim/world";
import { childrenOf, nodeAt as znodeAt } from "../tree/dataTree";
import type { SessionId } from "../tree/txn";
import type { Data } from "../tree/znode";
import type { Sid } from "../units";
import { counterOf, type Zxid } from "../zxid";

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

// Clients

/** A client as a check sees it. */
export interface ClientView {
  readonly state: "CONNECTING" | "CONNECTED" | "EXPIRED" | "CLOSED";
  /** Null without a session. */
  readonly sid: SessionId | null;
  /** The server it is connected to, or null. */
  readonly server: Sid | null;
  /** Negotiated, and asked for. */
  readonly timeout: number;
  readonly requested: number;
  /** Does it act as the owner of a lock, rightly or not? */
  readonly believesLock: boolean;
  /** Who is listed under each directory it watches, as far as it knows. */
  readonly cache: Standing["cache"];
  readonly seenZxid: Zxid;
}

export function clientView(client: Client): ClientView {
  const { context, value } = client.chart;
  const { believesLock, cache } = standingOf(client.program);
  const over = value === "closed" || value === "authFailed" || value === "down";
  const expired = over && context.keeperState === "Expired";
  const connected = value === "connected";
  return {
    state: expired ? "EXPIRED" : over ? "CLOSED" : connected ? "CONNECTED" : "CONNECTING",
    sid: context.sessionId,
    server: connected ? context.server : null,
    timeout: context.timeoutMs,
    requested: context.requestedTimeoutMs,
    believesLock,
    cache,
    seenZxid: context.lastZxidSeen,
  };
}

/** One client by name. */
export function cli(world: World, name: string): ClientView {
  return clientView(clientOf(world, name));
}

/** All clients with such a program. */
export function clis(world: World, behaviour: Behaviour["type"]): readonly ClientView[] {
  return world.clients.filter((one) => one.behaviour?.type === behaviour).map(clientView);
}

/** The session that a client was given first: how a lab names it from its beginning on. */
export function firstSessionOf(facts: readonly Fact[], name: string): SessionId | null {
  const fact = facts.find((one) => one.type === "session.new" && one.name === name);
  return fact?.type === "session.new" ? fact.sid : null;
}

// The tree

/** A znode as a check sees it. */
export interface NodeView {
  readonly data: Data;
  readonly version: number;
  readonly czxid: Zxid;
  readonly owner: SessionId | null;
  readonly children: readonly string[];
}

/** A znode as one server holds it; null when it is missing there, or the server is down. */
export function nodeAt(world: World, sid: Sid, path: string): NodeView | null {
  const tree = serverOf(world, sid).process?.tree;
  const node = tree === undefined ? null : znodeAt(tree, path);
  if (tree === undefined || node === null) return null;
  return {
    data: node.data,
    version: node.version,
    czxid: node.czxid,
    owner: node.ephemeralOwner,
    children: childrenOf(tree, path) ?? [],
  };
}

/** The server that has applied most of what is committed: who leads, or the one furthest on. */
function furthest(world: World): Sid | null {
  const leader = leaderOf(world);
  if (leader !== null) return leader;
  let found: { sid: Sid; zxid: Zxid } | null = null;
  for (const { sid, process } of world.servers)
    if (process !== null && (found === null || process.lastProcessed > found.zxid))
      found = { sid, zxid: process.lastProcessed };
  return found?.sid ?? null;
}

/** A committed znode. */
export function nodeOf(world: World, path: string): NodeView | null {
  const sid = furthest(world);
  return sid === null ? null : nodeAt(world, sid, path);
}

/** Does this session live, as far as anybody can know? */
export function lives(world: World, session: SessionId | null): boolean {
  const sid = session === null ? null : furthest(world);
  const sessions = sid === null ? undefined : serverOf(world, sid).process?.sessions;
  return session !== null && sessions?.[session] !== undefined;
}

// Facts, counted

export function count(facts: readonly Fact[], match: FactMatch): number {
  return facts.filter((fact) => matches(fact, match)).length;
}

export function last(facts: readonly Fact[], match: FactMatch): Fact | undefined {
  return facts.findLast((fact) => matches(fact, match));
}
