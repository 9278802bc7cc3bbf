import { assert } from "../assert";
import type { Settings } from "../config/settings";
import { type ClientRequest, type Create, CREATE_MODES, type MultiOperation } from "../net/request";
import { type Id, PERMS } from "../tree/acl";
import { applyTxn } from "../tree/applyTxn";
import { type DataTree, ephemeralsOf, nodeAt, numChildrenOf } from "../tree/dataTree";
import { parentOf, SPECIAL_PATHS, validatePath } from "../tree/path";
import type { ErrorCode, SessionId, Txn, TxnBody } from "../tree/txn";
import { bytesOf } from "../tree/znode";
import type { Zxid } from "../zxid";
import { checkAcl, fixupAcl } from "./access";
import { exceedsQuota } from "./quota";

/** Why a session may not write, or null: anything; an ephemeral, for which every server must know it. */
export interface SessionVerdict {
  readonly any: ErrorCode | null;
  readonly ephemeral: ErrorCode | null;
}

/** What the leader looks at to make a transaction of a request. */
export interface PrepInput {
  /** Its tree as it will be once all that is proposed has been applied: so a write sees those before it. */
  readonly ahead: DataTree;
  /** Its tree as it is, all that quotas are held against. */
  readonly applied: DataTree;
  /** The zxid the transaction gets, also when it is refused. */
  readonly zxid: Zxid;
  readonly sessionId: SessionId;
  readonly request: ClientRequest;
  /** The leader's clock. */
  readonly timeMs: number;
  readonly settings: Pick<
    Settings,
    "skipAcl" | "superDigest" | "enforceQuota" | "extendedTypesEnabled"
  >;
  /** What the session tracker says of the session. Source: SessionTracker.checkSession, checkGlobalSession. */
  readonly session: SessionVerdict;
}

/**
 * The transaction that a request becomes: idempotent, with final names and versions; or an error transaction.
 * Source: PrepRequestProcessor.pRequest, pRequest2Txn; ZooKeeperServer.outstandingChanges.
 * Simpler than real: what is outstanding counts as if it were applied. In ZooKeeper the ephemerals of a closeSession
 * under way still count as their parents' children, and a setACL under way does not count yet. A closeSession always
 * names its ephemerals (zookeeper.closeSessionTxn.enabled).
 */
export function prepRequest(input: PrepInput): Txn {
  const { zxid, sessionId, request, timeMs } = input;
  const header = { zxid, sessionId, cxid: request.cxid, timeMs };
  const { op } = request;
  switch (op.type) {
    case "createSession": {
      const { timeoutMs, password } = op;
      return { ...header, body: { type: "createSession", timeoutMs, password } };
    }
    case "closeSession": {
      const ephemerals = ephemeralsOf(input.ahead, sessionId);
      return { ...header, body: { type: "closeSession", ephemerals } };
    }
    case "deleteContainer":
      return { ...header, body: prepDeleteContainer(input.ahead, op.path) };
    case "multi":
      return { ...header, body: prepMulti(input, op.ops) };
    case "sync":
      assert(false, "a sync becomes no transaction");
      return { ...header, body: error("UNIMPLEMENTED") };
    default:
      return { ...header, body: prepOne(input, input.ahead, op) };
  }
}

function error(code: ErrorCode): TxnBody {
  return { type: "error", code };
}

type OneOperation =
  | MultiOperation
  | Extract<ClientRequest["op"], { readonly type: "setACL" | "delete" | "setData" }>;
type Op<T extends OneOperation["type"]> = Extract<OneOperation, { readonly type: T }>;

function prepOne(input: PrepInput, tree: DataTree, op: OneOperation): TxnBody {
  switch (op.type) {
    case "create":
    case "create2":
    case "createContainer":
    case "createTTL":
      return prepCreate(input, tree, op);
    case "delete":
      return prepDelete(input, tree, op);
    case "setData":
      return prepSetData(input, tree, op);
    case "setACL":
      return prepSetAcl(input, tree, op);
    case "check":
      return prepCheck(input, tree, op);
  }
}

/**
 * All parts under one zxid, each sees the ones before it; when one is refused, none is done.
 * Source: PrepRequestProcessor.pRequestHelper, OpCode.multi; DataTree.processTxn for the codes of those not done.
 */
