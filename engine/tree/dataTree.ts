import type { Zxid } from "../zxid";
import { OPEN_ACL, READ_ACL } from "./acl";
import { nameOf, parentOf } from "./path";
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
import { LIMITS, printStatsTrack, QUOTA_ROOT, statsPath } from "./quotas";
import type { SessionId } from "./txn";
import { bytesOf, type Data, type Stat, type Znode } from "./znode";

/** A znode with the names of its children. */
export interface TreeNode extends Znode {
  readonly children: PersistentMap<true>;
}

/**
 * All znodes by path, as in ZooKeeper, and what finds some of them without a search. A change shares all that it does
 * not touch with the old tree, which stays what it was, so a snapshot costs nothing.
 * Source: DataTree: nodes, ephemerals, containers, ttls.
 */
export interface DataTree {
  readonly nodes: PersistentMap<TreeNode>;
  /** The paths that die with each session. */
  readonly ephemerals: PersistentMap<PersistentMap<true>>;
  /** The paths of containers and of nodes with a time to live. */
  readonly containers: PersistentMap<true>;
  readonly ttls: PersistentMap<true>;
  /** The paths that have a quota. Source: DataTree.pTrie. */
  readonly quotas: PersistentMap<true>;
  /** Length of all paths and data. Source: DataTree.nodeDataSize. */
  readonly dataSizeBytes: number;
}

/** The tree of a server with an empty disk. Source: DataTree, the constructor without arguments; addConfigNode. */
export function emptyTree(): DataTree {
  let nodes = emptyMap<TreeNode>();
  nodes = withEntry(nodes, "/", builtIn(["zookeeper"]));
  nodes = withEntry(nodes, "/zookeeper", builtIn(["quota", "config"]));
  nodes = withEntry(nodes, "/zookeeper/quota", builtIn([]));
  const config = { ...builtIn([]), acl: READ_ACL, aversion: -1 };
  nodes = withEntry(nodes, "/zookeeper/config", config);
  return {
    nodes,
    ephemerals: emptyMap(),
    containers: emptyMap(),
    ttls: emptyMap(),
    quotas: emptyMap(),
    dataSizeBytes: "/".length + "/zookeeper".length + "/zookeeper/quota/zookeeper/config".length,
  };
}

/** Built-in nodes come with zero in every field; their children were never counted. */
function builtIn(names: readonly string[]): TreeNode {
  return {
    data: "",
    acl: OPEN_ACL,
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctimeMs: 0,
    mtimeMs: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: null,
    container: false,
    ttlMs: null,
    children: names.reduce((map, name) => withEntry(map, name, true), emptyMap<true>()),
  };
}

/** The znode at a path, or null. */
export function nodeAt(tree: DataTree, path: string): Znode | null {
  return treeNodeAt(tree, path);
}

/** The empty path is another name of the root. Source: DataTree, the constructor: nodes.put("", root). */
export function treeNodeAt(tree: DataTree, path: string): TreeNode | null {
  return entryOf(tree.nodes, path === "" ? "/" : path) ?? null;
}

/** What `stat` shows of a znode, or null when there is none. Source: DataTree.statNode. */
export function statOf(tree: DataTree, path: string): Stat | null {
  const node = treeNodeAt(tree, path);
  return node === null ? null : showStat(node);
}

/** The names of the children in alphabetical order, or null when there is no such znode. Source: DataTree.getChildren. */
export function childrenOf(tree: DataTree, path: string): string[] | null {
  const node = treeNodeAt(tree, path);
  return node === null ? null : keysOf(node.children);
}

export function numChildrenOf(tree: DataTree, path: string): number {
  return treeNodeAt(tree, path)?.children.size ?? 0;
}

/**
 * The paths that die with a session. Source: DataTree.getEphemerals.
 * Simpler than real: in alphabetical order, where ZooKeeper takes them as they lie in its hash table.
 */
export function ephemeralsOf(tree: DataTree, sessionId: SessionId): string[] {
  return keysOf(entryOf(tree.ephemerals, sessionId) ?? emptyMap());
}

/** How many znodes there are, as the server counts them: the root has two names. Source: DataTree.getNodeCount. */
export function nodeCount(tree: DataTree): number {
  return tree.nodes.size + 1;
}

/** How many znodes hang below a path, at any depth. Source: DataTree.getAllChildrenNumber. */
export function descendantCount(tree: DataTree, path: string): number {
  if (path === "/") return tree.nodes.size - 1;
  if (path === "") return tree.nodes.size;
  const node = treeNodeAt(tree, path);
  if (node === null) return 0;
  let count = node.children.size;
  eachEntry(node.children, (name) => {
    count += descendantCount(tree, `${path}/${name}`);
  });
  return count;
}

/**
 * The cversion that is shown counts creates and deletes of children: twice the stored one, less those that live.
 * Source: DataNode.copyStat.
 */
export function showStat(node: TreeNode): Stat {
  const numChildren = node.children.size;
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    pzxid: node.pzxid,
    ctimeMs: node.ctimeMs,
    mtimeMs: node.mtimeMs,
    version: node.version,
    aversion: node.aversion,
    cversion: (node.cversion * 2 - numChildren) | 0,
    ephemeralOwner: node.ephemeralOwner,
    dataLength: bytesOf(node.data),
    numChildren,
  };
}

