import type { Zxid } from "../zxid";
import type { Acl } from "./acl";
import type { SessionId } from "./txn";

/**
 * What a znode holds: text, or null for no bytes at all (which is not the same as none of them). Bytes that are no
 * UTF-8 stand as lone surrogates U+DC80 to U+DCFF, one for each, so that any content is a string of ours.
 */
export type Data = string | null;

/** A znode as one server holds it. Source: DataNode, StatPersisted. */
export interface Znode {
  readonly data: Data;
  readonly acl: readonly Acl[];
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly pzxid: Zxid;
  readonly ctimeMs: number;
  readonly mtimeMs: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  /** The session it dies with, or null. */
  readonly ephemeralOwner: SessionId | null;
  /** Is it removed some time after its last child is gone? Source: EphemeralType.CONTAINER. */
  readonly container: boolean;
  /** Milliseconds after its last change, without children, until it is removed; null for other nodes. Source: EphemeralType.TTL. */
  readonly ttlMs: number | null;
}

/** What `stat` shows. Source: zookeeper.jute Stat. */
export interface Stat extends Omit<Znode, "data" | "acl" | "container" | "ttlMs"> {
  readonly dataLength: number;
  readonly numChildren: number;
}

/** The length of the data in bytes, as a client sends it. */
export function bytesOf(data: Data): number {
  let bytes = 0;
  for (let at = 0; data !== null && at < data.length; at += 1) {
    const code = data.charCodeAt(at);
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else if (code < 0xd800 || code > 0xdfff) bytes += 3;
    else if (code < 0xdc00 && isLow(data.charCodeAt(at + 1))) {
      bytes += 4;
      at += 1;
    } else bytes += code >= 0xdc80 && code <= 0xdcff ? 1 : 3;
  }
  return bytes;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
