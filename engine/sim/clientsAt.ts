import { ephemeralsOf } from "../tree/dataTree";
import { eachEntry, entryOf } from "../tree/persistentMap";
import type { SessionId } from "../tree/txn";
import type { Sid, VirtualUs } from "../units";
import { takesWrites } from "./read";
import type { Client, Server, World } from "./world";

/** What one server holds for the client of one session. */
export interface HeldSession {
  readonly id: SessionId;
  /** The client's name; null for a connection without a client library. */
  readonly client: string | null;
  readonly timeoutMs: number;
  /** The znodes that die with it, as this server has them. */
  readonly ephemerals: readonly string[];
  /** How many paths its connection watches here. */
  readonly watches: number;
}

/** The sessions whose clients are connected to this server, in the order of their connections. */
export function sessionsAt(world: World, server: Server): readonly HeldSession[] {
  const { process } = server;
  if (process === null) return [];
  const held: [connection: number, session: HeldSession][] = [];
  eachEntry(process.service.bySession, (id, connection) => {
    const cnxn = entryOf(process.service.cnxns, String(connection));
    const client = world.clients.find((one) => one.chart.context.sessionId === id);
    held.push([
      connection,
      {
        id,
        client: client?.name ?? null,
        timeoutMs: cnxn?.timeoutMs ?? 0,
        ephemerals: ephemeralsOf(process.tree, id),
        watches: entryOf(process.watches.paths, String(connection))?.size ?? 0,
      },
    ]);
  });
  return held.toSorted(([a], [b]) => a - b).map(([, session]) => session);
}

/** When the leader, or a server alone, will end each session unless it hears of it before. */
export function expiriesAt(
  server: Server,
): readonly { readonly id: SessionId; readonly expiresUs: VirtualUs; readonly closing: boolean }[] {
  const { process } = server;
  if (process === null || !takesWrites(server)) return [];
  const expiries: { id: SessionId; expiresUs: VirtualUs; closing: boolean }[] = [];
  eachEntry(process.service.tracker.sessions, (id, { expiresUs, closing }) => {
    expiries.push({ id, expiresUs, closing });
  });
  return expiries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** How many watches this server holds: one for each path that a connection watches. */
export function watchesAt(server: Server): number {
  let count = 0;
  if (server.process !== null)
    eachEntry(server.process.watches.paths, (_, paths) => {
      count += paths.size;
    });
  return count;
}

/** What is held for a client where it is connected now: its ephemeral znodes and its watches. */
export function heldFor(
  world: World,
  client: Client,
  on: Sid | null,
): { readonly ephemerals: number; readonly watches: number } {
  const { sessionId, connection } = client.chart.context;
  const process = world.servers.find((server) => server.sid === on)?.process ?? null;
  if (process === null || sessionId === null) return { ephemerals: 0, watches: 0 };
  return {
    ephemerals: ephemeralsOf(process.tree, sessionId).length,
    watches: entryOf(process.watches.paths, String(connection))?.size ?? 0,
  };
}

/** Does its program act as the owner of a lock, rightly or not, or wait for it? */
export function lockOf(client: Client): "owner" | "waiting" | null {
  const state = client.program?.state;
  if (state === undefined || !("phase" in state)) return null;
  return state.phase === "owner" || state.phase === "waiting" ? state.phase : null;
}