function prepMulti(input: PrepInput, ops: readonly MultiOperation[]): TxnBody {
  const { zxid, sessionId, request, timeMs } = input;
  const txns: TxnBody[] = [];
  let tree = input.ahead;
  for (const op of ops) {
    const inMulti = asInMulti(op);
    if (inMulti === null) return error("MARSHALLINGERROR");
    const body = prepOne(input, tree, inMulti);
    txns.push(body);
    if (body.type === "error") {
      const codeAt = (at: number): ErrorCode =>
        at < txns.length - 1 ? "OK" : at === txns.length - 1 ? body.code : "RUNTIMEINCONSISTENCY";
      return { type: "multi", txns: ops.map((_, at) => error(codeAt(at))) };
    }
    tree = applyTxn(tree, { zxid, sessionId, cxid: request.cxid, timeMs, body }).tree;
  }
  return { type: "multi", txns };
}

/**
 * Inside a multi the mode says what a create is, not its opcode; a TTL mode without a TTL cannot be read.
 * Source: MultiOperationRecord.deserialize, Op.Create.getOpcode.
 */
function asInMulti(op: MultiOperation): MultiOperation | null {
  if (op.type === "setData" || op.type === "delete" || op.type === "check") return op;
  if (isTtl(op.flags)) return op.type === "createTTL" ? op : null;
  const type = op.flags === CREATE_MODES.CONTAINER ? "createContainer" : "create";
  return { type, path: op.path, data: op.data, acl: op.acl, flags: op.flags };
}

function isTtl(flags: number): boolean {
  return (
    flags === CREATE_MODES.PERSISTENT_WITH_TTL ||
    flags === CREATE_MODES.PERSISTENT_SEQUENTIAL_WITH_TTL
  );
}

function isEphemeral(flags: number): boolean {
  return flags === CREATE_MODES.EPHEMERAL || flags === CREATE_MODES.EPHEMERAL_SEQUENTIAL;
}

function isSequential(flags: number): boolean {
  return (
    flags === CREATE_MODES.PERSISTENT_SEQUENTIAL ||
    flags === CREATE_MODES.EPHEMERAL_SEQUENTIAL ||
    flags === CREATE_MODES.PERSISTENT_SEQUENTIAL_WITH_TTL
  );
}

/** The order of the checks is ZooKeeper's. Source: PrepRequestProcessor.pRequest2TxnCreate. */
function prepCreate(input: PrepInput, tree: DataTree, op: Create): TxnBody {
  const { request, settings } = input;
  const { any, ephemeral } = input.session;
  const refused = modeProblem(input, op) ?? (isEphemeral(op.flags) ? ephemeral : any);
  if (refused !== null) return error(refused);
  const parentPath = parentOfRequest(op.path);
  if (parentPath === null) return error("BADARGUMENTS");
  const acl = fixupAcl(op.acl, request.authInfo);
  if (acl === null) return error("INVALIDACL");
  const parent = nodeAt(tree, parentPath);
  if (parent === null) return error("NONODE");
  if (!checkAcl(parent.acl, PERMS.CREATE, request.authInfo, settings)) return error("NOAUTH");
  const path = isSequential(op.flags) ? op.path + tenDigits(parent.cversion) : op.path;
  if (validatePath(path) !== null) return error("BADARGUMENTS");
  if (nodeAt(tree, path) !== null) return error("NODEEXISTS");
  if (parent.ephemeralOwner !== null) return error("NOCHILDRENFOREPHEMERALS");
  const { data } = op;
  if (settings.enforceQuota && exceedsQuota(input.applied, path, bytesOf(data), 1))
    return error("QUOTAEXCEEDED");
  const common = { path, data, acl, parentCVersion: (parent.cversion + 1) | 0 };
  if (op.type === "createContainer") return { type: "createContainer", ...common };
  if (op.type === "createTTL") return { type: "createTTL", ...common, ttlMs: op.ttlMs ?? 0 };
  return { type: "create", ...common, ephemeral: isEphemeral(op.flags) };
}

const MAX_TTL_MS = 2 ** 40 - 1;

/** Source: CreateMode.fromFlag; PrepRequestProcessor.validateCreateRequest; EphemeralType.validateTTL. */
function modeProblem({ settings }: PrepInput, op: Create): ErrorCode | null {
  if (!Object.values<number>(CREATE_MODES).includes(op.flags)) return "BADARGUMENTS";
  const ttlMs = op.type === "createTTL" ? (op.ttlMs ?? -1) : -1;
  if (!isTtl(op.flags)) return op.type === "createTTL" ? "BADARGUMENTS" : null;
  if (!settings.extendedTypesEnabled) return "UNIMPLEMENTED";
  return ttlMs > 0 && ttlMs <= MAX_TTL_MS ? null : "BADARGUMENTS";
}

/** Null for what cannot be the path of a node. Source: PrepRequestProcessor.validatePathForCreate, getParentPathAndValidate. */
function parentOfRequest(path: string): string | null {
  if (!path.includes("/") || path.includes("\0")) return null;
  return parentOf(path) ?? "/";
}

