import { expect, test } from "vitest";
import { sampleConfig } from "../config/sample";
import { rulesOf } from "../rules/rules";
import { emptyTree } from "../tree/dataTree";
import type { Txn } from "../tree/txn";
import { makeZxid } from "../zxid";
import type { LearnerMemory, ServerContext } from "./context";
import { chooseEpoch, newLeaderMemory, noteFollowerInfo } from "./discovery";
import { contextFrom } from "./setup";
import {
  committedOf,
  countNewLeaderAck,
  followsWithoutGap,
  forwardingOf,
  informedOf,
  isNewLeaderAck,
  type LeaderHistory,
  type LogOnDisk,
  noteSyncBegan,
  planSync,
} from "./synchronization";

const txn = (zxid: number): Txn => {
  return { zxid, sessionId: "0x1", cxid: 0, timeMs: 0, body: { type: "error", code: "NONODE" } };
};

/** A leader with these committed transactions in memory. `lastProcessed` is the last of them unless said otherwise. */
function leaderWith(
  zxids: readonly number[],
  lastProcessed = zxids[zxids.length - 1] ?? 0,
  more: Partial<LeaderHistory> = {},
): LeaderHistory {
  return {
    committedLog: zxids.map(txn),
    lastProcessed,
    snapshot: () => ({ zxid: lastProcessed, tree: emptyTree(), sessions: {} }),
    onDisk: files([]),
    snapshotSizeFactor: 0.33,
    forceSnapshotSync: false,
    ...more,
  };
}

/** Log files with these entries, of 100 bytes each, and a newest snapshot of so many. */
function files(logs: readonly (readonly number[])[], newestSnapshotBytes = 1_000): LogOnDisk {
  return {
    newestSnapshotBytes: () => newestSnapshotBytes,
    readFrom: (zxid) => {
      const behind = logs.findIndex(([first]) => first !== undefined && first > zxid);
      const from = Math.max((behind < 0 ? logs.length : behind) - 1, 0);
      const read = logs.slice(from).flat();
      return {
        first: read[0] ?? null,
        laterFilesBytes: 100 * Math.max(logs.length - from - 1, 0),
        entries: () => read.map(txn),
      };
    },
  };
}

/** The packets of a plan in short: `DIFF 2:1`, and +epoch:counter for a PROPOSAL with its COMMIT. */
function planned(leader: LeaderHistory, peerLastZxid: number): string {
  const { packets } = planSync(leader, peerLastZxid);
  const at = (zxid: number) => `${Math.floor(zxid / 2 ** 32)}:${zxid % 2 ** 32}`;
  return packets
    .map((packet) => {
      if (packet.type === "PROPOSAL") return `+${at(packet.txn.zxid)}`;
      if (packet.type === "COMMIT") return `=${at(packet.zxid)}`;
      return "zxid" in packet ? `${packet.type} ${at(packet.zxid)}` : packet.type;
    })
    .join(" ")
    .replace(/\+(\S+) =\1/g, "+$1");
}

const z = makeZxid;
const five = leaderWith([z(1, 1), z(1, 2), z(1, 3), z(1, 4), z(1, 5)]);

