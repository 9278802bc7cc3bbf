import type { Operation, Reply, WatchEventType } from "../net/request";
import type { SessionId } from "../tree/txn";
import type { Zxid } from "../zxid";
import type { KeeperState } from "./context";

/** What the library tells the application above it, in one ordered stream. Source: ClientCnxn.EventThread. */
export type ClientNews =
  /** To the default watcher, with the session the handle has then. */
  | { readonly type: "state"; readonly state: KeeperState; readonly sessionId: SessionId | null }
  /** What came of a request, with the mark it was asked with. */
  | {
      readonly type: "result";
      readonly tag: string;
      readonly op: Operation;
      readonly reply: Reply;
    }
  | {
      readonly type: "watch";
      readonly event: WatchEventType;
      readonly path: string;
      readonly zxid: Zxid;
    };
