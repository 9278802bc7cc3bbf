import type { QuorumPacket } from "../net/packet";
import { type Cause, type Sid, usFromMs } from "../units";
import { tell } from "./change";
import { holdAndRelease } from "./wire";
import type { Network, World } from "./world";

/** What a learner does to the cables. */

type Way = "there" | "back";

function waysBetween(a: Sid, b: Sid, ways: readonly Way[]): readonly { from: Sid; to: Sid }[] {
  return ways.map((way) => (way === "there" ? { from: a, to: b } : { from: b, to: a }));
}

/** The network has changed: what may not move stops, what may move again goes on. */
function changed(world: World, network: Partial<Network>, cause: Cause): World {
  return holdAndRelease({ ...world, network: { ...world.network, ...network } }, cause);
}

export function cutWays(world: World, a: Sid, b: Sid, ways: readonly Way[], cause: Cause): World {
  const { cuts } = world.network;
  const added = waysBetween(a, b, ways).filter(
    ({ from, to }) => from !== to && !cuts.some((cut) => cut.from === from && cut.to === to),
  );
  if (added.length === 0) return world;
  const silenced = added.map((way) => ({ ...way, sinceUs: world.nowUs }));
  const oneWay = ways.length === 1 ? { oneWay: true } : {};
  const told = tell(world, { type: "net.cut", sides: [[a], [b]], ...oneWay }, cause);
  return changed(told, { cuts: [...cuts, ...silenced] }, cause);
}

export function healWays(world: World, a: Sid, b: Sid, ways: readonly Way[], cause: Cause): World {
  const { cuts } = world.network;
  const wanted = waysBetween(a, b, ways);
  const healed = cuts.filter((cut) =>
    wanted.some(({ from, to }) => cut.from === from && cut.to === to),
  );
  const [first] = healed;
  if (first === undefined) return world;
  const cutMs = (world.nowUs - first.sinceUs) / 1_000;
  const oneWay = ways.length === 1 ? { oneWay: true } : {};
  const told = tell(world, { type: "net.heal", sides: [[a], [b]], cutMs, ...oneWay }, cause);
  return changed(told, { cuts: cuts.filter((cut) => !healed.includes(cut)) }, cause);
}

export function cutClient(world: World, name: string, cause: Cause): World {
  const { clientCuts } = world.network;
  if (clientCuts.some((cut) => cut.name === name)) return world;
  const told = tell(world, { type: "net.cut", sides: [], client: name }, cause);
  return changed(told, { clientCuts: [...clientCuts, { name, sinceUs: world.nowUs }] }, cause);
}

export function healClient(world: World, name: string, cause: Cause): World {
  const { clientCuts } = world.network;
  const healed = clientCuts.find((cut) => cut.name === name);
  if (healed === undefined) return world;
  const cutMs = (world.nowUs - healed.sinceUs) / 1_000;
  const told = tell(world, { type: "net.heal", sides: [], cutMs, client: name }, cause);
  return changed(told, { clientCuts: clientCuts.filter((cut) => cut !== healed) }, cause);
}

export function blockPort(world: World, sid: Sid, port: number, cause: Cause): World {
  const { blockedPorts } = world.network;
  if (blockedPorts.some((blocked) => blocked.sid === sid && blocked.port === port)) return world;
  const told = tell(world, { type: "port.block", id: sid, port }, cause);
  return changed(told, { blockedPorts: [...blockedPorts, { sid, port }] }, cause);
}

export function openPort(world: World, sid: Sid, port: number, cause: Cause): World {
  const { blockedPorts } = world.network;
  const rest = blockedPorts.filter((blocked) => blocked.sid !== sid || blocked.port !== port);
  if (rest.length === blockedPorts.length) return world;
  const told = tell(world, { type: "port.open", id: sid, port }, cause);
  return changed(told, { blockedPorts: rest }, cause);
}

/** What is on its way keeps the time it was given. */
export function slowLink(world: World, a: Sid | string, b: Sid, extraMs: number): World {
  const others = world.network.slow.filter(
    (link) => !(link.a === a && link.b === b) && !(link.a === b && link.b === a),
  );
  const extraUs = Math.floor(usFromMs(extraMs));
  const slow = extraUs > 0 ? [...others, { a, b, extraUs }] : others;
  return { ...world, network: { ...world.network, slow } };
}

export function holdPackets(world: World, packet: QuorumPacket["type"], cause: Cause): World {
  const others = world.network.holding.filter((one) => one.packet !== packet);
  return changed(world, { holding: [...others, { packet, except: [] }] }, cause);
}

export function deliverPackets(
  world: World,
  packet: QuorumPacket["type"],
  to: Sid,
  cause: Cause,
): World {
  const holding = world.network.holding.map((one) =>
    one.packet === packet && !one.except.includes(to)
      ? { ...one, except: [...one.except, to] }
      : one,
  );
  return changed(world, { holding }, cause);
}

export function releasePackets(world: World, cause: Cause): World {
  return world.network.holding.length === 0 ? world : changed(world, { holding: [] }, cause);
}
