import {
  containsQuorum,
  counterOf,
  type DecidedBy,
  epochOf,
  type Fact,
  type QuorumVerifier,
  type Sid,
  type VirtualUs,
  type Zxid,
} from "../../engine/index";

/**
 * One thing to tell: which sentence, and what stands in its gaps. The words are those of the page's language, so the
 * same facts are told in both.
 */
export type Saying = { readonly atUs: VirtualUs; readonly number: number } & (
  | {
      readonly kind:
        | "killed"
        | "killedLeader"
        | "stopped"
        | "stoppedLeader"
        | "powerLost"
        | "powerLostLeader"
        | "diskFull"
        | "diskFreed"
        | "diskUsual"
        | "snapshot"
        | "started"
        | "restarted"
        | "paused"
        | "tries"
        | "lost"
        | "joinTimedOut";
      readonly n: Sid;
    }
  | { readonly kind: "exited"; readonly n: Sid; readonly code: number }
  | { readonly kind: "restartedAt"; readonly n: Sid; readonly zxid: string }
  | { readonly kind: "resumed"; readonly n: Sid; readonly seconds: string }
  | { readonly kind: "cut" | "healed"; readonly a: Sid; readonly b: Sid }
  | { readonly kind: "cutOff"; readonly list: readonly Sid[] }
  | { readonly kind: "broke"; readonly count: number }
  | { readonly kind: "blocked" | "opened"; readonly n: Sid; readonly port: number }
  | { readonly kind: "looking"; readonly list: readonly Sid[]; readonly round: number }
  | {
      readonly kind: "voted";
      readonly n: Sid;
      readonly leader: Sid;
      readonly why: DecidedBy;
      readonly count: number;
    }
  | { readonly kind: "leads"; readonly n: Sid; readonly epoch: number }
  | {
      readonly kind: "noQuorum";
      readonly up: number;
      readonly voters: number;
      readonly need: number;
    }
  | { readonly kind: "noQuorumGroups" }
  | { readonly kind: "diskSlow" | "fsyncSlow"; readonly n: Sid; readonly ms: number }
  | { readonly kind: "cutOneWay" | "healedOneWay"; readonly a: Sid; readonly b: Sid }
  | { readonly kind: "cutClient" | "healedClient" | "closed" | "fenced"; readonly name: string }
  | {
      readonly kind: "clientKilled" | "clientPaused" | "clientResumed" | "locked" | "overseer";
      readonly name: string;
    }
  | { readonly kind: "doubleRun"; readonly names: readonly string[] }
  | { readonly kind: "moved" | "stale"; readonly name: string; readonly n: Sid }
  | {
      readonly kind: "watchFired";
      readonly name: string;
      readonly event: string;
      readonly path: string;
    }
  | { readonly kind: "upToDate"; readonly list: readonly Sid[] }
  | {
      readonly kind: "committed";
      readonly zxid: string;
      readonly acks: number;
      readonly voters: number;
      readonly count: number;
    }
  | { readonly kind: "connected" | "disconnected"; readonly name: string; readonly n: Sid }
  | { readonly kind: "expired"; readonly name: string }
  | { readonly kind: "writeFailed"; readonly name: string; readonly code: string }
);

/** The words of both forms of every sentence. */
export interface SayWords {
  readonly and: string;
  readonly comma: string;
  readonly why: Readonly<Record<DecidedBy, string>>;
  readonly cutOffMany: string;
  readonly brokeMany: string;
  readonly lookingMany: string;
  readonly votedMany: string;
  readonly upToDateMany: string;
  readonly committedMany: string;
}
export type AllSayWords = SayWords & Readonly<Record<Saying["kind"], string>>;

/** What must be remembered of earlier facts to tell the next one. */
export interface Telling {
  readonly quorum: QuorumVerifier;
  readonly up: ReadonlySet<Sid>;
  readonly leader: Sid | null;
  readonly logged: Readonly<Record<Sid, Zxid>>;
  /** Down by whose cause: the connections that break with it are not told. */
  readonly killedBy: number | null;
}

/** Before the first fact of a lab whose servers up at the start are known. */
export function tellingOf(quorum: QuorumVerifier, up: readonly Sid[]): Telling {
  return { quorum, up: new Set(up), leader: null, logged: {}, killedBy: null };
}

