import { createOf } from "../net/request";
import type { SessionId } from "../tree/txn";
import { ask, createParents, type Act, type Happening, isLost, type Step, step } from "./program";

/** A service that is listed while its session lives: one ephemeral node at `path`. */
export interface Provider {
  readonly type: "provider";
  readonly path: string;
  /** Does it register again when it has another session? */
  readonly reregister: boolean;
  /**
   * The node is there already, perhaps from its own last session, which will soon take it away: count that as done, or
   * make it its own.
   */
  readonly onNodeExists: "success" | "recreate-if-foreign";
  /** Has the learner set it right? */
  readonly fixed?: boolean;
}

export interface ProviderState {
  readonly session: SessionId | null;
  /** Sessions it has had. */
  readonly sessions: number;
  /** Is it listed, as far as it knows? */
  readonly registered: boolean;
}

export const idleProvider: ProviderState = { session: null, sessions: 0, registered: false };

export function provider(
  behaviour: Provider,
  state: ProviderState,
  happening: Happening,
  name: string,
): Step<ProviderState> {
  const { path } = behaviour;
  const register = ask("register", createOf(path, name, "EPHEMERAL"));
  const look = ask("look", { type: "exists", path });
  switch (happening.type) {
    case "state":
      if (happening.state === "Expired")
        return step({ ...state, registered: false }, { type: "open a handle" });
      if (happening.state !== "SyncConnected") return step(state);
      if (happening.sessionId === state.session)
        // Was the create done whose answer was lost?
        return state.registered ? step(state) : step(state, look);
      return step(
        { session: happening.sessionId, sessions: state.sessions + 1, registered: false },
        ...(state.sessions > 0 && !behaviour.reregister ? [] : [register]),
      );
    case "result": {
      const { code, stat } = happening.reply;
      if (isLost(code)) return step(state);
      switch (happening.tag) {
        case "register":
          if (code === "OK") return registered(behaviour, state, name);
          if (code === "NONODE") return step(state, ...createParents(path), register);
          return behaviour.onNodeExists === "success"
            ? registered(behaviour, state, name)
            : step(state, look);
        case "look":
          if (stat === null) return step(state, register);
          if (stat.ephemeralOwner === state.session || behaviour.onNodeExists === "success")
            return registered(behaviour, state, name);
          return step(state, ask("remove", { type: "delete", path, version: -1 }));
        case "remove":
          return step(state, register);
        default:
          return step(state);
      }
    }
    default:
      return step(state);
  }
}

function registered(behaviour: Provider, state: ProviderState, name: string): Step<ProviderState> {
  const fact = {
    type: "app.registered" as const,
    name,
    afterFix: behaviour.fixed ?? false,
    newSession: state.sessions > 1,
  };
  return step({ ...state, registered: true }, { type: "tell", fact });
}

/**
 * Watches who is listed, keeps the list while it is away, and calls. Without services it watches the children of
 * `path`; with services those of `path`/service/providers, and calls one of each service every `callMs`.
 */
export interface Consumer {
  readonly type: "consumer";
  readonly path: string;
  readonly services: readonly string[];
  readonly callMs: number;
}

export interface ConsumerState {
  /** Who is listed under each directory, as far as it knows. */
  readonly cache: Readonly<Record<string, readonly string[]>>;
}

export const idleConsumer: ConsumerState = { cache: {} };

/** The directories a consumer watches. */
export function directoriesOf({ path, services }: Consumer): readonly string[] {
  return services.length === 0 ? [path] : services.map((service) => directoryOf(path, service));
}

const directoryOf = (path: string, service: string) => `${path}/${service}/providers`;
const read = (path: string): Act => ask(path, { type: "getChildren", path, watch: true });
const await_ = (path: string): Act => ask(path, { type: "exists", path, watch: true });

export function consumer(
  behaviour: Consumer,
  state: ConsumerState,
  happening: Happening,
): Step<ConsumerState> {
  const directories = directoriesOf(behaviour);
  switch (happening.type) {
    case "begin":
      return behaviour.services.length === 0
        ? step(state)
        : step(state, { type: "wait", timer: "call", ms: behaviour.callMs });
    case "state":
      if (happening.state === "Expired") return step(state, { type: "open a handle" });
      // Set watches come again by themselves, but an answer may have been lost.
      return happening.state === "SyncConnected"
        ? step(state, ...directories.map(read))
        : step(state);
    case "result": {
      const { tag, op, reply } = happening;
      if (isLost(reply.code)) return step(state);
      if (op.type === "exists") return reply.code === "OK" ? step(state, read(tag)) : step(state);
      if (reply.children !== undefined)
        return step({ cache: { ...state.cache, [tag]: reply.children } });
      return step({ cache: { ...state.cache, [tag]: [] } }, await_(tag));
    }
    case "watch":
      return directories.includes(happening.path) ? step(state, read(happening.path)) : step(state);
    case "timer":
      return step(
        state,
        { type: "wait", timer: "call", ms: behaviour.callMs },
        ...behaviour.services.map((service): Act => ({
          type: "call",
          service,
          providers: state.cache[directoryOf(behaviour.path, service)] ?? [],
        })),
      );
    default:
      return step(state);
  }
}