/** As Java's `%010d`: ten places, of which a minus takes one. */
function tenDigits(counter: number): string {
  return counter < 0 ? `-${String(-counter).padStart(9, "0")}` : String(counter).padStart(10, "0");
}

/** Source: PrepRequestProcessor.pRequest2Txn, OpCode.delete. */
function prepDelete(input: PrepInput, tree: DataTree, op: Op<"delete">): TxnBody {
  const { path } = op;
  const { request, settings } = input;
  const refused = input.session.any;
  if (refused !== null) return error(refused);
  const parentPath = parentOfRequest(path);
  if (parentPath === null || SPECIAL_PATHS.includes(path)) return error("BADARGUMENTS");
  const parent = nodeAt(tree, parentPath);
  if (parent === null) return error("NONODE");
  if (!checkAcl(parent.acl, PERMS.DELETE, request.authInfo, settings)) return error("NOAUTH");
  const node = nodeAt(tree, path);
  if (node === null) return error("NONODE");
  if (!isExpected(node.version, op.version)) return error("BADVERSION");
  if (numChildrenOf(tree, path) > 0) return error("NOTEMPTY");
  return { type: "delete", path };
}

/** Nobody asks who may. Source: PrepRequestProcessor.pRequest2Txn, OpCode.deleteContainer. */
function prepDeleteContainer(tree: DataTree, path: string): TxnBody {
  if (parentOfRequest(path) === null || SPECIAL_PATHS.includes(path)) return error("BADARGUMENTS");
  const node = nodeAt(tree, path);
  if (node === null) return error("NONODE");
  if (numChildrenOf(tree, path) > 0) return error("NOTEMPTY");
  if (node.ephemeralOwner !== null) return error("BADVERSION");
  return { type: "delete", path };
}

/** Source: PrepRequestProcessor.pRequest2Txn, OpCode.setData. */
function prepSetData(input: PrepInput, tree: DataTree, op: Op<"setData">): TxnBody {
  const { path, data } = op;
  const { settings } = input;
  const node = reachedNode(input, tree, path, PERMS.WRITE, input.request.authInfo);
  if (typeof node === "string") return error(node);
  const grows = bytesOf(data) - bytesOf(node.data);
  if (settings.enforceQuota && exceedsQuota(input.applied, path, grows, 0))
    return error("QUOTAEXCEEDED");
  if (!isExpected(node.version, op.version)) return error("BADVERSION");
  return { type: "setData", path, data, version: (node.version + 1) | 0 };
}

/** Source: PrepRequestProcessor.pRequest2Txn, OpCode.setACL. */
function prepSetAcl(input: PrepInput, tree: DataTree, op: Op<"setACL">): TxnBody {
  const { path } = op;
  const { request, settings } = input;
  const refused = input.session.any;
  if (refused !== null) return error(refused);
  if (validatePath(path) !== null) return error("BADARGUMENTS");
  const acl = fixupAcl(op.acl, request.authInfo);
  if (acl === null) return error("INVALIDACL");
  const node = nodeAt(tree, path);
  if (node === null) return error("NONODE");
  if (!checkAcl(node.acl, PERMS.ADMIN, request.authInfo, settings)) return error("NOAUTH");
  if (!isExpected(node.aversion, op.version)) return error("BADVERSION");
  return { type: "setACL", path, acl, version: (node.aversion + 1) | 0 };
}

/** Source: PrepRequestProcessor.pRequest2Txn, OpCode.check. */
function prepCheck(input: PrepInput, tree: DataTree, op: Op<"check">): TxnBody {
  const node = reachedNode(input, tree, op.path, PERMS.READ, input.request.authInfo);
  if (typeof node === "string") return error(node);
  if (!isExpected(node.version, op.version)) return error("BADVERSION");
  return { type: "check", path: op.path, version: (node.version + 1) | 0 };
}

/** The node a write is about, or why it is not reached: session, path, node, permission, in this order. */
function reachedNode(
  input: PrepInput,
  tree: DataTree,
  path: string,
  perm: number,
  ids: readonly Id[],
) {
  const refused = input.session.any;
  if (refused !== null) return refused;
  if (validatePath(path) !== null) return "BADARGUMENTS";
  const node = nodeAt(tree, path);
  if (node === null) return "NONODE";
  return checkAcl(node.acl, perm, ids, input.settings) ? node : "NOAUTH";
}

/** Is this the version the client expects? -1 expects any. Source: PrepRequestProcessor.checkAndIncVersion. */
function isExpected(version: number, expected: number): boolean {
  return expected === -1 || expected === version;
}
