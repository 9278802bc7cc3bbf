import fc from "fast-check";
import { expect, test } from "vitest";
import { type ClientPacket, createOf, type Operation, type Reply } from "../net/request";
import { BareSession } from "../scenario/bareSession";
import { followersIn, leaderIn, servingEnsemble, servingTrial } from "../scenario/crew";
import type { Trial } from "../scenario/trial";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";
import { kill, start } from "./command";
import { roleOf, serverOf } from "./read";

/** What a client may rely on, held against random runs of several sessions on several servers. */

/** One step of a run. */
interface Act {
  readonly session: number;
  readonly what: number;
  readonly path: number;
  readonly waitMs: number;
}

const PATHS = ["/a", "/b", "/c", "/a/x", "/a/y", "/b/x"];
const SESSIONS = 4;

const act: fc.Arbitrary<Act> = fc.record({
  session: fc.nat(SESSIONS - 1),
  what: fc.nat(19),
  path: fc.nat(PATHS.length - 1),
  waitMs: fc.oneof(fc.constant(0), fc.nat(30), fc.nat(400)),
});

function operationOf({ what, path: at }: Act, nth: number): Operation | null {
  const path = PATHS[at] ?? "/a";
  switch (what) {
    case 0:
    case 1:
    case 2:
      return createOf(path, `${nth}`);
    case 3:
    case 4:
    case 5:
      return { type: "setData", path, data: `${nth}`, version: -1 };
    case 6:
      return { type: "delete", path, version: -1 };
    case 7:
    case 8:
      return { type: "getData", path, watch: true };
    case 9:
      return { type: "exists", path, watch: true };
    case 10:
      return { type: "getChildren2", path, watch: true };
    case 11:
      return { type: "getData", path };
    case 12:
      return { type: "sync", path };
    case 13:
      return { type: "exists", path };
    case 14:
      return {
        type: "multi",
        ops: [
          { type: "setData", path, data: `${nth}`, version: -1 },
          createOf(`${path}/m${nth}`, ""),
        ],
      };
    case 15:
      return { type: "addWatch", path, mode: "PERSISTENT_RECURSIVE" };
    case 16:
      return createOf(`${path}-`, "", "EPHEMERAL_SEQUENTIAL");
    default:
      return null;
  }
}

/** One connection of a session: what was asked on it, by number. */
interface Talk {
  readonly asked: Map<number, Operation>;
  received: readonly ClientPacket[];
}

/** A run, and every connection of every session in it. */
function run(acts: readonly Act[], seed: number, restarts: boolean): readonly Talk[][] {
  const trial = servingTrial(servingEnsemble(3), seed);
  const sids: readonly Sid[] = [leaderIn(trial), ...followersIn(trial)];
  const talks: Talk[][] = [];
  const sessions = Array.from({ length: SESSIONS }, (_, nth) => {
    const session = new BareSession(trial, `s${nth}`);
    talks.push([]);
    return session;
  });
  const lastSeen = (nth: number): Zxid => Math.max(0, ...zxidsIn(talks[nth] ?? []));
  const note = (nth: number) => {
    const talk = talks[nth]?.at(-1);
    if (talk !== undefined) talk.received = sessions[nth]?.received ?? [];
  };
  const connect = (nth: number, sid: Sid) => {
    note(nth);
    const session = sessions[nth];
    if (session === undefined || serverOf(trial.world, sid).process === null) return;
    const answer = session.connect(sid, { lastZxidSeen: lastSeen(nth), timeoutMs: 40_000 });
    if (answer !== null) talks[nth]?.push({ asked: new Map(), received: [] });
  };
  for (const nth of sessions.keys()) connect(nth, sids[nth % sids.length] ?? 1);
  for (const [nth, one] of acts.entries()) {
    const session = sessions[one.session];
    if (session === undefined) continue;
    const operation = operationOf(one, nth);
    const victim = followersIn(trial)[0];
    if (!session.isOpen || one.what === 17) connect(one.session, sids[one.path % sids.length] ?? 1);
    else if (operation !== null)
      talks[one.session]?.at(-1)?.asked.set(session.send(operation), operation);
    else if (restarts && victim !== undefined && one.what === 18) trial.do(kill(victim));
    else session.ping();
    trial.wait(one.waitMs);
    if (restarts && one.what === 19) revive(trial);
  }
  revive(trial).wait(2_000);
  for (const nth of sessions.keys()) note(nth);
  return talks;
}

