import type { Zxid } from "../zxid";
import { nameOf, namesOf, parentOf } from "./path";
import type { ErrorCode, SessionId, Txn } from "./txn";
import type { Data, Stat, Znode } from "./znode";

/** A znode with what hangs below it. */
export interface TreeNode extends Znode {
  /** By name. */
  readonly children: Readonly<Record<string, TreeNode>>;
}

/**
 * All znodes. A change copies the nodes from the root to the one it touches and shares all others, so that an old
 * tree stays what it was and a snapshot costs nothing.
 * Simpler than real: no ACLs, quotas, containers and TTLs.
 */
export interface DataTree {
  readonly root: TreeNode;
}

/** What came of applying one transaction. Source: DataTree.ProcessTxnResult. */
export interface TxnResult {
  readonly code: ErrorCode;
  /** The znode concerned, or null. */
  readonly path: string | null;
  /** For a create: the final path, which is its answer. */
  readonly data: Data;
  /** For a create and a setData: the znode's stat afterwards. */
  readonly stat: Stat | null;
}

/**
 * The tree of a server with an empty disk.
 * Source: DataTree, the constructor without arguments.
 * Simpler than real: `/zookeeper/config` does not hold the membership.
 */
export function emptyTree(): DataTree {
  const quota = builtIn({});
  const config = { ...builtIn({}), version: -1 };
  return { root: builtIn({ zookeeper: builtIn({ quota, config }) }) };
}

/** Built-in nodes come with zero in every field; their children were never counted. */
function builtIn(children: Readonly<Record<string, TreeNode>>): TreeNode {
  return {
    data: "",
    acl: [],
    aversion: 0,
    container: false,
    ttlMs: null,
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctimeMs: 0,
    mtimeMs: 0,
    version: 0,
    cversion: 0,
    ephemeralOwner: null,
    children,
  };
}

/** The znode at a path, or null. */
export function nodeAt(tree: DataTree, path: string): Znode | null {
  return treeNodeAt(tree, path);
}

/** What `stat` shows of a znode, or null when there is none. Source: DataTree.statNode. */
export function statOf(tree: DataTree, path: string): Stat | null {
  const node = treeNodeAt(tree, path);
  return node === null ? null : copyStat(node);
}

/** The names of the children in alphabetical order, or null when there is no such znode. Source: DataTree.getChildren. */
export function childrenOf(tree: DataTree, path: string): string[] | null {
  const node = treeNodeAt(tree, path);
  return node === null ? null : Object.keys(node.children).toSorted();
}

/** The paths that die with a session, in alphabetical order. Source: DataTree.getEphemerals. */
export function ephemeralsOf(tree: DataTree, sessionId: SessionId): string[] {
  const paths: string[] = [];
  collectEphemerals(tree.root, "", sessionId, paths);
  return paths.toSorted();
}

function collectEphemerals(
  node: TreeNode,
  path: string,
  sessionId: SessionId,
  paths: string[],
): void {
  if (node.ephemeralOwner === sessionId) paths.push(path);
  for (const [name, child] of Object.entries(node.children)) {
    collectEphemerals(child, `${path}/${name}`, sessionId, paths);
  }
}

/**
 * Applies one committed transaction. All that is decided (versions, times, names) stands in the transaction, so every
 * server comes to the same tree. A transaction that was applied before does no harm: a create of what exists only
 * raises the parent's cversion and pzxid, a delete of what is missing is passed over.
 * Source: DataTree.processTxn.
 */
export function applyTxn(
  tree: DataTree,
  txn: Txn,
): { readonly tree: DataTree; readonly result: TxnResult } {
  const { body, zxid } = txn;
  switch (body.type) {
    case "create":
      return create(tree, txn, body);
    case "setData":
      return setData(tree, txn, body);
    case "delete": {
      const { tree: after, found } = deleteNode(tree, body.path, zxid);
      return { tree: after, result: resultOf(found ? "OK" : "NONODE", body.path) };
    }
    case "closeSession":
      return {
        tree: killSession(tree, txn.sessionId, zxid, body.ephemerals),
        result: resultOf("OK", null),
      };
    case "createSession":
      return { tree, result: resultOf("OK", null) };
    case "error":
      return { tree, result: resultOf(body.code, null) };
    default:
      return { tree, result: resultOf("UNIMPLEMENTED", null) };
  }
}

type Body<T extends Txn["body"]["type"]> = Extract<Txn["body"], { type: T }>;

function resultOf(code: ErrorCode, path: string | null): TxnResult {
  return { code, path, data: null, stat: null };
}

/**
 * The parent's stored cversion counts the children ever created; the transaction carries its new value.
 * Source: DataTree.createNode, setCversionPzxid.
 */
