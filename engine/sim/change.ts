import { placeOfClient } from "./read";
import type { Disk } from "../disk/disk";
import type { Client, Process, Server, World } from "./world";
import type { Cause, Sid } from "../units";
import type { FactBody } from "./fact";
import type { Connection } from "../net/connection";

/** The world with one server changed. */
export function withServer(world: World, sid: Sid, change: (server: Server) => Server): World {
  return {
    ...world,
    servers: world.servers.map((server) => (server.sid === sid ? change(server) : server)),
  };
}

/** The world with one server's disk changed. */
export function withDisk(world: World, sid: Sid, change: (disk: Disk) => Disk): World {
  return withServer(world, sid, (server) => ({ ...server, disk: change(server.disk) }));
}

/** The world with one server's process changed; nothing happens when there is none. */
export function withProcess(
  world: World,
  sid: Sid,
  change: (process: Process) => Partial<Process>,
): World {
  return withServer(world, sid, (server) =>
    server.process === null
      ? server
      : { ...server, process: { ...server.process, ...change(server.process) } },
  );
}

export function withClient(
  world: World,
  name: string,
  change: (client: Client) => Partial<Client>,
): World {
  const at = placeOfClient(world.clients, name);
  const client = world.clients[at];
  if (client?.name !== name) return world;
  return { ...world, clients: world.clients.with(at, { ...client, ...change(client) }) };
}

export function withConnection(
  world: World,
  number: number,
  change: (connection: Connection) => Connection | null,
): World {
  const all = world.network.connections;
  const at = placeOfConnection(all, number);
  const connection = all[at];
  if (connection?.number !== number) return world;
  const changed = change(connection);
  const connections = changed === null ? all.toSpliced(at, 1) : all.with(at, changed);
  return { ...world, network: { ...world.network, connections } };
}

export function connectionOf(world: World, number: number): Connection | null {
  const all = world.network.connections;
  const connection = all[placeOfConnection(all, number)];
  return connection?.number === number ? connection : null;
}

/** Where this connection stands, or would stand: a later one has a higher number. */
function placeOfConnection(connections: readonly Connection[], number: number): number {
  let low = 0;
  let high = connections.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((connections[middle]?.number ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Notes what happened, with the number of what caused it. */
export function tell(world: World, fact: FactBody, cause: Cause): World {
  const told = {
    ...fact,
    t: world.nowUs / 1_000,
    atUs: world.nowUs,
    number: world.nextNumber,
    cause,
  };
  return { ...world, nextNumber: world.nextNumber + 1, facts: [...world.facts, told] };
}
