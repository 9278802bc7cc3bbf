import { expect, test } from "vitest";
import {
  advance,
  factsAt,
  type History,
  kill,
  leaderOf,
  playScript,
  record,
  type ScriptLine,
  start,
  until,
  wait,
  whoLeadsAfter,
} from "../../engine/index";
import { labs } from "../../lessons/fast-leader-election/lab";
import { lesson } from "../../lessons/fast-leader-election/lesson";
import type { LabState } from "../lab/store";
import type { PredictionProgress } from "../progress/progress";
import { gateOf } from "./gate";
import { agreeingWith, candidatesOf, judged } from "./judge";

const lab = labs[0]!;
const [p2, nextLeader] = lesson.predictions;
const inAskedOrder = [
  start(1),
  wait(2_000),
  start(2),
  wait(2_000),
  start(3),
  until("leader.elected"),
];

const run = (script: readonly ScriptLine[], seed = 1): History =>
  playScript(lab, script, seed).history;
const said = (choice: string | null, outcome = {}): PredictionProgress => ({
  choice,
  held: null,
  outcome,
});
const judge = (prediction: typeof p2, progress: PredictionProgress, history: History) =>
  judged(prediction!, progress, factsAt(history), history.now);
const stateOf = (history: History) => ({ history }) as LabState;

test("the first start waits for a prediction, and no later one does", () => {
  const gate = gateOf(lesson.predictions, () => false);
  const answered = gateOf(lesson.predictions, (id) => id === "p2");

  expect(gate(start(1), stateOf(run([])))).toBe("hold");
  expect(answered(start(1), stateOf(run([])))).toBe("go");
});

test("the kill of a leader waits for a prediction, the kill of a follower does not", () => {
  const gate = gateOf(lesson.predictions, (id) => id === "p2");
  const led = stateOf(run(inAskedOrder));

  expect(gate(kill(3), led)).toBe("hold");
  expect(gate(kill(1), led)).toBe("go");
});

test("without a leader no kill waits", () => {
  const gate = gateOf(lesson.predictions, (id) => id === "p2");
  expect(gate(kill(1), stateOf(run([start(1), wait(2_000)])))).toBe("go");
});

test("only running voters besides the leader can be named", () => {
  const { now } = run([...inAskedOrder, start(5), wait(3_000)]);
  expect(candidatesOf(now, 3)).toEqual([1, 2, 5]);
});

test("as an election goes on, more servers agree", () => {
  const alone = run([start(1), wait(1_000)]);
  const led = run(inAskedOrder);

  expect(agreeingWith(alone.now, 1)).toBe(1);
  expect(agreeingWith(alone.now, 3)).toBe(0);
  expect(agreeingWith(led.now, 3)).toBe(3);
});

test("started in the asked order, a prediction holds or does not", () => {
  const led = run(inAskedOrder);
  expect(judge(p2, said("3"), led)).toMatchObject({ held: true, outcome: { leader: 3 } });
  expect(judge(p2, said("5"), led)).toMatchObject({ held: false, outcome: { leader: 3 } });
});

test("before a leader stands nothing is said", () => {
  const before = said("3");
  expect(judge(p2, before, run([start(1), wait(2_000), start(2), wait(2_000)]))).toBe(before);
});

test("another order tests nothing, and says who leads", () => {
  const other = run(lab.trap.script);
  expect(judge(p2, said("3"), other)).toMatchObject({ held: null, outcome: { leader: 5 } });
});

test("all at once is not one after the other", () => {
  const rushed = run([start(1), start(2), start(3), start(4), start(5), until("leader.elected")]);
  expect(judge(p2, said("5"), rushed).held).toBe(leaderOf(rushed.now) === 3 ? false : null);
});

test("a resolved prediction is not judged again", () => {
  const held = { ...said("3"), held: true };
  expect(judge(p2, held, run(lab.trap.script))).toBe(held);
});

test("who leads next is what the engine's own run shows, on many seeds", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const led = run([...inAskedOrder, start(4), wait(2_000), start(5), wait(3_000)], seed);
    const { leader, wonBy } = whoLeadsAfter(led.now, kill(3));
    const after = advance(record(led, kill(3)), led.now.nowUs + 2_000_000);
    const locked = said(String(leader), { killed: 3, leader, wonBy });

    expect(leader).not.toBeNull();
    expect(judge(nextLeader, locked, after)).toMatchObject({
      held: true,
      outcome: { actual: leader },
    });
    expect(judge(nextLeader, { ...locked, choice: "none" }, after).held).toBe(false);
  }
});

test("when no majority is left, nobody is the right answer", () => {
  const led = run(inAskedOrder);
  const { leader, wonBy } = whoLeadsAfter(led.now, kill(3));
  const locked = said("none", { killed: 3, leader, wonBy });
  const killed = record(led, kill(3));

  expect(leader).toBeNull();
  expect(judge(nextLeader, locked, killed)).toBe(locked);
  expect(judge(nextLeader, locked, advance(killed, led.now.nowUs + 3_000_000)).held).toBe(true);
});

test("a skipped question shows how it went, and is neither right nor wrong", () => {
  const led = run([...inAskedOrder, start(4), wait(3_000)]);
  const { leader, wonBy } = whoLeadsAfter(led.now, kill(3));
  const after = advance(record(led, kill(3)), led.now.nowUs + 2_000_000);

  expect(judge(nextLeader, said(null, { killed: 3, leader, wonBy }), after)).toMatchObject({
    held: null,
    outcome: { actual: leader },
  });
});
