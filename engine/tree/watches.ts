import type { Zxid } from "../zxid";
import type { Acl } from "./acl";
import type { TreeChange } from "./applyTxn";
import { type DataTree, nodeAt } from "./dataTree";
import { parentOf } from "./path";
import {
  eachEntry,
  emptyMap,
  entryOf,
  hasEntry,
  keysOf,
  type PersistentMap,
  withEntry,
  withoutEntry,
} from "./persistentMap";

/** How releases differ about watches. */
export interface WatchRules {
  /**
   * What several watches of one connection on one path are. `one`: in each table the last one set counts, and any of
   * them answers for all; `each`: they stand side by side and are removed by kind, and a recursive one is in the data
   * table only. Source: WatcherModeManager (3.8); WatchStats (3.9: ZOOKEEPER-4466, 4472, 4475).
   */
  readonly watchModes: "one" | "each";
  /**
   * Is a connection that may not read the znode told nothing? Upstream 3.8.0 to 3.8.3 tell everybody; the build that
   * the recordings come from asks. Source: NIOServerCnxn.process (CVE-2024-23944).
   */
  readonly watchesAskAcl: boolean;
}

/** Set by getData and exists; by getChildren; by addWatch. Source: WatcherMode. */
export type WatchKind = "data" | "child" | "persistent" | "persistentRecursive";

/** Of one connection on one path: a sum of bits, never 0. */
type Modes = number;
const STANDARD = 1;
const PERSISTENT = 2;
const RECURSIVE = 4;

/** By path, then by connection number. Source: WatchManager.watchTable. */
type WatchTable = PersistentMap<PersistentMap<Modes>>;

/** The watches of one server's connections, in memory only. Source: DataTree.dataWatches, childWatches. */
export interface Watches {
  readonly data: WatchTable;
  readonly child: WatchTable;
  /** The paths that each connection watches in either table. Source: WatchManager.watch2Paths. */
  readonly paths: PersistentMap<PersistentMap<true>>;
  /** How many pairs of path and connection are recursive in each table: with none, no parent is looked at. */
  readonly recursive: { readonly data: number; readonly child: number };
}

export type NodeEvent = "NodeCreated" | "NodeDeleted" | "NodeDataChanged" | "NodeChildrenChanged";

/** One event for one connection. */
export interface FiredWatch {
  readonly connection: number;
  readonly event: NodeEvent;
  readonly path: string;
}

/** May this connection read a znode with this list? */
export type MayRead = (connection: number, acl: readonly Acl[]) => boolean;

const NONE = { data: 0, child: 0 };

export function emptyWatches(): Watches {
  return { data: emptyMap(), child: emptyMap(), paths: emptyMap(), recursive: NONE };
}

/** Source: WatchManager.addWatch, DataTree.addWatch. */
export function addWatch(
  watches: Watches,
  connection: number,
  kind: WatchKind,
  path: string,
  rules: WatchRules,
): Watches {
  switch (kind) {
    case "data":
      return withModes(watches, "data", connection, path, rules, STANDARD);
    case "child":
      return withModes(watches, "child", connection, path, rules, STANDARD);
    case "persistent": {
      const inData = withModes(watches, "data", connection, path, rules, PERSISTENT);
      return withModes(inData, "child", connection, path, rules, PERSISTENT);
    }
    case "persistentRecursive": {
      const inData = withModes(watches, "data", connection, path, rules, RECURSIVE);
      if (rules.watchModes === "each") return inData;
      return withModes(inData, "child", connection, path, rules, RECURSIVE);
    }
  }
}

function withModes(
  watches: Watches,
  table: "data" | "child",
  connection: number,
  path: string,
  rules: WatchRules,
  mode: Modes,
): Watches {
  const before = modesOf(watches, table, connection, path);
  const modes = rules.watchModes === "each" ? before | mode : mode;
  return setModes(watches, table, connection, path, modes);
}

function modesOf(
  watches: Watches,
  table: "data" | "child",
  connection: number,
  path: string,
): Modes {
  return entryOf(entryOf(watches[table], path) ?? emptyMap<Modes>(), String(connection)) ?? 0;
}