/** The deepest path with a quota that a path is at or below, or null. Source: DataTree.getMaxPrefixWithQuota, PathTrie. */
export function quotaOver(tree: DataTree, path: string): string | null {
  if (tree.quotas.size === 0) return null;
  for (let at: string | null = path; at !== null; at = parentOf(at))
    if (hasEntry(tree.quotas, at)) return at;
  return null;
}

/** Nodes and bytes of a subtree, the node itself included. Source: DataTree.getCounts. */
function countsOf(tree: DataTree, path: string): { count: number; bytes: number } {
  const node = treeNodeAt(tree, path);
  if (node === null) return { count: 0, bytes: 0 };
  const sum = { count: 1, bytes: bytesOf(node.data) };
  eachEntry(node.children, (name) => {
    const below = countsOf(tree, `${path}/${name}`);
    sum.count += below.count;
    sum.bytes += below.bytes;
  });
  return sum;
}

/** Other data without a trace in the stat and without a word to watches, as the server itself writes. */
export function withQuietData(tree: DataTree, path: string, data: Data): DataTree {
  const before = treeNodeAt(tree, path);
  if (before === null) return tree;
  const dataSizeBytes = tree.dataSizeBytes + bytesOf(data) - bytesOf(before.data);
  return { ...withNode(tree, path, { ...before, data }), dataSizeBytes };
}

/**
 * The tree with this membership in `/zookeeper/config`; `version` is that of the membership. A server writes it for
 * itself, at its own time, when it reads its files. Source: ZKDatabase.initConfigInZKDatabase.
 */
export function withConfig(tree: DataTree, text: string, version: Zxid, timeMs: number): DataTree {
  const path = "/zookeeper/config";
  const node = treeNodeAt(tree, path);
  if (node === null) return tree;
  const stamped = { ...node, version: -1, mzxid: version, mtimeMs: timeMs };
  return withQuietData(withNode(tree, path, stamped), path, text);
}

/** The tree with the node at an existing path exchanged. */
export function withNode(tree: DataTree, path: string, changed: TreeNode): DataTree {
  return { ...tree, nodes: withEntry(tree.nodes, path, changed) };
}

/**
 * The tree with a new znode in the lists of its kind.
 * Simpler than real: a server without extended types takes a node with a time to live for an ephemeral of nobody.
 */
export function withKind(tree: DataTree, path: string, node: Znode): DataTree {
  if (node.container) return { ...tree, containers: withEntry(tree.containers, path, true) };
  if (node.ttlMs !== null) return { ...tree, ttls: withEntry(tree.ttls, path, true) };
  if (node.ephemeralOwner === null) return tree;
  const paths = entryOf(tree.ephemerals, node.ephemeralOwner) ?? emptyMap<true>();
  const grown = withEntry(paths, path, true);
  return { ...tree, ephemerals: withEntry(tree.ephemerals, node.ephemeralOwner, grown) };
}

export function withoutKind(tree: DataTree, path: string, node: Znode): DataTree {
  if (node.container) return { ...tree, containers: withoutEntry(tree.containers, path) };
  if (node.ttlMs !== null) return { ...tree, ttls: withoutEntry(tree.ttls, path) };
  const owner = node.ephemeralOwner;
  const paths = owner === null ? undefined : entryOf(tree.ephemerals, owner);
  if (owner === null || paths === undefined) return tree;
  const left = withoutEntry(paths, path);
  const ephemerals =
    left.size === 0
      ? withoutEntry(tree.ephemerals, owner)
      : withEntry(tree.ephemerals, owner, left);
  return { ...tree, ephemerals };
}

/**
 * The tree of these znodes, as they stand in a snapshot: parents before children. Whose child a znode is, its path
 * says, not what its parent had. Source: DataTree.deserialize, setupQuota.
 */
export function treeOf(znodes: Iterable<readonly [path: string, TreeNode]>): DataTree {
  const none: DataTree = { ...emptyTree(), nodes: emptyMap(), dataSizeBytes: 0 };
  let tree = none;
  const limited: string[] = [];
  for (const [path, node] of znodes) {
    const alone = { ...node, children: emptyMap<true>() };
    const dataSizeBytes = tree.dataSizeBytes + path.length + bytesOf(node.data);
    tree = withKind({ ...withNode(tree, path, alone), dataSizeBytes }, path, node);
    const parentPath = parentOf(path);
    const parent = parentPath === null ? null : treeNodeAt(tree, parentPath);
    if (parentPath !== null && parent !== null) {
      const children = withEntry<true>(parent.children, nameOf(path), true);
      tree = withNode(tree, parentPath, { ...parent, children });
    }
    const subtree = limitedBy(path);
    if (subtree !== null) limited.push(subtree);
  }
  for (const subtree of limited) {
    tree = { ...tree, quotas: withEntry(tree.quotas, subtree, true) };
    tree = withQuietData(tree, statsPath(subtree), usageText(tree, subtree));
  }
  return tree;
}

/** The path whose limits a znode holds, or null: the tree as a whole can have none. */
export function limitedBy(path: string): string | null {
  const end = `/${LIMITS}`;
  if (!path.startsWith(`${QUOTA_ROOT}/`) || !path.endsWith(end)) return null;
  const subtree = path.slice(QUOTA_ROOT.length, -end.length);
  return subtree === "" ? null : subtree;
}

/** What a usage node says of a subtree at first. Source: DataTree.updateQuotaForPath. */
export function usageText(tree: DataTree, subtree: string): string {
  const { count, bytes } = countsOf(tree, subtree);
  return printStatsTrack({ count, bytes, countHardLimit: null, byteHardLimit: null });
}
