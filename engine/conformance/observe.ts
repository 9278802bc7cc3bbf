import {
  containsQuorum,
  epochOf,
  formatZxid,
  lastZxidOf,
  phaseOf,
  roleOf,
  type Server,
  type Sid,
  type World,
  type Zxid,
} from "../index";
import type { Answer } from "./compare";

/** A server's state as `srvr` on its client port tells it, and what can be seen from outside. */
export type SeenState =
  | "leader"
  | "follower"
  | "observer"
  | "standalone"
  | "read-only"
  | "not_serving"
  | "paused"
  | "down";

const ROLES: readonly SeenState[] = ["leader", "follower", "observer", "standalone"];

export function stateOf(server: Server): SeenState {
  if (server.process === null) return "down";
  if (server.paused !== null) return "paused";
  if (!server.process.serving) return "not_serving";
  if (server.process.service.mode === "read-only") return "read-only";
  const role = roleOf(server);
  if (role === "STANDALONE") return "standalone";
  if (phaseOf(server) !== "broadcast") return "not_serving";
  switch (role) {
    case "LEADING":
      return "leader";
    case "FOLLOWING":
      return "follower";
    case "OBSERVING":
      return "observer";
    default:
      return "not_serving";
  }
}

/** Does it serve as a member of something that works? */
export function hasRole(server: Server): boolean {
  return ROLES.includes(stateOf(server));
}

/** All states as one word, to see whether something changed. */
export function statesOf(world: World): string {
  return world.servers.map(stateOf).join(" ");
}

/** Up, and not stopped by a signal. */
export function isLive(server: Server): boolean {
  return server.process !== null && server.paused === null;
}

export function leaderSeen(world: World): Sid | null {
  return world.servers.find((server) => stateOf(server) === "leader")?.sid ?? null;
}

/** Are enough voters live, by the files of one of them? A server without an ensemble is its own. */
export function hasQuorum(world: World): boolean {
  const live = world.servers.filter(isLive);
  return live.some(({ process }) => {
    if (process === null) return false;
    const { quorum, standalone } = process.config;
    return (
      standalone ||
      containsQuorum(
        live.map(({ sid }) => sid),
        quorum,
      )
    );
  });
}

/** The last zxid a server has applied: what `srvr` shows. */
export function zxidSeen(server: Server): Zxid {
  return server.process?.lastProcessed ?? 0;
}

/** What the recorder looked at: leader, and each server's state, zxid and epoch files. */
export function observe(world: World): Answer {
  const servers: Record<string, Answer> = {};
  for (const server of world.servers) {
    const { acceptedEpoch, currentEpoch } = server.disk;
    const zxid = zxidSeen(server);
    servers[server.sid] = {
      state: stateOf(server),
      ...(hasRole(server)
        ? {
            zxid: formatZxid(zxid),
            zxid_epoch: epochOf(zxid),
            zxid_counter: zxid - epochOf(zxid) * 2 ** 32,
          }
        : {}),
      ...(currentEpoch === null ? {} : { currentEpoch }),
      ...(acceptedEpoch === null ? {} : { acceptedEpoch }),
    };
  }
  return { leader: leaderSeen(world), servers, settled_ms: null };
}

/** The highest epoch in any server's files. */
export function highestEpoch(world: World): number {
  let highest = 0;
  for (const { disk } of world.servers)
    if ((disk.currentEpoch ?? 0) > highest) highest = disk.currentEpoch ?? 0;
  return highest;
}

/** The zxid with which each server would have gone into an election, the newest below its leader's epoch. */
export class ElectionZxids {
  private readonly lastBelow = new Map<Sid, { zxid: Zxid; epoch: number; before: Zxid }>();

  note(world: World): void {
    for (const server of world.servers) {
      const zxid = lastZxidOf(server);
      const known = this.lastBelow.get(server.sid) ?? { zxid: 0, epoch: 0, before: 0 };
      const epoch = epochOf(zxid);
      this.lastBelow.set(
        server.sid,
        epoch > known.epoch ? { zxid, epoch, before: known.zxid } : { ...known, zxid },
      );
    }
  }

  /** What a server may show that was synced while this leader's election was closing: by DIFF, or by SNAP. */
  openFor(leader: Sid | null): readonly string[] {
    const known = leader === null ? undefined : this.lastBelow.get(leader);
    return known === undefined ? [] : [formatZxid(known.before), formatZxid(known.epoch * 2 ** 32)];
  }
}
