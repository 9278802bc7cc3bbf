import type { Zxid } from "../zxid";
import type { Acl } from "./acl";
import type { TreeChange } from "./applyTxn";
import { type DataTree, nodeAt } from "./dataTree";
import { parentOf } from "./path";
import {
  eachEntry,
  emptyMap,
  entryOf,
  keysOf,
  type PersistentMap,
  withEntry,
  withoutEntry,
} from "./persistentMap";

/** How releases differ about watches. */
export interface WatchRules {
  /**
   * What several watches of one connection on one path are. `one`: the last one set counts, in each table;
   * `each`: they stand side by side. Source: WatcherModeManager (3.8), WatchStats (3.9, ZOOKEEPER-4466).
   */
  readonly watchModes: "one" | "each";
  /** Is a connection that may not read the znode told nothing? Source: NIOServerCnxn.process (CVE-2024-23944). */
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
  /** How many (path, connection) pairs of the data table are recursive: with none, no parent is looked at. */
  readonly recursive: number;
}

export type NodeEvent = "NodeCreated" | "NodeDeleted" | "NodeDataChanged" | "NodeChildrenChanged";

/** One event for one connection. */
export interface FiredWatch {
  readonly connection: number;
  readonly event: NodeEvent;
  readonly path: string;
}

/** May this connection read a znode with this ACL? */
export type MayRead = (connection: number, acl: readonly Acl[]) => boolean;

export function emptyWatches(): Watches {
  return { data: emptyMap(), child: emptyMap(), paths: emptyMap(), recursive: 0 };
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
    case "persistent":
    case "persistentRecursive": {
      const mode = kind === "persistent" ? PERSISTENT : RECURSIVE;
      const inData = withModes(watches, "data", connection, path, rules, mode);
      return withModes(inData, "child", connection, path, rules, mode);
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
    recursive: watches.recursive + recursiveNow - recursiveBefore,
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
  if (hearsBelow && watches.recursive > 0) {
    for (let above = parentOf(path); above !== null; above = parentOf(above)) {
      eachEntry(entryOf(watches[table], above) ?? emptyMap<Modes>(), (key, modes) => {
        if (modes & RECURSIVE) connections.add(Number(key));
      });
    }
  }
  return { watches: left, connections: [...connections].sort((a, b) => a - b) };
}

/** Which watches a client means. Source: Watcher.WatcherType. */
export type WatchTableName = "Children" | "Data" | "Any";

/** Source: DataTree.containsWatcher. */
export function containsWatch(
  watches: Watches,
  connection: number,
  path: string,
  which: WatchTableName,
): boolean {
  const inData = modesOf(watches, "data", connection, path) !== 0;
  const inChild = modesOf(watches, "child", connection, path) !== 0;
  return which === "Data" ? inData : which === "Children" ? inChild : inData || inChild;
}

/** Source: DataTree.removeWatch. */
export function removeWatches(
  watches: Watches,
  connection: number,
  path: string,
  which: WatchTableName,
): Watches {
  const inData = which === "Children" ? watches : setModes(watches, "data", connection, path, 0);
  return which === "Data" ? inData : setModes(inData, "child", connection, path, 0);
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
    left = removeWatches(left, connection, path, "Any");
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