/** What one fact gives to tell, and what to remember. Only what an operator would report; the rest is silence. */
export function hear(
  telling: Telling,
  fact: Fact,
): { readonly telling: Telling; readonly sayings: readonly Saying[] } {
  const at = { atUs: fact.atUs, number: fact.number };
  const one = (saying: Saying, next: Telling = telling) => ({ telling: next, sayings: [saying] });
  const none = (next: Telling = telling) => ({ telling: next, sayings: [] });
  switch (fact.type) {
    case "srv.kill":
    case "srv.exit": {
      const up = new Set(telling.up);
      up.delete(fact.id);
      const ledAway = telling.leader === fact.id;
      const next = {
        ...telling,
        up,
        leader: ledAway ? null : telling.leader,
        killedBy: fact.cause,
      };
      const saying: Saying =
        fact.type === "srv.exit"
          ? { ...at, kind: "exited", n: fact.id, code: fact.code }
          : { ...at, kind: endOf(fact, ledAway), n: fact.id };
      const lost =
        containsQuorum([...telling.up], telling.quorum) && !containsQuorum([...up], telling.quorum);
      return {
        telling: next,
        sayings: lost ? [saying, { ...at, ...noQuorumOf(up, telling.quorum) }] : [saying],
      };
    }
    case "srv.start": {
      const next = { ...telling, up: new Set(telling.up).add(fact.id) };
      const zxid = telling.logged[fact.id];
      if (fact.dataEmpty) return one({ ...at, kind: "started", n: fact.id }, next);
      if (zxid === undefined) return one({ ...at, kind: "restarted", n: fact.id }, next);
      return one({ ...at, kind: "restartedAt", n: fact.id, zxid: shortZxid(zxid) }, next);
    }
    case "srv.pause":
      return one({ ...at, kind: "paused", n: fact.id });
    case "srv.resume":
      return one({
        ...at,
        kind: "resumed",
        n: fact.id,
        seconds: (fact.pausedMs / 1_000).toFixed(1),
      });
    case "net.cut": {
      if (fact.client !== undefined) return one({ ...at, kind: "cutClient", name: fact.client });
      const [a, b] = pairOf(fact.sides);
      if (a !== undefined && b !== undefined)
        return one({ ...at, kind: fact.oneWay === true ? "cutOneWay" : "cut", a, b });
      const smallest = fact.sides.toSorted((one, other) => one.length - other.length)[0] ?? [];
      return one({ ...at, kind: "cutOff", list: smallest });
    }
    case "net.heal": {
      if (fact.client !== undefined) return one({ ...at, kind: "healedClient", name: fact.client });
      const [a, b] = pairOf(fact.sides);
      if (a === undefined || b === undefined) return none();
      return one({ ...at, kind: fact.oneWay === true ? "healedOneWay" : "healed", a, b });
    }
    case "connection.broken":
      return fact.cause === telling.killedBy ? none() : one({ ...at, kind: "broke", count: 1 });
    case "port.block":
      return one({ ...at, kind: "blocked", n: fact.id, port: fact.port });
    case "port.open":
      return one({ ...at, kind: "opened", n: fact.id, port: fact.port });
    case "srv.looking":
      return one({ ...at, kind: "looking", list: [fact.id], round: fact.round });
    case "vote.changed":
      return one({
        ...at,
        kind: "voted",
        n: fact.id,
        leader: fact.leader,
        why: fact.decidedBy,
        count: 1,
      });
    case "vote.decided":
      return fact.state === "LEADING" ? one({ ...at, kind: "tries", n: fact.id }) : none();
    case "leader.elected":
      return one(
        { ...at, kind: "leads", n: fact.id, epoch: fact.epoch },
        { ...telling, leader: fact.id },
      );
    case "leader.lost":
      // A leader that was killed has been told.
      return telling.leader === fact.id
        ? one({ ...at, kind: "lost", n: fact.id }, { ...telling, leader: null })
        : none();
    case "join.timeout":
      return one({ ...at, kind: "joinTimedOut", n: fact.id });
    case "srv.serving":
      return fact.id === telling.leader
        ? none()
        : one({ ...at, kind: "upToDate", list: [fact.id] });
    case "txn.logged":
      return none({ ...telling, logged: { ...telling.logged, [fact.id]: fact.zxid } });
    case "txn.committed": {
      const { acks } = fact;
      return one({
        ...at,
        kind: "committed",
        zxid: shortZxid(fact.zxid),
        acks,
        voters: telling.quorum.voters.length,
        count: 1,
      });
    }
    case "client.connected":
      return one({ ...at, kind: "connected", name: fact.name, n: fact.server });
    case "client.disconnected":
      return one({ ...at, kind: "disconnected", name: fact.name, n: fact.server });
    case "session.expired":
      return one({ ...at, kind: "expired", name: fact.name });
    case "disk.slow":
      return fact.fsyncMs > 0
        ? one({ ...at, kind: "diskSlow", n: fact.id, ms: fact.fsyncMs })
        : one({ ...at, kind: "diskUsual", n: fact.id });
    case "disk.full":
      return one({ ...at, kind: "diskFull", n: fact.id });
    case "disk.freed":
      return one({ ...at, kind: "diskFreed", n: fact.id });
    case "fsync.slow":
      return one({ ...at, kind: "fsyncSlow", n: fact.id, ms: Math.round(fact.tookMs) });
    case "snap.taken":
      return one({ ...at, kind: "snapshot", n: fact.id });
    case "session.closed":
      return one({ ...at, kind: "closed", name: fact.name });
    case "session.moved":
      return one({ ...at, kind: "moved", name: fact.name, n: fact.to });
    case "read.stale":
      return one({ ...at, kind: "stale", name: fact.client, n: fact.server });
    case "watch.fired":
      return one({
        ...at,
        kind: "watchFired",
        name: fact.client,
        event: fact.kind,
        path: fact.path,
      });
    case "write.fail":
      return one({ ...at, kind: "writeFailed", name: fact.client, code: fact.code });
    case "client.kill":
      return one({ ...at, kind: "clientKilled", name: fact.name });
    case "client.pause":
      return one({ ...at, kind: "clientPaused", name: fact.name });
    case "client.resume":
      return one({ ...at, kind: "clientResumed", name: fact.name });
    case "lock.acquired":
      return one({
        ...at,
        kind: fact.kind === "overseer" ? "overseer" : "locked",
        name: fact.name,
      });
    case "app.doubleRun":
      return one({ ...at, kind: "doubleRun", names: fact.names });
    case "app.fenced":
      return one({ ...at, kind: "fenced", name: fact.name });
    case "sync.diff":
    case "sync.snap":
    case "sync.trunc":
    case "disk.purged":
    case "cfg.saved":
    case "snap.skipped":
    case "txn.proposed":
    case "txn.discarded":
    case "session.new":
    case "client.expiredSeen":
    case "client.refused":
    case "write.ack":
    case "app.registered":
    case "app.call.ok":
    case "app.call.fail":
      return none();
  }
}

