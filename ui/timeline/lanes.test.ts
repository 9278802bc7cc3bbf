import { expect, test } from "vitest";
import type { Fact, FactBody } from "../../engine/index";
import { bandAt, lanesOf } from "./lanes";

let count = 0;
function at(ms: number, body: FactBody): Fact {
  count += 1;
  return { ...body, t: ms, atUs: ms * 1_000, number: count, cause: 1 };
}

const looking = (ms: number, id: number, round = 1) => at(ms, { type: "srv.looking", id, round });
const decided = (ms: number, id: number, leader: number) =>
  at(ms, {
    type: "vote.decided",
    id,
    leader,
    round: 1,
    state: id === leader ? "LEADING" : "FOLLOWING",
  });
const elected = (ms: number, id: number, epoch: number) =>
  at(ms, { type: "leader.elected", id, epoch, wonBy: "sid" });
const killed = (ms: number, id: number) => at(ms, { type: "srv.kill", id, by: "kill" });

/** Bands as short as they can be read. */
function shortly(facts: readonly Fact[], endMs: number): readonly string[] {
  return lanesOf(facts, endMs * 1_000, [1, 2, 3, 4, 5]).bands.map((band) => {
    const what =
      band.kind === "election"
        ? `round ${band.round}`
        : band.kind === "sync"
          ? "sync"
          : `epoch ${band.epoch} by ${band.leader}`;
    return `${band.fromUs / 1_000}-${band.toUs / 1_000} ${what}`;
  });
}

const firstElection = [
  looking(100, 1),
  looking(120, 2),
  looking(150, 3),
  decided(400, 3, 3),
  decided(405, 1, 3),
  decided(406, 2, 3),
  elected(460, 3, 1),
];

test("an election, its synchronization and the epoch follow one another", () => {
  expect(shortly(firstElection, 900)).toEqual([
    "100-400 round 1",
    "400-460 sync",
    "460-900 epoch 1 by 3",
  ]);
});

test("a server that looks for a leader while one leads changes nothing for the ensemble", () => {
  const facts = [...firstElection, looking(600, 5), decided(620, 5, 3)];
  expect(shortly(facts, 900).at(-1)).toBe("460-900 epoch 1 by 3");
});

test("the death of the leader ends its epoch, and the next round is its own band", () => {
  const facts = [
    ...firstElection,
    killed(1_000, 3),
    looking(1_010, 1, 2),
    looking(1_012, 2, 2),
    decided(1_220, 2, 2),
  ];
  expect(shortly(facts, 1_300).slice(2)).toEqual([
    "460-1000 epoch 1 by 3",
    "1010-1220 round 2",
    "1220-1300 sync",
  ]);
});

test("when most look for a leader it is an election, even if the old one stands still and does not know", () => {
  const facts = [
    ...firstElection,
    at(500, { type: "srv.pause", id: 3 }),
    looking(700, 1, 2),
    looking(710, 2, 2),
    looking(720, 4, 2),
    decided(930, 2, 2),
    elected(980, 2, 2),
  ];
  expect(shortly(facts, 1_000).slice(2)).toEqual([
    "460-720 epoch 1 by 3",
    "720-930 round 2",
    "930-980 sync",
    "980-1000 epoch 2 by 2",
  ]);
});

test("a winner that dies before it is established gives the band back to the election", () => {
  const facts = [
    looking(100, 1),
    looking(120, 2),
    looking(130, 3),
    decided(400, 3, 3),
    killed(420, 3),
  ];
  expect(shortly(facts, 500)).toEqual(["100-400 round 1", "400-420 sync", "420-500 round 1"]);
});

test("with nobody left there is no band", () => {
  expect(shortly([looking(100, 1), killed(300, 1)], 500)).toEqual(["100-300 round 1"]);
});

test("deeds, leaders and commits leave their marks", () => {
  const committed = { acks: 3, votersDown: 0, carriedOver: false, minority: false };
  const { marks } = lanesOf(
    [
      at(10, { type: "srv.start", id: 1, dataEmpty: true }),
      ...firstElection,
      at(500, { type: "txn.committed", zxid: 1, ...committed }),
      at(510, { type: "net.cut", sides: [[1], [2]] }),
      at(520, { type: "srv.pause", id: 2 }),
      killed(530, 3),
    ],
    600_000,
    [1, 2, 3, 4, 5],
  );
  expect(marks.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    "start 1",
    "elected 3",
    "commit null",
    "cut null",
    "own 2",
    "kill 3",
  ]);
});

test("a moment is told by the band it lies in", () => {
  const { bands } = lanesOf(firstElection, 900_000, [1, 2, 3, 4, 5]);
  expect(bandAt(bands, 200_000)?.kind).toBe("election");
  expect(bandAt(bands, 50_000)).toBeNull();
});
