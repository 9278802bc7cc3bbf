import { createOf, type Operation } from "../net/request";
import type { ClientNews } from "../session/news";
import type { ErrorCode } from "../tree/txn";
import type { Zxid } from "../zxid";
import type { AppFact } from "./appFacts";

/** What a program above a client's handle hears, one after the other. */
export type Happening =
  /** Its process has started, and its first handle is being opened. */
  | { readonly type: "begin" }
  /** What the client library tells. */
  | ClientNews
  /** A time it waited for has come. */
  | { readonly type: "timer"; readonly timer: string }
  /** What it did as an owner was refused: somebody with a higher token has been there. */
  | { readonly type: "refused"; readonly token: Zxid }
  /** The learner asks the owner of a lock to let it go. */
  | { readonly type: "release" };

/** What a program does: it asks ZooKeeper through its handle, and acts on the world outside. */
export type Act =
  /** `tag` comes back with the result. */
  | { readonly type: "ask"; readonly tag: string; readonly op: Operation }
  /** The old handle is over: a new one, with a new session. */
  | { readonly type: "open a handle" }
  /** `timer` after so long; `spread`: after a part of it that is drawn, so that many do not do it at once. */
  | { readonly type: "wait"; readonly timer: string; readonly ms: number; readonly spread?: true }
  /** Writes to what the lock protects, outside ZooKeeper. */
  | { readonly type: "act as owner"; readonly lock: string; readonly token: Zxid }
  /** From now on events come after one more release of this lock. */
  | { readonly type: "count a release"; readonly lock: string }
  /** Calls a service, at one of the providers it knows. */
  | { readonly type: "call"; readonly service: string; readonly providers: readonly string[] }
  | { readonly type: "tell"; readonly fact: AppFact };

/** A program afterwards, and what it does. */
export interface Step<S> {
  readonly state: S;
  readonly acts: readonly Act[];
}

export function step<S>(state: S, ...acts: readonly Act[]): Step<S> {
  return { state, acts };
}

export function ask(tag: string, op: Operation): Act {
  return { type: "ask", tag, op };
}

/**
 * Was the request lost with its connection or its session? Whether it was done is unknown; a program looks again when
 * it is connected again.
 */
export function isLost(code: ErrorCode): boolean {
  return code === "CONNECTIONLOSS" || code === "SESSIONEXPIRED" || code === "AUTHFAILED";
}

/** Creates what stands above a path, from the top; those that are there already answer NODEEXISTS. */
export function createParents(path: string): readonly Act[] {
  const acts: Act[] = [];
  for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1))
    acts.push(ask("parent", createOf(path.slice(0, at), "")));
  return acts;
}
