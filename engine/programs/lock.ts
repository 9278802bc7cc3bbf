import { createOf } from "../net/request";
import type { SessionId } from "../tree/txn";
import type { Zxid } from "../zxid";
import { type Act, ask, createParents, type Happening, isLost, type Step, step } from "./program";

/**
 * A lock that is one ephemeral node: who creates it owns it, the others watch it and try when it is gone. While it owns
 * the lock it writes to what the lock protects.
 */
export interface Worker {
  readonly type: "worker";
  readonly lock: string;
  /** The pause between two writes of the owner. */
  readonly workMs: number;
}

export interface WorkerState {
  readonly phase:
    /** No connection yet, or none any more and nothing to come back to. */
    | "away"
    /** It has asked to create the node, or to look at it. */
    | "asking"
    /** It watches the node of another one. */
    | "waiting"
    | "owner"
    /** It owned the lock when the connection was lost, and stands still until it knows. */
    | "suspended"
    /** It has been asked to let go. */
    | "releasing";
  readonly session: SessionId | null;
  /** The czxid of its node: each later owner has a higher one. */
  readonly token: Zxid;
}

export const idleWorker: WorkerState = { phase: "away", session: null, token: 0 };

const tryToCreate = (lock: string, name: string): Act =>
  ask("create", createOf(lock, name, "EPHEMERAL"));
const look = (lock: string): Act => ask("look", { type: "exists", path: lock, watch: true });
const letGo = (lock: string): Act => ask("release", { type: "delete", path: lock, version: -1 });

export function worker(
  behaviour: Worker,
  state: WorkerState,
  happening: Happening,
  name: string,
): Step<WorkerState> {
  const { lock } = behaviour;
  switch (happening.type) {
    case "begin":
      return step(state);
    case "state":
      switch (happening.state) {
        case "SyncConnected":
          return connected(behaviour, { ...state, session: happening.sessionId }, name);
        case "Disconnected":
          return step(state.phase === "owner" ? { ...state, phase: "suspended" } : state);
        case "Expired":
          return step(idleWorker, { type: "open a handle" });
        default:
          return step({ ...state, phase: "away" });
      }
    case "result": {
      const { code, stat } = happening.reply;
      if (isLost(code)) return step(state);
      switch (happening.tag) {
        case "create":
          if (code === "OK") return owned(behaviour, state, stat?.czxid ?? 0, name);
          if (code === "NONODE")
            return step(state, ...createParents(lock), tryToCreate(lock, name));
          return step(state, look(lock));
        case "look":
          if (code !== "OK" || stat === null) {
            return step({ ...state, phase: "asking" }, tryToCreate(lock, name));
          }
          if (stat.ephemeralOwner !== state.session) return step({ ...state, phase: "waiting" });
          return state.phase === "releasing"
            ? step(state, letGo(lock))
            : owned(behaviour, state, stat.czxid, name);
        case "release":
          return step({ ...state, phase: "asking" }, look(lock));
        default:
          return step(state);
      }
    }
    case "watch":
      if (happening.path !== lock) return step(state);
      // It is the turn of who waits, or somebody has taken the owner's node away.
      if (
        happening.event === "NodeDeleted" &&
        (state.phase === "waiting" || state.phase === "owner")
      )
        return step({ ...state, phase: "asking" }, tryToCreate(lock, name));
      // Missed while away: it was let go and taken again. The watch is used up all the same.
      return state.phase === "waiting"
        ? step({ ...state, phase: "asking" }, look(lock))
        : step(state);
    case "timer":
      return state.phase === "owner" ? step(state, ...work(behaviour, state.token)) : step(state);
    case "refused":
      return step({ ...state, phase: "asking" }, look(lock));
    case "release":
      return state.phase === "owner"
        ? step({ ...state, phase: "releasing" }, { type: "count a release", lock }, letGo(lock))
        : step(state);
  }
}

/** Connected, for the first time or again: what was under way may have been done or not, so it looks. */
function connected(behaviour: Worker, state: WorkerState, name: string): Step<WorkerState> {
  const { lock } = behaviour;
  switch (state.phase) {
    case "away":
      return step({ ...state, phase: "asking" }, tryToCreate(lock, name));
    case "waiting":
    case "owner":
      // The library has set the watch again; had the node gone meanwhile, it would say so.
      return step(state);
    case "asking":
    case "suspended":
    case "releasing":
      return step(state, look(lock));
  }
}

function owned(
  behaviour: Worker,
  state: WorkerState,
  token: Zxid,
  name: string,
): Step<WorkerState> {
  const own = { ...state, phase: "owner" as const, token };
  const acts = work(behaviour, token);
  return token === state.token
    ? step(own, ...acts)
    : step(own, { type: "tell", fact: { type: "lock.acquired", name, kind: "lock" } }, ...acts);
}

function work(behaviour: Worker, token: Zxid): readonly Act[] {
  return [
    { type: "act as owner", lock: behaviour.lock, token },
    { type: "wait", timer: "work", ms: behaviour.workMs },
  ];
}
