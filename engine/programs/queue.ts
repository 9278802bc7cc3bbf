import { createOf } from "../net/request";
import type { SessionId } from "../tree/txn";
import type { Zxid } from "../zxid";
import type { AppFact } from "./appFacts";
import { type Act, ask, createParents, type Happening, isLost, type Step, step } from "./program";

/**
 * A fair lock: each creates an ephemeral-sequential node below `lock`, the smallest owns it, and each watches only the
 * one before its own. Its session stands in the name, so that it finds its node again after a lost answer.
 */
export interface SeqLock {
  readonly type: "seqlock";
  readonly lock: string;
  readonly workMs: number;
}

/** An election by the same queue; what it does when it comes back is the learner's to set right. */
export interface Candidate {
  readonly type: "candidate";
  readonly lock: string;
  readonly workMs: number;
  /** After a lost connection, with the same session: enter the election again (one node more), or go on. */
  readonly onReconnect: "none" | "rejoin";
  /** After its session has expired: enter the election again, or stay out. */
  readonly onExpired: "rejoin" | "none";
  /** Has the learner set it right? */
  readonly fixed?: boolean;
}

export interface QueueState {
  readonly phase:
    | "away"
    /** It has asked to create its node, or for the list, or for the node before its own. */
    | "asking"
    /** It watches the node before its own. */
    | "waiting"
    | "owner"
    /** It was the owner when the connection was lost, and stands still until it knows. */
    | "suspended"
    | "releasing"
    /** It takes part no more. */
    | "out";
  readonly session: SessionId | null;
  /** The node with which it is the owner, or would be. */
  readonly node: string | null;
  /** The czxid of that node: each later owner has a higher one. */
  readonly token: Zxid;
  /** With which token it has last said that it is the owner. */
  readonly told: Zxid;
  /** The node it watches. */
  readonly before: string | null;
  /** What has made it look at the queue; null when it only makes sure of what it had. */
  readonly after: "start" | "restart" | "death" | null;
}

export const idleQueue: QueueState = {
  phase: "away",
  session: null,
  node: null,
  token: 0,
  told: 0,
  before: null,
  after: "start",
};

type Behaviour = SeqLock | Candidate;

/** By the ten digits at the end of the name. */
export function bySequence(names: readonly string[]): readonly string[] {
  const sequence = (name: string) => Number(name.slice(-10));
  return names.toSorted((a, b) => sequence(a) - sequence(b));
}

const prefixOf = (state: QueueState, name: string) => `${state.session ?? ""}-${name}-n_`;

const join = (behaviour: Behaviour, state: QueueState, name: string): Act => {
  const path = `${behaviour.lock}/${prefixOf(state, name)}`;
  return ask("join", createOf(path, name, "EPHEMERAL_SEQUENTIAL"));
};
const list = (behaviour: Behaviour): Act =>
  ask("list", { type: "getChildren", path: behaviour.lock });

export function queue(
  behaviour: Behaviour,
  state: QueueState,
  happening: Happening,
  name: string,
): Step<QueueState> {
  switch (happening.type) {
    case "begin":
      return step(state);
    case "state":
      switch (happening.state) {
        case "SyncConnected":
          return connected(behaviour, { ...state, session: happening.sessionId }, name);
        case "Disconnected":
          return step(state.phase === "owner" ? { ...state, phase: "suspended" } : state);
        case "Expired": {
          const stays = behaviour.type === "candidate" && behaviour.onExpired === "none";
          const left: QueueState = { ...idleQueue, phase: stays ? "out" : "away", after: "death" };
          return step(left, { type: "open a handle" });
        }
        default:
          return step({ ...state, phase: "out" });
      }
    case "result":
      return isLost(happening.reply.code) || state.phase === "out"
        ? step(state)
        : answered(behaviour, state, happening, name);
    case "watch":
      return state.phase === "waiting" && happening.path === state.before
        ? step({ ...state, phase: "asking", before: null, after: "death" }, list(behaviour))
        : step(state);
    case "timer":
      return state.phase === "owner" ? step(state, ...work(behaviour, state.token)) : step(state);
    case "refused":
      return step({ ...state, phase: "asking", after: null }, list(behaviour));
    case "release":
      return state.phase === "owner" && state.node !== null
        ? step(
            { ...state, phase: "releasing" },
            { type: "count a release", lock: behaviour.lock },
            letGo(state.node),
          )
        : step(state);
  }
}

