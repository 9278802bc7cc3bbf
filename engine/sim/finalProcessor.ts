import { serverEnd } from "../net/connection";
import { isWrite, type Operation, type Read, type Reply, type ReplyBody } from "../net/request";
import { rulesOf } from "../rules/rules";
import { checkAcl } from "../session/access";
import { answerRead, replyOfWrite } from "../session/finalRequest";
import { type Acl, PERMS } from "../tree/acl";
import type { TreeChange, TxnResult } from "../tree/applyTxn";
import { statOf } from "../tree/dataTree";
import type { ErrorCode, Txn } from "../tree/txn";
import { type FiredWatch, fireWatches } from "../tree/watches";
import type { Cause, Sid } from "../units";
import type { Zxid } from "../zxid";
import { connectionOf, tell, withProcess } from "./change";
import { type Cnxn, cnxnOf, type ServedRequest, withCnxn } from "./clientService";
import { closeCnxn, finishSessionInit, touchCnxn } from "./cnxn";
import { serverOf } from "./read";
import { forgetSession, tellClosed } from "./trackSessions";
import { send } from "./wire";
import type { Process, World } from "./world";

/** What a request has become: the transaction, and what came of applying it. */
export interface Committed {
  readonly txn: Txn;
  readonly result: TxnResult;
}

const NOTHING: ReplyBody = { data: null, stat: null };

/**
 * The last station of every request: it is done, and its client gets its answer, unless it has gone. A session that
 * has moved is no answer but the end of the connection. Source: FinalRequestProcessor.processRequest.
 */
export function finishRequest(
  world: World,
  sid: Sid,
  request: ServedRequest,
  committed: Committed | null,
  cause: Cause,
): World {
  const { connection, cxid, op } = request;
  const { process } = serverOf(world, sid);
  if (process === null) return world;
  // A local session ends here and nowhere else.
  const endsHere = op.type === "closeSession" && committed === null && request.exception === null;
  const next = endsHere
    ? tellClosed(forgetSession(world, sid, request.sessionId), request.sessionId, cause)
    : world;
  const cnxn = cnxnOf(process, connection);
  if (cnxn === null) return next;
  const refusal = refusalOf(process, request, committed);
  if (refusal === "SESSIONMOVED") return closeCnxn(next, sid, connection, cause);
  const reply = (code: ErrorCode, body: ReplyBody = NOTHING) =>
    respond(next, sid, process, cnxn, { cxid, zxid: process.lastProcessed, code, ...body }, cause);
  if (refusal !== null && op.type !== "ping") return reply(refusal);
  switch (op.type) {
    case "ping":
      return send(
        touchCnxn(next, sid, cnxn),
        connection,
        serverEnd(sid),
        { type: "pong", zxid: process.lastProcessed },
        cause,
      );
    case "createSession":
      return finishSessionInit(next, sid, connection, "new", cause);
    case "closeSession":
      return closeCnxn(reply("OK"), sid, connection, cause);
    case "sync":
      return reply("OK", { ...NOTHING, path: op.path });
    case "auth":
      return next;
    default: {
      if (!isWrite(op)) return answer(next, sid, process, cnxn, request, op, cause);
      if (committed === null) return next;
      const { code, body } = replyOfWrite(op, committed.result);
      return reply(code, body);
    }
  }
}

/** The error that a request ends with before or instead of being done, or null. */
function refusalOf(
  process: Process,
  { exception, op }: ServedRequest,
  committed: Committed | null,
): ErrorCode | null {
  if (committed === null) return exception;
  const { body } = committed.txn;
  if (body.type === "error") return exception ?? body.code;
  // The leader knows of its own clients why a multi failed; a learner only sees that it did.
  if (op.type === "multi" && body.type === "multi" && process.service.mode !== "learner") {
    const isMoved = body.txns.some((one) => one.type === "error" && one.code === "SESSIONMOVED");
    if (isMoved) return "SESSIONMOVED";
  }
  return null;
}

