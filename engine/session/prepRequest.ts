import { sessionsAfter, type SessionRecord } from "../tree/database";
import type { ClientRequest } from "../net/request";
import { applyTxn, childrenOf, type DataTree, ephemeralsOf, nodeAt } from "../tree/dataTree";
import { parentOf, SPECIAL_PATHS, validatePath } from "../tree/path";
import type { ErrorCode, SessionId, Txn, TxnBody } from "../tree/txn";
import type { Acl } from "../tree/acl";
import type { Data } from "../tree/znode";
import type { Zxid } from "../zxid";

/** What the leader looks at to make a transaction of a request. */
export interface PrepInput {
  /** Its tree and sessions: all that is applied. */
  readonly tree: DataTree;
  readonly sessions: Readonly<Record<SessionId, SessionRecord>>;
  /** Proposed and not applied yet, oldest first. */
  readonly outstanding: readonly Txn[];
  /** The zxid the transaction gets, also when it is refused. */
  readonly zxid: Zxid;
  readonly sessionId: SessionId;
  readonly request: ClientRequest;
  /** The leader's clock. */
  readonly timeMs: number;
}

/**
 * The transaction that a request becomes: idempotent, with final versions; or an error transaction. It is checked
 * against the tree as it will be once all that is proposed has been applied, so a write sees those before it.
 * Source: PrepRequestProcessor.pRequest, pRequest2Txn; ZooKeeperServer.outstandingChanges.
 * Simpler than real: while a closeSession is outstanding, ZooKeeper still counts its ephemerals as their parents' children.
 */
export function prepRequest(input: PrepInput): Txn {
  const { zxid, sessionId, request, timeMs } = input;
  return { zxid, sessionId, cxid: request.cxid, timeMs, body: bodyOf(input) };
}

function bodyOf({
  tree: applied,
  sessions,
  outstanding,
  sessionId,
  request: { op },
}: PrepInput): TxnBody {
  if (op.type === "createSession") {
    return { type: "createSession", timeoutMs: op.timeoutMs, password: op.password };
  }
  const tree = outstanding.reduce((ahead, txn) => applyTxn(ahead, txn).tree, applied);
  if (op.type === "closeSession")
    return { type: "closeSession", ephemerals: ephemeralsOf(tree, sessionId) };
  if (!Object.hasOwn(outstanding.reduce(sessionsAfter, sessions), sessionId))
    return error("SESSIONEXPIRED");
  switch (op.type) {
    case "create":
    case "create2":
      return prepCreate(tree, op.path, op.data, op.acl ?? [], op.flags === 1);
    case "setData":
      return prepSetData(tree, op.path, op.data, op.version);
    case "delete":
      return prepDelete(tree, op.path, op.version);
    default:
      return error("UNIMPLEMENTED");
  }
}

function error(code: ErrorCode): TxnBody {
  return { type: "error", code };
}

/** Source: PrepRequestProcessor.pRequest2TxnCreate, validatePathForCreate. */
function prepCreate(
  tree: DataTree,
  path: string,
  data: Data,
  acl: readonly Acl[],
  ephemeral: boolean,
): TxnBody {
  if (!path.includes("/") || path.includes("\0")) return error("BADARGUMENTS");
  const parent = nodeAt(tree, parentOf(path) ?? "/");
  if (parent === null) return error("NONODE");
  if (validatePath(path) !== null) return error("BADARGUMENTS");
  if (nodeAt(tree, path) !== null) return error("NODEEXISTS");
  if (parent.ephemeralOwner !== null) return error("NOCHILDRENFOREPHEMERALS");
  return { type: "create", path, data, acl, ephemeral, parentCVersion: parent.cversion + 1 };
}

/** Source: PrepRequestProcessor.pRequest2Txn, OpCode.setData. */
function prepSetData(tree: DataTree, path: string, data: Data, version: number): TxnBody {
  if (validatePath(path) !== null) return error("BADARGUMENTS");
  const node = nodeAt(tree, path);
  if (node === null) return error("NONODE");
  if (!isExpected(node.version, version)) return error("BADVERSION");
  return { type: "setData", path, data, version: node.version + 1 };
}

/** Source: PrepRequestProcessor.pRequest2Txn, OpCode.delete; getParentPathAndValidate. */
function prepDelete(tree: DataTree, path: string, version: number): TxnBody {
  if (!path.includes("/") || path.includes("\0") || SPECIAL_PATHS.includes(path))
    return error("BADARGUMENTS");
  const node = nodeAt(tree, path);
  if (node === null) return error("NONODE");
  if (!isExpected(node.version, version)) return error("BADVERSION");
  if (childrenOf(tree, path)?.length !== 0) return error("NOTEMPTY");
  return { type: "delete", path };
}

/**
 * Is this the version the client expects? -1 expects any.
 * Source: PrepRequestProcessor.checkAndIncVersion.
 * Simpler than real: versions do not wrap at 32 bits.
 */
function isExpected(version: number, expected: number): boolean {
  return expected === -1 || expected === version;
}
