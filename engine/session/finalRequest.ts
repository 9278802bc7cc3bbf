import type { Settings } from "../config/settings";
import type { MultiOperation, OpResult, Read, ReplyBody, Write } from "../net/request";
import { type Acl, type Id, PERMS } from "../tree/acl";
import type { TxnResult } from "../tree/applyTxn";
import {
  childrenOf,
  type DataTree,
  descendantCount,
  ephemeralsOf,
  nodeAt,
  statOf,
} from "../tree/dataTree";
import type { ErrorCode, SessionId } from "../tree/txn";
import type { Stat } from "../tree/znode";
import {
  addWatch,
  containsWatch,
  type FiredWatch,
  removeWatches,
  setWatches,
  type WatchKind,
  type Watches,
  type WatchRules,
} from "../tree/watches";
import { checkAcl, publicId } from "./access";

/** What a server looks at to answer a read. */
export interface ReadInput {
  readonly tree: DataTree;
  readonly watches: Watches;
  readonly rules: WatchRules;
  readonly settings: Pick<Settings, "skipAcl" | "superDigest">;
  /** Who asks, on which connection, and whom it has proved to be. */
  readonly connection: number;
  readonly sessionId: SessionId;
  readonly ids: readonly Id[];
  readonly op: Read;
}

export interface ReadAnswer {
  readonly code: ErrorCode;
  readonly body: ReplyBody;
  /** The watches afterwards: the same value when the read set and removed none. */
  readonly watches: Watches;
  /** Of setWatches: what has happened meanwhile. It is sent before the reply. */
  readonly fired: readonly FiredWatch[];
}

/** What the server a client is on answers from its own memory. Source: FinalRequestProcessor.processRequest. */
export function answerRead(input: ReadInput): ReadAnswer {
  const { tree, watches, connection, rules, op } = input;
  switch (op.type) {
    case "getData":
    case "getChildren":
    case "getChildren2":
    case "exists":
      return withWatch(input, op.watch === true, readNode(input, op));
    case "getACL":
      return answered(input, readAcl(input, op.path));
    case "getAllChildrenNumber":
      return answered(input, readTotal(input, op.path));
    case "getEphemerals": {
      const owned = ephemeralsOf(tree, input.sessionId);
      const isAll = ["", "/"].includes(op.prefix.trim());
      const ephemerals = isAll ? owned : owned.filter((path) => path.startsWith(op.prefix));
      return answered(input, { code: "OK", body: { ...NOTHING, ephemerals } });
    }
    case "whoAmI":
      return answered(input, { code: "OK", body: { ...NOTHING, ids: input.ids.map(publicId) } });
    case "multiRead": {
      // No watch is set, whatever is asked. Source: Op.GetData.toRequestRecord.
      const results = op.ops.map((one) => {
        const { code, body } = readNode(input, one);
        return resultOfRead(one.type, code, body);
      });
      return answered(input, { code: "OK", body: { ...NOTHING, results } });
    }
    case "addWatch": {
      if (op.mode === "OTHER") return failed(input, "MARSHALLINGERROR");
      const kind = op.mode === "PERSISTENT" ? "persistent" : "persistentRecursive";
      return { ...OK, watches: addWatch(watches, connection, kind, op.path, rules) };
    }
    case "checkWatches": {
      const found = containsWatch(watches, connection, op.path, op.watcherType, rules);
      if (found === null) return failed(input, "MARSHALLINGERROR");
      return found ? { ...OK, watches } : failed(input, "NOWATCHER");
    }
    case "removeWatches": {
      const left = removeWatches(watches, connection, op.path, op.watcherType, rules);
      return left === watches ? failed(input, "NOWATCHER") : { ...OK, watches: left };
    }
    case "setWatches":
    case "setWatches2":
      return { ...OK, ...setWatches(watches, tree, connection, op, rules) };
  }
}

interface Answer {
  readonly code: ErrorCode;
  readonly body: ReplyBody;
  /** The watch it sets when the client asked for one. */
  readonly kind?: WatchKind;
  readonly path?: string;
}

const NOTHING: ReplyBody = { data: null, stat: null };
const OK = { code: "OK", body: NOTHING, fired: [] } as const;

function answered({ watches }: ReadInput, { code, body }: Answer): ReadAnswer {
  return { code, body, watches, fired: [] };
}

function failed({ watches }: ReadInput, code: ErrorCode): ReadAnswer {
  return { code, body: NOTHING, watches, fired: [] };
}

function refused(code: ErrorCode): Answer {
  return { code, body: NOTHING };
}

function withWatch(input: ReadInput, wanted: boolean, answer: Answer): ReadAnswer {
  if (!wanted || answer.kind === undefined || answer.path === undefined)
    return answered(input, answer);
  const { watches, connection, rules } = input;
  const set = addWatch(watches, connection, answer.kind, answer.path, rules);
  return { ...answered(input, answer), watches: set };
}

