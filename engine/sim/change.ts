import { changed } from "../copy";
import { copyOfClient, copyOfNetwork, copyOfProcess, copyOfServer, copyOfWorld } from "./copy";
import { placeOfClient, serverOf } from "./read";
import type { Disk } from "../disk/disk";
import type { Client, Process, Server, World } from "./world";
import type { Cause, Sid, VirtualUs } from "../units";
import type { FactBody } from "./fact";
import type { Connection } from "../net/connection";

/** The world with these fields changed. */
export function withWorld(world: World, change: Partial<World>): World {
  return changed(copyOfWorld(world), change);
}

/** The world with one server changed. */
export function withServer(world: World, sid: Sid, change: (server: Server) => Server): World {
  const { servers } = world;
  const usual = servers[sid - 1]?.sid === sid;
  const at = usual ? sid - 1 : servers.findIndex((server) => server.sid === sid);
  const server = servers[at];
  if (server === undefined) return world;
  const copy = copyOfWorld(world);
  copy.servers = servers.with(at, change(server));
  return copy;
}

/** The world with one server's disk changed. */
export function withDisk(world: World, sid: Sid, change: (disk: Disk) => Disk): World {
  return withServer(world, sid, (server) => {
    const copy = copyOfServer(server);
    copy.disk = change(server.disk);
    return copy;
  });
}

/** The world with one server's process changed; nothing happens when there is none. */
export function withProcess(
  world: World,
  sid: Sid,
  change: (process: Process) => Partial<Process>,
): World {
  return withServer(world, sid, (server) => {
    if (server.process === null) return server;
    const copy = copyOfServer(server);
    copy.process = changed(copyOfProcess(server.process), change(server.process));
    return copy;
  });
}

/** Something was read from this connection, or will be; it matters where its silence is limited. */
export function noteRead(world: World, sid: Sid, connection: number, atUs: VirtualUs): World {
  const readers = serverOf(world, sid).process?.readers ?? [];
  const at = readers.findIndex((one) => one.connection === connection);
  const reader = readers[at];
  return reader === undefined
    ? world
    : withProcess(world, sid, () => ({
        readers: readers.with(at, {
          connection,
          timeoutUs: reader.timeoutUs,
          lastReadUs: atUs,
        }),
      }));
}

export function withClient(
  world: World,
  name: string,
  change: (client: Client) => Partial<Client>,
): World {
  const at = placeOfClient(world.clients, name);
  const client = world.clients[at];
  if (client?.name !== name) return world;
  const copy = copyOfWorld(world);
  copy.clients = world.clients.with(at, changed(copyOfClient(client), change(client)));
  return copy;
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
  const after = change(connection);
  const connections = after === null ? all.toSpliced(at, 1) : all.with(at, after);
  const copy = copyOfWorld(world);
  const network = copyOfNetwork(world.network);
  network.connections = connections;
  copy.network = network;
  return copy;
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
  const copy = copyOfWorld(world);
  copy.nextNumber = world.nextNumber + 1;
  copy.facts = [...world.facts, told];
  return copy;
}
