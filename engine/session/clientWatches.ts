import type { Operation, SetWatches, WatchEventType } from "../net/request";
import type { ErrorCode } from "../tree/txn";
import type { Zxid } from "../zxid";

type Paths = Readonly<Record<string, true>>;

/** What a client watches, by kind. Source: ZKWatchManager. */
export interface ClientWatches {
  readonly data: Paths;
  /** Watches for a node that was not there when they were set. */
  readonly exist: Paths;
  readonly child: Paths;
  readonly persistent: Paths;
  readonly recursive: Paths;
}
type Kind = keyof ClientWatches;

export const noWatches: ClientWatches = {
  data: {},
  exist: {},
  child: {},
  persistent: {},
  recursive: {},
};

/**
 * The reply says whether the watch that was asked for stands: exists also sets one on a node that is missing, the
 * others do not. Source: ZooKeeper.DataWatchRegistration, ExistsWatchRegistration, ChildWatchRegistration,
 * AddWatchRegistration.
 */
export function registerWatch(
  watches: ClientWatches,
  op: Operation,
  code: ErrorCode,
): ClientWatches {
  const kind = registered(op, code);
  return kind === null || !("path" in op) ? watches : add(watches, kind, op.path);
}

function registered(op: Operation, code: ErrorCode): Kind | null {
  switch (op.type) {
    case "getData":
      return op.watch === true && code === "OK" ? "data" : null;
    case "exists":
      if (op.watch !== true) return null;
      return code === "OK" ? "data" : code === "NONODE" ? "exist" : null;
    case "getChildren":
    case "getChildren2":
      return op.watch === true && code === "OK" ? "child" : null;
    case "addWatch":
      if (code !== "OK") return null;
      return op.mode === "PERSISTENT" ? "persistent" : "recursive";
    default:
      return null;
  }
}

function add(watches: ClientWatches, kind: Kind, path: string): ClientWatches {
  return { ...watches, [kind]: { ...watches[kind], [path]: true } };
}

function without(watches: ClientWatches, kind: Kind, path: string): ClientWatches {
  if (watches[kind][path] === undefined) return watches;
  const rest: Record<string, true> = { ...watches[kind] };
  delete rest[path];
  return { ...watches, [kind]: rest };
}

/** Which one-time watches an event uses up. */
const USED_UP: Readonly<Record<WatchEventType, readonly Kind[]>> = {
  NodeCreated: ["data", "exist"],
  NodeDataChanged: ["data", "exist"],
  NodeChildrenChanged: ["child"],
  NodeDeleted: ["data", "exist", "child"],
  DataWatchRemoved: [],
  ChildWatchRemoved: [],
  PersistentWatchRemoved: [],
};

/**
 * An event has come: is anybody waiting for it? One-time watches are used up by it. Source: ZKWatchManager.materialize.
 */
export function takeEvent(
  watches: ClientWatches,
  event: WatchEventType,
  path: string,
): { readonly watches: ClientWatches; readonly wanted: boolean } {
  const used = USED_UP[event].filter((kind) => watches[kind][path] !== undefined);
  let rest = watches;
  for (const kind of used) rest = without(rest, kind, path);
  const wanted =
    used.length > 0 ||
    watches.persistent[path] !== undefined ||
    (event !== "NodeChildrenChanged" && isBelow(watches.recursive, path));
  return { watches: rest, wanted };
}

/** Is the path one of these, or below one? */
function isBelow(paths: Paths, path: string): boolean {
  for (let at = path; at !== "";) {
    if (paths[at] !== undefined) return true;
    if (at === "/") return false;
    at = at.slice(0, Math.max(at.lastIndexOf("/"), 1));
  }
  return false;
}

/** What removeWatches takes away here, and the events that tell of it. Source: ZKWatchManager.removeWatcher. */
export function removeWatches(
  watches: ClientWatches,
  path: string,
  type: "Children" | "Data" | "Any",
): { readonly watches: ClientWatches; readonly events: readonly WatchEventType[] } {
  const kinds: Readonly<Record<typeof type, readonly Kind[]>> = {
    Children: ["child"],
    Data: ["data", "exist"],
    Any: ["child", "data", "exist", "persistent", "recursive"],
  };
  let rest = watches;
  const events: WatchEventType[] = [];
  for (const kind of kinds[type]) {
    if (watches[kind][path] === undefined) continue;
    rest = without(rest, kind, path);
    const event = REMOVED[kind];
    if (!events.includes(event)) events.push(event);
  }
  return { watches: rest, events };
}

const REMOVED: Readonly<Record<Kind, WatchEventType>> = {
  data: "DataWatchRemoved",
  exist: "DataWatchRemoved",
  child: "ChildWatchRemoved",
  persistent: "PersistentWatchRemoved",
  recursive: "PersistentWatchRemoved",
};

/** No piece of a setWatches is much longer than this, in characters of paths. Source: ClientCnxn.SET_WATCHES_MAX_LENGTH. */
const LONGEST_PIECE = 128 * 1024;

/**
 * What is said after a reconnect, in pieces and in the order of sending: each piece is put in front of those before it.
 * Source: ClientCnxn.SendThread.primeConnection.
 * Simpler than real: within a kind the paths stand as they were set, not as a HashMap holds them.
 */
export function setWatchesOf(watches: ClientWatches, lastZxid: Zxid): readonly SetWatches[] {
  const all = (["data", "exist", "child", "persistent", "recursive"] as const).flatMap((kind) =>
    Object.keys(watches[kind]).map((path) => ({ kind, path })),
  );
  const pieces: SetWatches[] = [];
  for (let from = 0; from < all.length;) {
    let length = 0;
    let to = from;
    for (; to < all.length && length < LONGEST_PIECE; to += 1) length += all[to]?.path.length ?? 0;
    const piece = all.slice(from, to);
    const of = (kind: Kind) => piece.filter((one) => one.kind === kind).map(({ path }) => path);
    const common = {
      relativeZxid: lastZxid,
      dataWatches: of("data"),
      existWatches: of("exist"),
      childWatches: of("child"),
    };
    const [persistentWatches, recursiveWatches] = [of("persistent"), of("recursive")];
    pieces.unshift(
      persistentWatches.length + recursiveWatches.length === 0
        ? { type: "setWatches", ...common }
        : { type: "setWatches2", ...common, persistentWatches, recursiveWatches },
    );
    from = to;
  }
  return pieces;
}
