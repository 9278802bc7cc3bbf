import type { End, Packet } from "../net/connection";
import type { Sid, VirtualUs } from "../units";
import { connectionOf, withProcess } from "./change";
import { serverOf } from "./read";
import type { World } from "./world";

/**
 * What work costs a server, in virtual time. A model of ours and no fact about ZooKeeper: one worker answers clients in
 * the order in which they came, one prepares writes, one sends copies of transactions, each to one server after the
 * other. So queues, latency and throughput come out of it. Where nothing is said, all this takes no time.
 */
export interface ServiceCosts {
  /** To answer a read. */
  readonly readUs: VirtualUs;
  /** To prepare a write on the leader; and to apply one on each server, which keeps it from answering reads. */
  readonly writeUs: VirtualUs;
  /** To send one copy of a transaction: PROPOSAL or INFORM. */
  readonly sendUs: VirtualUs;
}

/** The costs of all servers, and those of some that differ. */
export type ServiceTimes = ServiceCosts & {
  readonly servers?: Readonly<Record<Sid, Partial<ServiceCosts>>>;
};

/** Until when each worker of a process has something to do. */
export interface Busy {
  readonly answersUs: VirtualUs;
  readonly preparesUs: VirtualUs;
  readonly sendsUs: VirtualUs;
}

export const IDLE: Busy = { answersUs: 0, preparesUs: 0, sendsUs: 0 };

function costOf(world: World, sid: Sid, what: keyof ServiceCosts): VirtualUs {
  const { service } = world.delays;
  return service === undefined ? 0 : (service.servers?.[sid]?.[what] ?? service[what]);
}

/** A worker takes on something more: the world with it, and when it will be done. */
function takeOn(
  world: World,
  sid: Sid,
  worker: keyof Busy,
  costUs: VirtualUs,
): { readonly world: World; readonly doneUs: VirtualUs } {
  const freeUs = serverOf(world, sid).process?.busy[worker] ?? 0;
  const doneUs = Math.max(freeUs, world.nowUs) + costUs;
  if (costUs === 0) return { world, doneUs };
  return {
    world: withProcess(world, sid, ({ busy }) => ({ busy: { ...busy, [worker]: doneUs } })),
    doneUs,
  };
}

/** When is a packet of a client answered that has arrived now? Source: CommitProcessor, FinalRequestProcessor. */
export function answerTurn(
  world: World,
  sid: Sid,
  packet: Packet,
): { readonly world: World; readonly doneUs: VirtualUs } {
  return takeOn(world, sid, "answersUs", isRead(packet) ? costOf(world, sid, "readUs") : 0);
}

/** Is it answered by this server alone? */
function isRead(packet: Packet): boolean {
  if (packet.type !== "request") return false;
  switch (packet.op.type) {
    case "exists":
    case "getData":
    case "getACL":
    case "getChildren":
    case "getChildren2":
    case "getAllChildrenNumber":
    case "getEphemerals":
    case "multiRead":
      return true;
    default:
      return false;
  }
}

/** When is a write prepared that has come to the leader now? Source: PrepRequestProcessor. */
export function prepareTurn(
  world: World,
  sid: Sid,
): { readonly world: World; readonly doneUs: VirtualUs } {
  return takeOn(world, sid, "preparesUs", costOf(world, sid, "writeUs"));
}

/** A write has been applied: no read was answered meanwhile. Source: CommitProcessor.run. */
export function spendOnWrite(world: World, sid: Sid): World {
  return takeOn(world, sid, "answersUs", costOf(world, sid, "writeUs")).world;
}

/** When does a packet leave this end that it is asked to send now? Source: LearnerHandler.sendPackets. */
export function sendTurn(
  world: World,
  from: End,
  packet: Packet,
): { readonly world: World; readonly doneUs: VirtualUs } {
  if (from.kind !== "server" || (packet.type !== "PROPOSAL" && packet.type !== "INFORM"))
    return { world, doneUs: world.nowUs };
  return takeOn(world, from.sid, "sendsUs", costOf(world, from.sid, "sendUs"));
}

/** How many packets of clients have waited at this server for longer than that? */
export function backlogOf(world: World, sid: Sid, longerUs: VirtualUs): number {
  let count = 0;
  for (const { purpose, acceptor, toAcceptor } of world.network.connections) {
    if (purpose !== "client" || acceptor.kind !== "server" || acceptor.sid !== sid) continue;
    for (const { packet, heldUs, arriveUs } of toAcceptor)
      if (isRead(packet) && heldUs === null && arriveUs < world.nowUs - longerUs) count += 1;
  }
  return count;
}

/** The packet that arrives, where it goes and on what kind of connection. */
export function clientPacketAt(
  world: World,
  number: number,
  flightNumber: number,
): { readonly sid: Sid; readonly packet: Packet } | null {
  const connection = connectionOf(world, number);
  if (connection === null || connection.purpose !== "client") return null;
  if (connection.acceptor.kind !== "server") return null;
  const flight = connection.toAcceptor.find((one) => one.number === flightNumber);
  if (flight === undefined || flight.heldUs !== null) return null;
  return { sid: connection.acceptor.sid, packet: flight.packet };
}
