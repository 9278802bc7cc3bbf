import type { Acl } from "../tree/acl";
import type { Txn, TxnBody } from "../tree/txn";
import { bytesOf, type Data } from "../tree/znode";
import type { Zxid } from "../zxid";
import {
  firstItems,
  firstPlace,
  type Growing,
  grown,
  itemAt,
  lastItem,
  nothingYet,
} from "./growing";

/** One file `log.<zxid of its first entry>`. */
export interface LogFile {
  readonly firstZxid: Zxid;
  readonly entries: Growing<Txn>;
  /** Its header and its entries. */
  readonly usedBytes: number;
  /** As the directory shows it: space is taken ahead of what is written. */
  readonly sizeBytes: number;
  /**
   * Is each zxid above the one before? Always, unless an operator brought histories together that do not belong
   * together: then ZooKeeper warns and writes on.
   */
  readonly ordered: boolean;
}

/** Magic number, version, dbid. Source: FileHeader. */
const HEADER_BYTES = 16;
/** So near the end of what is taken, more is taken. Source: FilePadding.calculateFileSizeWithPadding. */
const ROOM_BYTES = 4_096;

/** A file that its first entry will be written to. Source: FileTxnLog.append. */
export function newLogFile(firstZxid: Zxid): LogFile {
  return {
    firstZxid,
    entries: nothingYet(),
    usedBytes: HEADER_BYTES,
    sizeBytes: HEADER_BYTES,
    ordered: true,
  };
}

/** The file with one entry more. Source: FileTxnLog.append, FilePadding.padFile. */
export function withEntryAppended(file: LogFile, txn: Txn, preAllocBytes: number): LogFile {
  const last = lastItem(file.entries);
  const usedBytes = file.usedBytes + entryBytes(txn);
  return {
    firstZxid: file.firstZxid,
    entries: grown(file.entries, txn),
    usedBytes,
    sizeBytes: Math.max(padded(file.usedBytes, file.sizeBytes, preAllocBytes), usedBytes),
    ordered: file.ordered && (last === undefined || last.zxid < txn.zxid),
  };
}

function padded(atBytes: number, sizeBytes: number, preAllocBytes: number): number {
  if (preAllocBytes <= 0 || atBytes + ROOM_BYTES < sizeBytes) return sizeBytes;
  if (atBytes <= sizeBytes) return sizeBytes + preAllocBytes;
  const wanted = atBytes + preAllocBytes;
  return wanted - (wanted % preAllocBytes);
}

/** The file cut behind its first entries; nothing is taken ahead any more. Source: FileTxnLog.truncate. */
export function cutLogFile(file: LogFile, count: number): LogFile {
  let usedBytes = file.usedBytes;
  for (let place = count; place < file.entries.count; place += 1)
    usedBytes -= entryBytes(itemAt(file.entries, place) as Txn);
  return { ...file, entries: firstItems(file.entries, count), usedBytes, sizeBytes: usedBytes };
}

/** The file without its last bytes: its final record is torn, and a reader stops before it. Source: Util.readTxnBytes. */
export function tornLogFile(file: LogFile, lostBytes: number): LogFile {
  if (file.entries.count === 0) return file;
  const usedBytes = file.usedBytes - lostBytes;
  const whole = cutLogFile(file, file.entries.count - 1);
  return { ...whole, usedBytes, sizeBytes: usedBytes };
}

/** The place of the first entry that is not below this zxid, as a reader finds it; its count when there is none. */
export function placeInFile(file: LogFile, zxid: Zxid): number {
  const { entries, ordered } = file;
  if (ordered) return firstPlace(entries, (txn) => txn.zxid >= zxid);
  for (let place = 0; place < entries.count; place += 1)
    if ((itemAt(entries, place) as Txn).zxid >= zxid) return place;
  return entries.count;
}

/**
 * How many bytes a transaction takes in a log file: checksum, length, header, body, digest, end mark.
 * Source: FileTxnLog.append, Util.marshallTxnEntry; zookeeper.jute.
 */
export function entryBytes(txn: Txn): number {
  const known = sizes.get(txn);
  if (known !== undefined) return known;
  const bytes = 8 + 4 + HEADER_OF_TXN + bodyBytes(txn.body) + DIGEST + 1;
  sizes.set(txn, bytes);
  return bytes;
}

/** Each transaction is written on every server; its size is found once. */
const sizes = new WeakMap<Txn, number>();
/** Session, number, zxid, time, type. Source: TxnHeader. */
const HEADER_OF_TXN = 8 + 4 + 8 + 8 + 4;
/** Source: TxnDigest. */
const DIGEST = 4 + 8;

/** The bytes of a transaction's record. */
export function bodyBytes(body: TxnBody): number {
  switch (body.type) {
    case "createSession":
    case "error":
      return 4;
    case "closeSession":
      return 4 + body.ephemerals.reduce((sum, path) => sum + textBytes(path), 0);
    case "create":
      return textBytes(body.path) + textBytes(body.data) + aclBytes(body.acl) + 1 + 4;
    case "createContainer":
      return textBytes(body.path) + textBytes(body.data) + aclBytes(body.acl) + 4;
    case "createTTL":
      return textBytes(body.path) + textBytes(body.data) + aclBytes(body.acl) + 4 + 8;
    case "setData":
      return textBytes(body.path) + textBytes(body.data) + 4;
    case "setACL":
      return textBytes(body.path) + aclBytes(body.acl) + 4;
    case "delete":
      return textBytes(body.path);
    case "check":
      return textBytes(body.path) + 4;
    case "multi":
      return 4 + body.txns.reduce((sum, one) => sum + 4 + 4 + bodyBytes(one), 0);
  }
}

/** A length and what it counts; null has the length -1. */
function textBytes(text: Data): number {
  return 4 + bytesOf(text);
}

function aclBytes(acl: readonly Acl[]): number {
  return 4 + acl.reduce((sum, one) => sum + 4 + textBytes(one.scheme) + textBytes(one.id), 0);
}