test.each([
  ["nothing to send: an empty DIFF", five, z(1, 5), "DIFF 1:5"],
  ["two fresh servers: an empty DIFF of zxid 0", leaderWith([]), 0, "DIFF 0:0"],
  ["behind, within what is in memory: a DIFF", five, z(1, 3), "DIFF 1:5 +1:4 +1:5"],
  ["just behind the oldest in memory: a DIFF", five, z(1, 1), "DIFF 1:5 +1:2 +1:3 +1:4 +1:5"],
  ["ahead in the leader's epoch: TRUNC to the leader's last", five, z(1, 7), "TRUNC 1:5"],
  ["ahead of all, from a later epoch than the leader's: TRUNC", five, z(2, 4), "TRUNC 1:5"],
  ["older than what is in memory: SNAP", leaderWith([z(1, 4), z(1, 5)]), z(1, 2), "SNAP 1:5"],
  ["empty, with a leader that has written: SNAP", five, 0, "SNAP 1:5"],
  [
    "empty, with a leader that serves but has written nothing: SNAP",
    leaderWith([], z(1, 0)),
    0,
    "SNAP 1:0",
  ],
  [
    "a transaction that the leader never had, of the epoch of the next one: TRUNC to the one before, then the rest",
    leaderWith([z(1, 1), z(1, 2), z(1, 5), z(1, 6)]),
    z(1, 4),
    "TRUNC 1:2 +1:5 +1:6",
  ],
  [
    "a transaction that the leader never had, before a new epoch: SNAP, for TRUNC never crosses an epoch",
    leaderWith([z(1, 1), z(1, 2), z(2, 1)]),
    z(1, 4),
    "SNAP 2:1",
  ],
  [
    "at the beginning of an epoch, which is no transaction: a DIFF",
    leaderWith([z(1, 1), z(2, 1), z(2, 2)]),
    z(2, 0),
    "DIFF 2:2 +2:1 +2:2",
  ],
  [
    "at the beginning of an epoch of which the leader has nothing: SNAP, never TRUNC",
    leaderWith([z(1, 1), z(1, 2)]),
    z(2, 0),
    "SNAP 1:2",
  ],
  [
    "the last transaction of the epoch before, with a leader that serves and has written nothing yet: a DIFF",
    leaderWith([z(1, 1), z(1, 2)], z(2, 0)),
    z(1, 2),
    "DIFF 1:2",
  ],
  [
    "one unshared proposal, and the new epoch has no write: TRUNC",
    leaderWith([z(1, 1), z(1, 2)], z(2, 0)),
    z(1, 3),
    "TRUNC 1:2",
  ],
])("%s", (_, leader, peerLastZxid, expected) => {
  expect(planned(leader, peerLastZxid)).toBe(expected);
});

test("what is proposed later follows on the last zxid of the plan", () => {
  expect(planSync(five, z(1, 5)).lastSent).toBe(z(1, 5));
  expect(planSync(five, z(1, 3)).lastSent).toBe(z(1, 5));
  expect(planSync(five, z(1, 7)).lastSent).toBe(z(1, 5));
  expect(planSync(five, 0).lastSent).toBe(z(1, 5));
});

test("an ACK of a proposal does not count as a NEWLEADER ack", () => {
  expect(isNewLeaderAck({ zxid: z(3, 1) }, 3)).toBe(false);
});

test("an ACK from the last epoch does not count as a NEWLEADER ack", () => {
  expect(isNewLeaderAck({ zxid: z(2, 0) }, 3)).toBe(false);
  expect(isNewLeaderAck({ zxid: z(3, 0) }, 3)).toBe(true);
});

test("the NEWLEADER ack of a learner counts once, and only if it votes", () => {
  const config = sampleConfig(3, [1, 2, 3]);
  let context: ServerContext = contextFrom({ config, acceptedEpoch: 1, currentEpoch: 1 });
  context = { ...context, leading: newLeaderMemory(context) };
  for (const from of [1, 9]) {
    const packet = { type: "FOLLOWERINFO", from, connection: from, acceptedEpoch: 0 } as const;
    context = { ...context, leading: noteFollowerInfo(context, packet) };
    context = { ...context, leading: noteSyncBegan(context, from) };
  }
  const rules = rulesOf("3.8.0");
  context = { ...context, leading: chooseEpoch(context, rules).leading ?? null };
  const ack = { zxid: z(2, 0) };
  for (const from of [3, 1, 1, 9])
    context = { ...context, leading: countNewLeaderAck(context, from, ack, rules) };
  expect(context.leading?.newLeaderAcks).toEqual([3, 1]);
  expect(context.leading?.learners[9]?.phase).toBe("synced");
});

test("the first ACK of a learner is taken for that of NEWLEADER: a wrong one is not counted, and the learner goes on (ZOOKEEPER-4685)", () => {
  const config = sampleConfig(3, [1, 2, 3]);
  const rules = rulesOf("3.8.0");
  let context: ServerContext = contextFrom({ config, acceptedEpoch: 1, currentEpoch: 1 });
  context = { ...context, leading: newLeaderMemory(context) };
  const packet = { type: "FOLLOWERINFO", from: 1, connection: 1, acceptedEpoch: 0 } as const;
  context = { ...context, leading: noteFollowerInfo(context, packet) };
  context = { ...context, leading: chooseEpoch(context, rules).leading ?? null };
  const memory = countNewLeaderAck(context, 1, { zxid: z(1, 7) }, rules);
  expect(memory.newLeaderAcks).toEqual([]);
  expect(memory.learners[1]?.phase).toBe("synced");
});

const inMemory = [z(1, 6), z(1, 7)];
const onDisk = files([
  [z(1, 1), z(1, 2), z(1, 3)],
  [z(1, 4), z(1, 5), z(1, 6), z(1, 7)],
]);