function create(
  tree: DataTree,
  { zxid, timeMs, sessionId }: Txn,
  body: Body<"create">,
): { tree: DataTree; result: TxnResult } {
  const { path, data, ephemeral, parentCVersion } = body;
  const name = nameOf(path);
  const parentPath = parentOf(path);
  const parent = parentPath === null ? null : treeNodeAt(tree, parentPath);
  if (parentPath === null || parent === null) return { tree, result: resultOf("NONODE", path) };
  const counted =
    parentCVersion > parent.cversion
      ? { ...parent, cversion: parentCVersion, pzxid: zxid }
      : parent;
  if (childOf(parent, name) !== null) {
    return { tree: withNode(tree, parentPath, counted), result: resultOf("NODEEXISTS", path) };
  }
  const node: TreeNode = {
    data,
    acl: body.acl,
    aversion: 0,
    container: false,
    ttlMs: null,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctimeMs: timeMs,
    mtimeMs: timeMs,
    version: 0,
    cversion: 0,
    ephemeralOwner: ephemeral ? sessionId : null,
    children: {},
  };
  return {
    tree: withNode(tree, parentPath, withChild(counted, name, node)),
    result: { code: "OK", path, data: path, stat: copyStat(node) },
  };
}

/** Source: DataTree.setData. */
function setData(
  tree: DataTree,
  { zxid, timeMs }: Txn,
  body: Body<"setData">,
): { tree: DataTree; result: TxnResult } {
  const { path, data, version } = body;
  const before = treeNodeAt(tree, path);
  if (before === null) return { tree, result: resultOf("NONODE", path) };
  const node: TreeNode = { ...before, data, version, mzxid: zxid, mtimeMs: timeMs };
  return {
    tree: withNode(tree, path, node),
    result: { code: "OK", path, data: null, stat: copyStat(node) },
  };
}

/** The parent's pzxid is raised even when the child is gone already. Source: DataTree.deleteNode. */
function deleteNode(tree: DataTree, path: string, zxid: Zxid): { tree: DataTree; found: boolean } {
  const parentPath = parentOf(path);
  const parent = parentPath === null ? null : treeNodeAt(tree, parentPath);
  if (parentPath === null || parent === null) return { tree, found: false };
  const name = nameOf(path);
  const children = Object.fromEntries(
    Object.entries(parent.children).filter(([other]) => other !== name),
  );
  const after: TreeNode = { ...parent, children, pzxid: Math.max(parent.pzxid, zxid) };
  return { tree: withNode(tree, parentPath, after), found: childOf(parent, name) !== null };
}

/** Deletes what the transaction names, then what else still belongs to the session. Source: DataTree.killSession. */
function killSession(
  tree: DataTree,
  sessionId: SessionId,
  zxid: Zxid,
  named: readonly string[],
): DataTree {
  let after = tree;
  for (const path of named) after = deleteNode(after, path, zxid).tree;
  for (const path of ephemeralsOf(after, sessionId)) after = deleteNode(after, path, zxid).tree;
  return after;
}

/**
 * The cversion that is shown counts creates and deletes of children: twice the stored one, less those that live.
 * Source: DataNode.copyStat.
 */
function copyStat(node: TreeNode): Stat {
  const numChildren = Object.keys(node.children).length;
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    pzxid: node.pzxid,
    ctimeMs: node.ctimeMs,
    mtimeMs: node.mtimeMs,
    version: node.version,
    aversion: node.aversion,
    cversion: node.cversion * 2 - numChildren,
    ephemeralOwner: node.ephemeralOwner,
    dataLength: bytesOf(node.data),
    numChildren,
  };
}

/** The length in bytes of a text in UTF-8, as a client sends it. */
function bytesOf(text: Data): number {
  let bytes = 0;
  for (const char of text ?? "") {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function treeNodeAt(tree: DataTree, path: string): TreeNode | null {
  let node: TreeNode | null = namesOf(path) === null ? null : tree.root;
  for (const name of namesOf(path) ?? []) node = node === null ? null : childOf(node, name);
  return node;
}

/** Own properties only: a child may be called `constructor`. */
function childOf(node: TreeNode, name: string): TreeNode | null {
  return Object.hasOwn(node.children, name) ? (node.children[name] ?? null) : null;
}

function withChild(node: TreeNode, name: string, child: TreeNode): TreeNode {
  return { ...node, children: { ...node.children, [name]: child } };
}

/** The tree with the node at an existing path exchanged. */
function withNode(tree: DataTree, path: string, changed: TreeNode): DataTree {
  const exchange = (node: TreeNode, names: readonly string[]): TreeNode => {
    const [name, ...below] = names;
    if (name === undefined) return changed;
    const child = childOf(node, name);
    return child === null ? node : withChild(node, name, exchange(child, below));
  };
  return { root: exchange(tree.root, namesOf(path) ?? []) };
}
