import type { Sid } from "../units";

/** The servers a client may use, and where it stands in their list. Source: StaticHostProvider. */
export interface HostList {
  /** In the order they are tried, round and round. */
  readonly servers: readonly Sid[];
  /** Index of the one it is on or tries; -1 before the first try. */
  readonly at: number;
  /** Index of the last one it was connected to; a round is over when it comes by here again. -1 before the first try. */
  readonly last: number;
  /** After a new list: which servers are tried first, to even out the load; null when there is nothing to move for. */
  readonly moving: readonly Sid[] | null;
}

export function hostList(servers: readonly Sid[]): HostList {
  return { servers, at: -1, last: -1, moving: null };
}

/** The server it is on or tries. Source: StaticHostProvider.getServerAtCurrentIndex. */
export function currentHost(hosts: HostList): Sid {
  return hosts.servers[Math.max(hosts.at, 0)] ?? 0;
}

/**
 * Goes on to the next server. `wholeList`: all have been tried in vain, so the client waits a second first.
 * Source: StaticHostProvider.next, nextHostInReconfigMode.
 */
export function nextHost(hosts: HostList): {
  readonly hosts: HostList;
  readonly wholeList: boolean;
} {
  const [first, ...rest] = hosts.moving ?? [];
  if (first !== undefined) {
    const at = hosts.servers.indexOf(first);
    return { hosts: { ...hosts, at, moving: rest }, wholeList: false };
  }
  const at = (hosts.at + 1) % hosts.servers.length;
  return {
    hosts: { ...hosts, at, last: Math.max(hosts.last, 0), moving: null },
    wholeList: hosts.moving !== null || at === hosts.last,
  };
}

/** A session stands on this server. Source: StaticHostProvider.onConnected. */
export function hostConnected(hosts: HostList): HostList {
  return { ...hosts, last: hosts.at, moving: null };
}

/**
 * Takes a new list, and says whether the client should leave its server: because it is not in the list, or by chance,
 * so that new servers get their share. `servers` is shuffled already, `on` is the server it is connected to or null;
 * `chance` gives draws below 1. Source: StaticHostProvider.updateServerList.
 */
export function updateHosts(
  hosts: HostList,
  servers: readonly Sid[],
  on: Sid | null,
  chance: (nth: number) => number,
): { readonly hosts: HostList; readonly move: boolean } {
  const mine = on ?? hosts.servers[Math.max(hosts.last, 0)] ?? 0;
  const stays = servers.includes(mine);
  const old = servers.filter((sid) => hosts.servers.includes(sid));
  const added = servers.filter((sid) => !hosts.servers.includes(sid));
  const before = hosts.servers.length;
  const after = servers.length;
  let toNew: number;
  if (after > before) {
    if (stays && chance(0) > 1 - before / after) return stay(hosts, servers, mine);
    toNew = 1;
  } else {
    if (stays) return stay(hosts, servers, mine);
    const gone = before - old.length;
    toNew = gone === 0 ? 1 : 1 - (old.length * (before - after)) / (after * gone);
  }
  const moving: Sid[] = [];
  let [nextOld, nextNew] = [0, 0];
  for (let nth = 1; moving.length < after; nth += 1) {
    const takesNew = chance(nth) <= toNew || nextOld >= old.length;
    const sid = nextNew < added.length && takesNew ? added[nextNew] : old[nextOld];
    if (nextNew < added.length && takesNew) nextNew += 1;
    else nextOld += 1;
    if (sid !== undefined) moving.push(sid);
  }
  return { hosts: { servers, at: -1, last: -1, moving }, move: true };
}

function stay(hosts: HostList, servers: readonly Sid[], mine: Sid) {
  const at = servers.indexOf(mine);
  return { hosts: { ...hosts, servers, at, last: at, moving: null }, move: false };
}