function endOf(
  { by, power = false }: { readonly by: "kill" | "stop"; readonly power?: boolean },
  wasLeader: boolean,
) {
  if (power) return wasLeader ? "powerLostLeader" : "powerLost";
  if (by === "stop") return wasLeader ? "stoppedLeader" : "stopped";
  return wasLeader ? "killedLeader" : "killed";
}

/** How many of the voters run; where their votes have groups, that too few groups are won. */
function noQuorumOf(up: ReadonlySet<Sid>, { voters, hierarchy }: QuorumVerifier) {
  if (hierarchy !== null) return { kind: "noQuorumGroups" as const };
  return {
    kind: "noQuorum" as const,
    up: voters.filter((sid) => up.has(sid)).length,
    voters: voters.length,
    need: Math.floor(voters.length / 2) + 1,
  };
}

/** Adds a saying to those that wait, joining it to one it belongs with: "4 votes changed to server 3". */
export function join(waiting: readonly Saying[], saying: Saying): readonly Saying[] {
  for (let at = waiting.length - 1; at >= 0; at -= 1) {
    const earlier = waiting[at];
    const both = earlier === undefined ? null : joined(earlier, saying);
    if (both !== null) return [...waiting.slice(0, at), both, ...waiting.slice(at + 1)];
  }
  return [...waiting, saying];
}

function joined(a: Saying, b: Saying): Saying | null {
  if (a.kind === "voted" && b.kind === "voted" && a.leader === b.leader)
    return { ...b, count: a.count + b.count };
  if (a.kind === "looking" && b.kind === "looking" && a.round === b.round)
    return { ...b, list: union(a.list, b.list) };
  if (a.kind === "upToDate" && b.kind === "upToDate") return { ...b, list: union(a.list, b.list) };
  if (a.kind === "committed" && b.kind === "committed") return { ...b, count: a.count + b.count };
  if (a.kind === "broke" && b.kind === "broke") return { ...b, count: a.count + b.count };
  return null;
}