type NodeRead = Extract<Read, { type: "getData" | "getChildren" | "getChildren2" | "exists" }>;

/** A watch on what is missing is set by exists alone. Source: FinalRequestProcessor.handleGetDataRequest, handleGetChildrenRequest. */
function readNode({ tree, settings, ids }: ReadInput, op: NodeRead): Answer {
  const { path } = op;
  if (op.type === "exists") {
    if (path.includes("\0")) return refused("BADARGUMENTS");
    const stat = statOf(tree, path);
    const code = stat === null ? "NONODE" : "OK";
    return { code, body: { data: null, stat }, kind: "data", path };
  }
  const node = nodeAt(tree, path);
  if (node === null) return refused("NONODE");
  if (!checkAcl(node.acl, PERMS.READ, ids, settings)) return refused("NOAUTH");
  const stat = statOf(tree, path);
  switch (op.type) {
    case "getData":
      return { code: "OK", body: { data: node.data, stat }, kind: "data", path };
    case "getChildren":
    case "getChildren2": {
      const children = childrenOf(tree, path) ?? [];
      const shown = op.type === "getChildren2" ? stat : null;
      return { code: "OK", body: { data: null, stat: shown, children }, kind: "child", path };
    }
  }
}

function resultOfRead(
  type: "getData" | "getChildren",
  code: ErrorCode,
  { data, stat, children }: ReplyBody,
): OpResult {
  if (code !== "OK") return { type: "error", code };
  if (type === "getChildren") return { type, code, children: children ?? [] };
  return stat === null ? { type, code, data } : { type, code, data, stat };
}

/** Who may not administer the znode does not see what others prove themselves with. Source: FinalRequestProcessor, OpCode.getACL. */
function readAcl({ tree, settings, ids }: ReadInput, path: string): Answer {
  const node = nodeAt(tree, path);
  if (node === null) return refused("NONODE");
  if (!checkAcl(node.acl, PERMS.READ + PERMS.ADMIN, ids, settings)) return refused("NOAUTH");
  const hides = !checkAcl(node.acl, PERMS.ADMIN, ids, settings);
  const acl = hides ? node.acl.map(withoutPassword) : node.acl;
  return { code: "OK", body: { data: null, stat: statOf(tree, path), acl } };
}

function withoutPassword(entry: Acl): Acl {
  const colon = entry.id.indexOf(":");
  return entry.scheme === "digest" && colon >= 0
    ? { ...entry, id: `${entry.id.slice(0, colon)}:x` }
    : entry;
}

/** Source: FinalRequestProcessor, OpCode.getAllChildrenNumber. */
function readTotal({ tree, settings, ids }: ReadInput, path: string): Answer {
  const node = nodeAt(tree, path);
  if (node === null) return refused("NONODE");
  if (!checkAcl(node.acl, PERMS.READ, ids, settings)) return refused("NOAUTH");
  return { code: "OK", body: { ...NOTHING, total: descendantCount(tree, path) } };
}

/** The answer to a write once its transaction is applied. Source: FinalRequestProcessor.processRequest. */
export function replyOfWrite(
  op: Write,
  result: TxnResult,
): { readonly code: ErrorCode; readonly body: ReplyBody } {
  const { code } = result;
  if (result.type === "multi" && op.type === "multi") {
    // The header says OK also when a part failed: the parts say it.
    const results = result.parts.map((part, at) => resultOfPart(op.ops[at], part));
    return { code: "OK", body: { ...NOTHING, results } };
  }
  if (op.type === "multi") return { code, body: NOTHING };
  return { code, body: code === "OK" ? bodyOf(op, result) : NOTHING };
}

function bodyOf(
  op: Exclude<Write, { type: "multi" }> | MultiOperation,
  result: TxnResult,
): ReplyBody {
  const { path, stat } = result;
  switch (op.type) {
    case "create":
      return path === null ? NOTHING : { ...NOTHING, path };
    case "create2":
    case "createContainer":
    case "createTTL":
      return path === null ? NOTHING : { data: null, stat, path };
    case "setData":
    case "setACL":
      return { data: null, stat };
    case "delete":
    case "check":
      return NOTHING;
  }
}

/** Source: FinalRequestProcessor, OpCode.multi. */
function resultOfPart(op: MultiOperation | undefined, part: TxnResult): OpResult {
  if (op === undefined || part.type === "error") return { type: "error", code: part.code };
  // Inside a multi the mode says what a create is, and one that answers with a stat is called create2.
  const type =
    part.type === "create"
      ? "create"
      : part.type === "createContainer" || part.type === "createTTL"
        ? "create2"
        : op.type;
  const { path, stat } = bodyOf({ ...op, type } as MultiOperation, part);
  const shown: { path?: string; stat?: Stat } = {};
  if (path !== undefined) shown.path = path;
  if (stat !== null) shown.stat = stat;
  return { type, code: part.code, ...shown };
}