function revive(trial: Trial): Trial {
  for (const { sid, process } of trial.world.servers) if (process === null) trial.do(start(sid));
  return trial.wait(roleOf(serverOf(trial.world, 1)) === "DOWN" ? 0 : 100);
}

const repliesOf = ({ received }: Talk): readonly Reply[] =>
  received.filter((packet) => packet.type === "response");

function zxidsIn(talks: readonly Talk[]): readonly Zxid[] {
  return talks.flatMap((talk) => repliesOf(talk).map(({ zxid }) => zxid));
}

/** Requests of one connection are answered in order, each once; none is skipped. */
function answersInOrder(talk: Talk): void {
  const numbers = repliesOf(talk).map(({ cxid }) => cxid);
  expect(numbers).toEqual([...talk.asked.keys()].slice(0, numbers.length));
}

/** No answer is older than one the session has had before, on whatever server. */
function neverBackwards(talks: readonly Talk[]): void {
  const zxids = zxidsIn(talks);
  expect(zxids).toEqual(zxids.toSorted((a, b) => a - b));
}

/** An event stands before every answer that shows its change, and behind all that do not; events keep their order. */
function eventsInTheirPlace({ received }: Talk): void {
  let zxid = 0;
  for (const packet of received) {
    if (packet.type !== "watchEvent" && packet.type !== "response") continue;
    if (packet.type === "watchEvent") expect(packet.zxid).toBeGreaterThanOrEqual(zxid);
    else expect(packet.zxid).toBeGreaterThanOrEqual(zxid);
    zxid = packet.zxid;
  }
  for (const [at, packet] of received.entries()) {
    if (packet.type !== "watchEvent") continue;
    for (const before of received.slice(0, at))
      if (before.type === "response") expect(before.zxid).toBeLessThan(packet.zxid);
  }
}

/** Between a read that watches and a later one that shows something else, the event was told. */
function changesAreTold({ asked, received }: Talk): void {
  const watched = new Map<string, number | null>();
  for (const packet of received) {
    if (packet.type === "watchEvent") watched.delete(packet.path);
    if (packet.type !== "response") continue;
    const op = asked.get(packet.cxid);
    if (op === undefined || (op.type !== "getData" && op.type !== "exists")) continue;
    const shown = packet.code === "OK" ? (packet.stat?.mzxid ?? null) : null;
    if (watched.has(op.path)) expect(shown).toBe(watched.get(op.path));
    if (op.watch === true && (packet.code === "OK" || op.type === "exists"))
      watched.set(op.path, shown);
  }
}

function holds(talks: readonly Talk[][]): void {
  for (const ofSession of talks) {
    neverBackwards(ofSession);
    for (const talk of ofSession) {
      answersInOrder(talk);
      eventsInTheirPlace(talk);
      changesAreTold(talk);
    }
  }
}

test("sessions that move among servers: answers in order, never older, events before what they tell of", () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), fc.nat(1_000), (acts, seed) => {
      const talks = run(acts, seed, false);
      holds(talks);
      for (const ofSession of talks) {
        const last = ofSession.at(-1);
        if (last !== undefined) expect(repliesOf(last)).toHaveLength(last.asked.size);
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

test("the same while followers are killed and come again", () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), fc.nat(1_000), (acts, seed) => {
      holds(run(acts, seed, true));
    }),
    { numRuns: 25 },
  );
}, 60_000);