/** The lower goes first when several wait; what is told many times a second may be crowded out. */
const RANK: Readonly<Record<Saying["kind"], 0 | 1 | 2>> = {
  killed: 0,
  killedLeader: 0,
  stopped: 0,
  stoppedLeader: 0,
  powerLost: 0,
  powerLostLeader: 0,
  diskFull: 0,
  diskFreed: 0,
  diskSlow: 0,
  diskUsual: 0,
  cutOneWay: 0,
  healedOneWay: 0,
  cutClient: 0,
  healedClient: 0,
  clientKilled: 0,
  clientPaused: 0,
  clientResumed: 0,
  doubleRun: 0,
  locked: 1,
  overseer: 1,
  fenced: 1,
  closed: 1,
  moved: 1,
  stale: 1,
  watchFired: 2,
  snapshot: 2,
  fsyncSlow: 2,
  exited: 0,
  noQuorum: 0,
  noQuorumGroups: 0,
  leads: 0,
  lost: 0,
  expired: 0,
  cut: 0,
  cutOff: 0,
  healed: 0,
  blocked: 0,
  opened: 0,
  paused: 0,
  resumed: 0,
  started: 1,
  restarted: 1,
  restartedAt: 1,
  tries: 1,
  joinTimedOut: 1,
  writeFailed: 1,
  connected: 1,
  disconnected: 1,
  upToDate: 1,
  looking: 2,
  voted: 2,
  committed: 2,
  broke: 2,
};

/** More than this cannot be told before it is old: the least weighty go first. */
const WAITING = 3;

/** Takes the saying whose turn it is. */
export function next(waiting: readonly Saying[]): {
  readonly saying: Saying | null;
  readonly rest: readonly Saying[];
} {
  let kept = [...waiting];
  while (kept.length > WAITING) {
    const worst = Math.max(...kept.map(({ kind }) => RANK[kind]));
    const out = kept.findIndex(({ kind }) => RANK[kind] === worst);
    kept = kept.toSpliced(out, 1);
  }
  const [saying, ...rest] = kept;
  return { saying: saying ?? null, rest };
}

/** The sentence of a saying. */
export function sentenceOf(
  saying: Saying,
  words: AllSayWords,
  fill: (sentence: string, values: Readonly<Record<string, string | number>>) => string,
): string {
  switch (saying.kind) {
    case "cutOff":
    case "upToDate":
    case "looking": {
      const many = saying.list.length > 1;
      const list = listOf(saying.list, words, fill);
      const values = { ...saying, list, n: list };
      return fill(many ? words[`${saying.kind}Many`] : words[saying.kind], values);
    }
    case "voted":
      return fill(saying.count > 1 ? words.votedMany : words.voted, {
        ...saying,
        why: words.why[saying.why],
      });
    case "committed":
      return fill(saying.count > 1 ? words.committedMany : words.committed, saying);
    case "broke":
      return fill(saying.count > 1 ? words.brokeMany : words.broke, saying);
    case "doubleRun":
      return fill(words.doubleRun, { names: saying.names.join(words.comma) });
    default:
      return fill(words[saying.kind], saying);
  }
}

function listOf(
  sids: readonly Sid[],
  words: SayWords,
  fill: Parameters<typeof sentenceOf>[2],
): string {
  const sorted = sids.toSorted((a, b) => a - b);
  const last = sorted.at(-1) ?? 0;
  if (sorted.length < 2) return String(last);
  return fill(words.and, { first: sorted.slice(0, -1).join(words.comma), last });
}

function pairOf(sides: readonly (readonly Sid[])[]): readonly [Sid?, Sid?] {
  const [a, b] = sides;
  return sides.length === 2 && a?.length === 1 && b?.length === 1 ? [a[0], b[0]] : [];
}

function union(a: readonly Sid[], b: readonly Sid[]): readonly Sid[] {
  return [...new Set([...a, ...b])];
}

/** As the stage writes it: `e2·4`. */
function shortZxid(zxid: Zxid): string {
  return `e${epochOf(zxid)}·${counterOf(zxid)}`;
}
