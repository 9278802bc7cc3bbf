import { clientEnd } from "../net/connection";
import type { Operation } from "../net/request";
import { type Behaviour, newProgram, standingOf } from "../programs/programs";
import { draw } from "../random";
import { updateHosts } from "../session/hostList";
import type { Cause, Sid } from "../units";
import { happen, tellClient } from "./behave";
import { tell, withClient } from "./change";
import { type ClientSetup, expanded, makeClient, shuffled } from "./clients";
import type { EventBody, QueuedEvent } from "./event";
import { openHandle } from "./performClient";
import { clientOf, findClient } from "./read";
import { dropWhere, requeueFirst } from "./queue";
import { close, connectionsOf } from "./wire";
import type { Client, World } from "./world";

/** Does this client run, and is it not frozen? */
const awake = (client: Client | null): client is Client =>
  client !== null && client.down === null && client.paused === null;

/** New clients, and their processes. A name that is taken is left alone. */
export function addClients(world: World, setup: ClientSetup, cause: Cause): World {
  let next = world;
  for (const one of expanded(setup)) {
    if (findClient(next, one.name) !== null) continue;
    const client = makeClient(one, next.clientsMade, next.library);
    const clients = [...next.clients, client].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    next = { ...next, clients, clientsMade: next.clientsMade + 1 };
    next = startClient(next, one.name, cause);
  }
  return next;
}

/** The process starts: a program that knows nothing, and a new handle. */
export function startClient(world: World, name: string, cause: Cause): World {
  const { behaviour } = clientOf(world, name);
  const begun = withClient(world, name, () => ({
    down: null,
    program: behaviour === null ? null : newProgram(behaviour),
  }));
  return happen(openHandle(begun, name, cause), name, { type: "begin" }, cause);
}

/** Like `kill -9`: the operating system closes its socket, nobody closes its session. */
export function killClient(world: World, name: string, cause: Cause): World {
  const client = findClient(world, name);
  if (client === null || client.down !== null) return world;
  const { waiting, overseer } = standingOf(client.program);
  const fact = {
    type: "client.kill" as const,
    name,
    ...(waiting ? { waiting } : {}),
    ...(overseer ? { overseer } : {}),
  };
  return endClient(tell(world, fact, cause), name, cause);
}

function endClient(world: World, name: string, cause: Cause): World {
  let next = world;
  for (const { number } of connectionsOf(next, clientEnd(name), "client"))
    next = close(next, number, clientEnd(name), cause);
  next = dropWhere(next, (event) => isInside(event, name));
  next = withClient(next, name, () => ({ timers: {}, paused: null, news: [], program: null }));
  next = tellClient(next, name, { type: "end" }, cause);
  return withClient(next, name, () => ({ down: { sinceUs: world.nowUs } }));
}

/** Does this event happen inside that client's process? */
function isInside(event: EventBody, name: string): boolean {
  return (event.type === "client timer" || event.type === "program timer") && event.name === name;
}

/** Like `kill -STOP`: no pings, the socket stays open, what arrives waits. */
export function pauseClient(world: World, name: string, cause: Cause): World {
  if (!awake(findClient(world, name))) return world;
  const stopped = withClient(world, name, () => ({ paused: { sinceUs: world.nowUs, inbox: [] } }));
  return tell(stopped, { type: "client.pause", name }, cause);
}

/**
 * Like `kill -CONT`. What the program was about to do happens first: it was in the middle of it, and nobody can have
 * told it anything. Then the library looks at its clock, and only then at what has arrived: a silence that has lasted
 * too long ends the connection, whatever waits in it. Source: ClientCnxn.SendThread.run, ClientCnxnSocketNIO.doIO.
 */
