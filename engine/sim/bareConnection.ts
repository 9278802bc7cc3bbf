import { clientEnd } from "../net/connection";
import type { ClientPacket } from "../net/request";
import type { Cause, Sid, VirtualUs } from "../units";
import { close, dial, send } from "./wire";
import type { World } from "./world";

/**
 * A connection to a client port with no client library behind it: whoever holds it says every word himself and reads
 * what comes. So `nc`, a load tool or a recorder speaks with a server.
 */
export interface BareConnection {
  readonly name: string;
  readonly server: Sid;
  /** Null until it stands, and again when it is over. */
  readonly connection: number | null;
  readonly state: "dialing" | "open" | "closed by server" | "closed here" | "refused";
  /** What came, oldest first. */
  readonly received: readonly { readonly atUs: VirtualUs; readonly packet: ClientPacket }[];
}

function withBare(
  world: World,
  name: string,
  change: (bare: BareConnection) => Partial<BareConnection>,
): World {
  return {
    ...world,
    bare: world.bare.map((one) => (one.name === name ? { ...one, ...change(one) } : one)),
  };
}

export function bareOf(world: World, name: string): BareConnection | null {
  return world.bare.find((one) => one.name === name) ?? null;
}

/** Dials a server's client port. A name is used once at a time: what an older connection received is forgotten. */
export function openBare(world: World, name: string, server: Sid, cause: Cause): World {
  const old = bareOf(world, name);
  if (old !== null && (old.state === "dialing" || old.state === "open")) return world;
  const bare: BareConnection = { name, server, connection: null, state: "dialing", received: [] };
  const port = world.servers.find((one) => one.sid === server)?.process?.config.clientPort ?? 2181;
  const next = { ...world, bare: [...world.bare.filter((one) => one.name !== name), bare] };
  return dial(next, { purpose: "client", port, from: { kind: "client", name }, to: server }, cause);
}

/** The attempt was answered. */
export function bareDialed(world: World, name: string, connection: number | null): World {
  return withBare(world, name, () =>
    connection === null ? { state: "refused" } : { state: "open", connection },
  );
}

export function sendBare(world: World, name: string, packet: ClientPacket, cause: Cause): World {
  const connection = bareOf(world, name)?.connection ?? null;
  return connection === null ? world : send(world, connection, clientEnd(name), packet, cause);
}

export function closeBare(world: World, name: string, cause: Cause): World {
  const connection = bareOf(world, name)?.connection ?? null;
  if (connection === null) return world;
  const closed = close(world, connection, clientEnd(name), cause);
  return withBare(closed, name, () => ({ state: "closed here", connection: null }));
}

export function hearBare(world: World, name: string, packet: ClientPacket): World {
  return withBare(world, name, (one) => ({
    received: [...one.received, { atUs: world.nowUs, packet }],
  }));
}

/** The server hung up, or the connection broke. Source of the end: a FIN behind all that was sent. */
export function bareClosed(world: World, name: string, connection: number): World {
  return withBare(world, name, (one) =>
    one.connection === connection ? { state: "closed by server", connection: null } : {},
  );
}
