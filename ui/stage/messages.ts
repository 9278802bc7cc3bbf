import {
  bytesOf,
  type ClientRequest,
  type Connection,
  CREATE_MODES,
  type Data,
  type End,
  type Operation,
  type Packet,
  type Sid,
  type Txn,
  type Zxid,
} from "../../engine/index";
import type { LabWords } from "../i18n/en.lab";
import type { LiveWords } from "../i18n/en.live";
import { fill } from "../i18n/text";
import { glyphNameOf } from "./glyphs";
import type { PacketShape } from "./flights";
import { shortZxid } from "./zxidText";

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
        ...readOnlyOf(packet),
      ];
    case "ConnectResponse":
      return [
        ["session", packet.sessionId],
        ["timeout", `${packet.timeoutMs} ms`],
        ...readOnlyOf(packet),
      ];
    case "request":
      return [["cxid", String(packet.cxid)], ...operationFields(packet.op)];
    case "SYNC":
      return [["session", packet.sessionId]];
    case "watchEvent":
      return [
        ["event", packet.event],
        ["path", packet.path],
        ...(packet.zxid > 0 ? ([["zxid", zxid(packet.zxid)]] as const) : []),
      ];
    case "response":
      return [
        ["cxid", String(packet.cxid)],
        ["result", packet.code],
        ["zxid", zxid(packet.zxid)],
      ];
  }
}

/** What is asked for, or what a transaction changes: by its opcode, with what matters about it. */
type AnyOperation = Operation | ClientRequest["op"] | Txn["body"];

function operationFields(op: AnyOperation): readonly Field[] {
  const path: readonly Field[] = "path" in op ? [["path", op.path]] : [];
  return [["operation", op.type], ...path, ...detailsOf(op)];
}

function detailsOf(op: AnyOperation): readonly Field[] {
  switch (op.type) {
    case "create":
    case "create2":
    case "createContainer":
    case "createTTL":
      return [...kindOf(op), ["data", bytes(op.data)]];
    case "setData":
      return [["data", bytes(op.data)], ...versionOf(op)];
    case "setACL":
    case "delete":
    case "check":
      return versionOf(op);
    case "multi":
      return [["parts", listed("ops" in op ? op.ops : op.txns)]];
    case "multiRead":
      return [["parts", listed(op.ops)]];
    case "getData":
    case "exists":
    case "getChildren":
    case "getChildren2":
      return op.watch === true ? [["watch", "true"]] : [];
    case "addWatch":
      return [["watch", op.mode]];
    case "removeWatches":
    case "checkWatches":
      return [["watch", op.watcherType]];
    case "setWatches":
    case "setWatches2":
      return [
        [
          "watches",
          String(
            op.dataWatches.length +
              op.existWatches.length +
              op.childWatches.length +
              (op.persistentWatches?.length ?? 0) +
              (op.recursiveWatches?.length ?? 0),
          ),
        ],
      ];
    case "auth":
      return [["scheme", op.scheme]];
    case "getEphemerals":
      return [["path", op.prefix]];
    case "createSession":
      return [["timeout", `${op.timeoutMs} ms`]];
    case "closeSession":
      return "ephemerals" in op ? [["ephemerals", String(op.ephemerals.length)]] : [];
    case "error":
      return [["result", op.code]];
    case "deleteContainer":
    case "getACL":
    case "getAllChildrenNumber":
    case "whoAmI":
    case "sync":
      return [];
  }
}

/** Ephemeral, sequential, container or with a time to live; nothing for a plain znode. */
function kindOf(op: AnyOperation): readonly Field[] {
  if ("flags" in op) {
    const mode = Object.entries(CREATE_MODES).find(([, flags]) => flags === op.flags)?.[0];
    return op.flags === 0 ? [] : [["mode", mode ?? String(op.flags)]];
  }
  return "ephemeral" in op && op.ephemeral ? [["mode", "EPHEMERAL"]] : [];
}

function versionOf(op: object): readonly Field[] {
  return "version" in op && typeof op.version === "number" && op.version !== -1
    ? [["version", String(op.version)]]
    : [];
}

function listed(parts: readonly { readonly type: string; readonly path?: string }[]): string {
  return parts.map(({ type, path }) => (path === undefined ? type : `${type} ${path}`)).join(", ");
}

/** How long the data of a znode is; a znode may have none. */
function bytes(data: Data): string {
  return data === null ? "null" : `${bytesOf(data)} B`;
}

function readOnlyOf({ readOnly }: { readonly readOnly: boolean }): readonly Field[] {
  return readOnly ? [["readOnly", "true"]] : [];
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
