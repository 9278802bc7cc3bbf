import type { AppFact, OutsideFact } from "../programs/appFacts";
import type { QuorumFact } from "../quorum/quorumFacts";
import type { ClientFact } from "../session/clientFacts";
import type { SessionId } from "../tree/txn";
import type { Cause, Sid, VirtualUs } from "../units";
import type { Zxid } from "../zxid";

/**
 * What just happened. The names and fields are those of the course's vocabulary, so that a lesson's predicate and
 * the timeline read the same list; a few more tell what the stage shows. `id` is a server, `name` or `client` a client.
 */
export type FactBody =
  | QuorumFact
  | ClientFact
  | AppFact
  | OutsideFact
  // clients' processes
  /** `waiting`: it waited for a lock; `overseer`: it was the one chosen. */
  | { type: "client.kill"; name: string; waiting?: boolean; overseer?: boolean }
  | { type: "client.pause"; name: string }
  | { type: "client.resume"; name: string; pausedMs: number }
  // synchronization
  /** Learner `id` has acknowledged NEWLEADER. */
  | {
      type: "sync.diff" | "sync.snap" | "sync.trunc";
      id: Sid;
      leader: Sid;
      zxid: Zxid;
      tookMs: number;
    }
  // machines and network
  | { type: "srv.start"; id: Sid; dataEmpty: boolean }
  /** `power`: the whole machine lost it. */
  | { type: "srv.kill"; id: Sid; by: "kill" | "stop"; power?: boolean }
  | { type: "srv.pause"; id: Sid }
  | { type: "srv.resume"; id: Sid; pausedMs: number }
  /** `exception`: the Java class of what was thrown, where it is one that an operator finds in the log. */
  | { type: "srv.exit"; id: Sid; code: number; reason: string; exception?: string }
  | { type: "disk.slow"; id: Sid; fsyncMs: number }
  | { type: "disk.full" | "disk.freed"; id: Sid }
  /** An fsync took longer than the server finds good. */
  | { type: "fsync.slow"; id: Sid; tookMs: number }
  /** Old snapshots and logs were removed; a purge that is told to keep too few ends with another code, and removes none. */
  | { type: "disk.purged"; id: Sid; exitCode: number; removed: readonly string[] }
  | { type: "cfg.saved"; id: Sid }
  /** A snapshot was taken while transactions went on; or it was due while another was being written. */
  | { type: "snap.taken"; id: Sid; zxid: Zxid }
  | { type: "snap.skipped"; id: Sid }
  /** `client`: its ways to all servers; `oneWay`: from the first side to the second only. */
  | { type: "net.cut"; sides: Sid[][]; client?: string; oneWay?: boolean }
  | { type: "net.heal"; sides: Sid[][]; cutMs: number; client?: string; oneWay?: boolean }
  | { type: "port.block" | "port.open"; id: Sid; port: number }
  | { type: "connection.broken"; connection: number; purpose: "election" | "quorum" | "client" }
  // transactions
  /** `txn.logged`: synced to disk on `id`. */
  | { type: "txn.proposed" | "txn.logged" | "txn.discarded"; id: Sid; zxid: Zxid; path?: string }
  /** `carriedOver`: proposed in an earlier epoch. `minority`: no quorum had it, which must never be. */
  | {
      type: "txn.committed";
      zxid: Zxid;
      path?: string;
      acks: number;
      votersDown: number;
      carriedOver: boolean;
      minority: boolean;
    }
  // sessions
  | { type: "session.new"; sid: SessionId; name: string; server: Sid; timeout: number }
  | { type: "session.expired"; sid: SessionId; name: string; during: "led" | "leaderless" }
  | { type: "session.closed"; sid: SessionId; name: string }
  /** The same session, by another server. */
  | { type: "session.moved"; sid: SessionId; name: string; from: Sid; to: Sid }
  | {
      type: "client.refused";
      name: string;
      server: Sid;
      reason: "zxid" | "not serving" | "read-only";
    }
  /** A read was answered with less than is committed; `backwards`: with less than this client had seen, which must never be. */
  | { type: "read.stale"; client: string; server: Sid; path: string; backwards: boolean };

export type Fact = FactBody & {
  /** Simulated ms since the world began, with fractions. */
  readonly t: number;
  readonly atUs: VirtualUs;
  /** Unique in the world and increasing. */
  readonly number: number;
  readonly cause: Cause;
};

export type FactType = FactBody["type"];
/** The body of the facts of one type; some bodies serve several types. */
export type FactOf<T extends FactType> = FactBody extends infer Body
  ? Body extends { type: infer Types }
    ? T extends Types
      ? Body
      : never
    : never
  : never;