const letGo = (path: string): Act => ask("release", { type: "delete", path, version: -1 });

/** Connected, for the first time or again: what was under way may have been done or not, so it asks for the list. */
function connected(behaviour: Behaviour, state: QueueState, name: string): Step<QueueState> {
  if (state.phase === "out") return step(state);
  if (state.phase === "away")
    return step({ ...state, phase: "asking" }, join(behaviour, state, name));
  if (behaviour.type === "candidate" && behaviour.onReconnect === "rejoin")
    return step({ ...state, phase: "asking", after: "restart" }, join(behaviour, state, name));
  switch (state.phase) {
    case "waiting":
    case "owner":
      // The library has set the watch again; had the node gone meanwhile, it would say so.
      return step(state);
    case "releasing":
      return state.node === null ? step(state) : step(state, letGo(state.node));
    case "suspended":
      return step({ ...state, phase: "asking", after: null }, list(behaviour));
    case "asking":
      return step(state, list(behaviour));
  }
}

function answered(
  behaviour: Behaviour,
  state: QueueState,
  happening: Extract<Happening, { type: "result" }>,
  name: string,
): Step<QueueState> {
  const { code, stat, path, children } = happening.reply;
  const asking = { ...state, phase: "asking" as const };
  switch (happening.tag) {
    case "join":
      if (code === "NONODE")
        return step(state, ...createParents(`${behaviour.lock}/`), join(behaviour, state, name));
      return path === undefined || stat === null
        ? step(asking, list(behaviour))
        : step({ ...asking, node: path, token: stat.czxid }, list(behaviour));
    case "list": {
      const names = bySequence(children ?? []);
      const mine = names.findIndex((one) => one.startsWith(prefixOf(state, name)));
      const own = names[mine];
      if (own === undefined) return step(asking, join(behaviour, state, name));
      const node = `${behaviour.lock}/${own}`;
      const before = names[mine - 1];
      if (before !== undefined) {
        const ahead = `${behaviour.lock}/${before}`;
        return step(
          { ...asking, before: ahead },
          ask("before", { type: "exists", path: ahead, watch: true }),
        );
      }
      // Its czxid is its token; after a lost answer it has to be asked for.
      return node === state.node
        ? owned(behaviour, state, node, state.token, name)
        : step(asking, ask("mine", { type: "exists", path: node }));
    }
    case "mine":
      return code === "OK" && stat !== null
        ? owned(behaviour, state, pathOfMine(happening), stat.czxid, name)
        : step(asking, list(behaviour));
    case "before":
      return code === "OK" ? step({ ...state, phase: "waiting" }) : step(asking, list(behaviour));
    case "release":
      return step(
        { ...asking, node: null, token: 0, after: "start" },
        join(behaviour, state, name),
      );
    default:
      return step(state);
  }
}

const pathOfMine = (happening: Extract<Happening, { type: "result" }>): string =>
  "path" in happening.op ? happening.op.path : "";

function owned(
  behaviour: Behaviour,
  state: QueueState,
  node: string,
  token: Zxid,
  name: string,
): Step<QueueState> {
  const own: QueueState = {
    ...state,
    phase: "owner",
    node,
    token,
    told: token,
    before: null,
    after: null,
  };
  const acts = work(behaviour, token);
  // It has only made sure of what it had.
  if (state.after === null && token === state.told) return step(own, ...acts);
  const { after } = state;
  const fact: AppFact =
    behaviour.type === "candidate"
      ? {
          type: "lock.acquired",
          name,
          kind: "overseer",
          afterFix: behaviour.fixed ?? false,
          ...(after === null ? {} : { after }),
        }
      : { type: "lock.acquired", name, kind: "lock" };
  return step(own, { type: "tell", fact }, ...acts);
}

function work(behaviour: Behaviour, token: Zxid): readonly Act[] {
  return [
    { type: "act as owner", lock: behaviour.lock, token },
    { type: "wait", timer: "work", ms: behaviour.workMs },
  ];
}
