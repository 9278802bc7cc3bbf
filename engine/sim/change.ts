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
  return {
    ...world,
    clients: world.clients.map((client) =>
      client.name === name ? { ...client, ...change(client) } : client,
    ),
  };
}

export function withConnection(
  world: World,
  number: number,
  change: (connection: Connection) => Connection | null,
): World {
  const connections: Connection[] = [];
  for (const connection of world.network.connections) {
    const changed = connection.number === number ? change(connection) : connection;
    if (changed !== null) connections.push(changed);
  }
  return { ...world, network: { ...world.network, connections } };
}

export function connectionOf(world: World, number: number): Connection | null {
  return world.network.connections.find((connection) => connection.number === number) ?? null;
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