test.each([
  ["older than what is in memory, but on disk: a DIFF", { onDisk }, z(1, 5), "DIFF 1:7 +1:6 +1:7"],
  [
    "further back, over two files that are small enough: a DIFF",
    { onDisk },
    z(1, 2),
    "DIFF 1:7 +1:3 +1:4 +1:5 +1:6 +1:7",
  ],
  [
    "too much of it in files behind the first: SNAP",
    { onDisk, snapshotSizeFactor: 0.09 },
    z(1, 2),
    "SNAP 1:7",
  ],
  [
    "the file in which reading begins is not counted: a DIFF",
    { onDisk, snapshotSizeFactor: 0.001 },
    z(1, 5),
    "DIFF 1:7 +1:6 +1:7",
  ],
  [
    "without any snapshot there is no limit",
    { onDisk: { readFrom: onDisk.readFrom, newestSnapshotBytes: (): number => 0 } },
    z(1, 2),
    "DIFF 1:7 +1:3 +1:4 +1:5 +1:6 +1:7",
  ],
  [
    "a negative factor reads nothing from disk: SNAP",
    { onDisk, snapshotSizeFactor: -1 },
    z(1, 5),
    "SNAP 1:7",
  ],
  [
    "the log does not reach back so far: SNAP",
    { onDisk: files([[z(1, 4), z(1, 5)]]) },
    z(1, 2),
    "SNAP 1:7",
  ],
  [
    "a gap between the log and what is in memory: SNAP",
    { onDisk: files([[z(1, 1), z(1, 2), z(1, 3)]]) },
    z(1, 2),
    "SNAP 1:7",
  ],
  [
    "something on disk that the leader never had: TRUNC to the one before, then the rest",
    { onDisk: files([[z(1, 1), z(1, 2), z(1, 5), z(1, 6)]]) },
    z(1, 4),
    "TRUNC 1:2 +1:5 +1:6 +1:7",
  ],
  [
    "the same before a new epoch: SNAP",
    { onDisk: files([[z(0, 1), z(0, 2), z(1, 5), z(1, 6)]]) },
    z(0, 4),
    "SNAP 1:7",
  ],
  ["no database at all: SNAP", { onDisk }, -1, "SNAP 1:7"],
  ["for tests: always SNAP", { onDisk, forceSnapshotSync: true }, z(1, 7), "SNAP 1:7"],
] as const)("%s", (_, more, peerLastZxid, expected) => {
  expect(planned(leaderWith(inMemory, z(1, 7), more), peerLastZxid)).toBe(expected);
});

test("behind the plan come COMMITs of what waits to be applied, and PROPOSALs of what is outstanding: not for observers", () => {
  const [applied, outstanding] = [[z(1, 3), z(1, 4)].map(txn), [txn(z(1, 5))]];
  const types = (observer: boolean) =>
    forwardingOf(applied, outstanding, z(1, 3), observer).map(({ type }) => type);
  expect(types(false)).toEqual(["PROPOSAL", "COMMIT", "PROPOSAL"]);
  expect(types(true)).toEqual(["PROPOSAL", "COMMIT"]);
});

test("a gap within an epoch is refused in 3.9.5 and only warned of in 3.8.0; the first PROPOSAL and a new epoch are never refused", () => {
  expect(followsWithoutGap(z(1, 7), z(1, 5))).toBe(false);
  expect(rulesOf("3.8.0").mayFollow(z(1, 7), z(1, 5))).toBe(true);
  expect(followsWithoutGap(z(1, 6), z(1, 5))).toBe(true);
  expect(followsWithoutGap(z(2, 1), z(1, 5))).toBe(true);
  expect(followsWithoutGap(z(1, 7), 0)).toBe(true);
});

const memoryOf = (collected: readonly number[], committed: readonly number[]): LearnerMemory => {
  const plain = { leader: 1, connection: 1, tries: 1, epoch: 1, syncMode: null, lastQueued: 0 };
  return { ...plain, collected: collected.map(txn), committed };
};

test("COMMITs take what was collected in order; one that does not name the next is passed over", () => {
  const { ready, rest } = committedOf(memoryOf([1, 2, 3], [1, 9, 2]));
  expect(ready.map(({ zxid }) => zxid)).toEqual([1, 2]);
  expect(rest.map(({ zxid }) => zxid)).toEqual([3]);
});

test("an observer takes in each proposal that the next COMMIT names", () => {
  expect(informedOf(memoryOf([1, 2, 3], [1, 3])).map(({ zxid }) => zxid)).toEqual([1, 3]);
});