/** A read, from this server's own memory: what it watches is set with it. */
function answer(
  world: World,
  sid: Sid,
  process: Process,
  cnxn: Cnxn,
  { cxid, sessionId, ids }: ServedRequest,
  op: Read,
  cause: Cause,
): World {
  const { tree, watches, lastProcessed } = process;
  const { settings } = process.config;
  const rules = rulesOf(world.variant);
  const connection = cnxn.number;
  const read = answerRead({ tree, watches, rules, settings, connection, sessionId, ids, op });
  let next = world;
  if (read.watches !== watches) next = withProcess(next, sid, () => ({ watches: read.watches }));
  next = sendEvents(next, sid, read.fired, -1, cause);
  next = tellStale(next, sid, process, cnxn, op, cause);
  const reply: Reply = { cxid, zxid: lastProcessed, code: read.code, ...read.body };
  return respond(next, sid, process, cnxn, reply, cause);
}

function respond(
  world: World,
  sid: Sid,
  process: Process,
  cnxn: Cnxn,
  reply: Reply,
  cause: Cause,
): World {
  const sent = send(world, cnxn.number, serverEnd(sid), { type: "response", ...reply }, cause);
  const touched = touchCnxn(sent, sid, cnxn);
  return reply.zxid <= cnxn.lastZxidSeen
    ? touched
    : withCnxn(touched, sid, cnxn.number, () => ({ lastZxidSeen: process.lastProcessed }));
}

/** Tells this server's clients what a transaction has changed; before any answer that shows it. */
export function tellWatchers(
  world: World,
  sid: Sid,
  changes: readonly TreeChange[],
  zxid: Zxid,
  cause: Cause,
): World {
  const { process } = serverOf(world, sid);
  if (process === null || changes.length === 0 || process.watches.paths.size === 0) return world;
  const rules = rulesOf(world.variant);
  const mayRead = (connection: number, acl: readonly Acl[]) =>
    checkAcl(acl, PERMS.READ, cnxnOf(process, connection)?.ids ?? [], process.config.settings);
  const { watches, fired } = fireWatches(process.watches, changes, rules, mayRead);
  const next = watches === process.watches ? world : withProcess(world, sid, () => ({ watches }));
  return sendEvents(next, sid, fired, rules.watchEventsTellZxid ? zxid : -1, cause);
}

function sendEvents(
  world: World,
  sid: Sid,
  fired: readonly FiredWatch[],
  zxid: Zxid,
  cause: Cause,
): World {
  let next = world;
  for (const { connection, event, path } of fired)
    next = send(next, connection, serverEnd(sid), { type: "watchEvent", event, path, zxid }, cause);
  return next;
}

/** Does this read show what a znode is like? */
function showsNode(op: Operation): op is Extract<Read, { readonly path: string }> {
  switch (op.type) {
    case "getData":
    case "exists":
    case "getChildren":
    case "getChildren2":
    case "getACL":
      return true;
    default:
      return false;
  }
}

/** Tells that a read is answered with less than is committed, for the znode that was read. */
function tellStale(
  world: World,
  sid: Sid,
  process: Process,
  cnxn: Cnxn,
  op: Operation,
  cause: Cause,
): World {
  if (process.lastProcessed >= world.lastCommitted || !showsNode(op)) return world;
  const backwards = process.lastProcessed < cnxn.lastZxidSeen;
  let ahead = process;
  for (const { process: other } of world.servers)
    if (other !== null && other.lastProcessed > ahead.lastProcessed) ahead = other;
  const here = statOf(process.tree, op.path);
  const there = statOf(ahead.tree, op.path);
  const isSame =
    here?.czxid === there?.czxid &&
    here?.mzxid === there?.mzxid &&
    here?.pzxid === there?.pzxid &&
    here?.aversion === there?.aversion;
  const client = connectionOf(world, cnxn.number)?.dialer;
  if (client?.kind !== "client" || (isSame && !backwards)) return world;
  const { name } = client;
  const { path } = op;
  return tell(world, { type: "read.stale", client: name, server: sid, path, backwards }, cause);
}