/** The one place where a table changes. No modes: the pair is no longer in it. */
function setModes(
  watches: Watches,
  table: "data" | "child",
  connection: number,
  path: string,
  modes: Modes,
): Watches {
  const before = modesOf(watches, table, connection, path);
  if (before === modes) return watches;
  const key = String(connection);
  const list = entryOf(watches[table], path) ?? emptyMap<Modes>();
  const changed = modes === 0 ? withoutEntry(list, key) : withEntry(list, key, modes);
  const whole =
    changed.size === 0
      ? withoutEntry(watches[table], path)
      : withEntry(watches[table], path, changed);
  const other = modesOf(watches, table === "data" ? "child" : "data", connection, path);
  const held = entryOf(watches.paths, key) ?? emptyMap<true>();
  const paths = modes === 0 && other === 0 ? withoutEntry(held, path) : withEntry(held, path, true);
  const recursiveBefore = before & RECURSIVE ? 1 : 0;
  const recursiveNow = modes & RECURSIVE ? 1 : 0;
  return {
    ...watches,
    [table]: whole,
    paths:
      paths.size === 0 ? withoutEntry(watches.paths, key) : withEntry(watches.paths, key, paths),
    recursive:
      recursiveNow === recursiveBefore
        ? watches.recursive
        : {
            ...watches.recursive,
            [table]: watches.recursive[table] + recursiveNow - recursiveBefore,
          },
  };
}

/**
 * Tells the watches of what a transaction changed: what is sent, in order, and the watches that are left.
 * Source: DataTree.createNode, deleteNode, setData.
 */
export function fireWatches(
  watches: Watches,
  changes: readonly TreeChange[],
  rules: WatchRules,
  mayRead: MayRead,
): { readonly watches: Watches; readonly fired: readonly FiredWatch[] } {
  const fired: FiredWatch[] = [];
  let left = watches;
  const trigger = (
    table: "data" | "child",
    path: string,
    event: NodeEvent,
    acl: readonly Acl[],
    told: ReadonlySet<number>,
  ): ReadonlySet<number> => {
    const found = triggerOf(left, table, path, event);
    left = found.watches;
    for (const connection of found.connections) {
      if (told.has(connection)) continue;
      if (rules.watchesAskAcl && !mayRead(connection, acl)) continue;
      fired.push({ connection, event, path });
    }
    return new Set(found.connections);
  };
  if (watches.paths.size === 0) return { watches, fired };
  const nobody = new Set<number>();
  for (const { type, path, acl, parentAcl } of changes) {
    switch (type) {
      case "dataChanged":
        trigger("data", path, "NodeDataChanged", acl, nobody);
        break;
      case "created":
        trigger("data", path, "NodeCreated", acl, nobody);
        trigger("child", parentOf(path) ?? "/", "NodeChildrenChanged", parentAcl, nobody);
        break;
      case "deleted": {
        const told = trigger("data", path, "NodeDeleted", acl, nobody);
        trigger("child", path, "NodeDeleted", acl, told);
        trigger("child", parentOf(path) ?? "/", "NodeChildrenChanged", parentAcl, nobody);
        break;
      }
    }
  }
  return { watches: left, fired };
}

/**
 * Whom one event concerns: the path's own watches, of which the standard ones are used up, and the recursive ones on
 * the way to the root, which hear nothing of children. Source: WatchManager.triggerWatch, PathParentIterator.
 */
function triggerOf(
  watches: Watches,
  table: "data" | "child",
  path: string,
  event: NodeEvent,
): { readonly watches: Watches; readonly connections: readonly number[] } {
  const connections = new Set<number>();
  const hearsBelow = event !== "NodeChildrenChanged";
  let left = watches;
  const own = entryOf(watches[table], path);
  if (own !== undefined) {
    eachEntry(own, (key, modes) => {
      const connection = Number(key);
      if (modes & (STANDARD | PERSISTENT) || hearsBelow) connections.add(connection);
      if (modes & STANDARD) left = setModes(left, table, connection, path, modes - STANDARD);
    });
  }
  if (hearsBelow && watches.recursive[table] > 0) {
    for (let above = parentOf(path); above !== null; above = parentOf(above)) {
      eachEntry(entryOf(watches[table], above) ?? emptyMap<Modes>(), (key, modes) => {
        if (modes & RECURSIVE) connections.add(Number(key));
      });
    }
  }
  return { watches: left, connections: [...connections].sort((a, b) => a - b) };
}

/**
 * Which watches a client means. Source: Watcher.WatcherType.
 * Simpler than real: 3.9 also knows persistent and recursive ones by themselves.
 */
