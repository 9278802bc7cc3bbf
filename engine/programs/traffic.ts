import { createOf } from "../net/request";
import { ask, createParents, type Happening, isLost, type Step, step } from "./program";

/** Reads `path` so often, as long as it is connected, whether or not earlier reads have been answered. */
export interface Reader {
  readonly type: "reader";
  readonly path: string;
  readonly everyMs: number;
}

export interface ReaderState {
  readonly connected: boolean;
}

export const idleReader: ReaderState = { connected: false };

export function reader(
  behaviour: Reader,
  state: ReaderState,
  happening: Happening,
): Step<ReaderState> {
  switch (happening.type) {
    case "begin":
      return step(state, { type: "wait", timer: "act", ms: behaviour.everyMs, spread: true });
    case "state": {
      const connected =
        happening.state === "SyncConnected" || happening.state === "ConnectedReadOnly";
      return happening.state === "Expired"
        ? step({ connected }, { type: "open a handle" })
        : step({ connected });
    }
    case "timer": {
      const again = { type: "wait", timer: "act", ms: behaviour.everyMs } as const;
      return state.connected
        ? step(state, again, ask("read", { type: "getData", path: behaviour.path }))
        : step(state, again);
    }
    default:
      return step(state);
  }
}

/** Writes a counter to `path` so often, one write at a time: the next one waits for the answer. */
export interface Writer {
  readonly type: "writer";
  readonly path: string;
  readonly everyMs: number;
}

export interface WriterState {
  readonly connected: boolean;
  /** Is a request of its own open? */
  readonly waiting: boolean;
  /** Is the node there, as far as it knows? */
  readonly exists: boolean;
  readonly written: number;
}

export const idleWriter: WriterState = {
  connected: false,
  waiting: false,
  exists: false,
  written: 0,
};

export function writer(
  behaviour: Writer,
  state: WriterState,
  happening: Happening,
): Step<WriterState> {
  const { path, everyMs } = behaviour;
  switch (happening.type) {
    case "begin":
      return step(state, { type: "wait", timer: "act", ms: everyMs, spread: true });
    case "state": {
      const next = { ...state, connected: happening.state === "SyncConnected" };
      return happening.state === "Expired" ? step(next, { type: "open a handle" }) : step(next);
    }
    case "timer": {
      const again = { type: "wait", timer: "act", ms: everyMs } as const;
      if (!state.connected || state.waiting) return step(state, again);
      const data = `${state.written}`;
      const op = state.exists
        ? ({ type: "setData", path, data, version: -1 } as const)
        : createOf(path, data);
      return step({ ...state, waiting: true }, again, ask("write", op));
    }
    case "result": {
      if (happening.tag !== "write") return step(state);
      const { code } = happening.reply;
      const waiting = false;
      switch (code) {
        case "OK":
          return step({ ...state, waiting, exists: true, written: state.written + 1 });
        case "NODEEXISTS":
          return step({ ...state, waiting, exists: true });
        case "NONODE":
          // A create without a parent; or the node is gone, or was never made because the create was lost.
          return state.exists
            ? step({ ...state, waiting, exists: false })
            : step({ ...state, waiting }, ...createParents(path));
        default:
          return step(
            isLost(code)
              ? { ...state, waiting, written: state.written + 1 }
              : { ...state, waiting },
          );
      }
    }
    default:
      return step(state);
  }
}
