import { expect, test } from "vitest";
import { sampleConfig } from "../config/sample";
import { emptyTree } from "../tree/dataTree";
import type { Txn } from "../tree/txn";
import { makeZxid } from "../zxid";
import type { ServerContext } from "./context";
import { newLeaderMemory, noteFollowerInfo } from "./discovery";
import { contextFrom } from "./setup";
import { countNewLeaderAck, isNewLeaderAck, noteSyncBegan, planSync } from "./synchronization";

const txn = (zxid: number): Txn => {
  return { zxid, sessionId: "0x1", cxid: 0, timeMs: 0, body: { type: "error", code: "NONODE" } };
};

/** A leader with these committed transactions in memory. `lastProcessed` is the last of them unless said otherwise. */
function leaderWith(zxids: readonly number[], lastProcessed = zxids[zxids.length - 1] ?? 0) {
  return {
    committedLog: zxids.map(txn),
    lastProcessed,
    snapshot: () => ({ zxid: lastProcessed, tree: emptyTree(), sessions: {} }),
  };
}

/** The packets of a plan in short: `DIFF 2:1`, and +epoch:counter for a PROPOSAL with its COMMIT. */
function planned(leader: ReturnType<typeof leaderWith>, peerLastZxid: number): string {
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
    const packet = { from, connection: from, acceptedEpoch: 0 };
    context = { ...context, leading: noteFollowerInfo(context, packet) };
    context = { ...context, leading: noteSyncBegan(context, from) };
  }
  for (const from of [3, 1, 1, 9])
    context = { ...context, leading: countNewLeaderAck(context, from) };
  expect(context.leading?.newLeaderAcks).toEqual([3, 1]);
  expect(context.leading?.learners[9]?.phase).toBe("synced");
});
