import { ensembleOf, type QuorumVerifier } from "../config/ensemble";
import { entryCount, lastEntry, lastLoggedZxid, newestEntries } from "../disk/disk";
import type { Connection, Flight } from "../net/connection";
import type { ServerState } from "../net/packet";
import type { ServerContext } from "../quorum/context";
import type { Txn } from "../tree/txn";
import { assert } from "../assert";
import type { Sid } from "../units";
import { type Zxid } from "../zxid";
import type { Client, Server, World } from "./world";

/** A server's state as an operator names it. STARTING: the process runs but has not looked for a leader yet. */
export type Role = ServerState | "STANDALONE" | "STARTING" | "DOWN";

/** Where a server stands in the protocol; the leaf of its chart, or null when it has none. */
export type Phase =
  | "collect"
  | "finalize"
  | "discovery"
  | "synchronization"
  | "broadcast"
  /** It learns soon that it must look for a leader: its disk has failed, or it has given up leading. */
  | "failing"
  | "stopped";

export function serverOf(world: World, sid: Sid): Server {
  // Mostly they are numbered from 1.
  const usual = world.servers[sid - 1];
  const server = usual?.sid === sid ? usual : world.servers.find((one) => one.sid === sid);
  assert(server !== undefined, `server ${sid} exists`);
  return server;
}

export function clientOf(world: World, name: string): Client {
  const client = findClient(world, name);
  assert(client !== null, `client ${name} exists`);
  return client;
}

/** The client of this name, or null; clients stand in the order of their names. */
export function findClient(world: World, name: string): Client | null {
  const client = world.clients[placeOfClient(world.clients, name)];
  return client?.name === name ? client : null;
}

/** A handle's state as the library names it; NOT_CONNECTED when no process runs. Source: ZooKeeper.States. */
export type HandleState =
  | "CONNECTING"
  | "CONNECTED"
  | "CONNECTEDREADONLY"
  | "CLOSED"
  | "AUTH_FAILED"
  | "NOT_CONNECTED";

export function handleStateOf({ chart }: Client): HandleState {
  switch (chart.value) {
    case "connected":
      return chart.context.readOnly ? "CONNECTEDREADONLY" : "CONNECTED";
    case "closed":
      return "CLOSED";
    case "authFailed":
      return "AUTH_FAILED";
    case "down":
      return "NOT_CONNECTED";
    default:
      return "CONNECTING";
  }
}

/** Where a client of this name stands, or would stand. */
export function placeOfClient(clients: readonly Client[], name: string): number {
  let low = 0;
  let high = clients.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((clients[middle]?.name ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The chart's context, or null while the process is down or starting. */
export function contextOf(server: Server): ServerContext | null {
  return server.process?.chart?.context ?? null;
}

/** What a paused server was when it stopped, it still is: ask `server.paused` beside this. */
export function roleOf(server: Server): Role {
  if (server.process === null) return "DOWN";
  const value = server.process.chart?.value;
  if (value === undefined) return "STARTING";
  const top = typeof value === "string" ? value : Object.keys(value)[0];
  switch (top) {
    case "looking":
      return "LOOKING";
    case "following":
      return "FOLLOWING";
    case "leading":
      return "LEADING";
    case "observing":
      return "OBSERVING";
    case "standalone":
      return "STANDALONE";
    default:
      return "STARTING";
  }
}

/** Does this server turn requests into transactions itself, and keep the times of all sessions? */
export function takesWrites(server: Server): boolean {
  const role = roleOf(server);
  return role === "LEADING" || role === "STANDALONE";
}

export function phaseOf(server: Server): Phase | null {
  const value = server.process?.chart?.value;
  if (value === undefined || typeof value === "string") return null;
  const inner = Object.values(value)[0];
  if (inner === undefined) return null;
  return (typeof inner === "string" ? inner : Object.keys(inner)[0]) as Phase;
}

/** The established leader (a quorum has acknowledged its NEWLEADER) of the highest epoch, while its process is up. */
export function leaderOf(world: World): Sid | null {
  let found: { sid: Sid; epoch: number } | null = null;
  for (const server of world.servers) {
    if (roleOf(server) !== "LEADING" || phaseOf(server) !== "broadcast") continue;
    const epoch = contextOf(server)?.leading?.epoch ?? 0;
    if (found === null || epoch > found.epoch) found = { sid: server.sid, epoch };
  }
  return found?.sid ?? null;
}

/** How long an fsync of this server takes about, in ms. */
export function fsyncMsOf(world: World, server: Server): number {
  const [least, most] = world.delays.fsyncUs;
  return ((least + most) / 2 + server.disk.slowUs) / 1_000;
}

/** The epoch a server is in: its currentEpoch on disk. */
export function currentEpochOf(server: Server): number {
  return server.disk.currentEpoch ?? 0;
}

/** How votes are counted, as the first server that runs has read it; while none runs, as the first file says it. */
export function quorumOf(world: World): QuorumVerifier {
  const running = world.servers.find((server) => server.process !== null);
  return running?.process?.config.quorum ?? quorumInFiles(world);
}

function quorumInFiles(world: World): QuorumVerifier {
  for (const { zooCfg, myid, jvmFlags } of world.servers) {
    const read = ensembleOf(zooCfg, myid, jvmFlags);
    if ("config" in read) return read.config.quorum;
  }
  return { voters: world.servers.map((server) => server.sid), hierarchy: null };
}

/** The sids that vote. */
export function votersOf(world: World): readonly Sid[] {
  return quorumOf(world).voters;
}

/** How many voters make a majority. */
export function majorityOf(world: World): number {
  return Math.floor(votersOf(world).length / 2) + 1;
}

/** One entry of a server's log as the stage shows it. */
export interface LogEntry {
  readonly txn: Txn;
  readonly zxid: Zxid;
  /** Applied to this server's tree: it knows that this is committed. */
  readonly committed: boolean;
  /** Survives a power loss. */
  readonly synced: boolean;
}

/** The newest that stand in a server's log, oldest first. Of a server that is down nothing is known to be committed. */
export function logOf(server: Server, newest = Infinity): readonly LogEntry[] {
  const applied = server.process?.lastProcessed ?? -1;
  return newestEntries(server.disk, newest).map(({ txn, synced }) => ({
    txn,
    zxid: txn.zxid,
    committed: txn.zxid <= applied,
    synced,
  }));
}

/** How many transactions stand in a server's log. */
export function logLengthOf(server: Server): number {
  return entryCount(server.disk);
}

/** The last zxid a server would vote with: of its tree in memory, or of its files while it is down. */
export function lastZxidOf(server: Server): Zxid {
  const { disk, process } = server;
  if (process === null) return lastLoggedZxid(disk);
  return Math.max(process.lastProcessed, lastEntry(disk)?.zxid ?? 0);
}

/** A flight with the connection it rides on. */
export interface FlightOn {
  readonly flight: Flight;
  readonly connection: Connection;
}

/** All packets on their way, by number. The end of a connection (FIN) is no packet to show. */
export function flightsOf(world: World): readonly FlightOn[] {
  const flights: FlightOn[] = [];
  for (const connection of world.network.connections) {
    for (const lane of [connection.toAcceptor, connection.toDialer]) {
      for (const flight of lane)
        if (flight.packet.type !== "FIN") flights.push({ flight, connection });
    }
  }
  return flights.toSorted((a, b) => a.flight.number - b.flight.number);
}

/** Is a direction between two servers silenced by a cut? */
export function isCut(world: World, from: Sid, to: Sid): boolean {
  return world.network.cuts.some((cut) => cut.from === from && cut.to === to);
}
