import {
  contextOf,
  epochOf,
  lastZxidOf,
  leaderOf,
  logLengthOf,
  logOf,
  type Server,
  type World,
  type Zxid,
} from "../../engine/index";
import { shortZxid } from "./zxidText";

/**
 * One entry of a log strip. `logged`: on this server's disk, not known to be committed. `writing`: its fsync has not
 * ended. `missing`: the most advanced live log has it. `doomed`: about to be truncated.
 */
export interface Cell {
  readonly zxid: Zxid;
  readonly state: "committed" | "logged" | "writing" | "missing" | "doomed";
  readonly x: number;
  /** The first of its epoch: a rule stands before it. */
  readonly newEpoch: boolean;
}

const CELL = 13;
const RULE = 5;
const CELLS_SHOWN = 9;
const CELLS_ON_CARD = 4;

/** The live server with the most advanced log: what others are compared with. */
export function mostAdvanced(world: World): Server | null {
  let best: Server | null = null;
  for (const server of world.servers) {
    if (server.process === null) continue;
    if (best === null || lastZxidOf(server) > lastZxidOf(best)) best = server;
  }
  return best;
}

function snapshotZxid(server: Server): Zxid {
  return server.disk.snapshots[server.disk.snapshots.length - 1]?.zxid ?? 0;
}

export function stripOf(
  world: World,
  server: Server,
  reference: Server | null,
  card: boolean,
): { cells: readonly Cell[]; earlier: number } {
  const wanted = card ? CELLS_ON_CARD : CELLS_SHOWN;
  const own = logOf(server, wanted);
  const theirs =
    reference === null || reference === server
      ? []
      : logOf(reference, wanted).map((entry) => entry.zxid);
  const held = new Map(own.map((entry) => [entry.zxid, entry.synced]));
  const oldestOwn = own[0]?.zxid;
  const inSnapshot = snapshotZxid(server);
  const zxids = [...new Set([...own.map((entry) => entry.zxid), ...theirs])]
    // What is older than the own window is not missing: it is behind "+n", or in the snapshot.
    .filter((zxid) => held.has(zxid) || zxid > (oldestOwn ?? -1))
    .sort((a, b) => a - b);
  const applied = appliedOf(world, server);
  const cut = contextOf(server)?.following?.syncMode === "TRUNC";
  const states = zxids.map((zxid): Pick<Cell, "zxid" | "state"> => {
    const synced = held.get(zxid);
    if (synced === undefined) return { zxid, state: zxid <= inSnapshot ? "committed" : "missing" };
    if (cut && reference !== null && !theirs.includes(zxid)) return { zxid, state: "doomed" };
    if (zxid <= applied) return { zxid, state: "committed" };
    return { zxid, state: synced ? "logged" : "writing" };
  });
  const room = card ? wanted * CELL : 148 - 6.9 * shortZxid(lastZxidOf(server)).length - 6;
  return fitted(states, logLengthOf(server), wanted, room);
}

/** As many of the newest cells as fit, with the count of own entries before them. */
function fitted(
  states: readonly Pick<Cell, "zxid" | "state">[],
  ownCount: number,
  wanted: number,
  room: number,
): { cells: readonly Cell[]; earlier: number } {
  for (let count = Math.min(wanted, states.length); ; count -= 1) {
    const shown = states.slice(states.length - count);
    const shownOwn = shown.filter((cell) => cell.state !== "missing").length;
    const earlier = Math.max(0, ownCount - shownOwn);
    const cells: Cell[] = [];
    let x = earlier > 0 && room > 60 ? 6.9 * (1 + String(earlier).length) + 5 : 0;
    for (const [index, cell] of shown.entries()) {
      const before = shown[index - 1];
      const newEpoch = before !== undefined && epochOf(before.zxid) !== epochOf(cell.zxid);
      if (newEpoch) x += RULE;
      cells.push({ ...cell, x, newEpoch });
      x += CELL;
    }
    if (x - 3 <= room || count <= 1) return { cells, earlier };
  }
}

/** Up to which zxid this server's entries are known to be committed; of one that is down, the others know. */
function appliedOf(world: World, server: Server): Zxid {
  if (server.process !== null) return server.process.lastProcessed;
  const leader = leaderOf(world);
  return world.servers.reduce((highest, other) => {
    if (other.process === null || (leader !== null && other.sid !== leader)) return highest;
    return Math.max(highest, other.process.lastProcessed);
  }, -1);
}
