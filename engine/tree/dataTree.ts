import type { Zxid } from "../zxid";
import { type Acl, OPEN_ACL, READ_ACL } from "./acl";
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
import type { ErrorCode, SessionId, Txn, TxnBody } from "./txn";
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
  /** Length of all paths and data. Source: DataTree.nodeDataSize. */
  readonly dataSizeBytes: number;
}

/** What happened to a znode, as watches are told of it. Source: DataTree, the calls of triggerWatch. */
export interface TreeChange {
  readonly type: "created" | "deleted" | "dataChanged";
  readonly path: string;
  /** Who may read the znode, and its parent: releases that ask tell nobody else. */
  readonly acl: readonly Acl[];
  readonly parentAcl: readonly Acl[];
}

/** What came of applying one transaction. Source: DataTree.ProcessTxnResult. */
export interface TxnResult {
  readonly type: TxnBody["type"];
  readonly code: ErrorCode;
  /** The znode concerned, or null. */
  readonly path: string | null;
  /** Of a create, setData and setACL: the znode's stat afterwards. */
  readonly stat: Stat | null;
  /** Of a multi: what came of each part. */
  readonly parts: readonly TxnResult[];
}

/** The tree after a transaction, its result, and the changes in the order in which watches are told. */
export interface Applied {
  readonly tree: DataTree;
  readonly result: TxnResult;
  readonly changes: readonly TreeChange[];
}