export type WatcherType = "Children" | "Data" | "Any";

/** The modes meant, in each table. Source: DataTree.removeWatch, containsWatcher. */
function meant(type: WatcherType, { watchModes }: WatchRules): { data: Modes; child: Modes } {
  const all = STANDARD + PERSISTENT + RECURSIVE;
  switch (type) {
    case "Any":
      return { data: all, child: all };
    case "Data":
      return { data: watchModes === "each" ? STANDARD : all, child: 0 };
    case "Children":
      return { data: 0, child: watchModes === "each" ? STANDARD : all };
  }
}

/**
 * Does the connection watch this path so? Where modes are `one`, a watch of anybody on the path answers yes, and a
 * path without a slash makes the request unreadable (null).
 * Source: DataTree.containsWatcher; WatchManager.containsWatcher; PathParentIterator.next.
 */
export function containsWatch(
  watches: Watches,
  connection: number,
  path: string,
  type: WatcherType,
  rules: WatchRules,
): boolean | null {
  const modes = meant(type, rules);
  for (const table of ["child", "data"] as const) {
    if (modes[table] === 0) continue;
    if (rules.watchModes === "each") {
      if ((modesOf(watches, table, connection, path) & modes[table]) !== 0) return true;
    } else if (path !== "") {
      if (!path.includes("/")) return null;
      if (hasEntry(watches[table], path)) return true;
    }
  }
  return false;
}

/** The same watches when there was none to remove. Source: DataTree.removeWatch. */
export function removeWatches(
  watches: Watches,
  connection: number,
  path: string,
  type: WatcherType,
  rules: WatchRules,
): Watches {
  const { data, child } = meant(type, rules);
  const inData = modesOf(watches, "data", connection, path);
  const inChild = modesOf(watches, "child", connection, path);
  const left = setModes(watches, "data", connection, path, inData & ~data);
  return setModes(left, "child", connection, path, inChild & ~child);
}

/** The watches a client held on its last connection, and the last zxid it saw there. */
export interface HeldWatches {
  readonly relativeZxid: Zxid;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
  readonly persistentWatches?: readonly string[];
  readonly recursiveWatches?: readonly string[];
}

/** Sets a client's watches anew; what has happened meanwhile fires at once instead. Source: DataTree.setWatches. */
export function setWatches(
  watches: Watches,
  tree: DataTree,
  connection: number,
  held: HeldWatches,
  rules: WatchRules,
): { readonly watches: Watches; readonly fired: readonly FiredWatch[] } {
  const fired: FiredWatch[] = [];
  let next = watches;
  const fire = (event: NodeEvent, path: string) => fired.push({ connection, event, path });
  const set = (kind: WatchKind, path: string) => {
    next = addWatch(next, connection, kind, path, rules);
  };
  for (const path of held.dataWatches) {
    const node = nodeAt(tree, path);
    if (node === null) fire("NodeDeleted", path);
    else if (node.mzxid > held.relativeZxid) fire("NodeDataChanged", path);
    else set("data", path);
  }
  for (const path of held.existWatches) {
    if (nodeAt(tree, path) !== null) fire("NodeCreated", path);
    else set("data", path);
  }
  for (const path of held.childWatches) {
    const node = nodeAt(tree, path);
    if (node === null) fire("NodeDeleted", path);
    else if (node.pzxid > held.relativeZxid) fire("NodeChildrenChanged", path);
    else set("child", path);
  }
  for (const path of held.persistentWatches ?? []) set("persistent", path);
  for (const path of held.recursiveWatches ?? []) set("persistentRecursive", path);
  return { watches: next, fired };
}

/** The connection is gone, and with it all its watches. Source: DataTree.removeCnxn. */
export function forgetConnection(watches: Watches, connection: number): Watches {
  let left = watches;
  for (const path of keysOf(entryOf(watches.paths, String(connection)) ?? emptyMap()))
    left = setModes(setModes(left, "data", connection, path, 0), "child", connection, path, 0);
  return left;
}

/** How many watches there are: a path that a connection watches in both tables counts twice. Source: DataTree.getWatchCount. */
export function watchCount(watches: Watches): number {
  let count = 0;
  const add = (_path: string, list: PersistentMap<Modes>) => {
    count += list.size;
  };
  eachEntry(watches.data, add);
  eachEntry(watches.child, add);
  return count;
}
