import { draw } from "../random";
import { newHandle } from "../session/client";
import type { ClientLibrary } from "../session/context";
import type { Sid } from "../units";
import type { Behaviour } from "../programs/programs";
import type { Client, World } from "./world";

/** One client: what it asks for, and the application above it. */
export interface ClientSetup {
  readonly name: string;
  /** Its list of servers, in the order it tries them; all, shuffled by the seed, without it. */
  readonly servers?: readonly Sid[];
  /** The first one it tries, before the others of a shuffled list. */
  readonly server?: Sid;
  readonly timeoutMs: number;
  /** Which release's library; the world's own without it. */
  readonly library?: ClientLibrary;
  /** Where its `/` is in the tree: the end of its connect string. */
  readonly chroot?: string;
  /** May it be served by a server without a quorum? */
  readonly canBeReadOnly?: boolean;
  /** As the servers see it; one of its own without it. */
  readonly address?: string;
  readonly behaviour?: Behaviour;
  /** So many like it, named with a number behind the name. */
  readonly count?: number;
}

/** One setup for each machine. What each of many registers gets its number too. */
export function expanded(setup: ClientSetup): readonly ClientSetup[] {
  const { count, ...one } = setup;
  if (count === undefined) return [setup];
  return Array.from({ length: count }, (_, index) => {
    const nth = index + 1;
    const { behaviour } = one;
    const own =
      behaviour?.type === "provider"
        ? { ...behaviour, path: `${behaviour.path}${nth}` }
        : behaviour;
    const named = { ...one, name: `${one.name}${nth}` };
    return own === undefined ? named : { ...named, behaviour: own };
  });
}

/** A client's machine before its process has started. `nth` of all clients ever made in this world. */
export function makeClient(setup: ClientSetup, nth: number, library: ClientLibrary): Client {
  return {
    name: setup.name,
    setup,
    address: setup.address ?? `10.0.${Math.floor(nth / 250)}.${1 + (nth % 250)}`,
    chart: {
      value: "down",
      context: newHandle({
        name: setup.name,
        library: setup.library ?? library,
        servers: setup.servers ?? [],
        timeoutMs: setup.timeoutMs,
      }),
    },
    timers: {},
    lastHeardUs: 0,
    lastSentUs: 0,
    pingDueUs: 0,
    searchMs: 0,
    attempts: 0,
    handles: 0,
    behaviour: setup.behaviour ?? null,
    program: null,
    news: [],
    paused: null,
    down: { sinceUs: 0 },
    draws: { connect: 0, hosts: 0 },
  };
}

/** The server list is shuffled once, when a handle is made. Source: StaticHostProvider. */
export function serversFor(world: World, client: Client): readonly Sid[] {
  const { name, setup, handles } = client;
  if (setup.servers !== undefined) return setup.servers;
  const place = handles === 0 ? `client ${name}` : `client ${name}/${handles}`;
  const sids = shuffled(
    world.seed,
    place,
    world.servers.map(({ sid }) => sid),
  );
  return setup.server === undefined
    ? sids
    : [setup.server, ...sids.filter((sid) => sid !== setup.server)];
}

export function shuffled(seed: number, place: string, sids: readonly Sid[]): readonly Sid[] {
  return sids
    .map((sid) => ({ sid, at: draw(seed, "server list", place, sid) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ sid }) => sid);
}
