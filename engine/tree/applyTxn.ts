import type { Zxid } from "../zxid";
import type { Acl } from "./acl";
import {
  type DataTree,
  ephemeralsOf,
  limitedBy,
  nodeAt,
  quotaOver,
  showStat,
  treeNodeAt,
  type TreeNode,
  usageText,
  withKind,
  withNode,
  withoutKind,
  withQuietData,
} from "./dataTree";
import { nameOf, parentOf } from "./path";
import { emptyMap, hasEntry, withEntry, withoutEntry } from "./persistentMap";
import { parseStatsTrack, printStatsTrack, QUOTA_ROOT, STATS, statsPath } from "./quotas";
import type { ErrorCode, SessionId, Txn, TxnBody } from "./txn";
import { bytesOf, type Stat } from "./znode";

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
  const cversion = parentCVersion === -1 ? (parent.cversion + 1) | 0 : parentCVersion;
  const counted = cversion > parent.cversion ? { ...parent, cversion, pzxid: zxid } : parent;
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
  const grown = withQuotaNode(withKind({ ...tree, nodes, dataSizeBytes }, path, node), path);
  return {
    tree: withUsage(grown, path, bytesOf(data), 1),
    result: resultOf(body.type, "OK", path, showStat(node)),
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
  const bytesMore = bytesOf(data) - bytesOf(before.data);
  const dataSizeBytes = tree.dataSizeBytes + bytesMore;
  return {
    tree: withUsage({ ...withNode(tree, path, node), dataSizeBytes }, path, bytesMore, 0),
    result: resultOf("setData", "OK", path, showStat(node)),
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
    result: resultOf("setACL", "OK", path, showStat(node)),
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
  const shrunk = withoutQuotaNode(withoutKind({ ...tree, nodes, dataSizeBytes }, path, node), path);
  return {
    tree: withUsage(shrunk, path, -bytesOf(node.data), -1),
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

/** A new limits node puts its subtree under a quota; a new usage node begins with what is there. Source: DataTree.createNode. */
function withQuotaNode(tree: DataTree, path: string): DataTree {
  const limited = limitedBy(path);
  if (limited !== null) return { ...tree, quotas: withEntry(tree.quotas, limited, true) };
  if (nameOf(path) !== STATS || !path.startsWith(`${QUOTA_ROOT}/`)) return tree;
  const subtree = path.slice(QUOTA_ROOT.length, -`/${STATS}`.length);
  return withQuietData(tree, path, usageText(tree, subtree));
}

function withoutQuotaNode(tree: DataTree, path: string): DataTree {
  const limited = limitedBy(path);
  return limited === null ? tree : { ...tree, quotas: withoutEntry(tree.quotas, limited) };
}

/** The usage node of the quota that a path is under, kept up to date. Source: DataTree.updateQuotaStat. */
function withUsage(tree: DataTree, path: string, bytesMore: number, nodesMore: number): DataTree {
  const over = quotaOver(tree, path);
  const usage = over === null ? null : nodeAt(tree, statsPath(over));
  if (over === null || usage === null) return tree;
  const before = parseStatsTrack(usage.data);
  const count = before.count + nodesMore;
  const bytes = before.bytes + bytesMore;
  return withQuietData(tree, statsPath(over), printStatsTrack({ ...before, count, bytes }));
}
