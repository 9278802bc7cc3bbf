import type { Acl } from "../tree/acl";
import { bytesOf, type Data } from "../tree/znode";
import type {
  ClientPacket,
  Create,
  MultiOperation,
  MultiReadOperation,
  Operation,
} from "./request";

/**
 * How many bytes a client's message takes on the wire, without the four that tell its length: what is compared with
 * jute.maxbuffer. Source: jute BinaryOutputArchive; zookeeper.jute.
 */
export function lengthOf(packet: ClientPacket): number {
  switch (packet.type) {
    case "ConnectRequest":
      // protocolVersion, lastZxidSeen, timeOut, sessionId, passwd, readOnly
      return 4 + 8 + 4 + 8 + (4 + 16) + 1;
    case "request":
      return HEADER + lengthOfOperation(packet.op);
    case "ping":
      return HEADER;
    case "ConnectResponse":
    case "response":
    case "watchEvent":
    case "pong":
      return 0;
  }
}

/** Could this message be longer than so many bytes? A quick no for nearly all. */
export function mayExceed(packet: ClientPacket, limit: number): boolean {
  return packet.type === "request" && 3 * charsOf(packet.op) + 256 > limit;
}

/** The letters of an operation, roughly from above; each is at most three bytes. */
function charsOf(op: Operation | MultiOperation | MultiReadOperation): number {
  switch (op.type) {
    case "multi":
    case "multiRead":
      return op.ops.reduce((sum, one) => sum + 64 + charsOf(one), 0);
    case "setWatches":
    case "setWatches2":
      return Number.POSITIVE_INFINITY;
    default: {
      const acl = "acl" in op ? (op.acl ?? []) : [];
      return (
        acl.reduce((sum, one) => sum + 16 + one.scheme.length + one.id.length, 0) +
        ("path" in op ? op.path.length : 0) +
        ("data" in op ? (op.data?.length ?? 0) : 0) +
        ("credential" in op ? op.credential.length + op.scheme.length : 0) +
        ("prefix" in op ? op.prefix.length : 0)
      );
    }
  }
}

/** RequestHeader: xid and type. */
const HEADER = 4 + 4;
/** MultiHeader: type, done, err. One before each operation, and one that says that there are no more. */
const MULTI_HEADER = 4 + 1 + 4;
const INT = 4;
const LONG = 8;
const BOOL = 1;

/** A string, or a buffer: its length, then its bytes. Null is a length of -1. */
function text(value: Data): number {
  return 4 + bytesOf(value);
}

function vector<T>(items: readonly T[] | null | undefined, length: (item: T) => number): number {
  return (items ?? []).reduce((sum, item) => sum + length(item), 4);
}

const acls = (acl: readonly Acl[] | null) =>
  vector(acl, (one) => INT + text(one.scheme) + text(one.id));

function lengthOfOperation(op: Operation): number {
  switch (op.type) {
    case "multi":
      return op.ops.reduce((sum, one) => sum + MULTI_HEADER + lengthOfPart(one), MULTI_HEADER);
    case "multiRead":
      return op.ops.reduce((sum, one) => sum + MULTI_HEADER + lengthOfPart(one), MULTI_HEADER);
    case "setACL":
      return text(op.path) + acls(op.acl) + INT;
    case "exists":
    case "getChildren2":
      return text(op.path) + BOOL;
    case "sync":
    case "getACL":
    case "getAllChildrenNumber":
      return text(op.path);
    case "getEphemerals":
      return text(op.prefix);
    case "addWatch":
    case "removeWatches":
    case "checkWatches":
      return text(op.path) + INT;
    case "setWatches":
    case "setWatches2": {
      const known = [op.dataWatches, op.existWatches, op.childWatches];
      const later = [op.persistentWatches, op.recursiveWatches];
      const lists = op.type === "setWatches" ? known : [...known, ...later];
      return lists.reduce((sum, paths) => sum + vector(paths, text), LONG);
    }
    case "auth":
      return INT + text(op.scheme) + text(op.credential);
    case "whoAmI":
    case "closeSession":
      return 0;
    default:
      return lengthOfPart(op);
  }
}

function lengthOfPart(op: Create | MultiOperation | MultiReadOperation): number {
  switch (op.type) {
    case "create":
    case "create2":
    case "createContainer":
      return text(op.path) + text(op.data) + acls(op.acl) + INT;
    case "createTTL":
      return text(op.path) + text(op.data) + acls(op.acl) + INT + LONG;
    case "setData":
      return text(op.path) + text(op.data) + INT;
    case "delete":
    case "check":
      return text(op.path) + INT;
    case "getData":
    case "getChildren":
      return text(op.path) + BOOL;
  }
}
