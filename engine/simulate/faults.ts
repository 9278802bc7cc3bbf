import { CREATE_MODES, createOf, type CreateModeName, type Operation } from "../net/request";
import { draw, drawBetween } from "../random";
import {
  blockPort,
  breakConnection,
  type Command,
  cut,
  cutClient,
  cutOneWay,
  freeDisk,
  fullDisk,
  heal,
  healClient,
  healOneWay,
  kill,
  killClient,
  openPort,
  operate,
  pause,
  pauseClient,
  powerLoss,
  restartClient,
  resume,
  resumeClient,
  slowDisk,
  slowLink,
  start,
} from "../sim/command";
import { leaderOf, type Phase } from "../sim/read";
import type { World } from "../sim/world";
import { type Sid, US_PER_MS, US_PER_SECOND, type VirtualUs } from "../units";

/** What can go wrong. A full disk is what makes writes fail; what was synced is never lost. */
export const FAULT_NAMES = [
  "kill",
  "powerLoss",
  "blackout",
  "pause",
  "cut",
  "cutOneWay",
  "isolate",
  "blockPort",
  "slowLink",
  "break",
  "slowDisk",
  "fullDisk",
  "killClient",
  "pauseClient",
  "cutClient",
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

/** Whom a fault meets: a server by its number, or whoever leads when it comes. */
export type Target = Sid | "leader";

/** One thing that happens to a run: a fault with its end, a request of a client, or a command as it stands. */
export type Act =
  | {
      readonly type: "fault";
      readonly name: FaultName;
      readonly target: Target;
      readonly other: Sid;
      readonly client: string;
      /** Where a fault has a measure (a time, a port, a place), it comes from here: 0 to 1. */
      readonly measure: number;
      readonly forUs: VirtualUs;
      /** It waits for a server to enter this phase, and comes so long after; `self`: it meets that one. */
      readonly ambush: {
        readonly phase: Phase;
        readonly afterUs: VirtualUs;
        readonly self: boolean;
      } | null;
    }
  | { readonly type: "request"; readonly client: string; readonly op: Operation }
  | { readonly type: "command"; readonly command: Command };

export interface Planned {
  readonly atUs: VirtualUs;
  readonly act: Act;
}

/** Ends of faults come so long after their beginning. */
interface Pace {
  readonly gapMs: number;
  readonly longestMs: number;
  readonly downAtOnce: number;
}

/**
 * All that is planned for a run, in the order of time: a function of the seed. How hard it is differs from seed to seed:
 * some leave time to recover, others strike again at once, and one in four lets a majority go.
 */
export function planOf(
  seed: number,
  sids: readonly Sid[],
  voters: number,
  clients: readonly string[],
  seconds: number,
  faults: readonly FaultName[],
): readonly Planned[] {
  const endUs = seconds * US_PER_SECOND;
  const minority = Math.max(Math.floor((voters - 1) / 2), 1);
  const pace: Pace = {
    gapMs: [400, 900, 1_800, 3_500][drawBetween(seed, "pace", "plan", 0, 0, 3)] ?? 900,
    longestMs: [600, 3_000, 8_000][drawBetween(seed, "pace", "plan", 1, 0, 2)] ?? 3_000,
    downAtOnce: draw(seed, "pace", "plan", 2) < 0.25 ? voters : minority,
  };
  const planned = [...faultsOf(seed, sids, clients, endUs, faults, pace)];
  const requestGapMs = [150, 400, 1_000][drawBetween(seed, "pace", "plan", 3, 0, 2)] ?? 400;
  let atUs = 1_500 * US_PER_MS;
  for (let nth = 0; clients.length > 0 && atUs < endUs; nth += 1) {
    const client = pickOf(clients, seed, "requester", nth);
    planned.push({ atUs, act: { type: "request", client, op: operationOf(seed, nth) } });
    atUs += Math.floor(draw(seed, "gap", "requests", nth) * 2 * requestGapMs * US_PER_MS) + 1;
  }
  return planned.toSorted((a, b) => a.atUs - b.atUs);
}

/** How likely each is, against the others. */
const WEIGHTS: Readonly<Record<FaultName, number>> = {
  kill: 10,
  powerLoss: 8,
  blackout: 2,
  pause: 6,
  cut: 6,
  cutOneWay: 4,
  isolate: 5,
  blockPort: 4,
  slowLink: 5,
  break: 8,
  slowDisk: 8,
  fullDisk: 2,
  killClient: 4,
  pauseClient: 4,
  cutClient: 4,
};

function* faultsOf(
  seed: number,
  sids: readonly Sid[],
  clients: readonly string[],
  endUs: VirtualUs,
  faults: readonly FaultName[],
  pace: Pace,
): Generator<Planned> {
  const kinds = faults.filter((name) => clients.length > 0 || !name.endsWith("Client"));
  const whole = kinds.reduce((sum, name) => sum + WEIGHTS[name], 0);
  if (whole === 0) return;
  /** Until when servers are down or out of reach, as far as the plan knows. */
  let away: readonly VirtualUs[] = [];
  let atUs = 1_000 * US_PER_MS;
  for (let nth = 0; ; nth += 1) {
    const burst = draw(seed, "burst", "faults", nth) < 0.3 ? 0.05 : 1;
    atUs += Math.floor(draw(seed, "gap", "faults", nth) * 2 * pace.gapMs * burst * US_PER_MS) + 1;
    if (atUs >= endUs) return;
    const at = atUs;
    away = away.filter((untilUs) => untilUs > at);
    let left = draw(seed, "kind", "faults", nth) * whole;
    const name = kinds.find((one) => (left -= WEIGHTS[one]) < 0) ?? "kill";
    const stretch = draw(seed, "length", "faults", nth);
    const forUs = Math.floor((50 + stretch * stretch * pace.longestMs) * US_PER_MS);
    if (TAKES_AWAY.includes(name)) {
      if (away.length >= pace.downAtOnce) continue;
      away = [...away, atUs + forUs];
    }
    const ambushed = draw(seed, "ambush", "faults", nth);
    const phases: readonly Phase[] = ["synchronization", "broadcast", "discovery", "collect"];
    const late = draw(seed, "ambush after", "faults", nth);
    yield {
      atUs,
      act: {
        type: "fault",
        name,
        target:
          draw(seed, "leader", "faults", nth) < 0.25 ? "leader" : pickOf(sids, seed, "target", nth),
        other: pickOf(sids, seed, "other", nth),
        client: clients.length === 0 ? "" : pickOf(clients, seed, "client", nth),
        measure: draw(seed, "measure", "faults", nth),
        forUs,
        ambush:
          ambushed < 0.3
            ? {
                phase: pickOf(phases, seed, "phase", nth),
                afterUs: Math.floor(late * late * 40 * US_PER_MS),
                self: draw(seed, "self", "faults", nth) < 0.6,
              }
            : null,
      },
    };
  }
}

/** Faults that leave a server out of the quorum while they last. */
const TAKES_AWAY: readonly FaultName[] = ["kill", "powerLoss", "pause", "isolate", "fullDisk"];

function pickOf<T>(from: readonly T[], seed: number, purpose: string, nth: number): T {
  return from[Math.floor(draw(seed, purpose, "plan", nth) * from.length)] as T;
}

/** A few paths, so that clients meet each other. */
function operationOf(seed: number, nth: number): Operation {
  const path = `/n${drawBetween(seed, "path", "requests", nth, 1, 6)}`;
  const data = `${nth}`;
  const chance = draw(seed, "kind", "requests", nth);
  const watch = draw(seed, "watch", "requests", nth) < 0.5;
  if (chance < 0.22) {
    const modes = Object.keys(CREATE_MODES).slice(0, 4) as readonly CreateModeName[];
    return createOf(path, data, pickOf(modes, seed, "mode", nth));
  }
  if (chance < 0.42) return { type: "setData", path, data, version: -1 };
  if (chance < 0.5) return { type: "delete", path, version: -1 };
  if (chance < 0.72) return { type: "getData", path, watch };
  if (chance < 0.8) return { type: "exists", path, watch };
  if (chance < 0.88) return { type: "getChildren", path: "/", watch };
  if (chance < 0.93) return { type: "sync", path };
  return {
    type: "multi",
    ops: [
      { type: "setData", path, data, version: -1 },
      createOf(`${path}-${nth}`, data),
      { type: "delete", path: `${path}-${nth}`, version: -1 },
    ],
  };
}

/** What a fault is in this world, and what ends it. A target that is gone leaves nothing to do. */
export function commandsOf(
  world: World,
  fault: Extract<Act, { type: "fault" }>,
  met: Sid | null,
): { readonly begin: readonly Command[]; readonly end: readonly Command[] } {
  const { name, client, measure } = fault;
  const first = world.servers[0]?.sid ?? 1;
  const sid = met ?? (fault.target === "leader" ? (leaderOf(world) ?? first) : fault.target);
  const others = world.servers.map((server) => server.sid).filter((one) => one !== sid);
  const other = fault.other === sid ? (others[0] ?? sid) : fault.other;
  switch (name) {
    case "kill":
      return { begin: [kill(sid)], end: [start(sid)] };
    case "powerLoss":
      return { begin: [powerLoss(sid)], end: [start(sid)] };
    case "blackout": {
      const all = world.servers.map((server) => server.sid);
      return { begin: all.map(powerLoss), end: all.map(start) };
    }
    case "pause":
      return { begin: [pause(sid)], end: [resume(sid)] };
    case "cut":
      return { begin: [cut(sid, other)], end: [heal(sid, other)] };
    case "cutOneWay":
      return { begin: [cutOneWay(sid, other)], end: [healOneWay(sid, other)] };
    case "isolate":
      return {
        begin: others.map((one) => cut(sid, one)),
        end: others.map((one) => heal(sid, one)),
      };
    case "blockPort": {
      const port = [2888, 3888, 2181][Math.floor(measure * 3)] ?? 2888;
      return { begin: [blockPort(sid, port)], end: [openPort(sid, port)] };
    }
    case "slowLink": {
      const extraMs = Math.floor(20 + measure * measure * 3_000);
      return { begin: [slowLink(sid, other, extraMs)], end: [slowLink(sid, other, 0)] };
    }
    case "break": {
      const { connections } = world.network;
      const number = connections[Math.floor(measure * connections.length)]?.number;
      return { begin: number === undefined ? [] : [breakConnection(number)], end: [] };
    }
    case "slowDisk":
      return {
        begin: [slowDisk(sid, Math.floor(10 + measure * measure * 1_500))],
        end: [slowDisk(sid, 0)],
      };
    case "fullDisk":
      return { begin: [fullDisk(sid)], end: [freeDisk(sid), start(sid)] };
    case "killClient":
      return { begin: [killClient(client)], end: [restartClient(client)] };
    case "pauseClient":
      return { begin: [pauseClient(client)], end: [resumeClient(client)] };
    case "cutClient":
      return { begin: [cutClient(client)], end: [healClient(client)] };
  }
}

/** A request as a command. */
export const requestOf = (client: string, op: Operation): Command => operate(client, op);

/** All that ends every fault there is in this world; what is down is started again. */
export function repairs(world: World): readonly Command[] {
  const { cuts, clientCuts, blockedPorts, slow } = world.network;
  return [
    ...cuts.map(({ from, to }) => healOneWay(from, to)),
    ...clientCuts.map(({ name }) => healClient(name)),
    ...blockedPorts.map(({ sid, port }) => openPort(sid, port)),
    ...slow.map(({ a, b }) => slowLink(a, b, 0)),
    ...world.servers.flatMap(({ sid, disk, paused, process }) => [
      ...(disk.full ? [freeDisk(sid)] : []),
      ...(disk.slowUs > 0 ? [slowDisk(sid, 0)] : []),
      ...(paused === null ? [] : [resume(sid)]),
      ...(process === null ? [start(sid)] : []),
    ]),
    ...world.clients.flatMap(({ name, paused, down }) => [
      ...(paused === null ? [] : [resumeClient(name)]),
      ...(down === null ? [] : [restartClient(name)]),
    ]),
  ];
}
