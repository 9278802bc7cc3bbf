import type { Connection, End, Packet, Sid, Zxid } from "../../engine/index";
import type { LabWords } from "../i18n/en.lab";
import type { LiveWords } from "../i18n/en.live";
import { fill } from "../i18n/text";
import { glyphNameOf } from "./glyphs";
import type { PacketShape } from "./flights";
import { shortZxid } from "./scene";

/** The two ends of the connection a packet rides on, and the port that was called: what dropping it breaks. */
export function connectionWords(connection: Connection): { a: string; b: string; port: number } {
  const nameOf = (end: Connection["dialer"]) =>
    end.kind === "server" ? String(end.sid) : end.name;
  const [a, b] = [nameOf(connection.dialer), nameOf(connection.acceptor)].sort();
  return { a: a ?? "", b: b ?? "", port: connection.port };
}

/** A field of a message: the name of its word, and its value. */
export type Field = readonly [name: keyof LiveWords["packet"], value: string];

/** What a message carries, in the order in which an operator would read it. */
export function fieldsOf(packet: Packet, zxid: (value: Zxid) => string): readonly Field[] {
  switch (packet.type) {
    case "FIN":
    case "UPTODATE":
    case "ping":
      return [];
    case "HELLO":
      return [["sid", String(packet.sid)]];
    case "NOTIFICATION":
      return [
        ["leader", String(packet.leader)],
        ["zxid", zxid(packet.zxid)],
        ["peerEpoch", String(packet.peerEpoch)],
        ["round", String(packet.round)],
        ["state", packet.state],
      ];
    case "FOLLOWERINFO":
    case "OBSERVERINFO":
      return [
        ["sid", String(packet.sid)],
        ["acceptedEpoch", String(packet.acceptedEpoch)],
      ];
    case "LEADERINFO":
    case "NEWLEADER":
      return [["epoch", String(packet.epoch)]];
    case "ACKEPOCH":
      return [
        ["currentEpoch", String(packet.currentEpoch)],
        ["lastZxid", zxid(packet.lastZxid)],
      ];
    case "DIFF":
    case "TRUNC":
    case "ACK":
    case "COMMIT":
      return [["zxid", zxid(packet.zxid)]];
    case "pong":
      return [["zxid", zxid(packet.zxid)]];
    case "SNAP":
      return [
        ["zxid", zxid(packet.zxid)],
        ["znodes", String(packet.snapshot.tree.nodes.size)],
      ];
    case "REQUEST":
      return [
        ["session", `0x${packet.sessionId.replace(/^0x/, "")}`],
        ...operationFields(packet.request.op),
      ];
    case "INFORM":
    case "PROPOSAL":
      return [["zxid", zxid(packet.txn.zxid)], ...operationFields(packet.txn.body)];
    case "PING":
      return [
        ["zxid", zxid(packet.zxid)],
        ["touched", String(packet.touched.length)],
      ];
    case "REVALIDATE":
      return [
        ["session", packet.sessionId],
        ["timeout", `${packet.timeoutMs} ms`],
        ...(packet.valid === null ? [] : ([["valid", String(packet.valid)]] as const)),
      ];
    case "ConnectRequest":
      return [
        ["session", packet.sessionId ?? "0x0"],
        ["timeout", `${packet.timeoutMs} ms`],
        ["lastZxid", zxid(packet.lastZxidSeen)],
      ];
    case "ConnectResponse":
      return [
        ["session", packet.sessionId],
        ["timeout", `${packet.timeoutMs} ms`],
      ];
    case "request":
      return [["cxid", String(packet.cxid)], ...operationFields(packet.op)];
    case "SYNC":
      return [["session", packet.sessionId]];
    case "watchEvent":
      return [
        ["operation", packet.event],
        ["path", packet.path],
      ];
    case "response":
      return [
        ["cxid", String(packet.cxid)],
        ["result", packet.code],
        ["zxid", zxid(packet.zxid)],
      ];
  }
}

function operationFields(op: { readonly type: string; readonly path?: string }): readonly Field[] {
  return op.path === undefined
    ? [["operation", op.type]]
    : [
        ["operation", op.type],
        ["path", op.path],
      ];
}

/** `server 3`, `client A`. */
export function endName(words: LabWords, end: End): string {
  return end.kind === "server"
    ? fill(words.stage.serverName, { sid: end.sid })
    : fill(words.stage.clientName, { name: end.name });
}

/** The one zxid a message is about, or null. */
export function zxidOf(packet: Packet): Zxid | null {
  switch (packet.type) {
    case "INFORM":
    case "PROPOSAL":
      return packet.txn.zxid;
    case "NOTIFICATION":
    case "DIFF":
    case "TRUNC":
    case "SNAP":
    case "ACK":
    case "COMMIT":
      return packet.zxid;
    default:
      return null;
  }
}

/** `PROPOSAL e2·4`, as it is called in a name and a title. */
export function packetTitle(packet: Packet): string {
  const zxid =
    glyphNameOf(packet) === "ACKNEWLEADER" || packet.type === "NOTIFICATION"
      ? null
      : zxidOf(packet);
  return zxid === null ? packet.type : `${packet.type} ${shortZxid(zxid)}`;
}

/** A message's name for those who do not see it. */
export function packetLabel(words: LabWords, shape: PacketShape, nowUs: number): string {
  const { flight, state } = shape;
  const { stage } = words;
  const sentence = {
    flying: stage.message,
    held: stage.messageHeld,
    waiting: stage.messageWaiting,
  }[state];
  return fill(sentence, {
    type: packetTitle(flight.packet),
    from: endName(words, flight.from),
    to: endName(words, flight.to),
    ms: ((flight.arriveUs - nowUs) / 1000).toFixed(1),
  });
}

/** The server a message goes to, or comes from when a client is to get it. */
export function serverNear(shape: PacketShape): Sid {
  const { to, from } = shape.flight;
  if (to.kind === "server") return to.sid;
  return from.kind === "server" ? from.sid : 0;
}
