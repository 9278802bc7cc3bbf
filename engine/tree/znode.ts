import type { Zxid } from "../zxid";
import type { SessionId } from "./txn";

/** A znode as one server holds it. Source: DataNode, StatPersisted. */
export interface Znode {
  readonly data: string;
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly pzxid: Zxid;
  readonly ctimeMs: number;
  readonly mtimeMs: number;
  readonly version: number;
  readonly cversion: number;
  /** The session it dies with, or null. */
  readonly ephemeralOwner: SessionId | null;
}

/** What `stat` shows. Source: zookeeper.jute Stat. */
export interface Stat extends Omit<Znode, "data"> {
  readonly dataLength: number;
  readonly numChildren: number;
}