/** The tree of a server with an empty disk. Source: DataTree, the constructor without arguments; addConfigNode. */
export function emptyTree(): DataTree {
  let nodes = emptyMap<TreeNode>();
  nodes = withEntry(nodes, "/", builtIn(["zookeeper"]));
  nodes = withEntry(nodes, "/zookeeper", builtIn(["quota", "config"]));
  nodes = withEntry(nodes, "/zookeeper/quota", builtIn([]));
  const config = { ...builtIn([]), acl: READ_ACL, aversion: -1, version: -1 };
  nodes = withEntry(nodes, "/zookeeper/config", config);
  return {
    nodes,
    ephemerals: emptyMap(),
    containers: emptyMap(),
    ttls: emptyMap(),
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

function treeNodeAt(tree: DataTree, path: string): TreeNode | null {
  return entryOf(tree.nodes, path) ?? null;
}

/** What `stat` shows of a znode, or null when there is none. Source: DataTree.statNode. */
export function statOf(tree: DataTree, path: string): Stat | null {
  const node = treeNodeAt(tree, path);
  return node === null ? null : copyStat(node);
}

/** The names of the children in alphabetical order, or null when there is no such znode. Source: DataTree.getChildren. */
export function childrenOf(tree: DataTree, path: string): string[] | null {
  const node = treeNodeAt(tree, path);
  return node === null ? null : keysOf(node.children);
}

export function numChildrenOf(tree: DataTree, path: string): number {
  return treeNodeAt(tree, path)?.children.size ?? 0;
}

/** The paths that die with a session, in alphabetical order. Source: DataTree.getEphemerals. */
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
  const node = treeNodeAt(tree, path);
  if (node === null) return 0;
  let count = node.children.size;
  eachEntry(node.children, (name) => {
    count += descendantCount(tree, `${path}/${name}`);
  });
  return count;
}

/**
 * Applies one committed transaction. All that is decided (versions, times, names) stands in the transaction, so every
 * server comes to the same tree. A transaction that was applied before does no harm: a create of what exists only
 * raises the parent's cversion and pzxid, a delete of what is missing is passed over.
 * Source: DataTree.processTxn.
 */
export function applyTxn(tree: DataTree, txn: Txn): Applied {
  return applyBody(tree, txn, txn.body);
}

type TxnHeader = Pick<Txn, "zxid" | "sessionId" | "timeMs">;
type Body<T extends TxnBody["type"]> = Extract<TxnBody, { type: T }>;

function applyBody(tree: DataTree, header: TxnHeader, body: TxnBody): Applied {
  switch (body.type) {
    case "create":
    case "createContainer":
    case "createTTL":
      return create(tree, header, body);
    case "setData":
      return setData(tree, header, body);
    case "setACL":
      return setAcl(tree, body);
    case "delete":
      return deleteNode(tree, body.path, header.zxid);
    case "check":
      return unchanged(tree, body.type, "OK", body.path);
    case "multi":
      return applyMulti(tree, header, body.txns);
    case "closeSession":
      return killSession(tree, header.sessionId, header.zxid, body.ephemerals);
    case "createSession":
      return unchanged(tree, body.type, "OK", null);
    case "error":
      return unchanged(tree, body.type, body.code, null);
  }
}

function unchanged(
  tree: DataTree,
  type: TxnResult["type"],
  code: ErrorCode,
  path: string | null,
): Applied {
  return { tree, result: resultOf(type, code, path, null), changes: [] };
}

function resultOf(
  type: TxnResult["type"],
  code: ErrorCode,
  path: string | null,
  stat: Stat | null,
): TxnResult {
  return { type, code, path, stat, parts: [] };
}

/** Source: DataTree.processTxn, OpCode.multi. */
function applyMulti(before: DataTree, header: TxnHeader, txns: readonly TxnBody[]): Applied {
  const parts: TxnResult[] = [];
  const changes: TreeChange[] = [];
  let tree = before;
  for (const body of txns) {
    const applied = applyBody(tree, header, body);
    tree = applied.tree;
    parts.push(applied.result);
    changes.push(...applied.changes);
  }
  const refused = parts.find((one) => one.code !== "OK");
  const code = refused?.code ?? "OK";
  return { tree, result: { type: "multi", code, path: null, stat: null, parts }, changes };
}

/**
 * The parent's stored cversion counts the children ever created; the transaction carries its new value.
 * Source: DataTree.createNode, setCversionPzxid.
 */
function create(
  tree: DataTree,
  { zxid, timeMs, sessionId }: TxnHeader,
  body: Body<"create" | "createContainer" | "createTTL">,
): Applied {
  const { path, data, parentCVersion } = body;
  const name = nameOf(path);
  const parentPath = parentOf(path);
  const parent = parentPath === null ? null : treeNodeAt(tree, parentPath);
  if (parentPath === null || parent === null) return unchanged(tree, body.type, "NONODE", path);
  const counted =
    parentCVersion > parent.cversion
      ? { ...parent, cversion: parentCVersion, pzxid: zxid }
      : parent;
  if (hasEntry(parent.children, name))
    return unchanged(withNode(tree, parentPath, counted), body.type, "NODEEXISTS", path);
  const node: TreeNode = {
    data,
    acl: body.acl,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctimeMs: timeMs,
    mtimeMs: timeMs,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: body.type === "create" && body.ephemeral ? sessionId : null,
    container: body.type === "createContainer",
    ttlMs: body.type === "createTTL" ? body.ttlMs : null,
    children: emptyMap(),
  };
  const children = withEntry(counted.children, name, true);
  const nodes = withEntry(withEntry(tree.nodes, parentPath, { ...counted, children }), path, node);
  const dataSizeBytes = tree.dataSizeBytes + path.length + bytesOf(data);
  return {
    tree: indexed({ ...tree, nodes, dataSizeBytes }, path, node),
    result: resultOf(body.type, "OK", path, copyStat(node)),
    changes: [{ type: "created", path, acl: body.acl, parentAcl: parent.acl }],
  };
}

/** Source: DataTree.setData. */
function setData(
  tree: DataTree,
  { zxid, timeMs }: TxnHeader,
  { path, data, version }: Body<"setData">,
): Applied {
  const before = treeNodeAt(tree, path);
  if (before === null) return unchanged(tree, "setData", "NONODE", path);
  const node: TreeNode = { ...before, data, version, mzxid: zxid, mtimeMs: timeMs };
  const dataSizeBytes = tree.dataSizeBytes + bytesOf(data) - bytesOf(before.data);
  return {
    tree: { ...withNode(tree, path, node), dataSizeBytes },
    result: resultOf("setData", "OK", path, copyStat(node)),
    changes: [{ type: "dataChanged", path, acl: before.acl, parentAcl: before.acl }],
  };
}

/** No watch is told. Source: DataTree.setACL. */
function setAcl(tree: DataTree, { path, acl, version }: Body<"setACL">): Applied {
  const before = treeNodeAt(tree, path);
  if (before === null) return unchanged(tree, "setACL", "NONODE", path);
  const node: TreeNode = { ...before, acl, aversion: version };
  return {
    tree: withNode(tree, path, node),
    result: resultOf("setACL", "OK", path, copyStat(node)),
    changes: [],
  };
}

/** The parent's pzxid is raised even when the child is gone already. Source: DataTree.deleteNode. */
function deleteNode(tree: DataTree, path: string, zxid: Zxid): Applied {
  const name = nameOf(path);
  const parentPath = parentOf(path);
  const parent = parentPath === null ? null : treeNodeAt(tree, parentPath);
  if (parentPath === null || parent === null) return unchanged(tree, "delete", "NONODE", path);
  const node = treeNodeAt(tree, path);
  const touched = zxid > parent.pzxid ? { ...parent, pzxid: zxid } : parent;
  if (node === null)
    return unchanged(withNode(tree, parentPath, touched), "delete", "NONODE", path);
  const children = withoutEntry(touched.children, name);
  const nodes = withoutEntry(withEntry(tree.nodes, parentPath, { ...touched, children }), path);
  const dataSizeBytes = tree.dataSizeBytes - path.length - bytesOf(node.data);
  return {
    tree: unindexed({ ...tree, nodes, dataSizeBytes }, path, node),
    result: resultOf("delete", "OK", path, null),
    changes: [{ type: "deleted", path, acl: node.acl, parentAcl: parent.acl }],
  };
}

/** Deletes what the transaction names, then what else still belongs to the session. Source: DataTree.killSession. */
function killSession(
  before: DataTree,
  sessionId: SessionId,
  zxid: Zxid,
  named: readonly string[],
): Applied {
  const changes: TreeChange[] = [];
  let tree = before;
  const deleteAll = (paths: readonly string[]) => {
    for (const path of paths) {
      const applied = deleteNode(tree, path, zxid);
      tree = applied.tree;
      changes.push(...applied.changes);
    }
  };
  deleteAll(named);
  deleteAll(ephemeralsOf(tree, sessionId));
  return { tree, result: resultOf("closeSession", "OK", null, null), changes };
}

/** The tree with a new znode in the lists of its kind. */
function indexed(tree: DataTree, path: string, node: Znode): DataTree {
  if (node.container) return { ...tree, containers: withEntry(tree.containers, path, true) };
  if (node.ttlMs !== null) return { ...tree, ttls: withEntry(tree.ttls, path, true) };
  if (node.ephemeralOwner === null) return tree;
  const paths = entryOf(tree.ephemerals, node.ephemeralOwner) ?? emptyMap<true>();
  const grown = withEntry(paths, path, true);
  return { ...tree, ephemerals: withEntry(tree.ephemerals, node.ephemeralOwner, grown) };
}

function unindexed(tree: DataTree, path: string, node: Znode): DataTree {
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

/** The tree with the node at an existing path exchanged. */
function withNode(tree: DataTree, path: string, changed: TreeNode): DataTree {
  return { ...tree, nodes: withEntry(tree.nodes, path, changed) };
}

/**
 * The cversion that is shown counts creates and deletes of children: twice the stored one, less those that live.
 * Source: DataNode.copyStat.
 */
function copyStat(node: TreeNode): Stat {
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

/** The tree with this membership in `/zookeeper/config`. Source: DataTree.setData by ZooKeeperServer.setConfig. */
export function withConfigData(tree: DataTree, data: Data, version: number): DataTree {
  const path = "/zookeeper/config";
  const before = treeNodeAt(tree, path);
  if (before === null) return tree;
  const dataSizeBytes = tree.dataSizeBytes + bytesOf(data) - bytesOf(before.data);
  return { ...withNode(tree, path, { ...before, data, version }), dataSizeBytes };
}
