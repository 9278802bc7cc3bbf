import { draw } from "../random";
import { newHandle } from "../session/client";
import type { ClientLibrary } from "../session/context";
import type { Sid } from "../units";
import type { Client, ClientBehaviour, World } from "./world";

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
  readonly behaviour?: ClientBehaviour;
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
    draws: { connect: 0 },
  };
}

/** The server list is shuffled once, when a handle is made. Source: StaticHostProvider. */
export function shuffledFor(
  world: World,
  name: string,
  handle: number,
  first: Sid | undefined,
): readonly Sid[] {
  const place = handle === 0 ? `client ${name}` : `client ${name}/${handle}`;
  return world.servers
    .map(({ sid }) => ({
      sid,
      at: sid === first ? -1 : draw(world.seed, "server list", place, sid),
    }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ sid }) => sid);
}