export function resumeClient(world: World, name: string, cause: Cause): World {
  const paused = findClient(world, name)?.paused ?? null;
  if (paused === null) return world;
  const pausedMs = (world.nowUs - paused.sinceUs) / 1_000;
  const next = withClient(world, name, () => ({ paused: null }));
  const told = tell(next, { type: "client.resume", name, pausedMs }, cause);
  const order = ({ type }: QueuedEvent) =>
    type === "program timer" ? 0 : type === "client timer" ? 1 : 2;
  return requeueFirst(
    told,
    paused.inbox.toSorted((a, b) => order(a) - order(b)),
  );
}

/** What comes for a client that stands still waits at its door; null: it may go in. */
export function atTheClientsDoor(world: World, name: string, event: QueuedEvent): World | null {
  const paused = findClient(world, name)?.paused ?? null;
  if (paused === null) return null;
  const inbox = [...paused.inbox, event];
  return withClient(world, name, () => ({ paused: { ...paused, inbox } }));
}

/** The learner uses the application's handle. */
export function operateClient(world: World, name: string, op: Operation, cause: Cause): World {
  return awake(findClient(world, name))
    ? tellClient(world, name, { type: "operate", op, tag: "" }, cause)
    : world;
}

/** The application closes its handle, and with it its session. */
export function closeClient(world: World, name: string, cause: Cause): World {
  return awake(findClient(world, name))
    ? tellClient(world, name, { type: "close", tag: "close" }, cause)
    : world;
}

/** A new process on the same machine, perhaps of another program. One that still runs is killed for it. */
export function restartClient(
  world: World,
  name: string,
  behaviour: Behaviour | undefined,
  cause: Cause,
): World {
  if (findClient(world, name) === null) return world;
  const ended = killClient(world, name, cause);
  const other = behaviour === undefined ? ended : withClient(ended, name, () => ({ behaviour }));
  return startClient(other, name, cause);
}

export function removeClient(world: World, name: string, cause: Cause): World {
  if (findClient(world, name) === null) return world;
  const ended = killClient(world, name, cause);
  return { ...ended, clients: ended.clients.filter((client) => client.name !== name) };
}

/** The running program does something differently from now on; it keeps its handle. */
export function configureClient(
  world: World,
  name: string,
  options: Readonly<Record<string, string | number | boolean>>,
  cause: Cause,
): World {
  const client = findClient(world, name);
  if (client === null || client.behaviour === null) return world;
  const behaviour = { ...client.behaviour, ...options, fixed: true } as Behaviour;
  const { program } = client;
  const changed = withClient(world, name, () => ({
    behaviour,
    program: program === null ? null : ({ ...program, behaviour } as typeof program),
  }));
  return Object.keys(options).reduce(
    (next, key) => tell(next, { type: "cfg.saved", app: behaviour.type, key }, cause),
    changed,
  );
}

/** The application gives its handle another list of servers. Source: ZooKeeper.updateServerList. */
export function updateServerList(
  world: World,
  name: string,
  servers: readonly Sid[],
  cause: Cause,
): World {
  const client = findClient(world, name);
  if (!awake(client) || servers.length === 0) return world;
  const nth = client.draws.hosts;
  const place = `client ${name}/${nth}`;
  const { hosts, server } = client.chart.context;
  const updated = updateHosts(
    hosts,
    shuffled(world.seed, place, servers),
    client.chart.value === "connected" ? server : null,
    (one) => draw(world.seed, "new servers", place, one),
  );
  const noted = withClient(world, name, ({ setup, draws }) => ({
    setup: { ...setup, servers },
    draws: { ...draws, hosts: nth + 1 },
  }));
  return tellClient(noted, name, { type: "new hosts", ...updated }, cause);
}

/** The learner asks who owns a lock to let it go. */
export function releaseLock(world: World, lock: string, cause: Cause): World {
  const owner = world.clients.find((client) => {
    const standing = standingOf(client.program);
    return standing.believesLock && standing.lock === lock && awake(client);
  });
  return owner === undefined ? world : happen(world, owner.name, { type: "release" }, cause);
}
