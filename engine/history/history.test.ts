import { describe, expect, test } from "vitest";
import { worldOfLab } from "../scenario/play";
import { ensembleOf } from "../scenario/trial";
import { cut, heal, kill, operate, pause, resume, start } from "../sim/command";
import { usFromMs } from "../units";
import {
  advance,
  factsAt,
  type History,
  nextMomentUs,
  record,
  recordedCommands,
  restore,
  seek,
  stepBack,
  stepForward,
  switchBranch,
} from "./history";
import { startHistory } from "./start";

const lab = ensembleOf(3, {
  up: true,
  clients: [
    {
      name: "A",
      timeoutMs: 6_000,
      behaviour: { type: "writer", path: "/a", everyMs: 400 },
    },
  ],
});
const begun = (seed = 1) => startHistory(worldOfLab(lab, seed));
const plays = (history: History, ms: number) => advance(history, history.now.nowUs + usFromMs(ms));
const text = (history: History) => JSON.stringify(history.now);

/** Commands at odd moments, of all kinds, with two in one moment and one at the end. */
function eventful(): History {
  let history = plays(begun(), 1_234.567);
  history = plays(record(record(history, pause(2)), cut(1, 3)), 777.001);
  history = plays(record(history, kill(3)), 400);
  history = plays(record(record(history, resume(2)), heal(1, 3)), 2_000);
  history = record(history, operate("A", { type: "exists", path: "/a" }));
  history = plays(record(history, start(3)), 3_000);
  return record(history, pause(1));
}

/** Every step of a run, as text. */
function allSteps(history: History): string[] {
  let at: History = { ...history, now: history.start };
  const worlds = [text(at)];
  while (at.now.steps < history.endStep) {
    at = stepForward(at);
    worlds.push(text(at));
  }
  return worlds;
}

test("time passes, also when nothing happens in it", () => {
  const history = plays(startHistory(worldOfLab(ensembleOf(3), 1)), 5_000);
  expect(history.now).toMatchObject({ nowUs: usFromMs(5_000), steps: 0 });
  expect(history.endUs).toBe(usFromMs(5_000));
});

test("played on at once or in many small pieces, a run is the same", () => {
  const whole = plays(begun(), 4_000);
  let pieces = begun();
  for (let ms = 0; ms < 4_000; ms += 7) pieces = advance(pieces, usFromMs(Math.min(ms + 7, 4_000)));
  expect(text(pieces)).toBe(text(whole));
  expect(pieces.facts).toEqual(whole.facts);
});

test("seek shows any moment as it was, from before and from behind, and leaves the run as it is", () => {
  const history = eventful();
  for (const ms of [0, 1, 1_234.567, 1_234.568, 1_500, 2_011.568, 2_300, 4_411.567, 7_000]) {
    const there = seek(history, usFromMs(ms));
    expect(there.now.nowUs).toBe(usFromMs(ms));
    expect(text(seek(seek(history, 0), usFromMs(ms)))).toBe(text(there));
    expect(text(seek(seek(there, history.endUs), usFromMs(ms)))).toBe(text(there));
    expect(there.facts).toEqual(history.facts);
    expect(there.commands).toEqual(history.commands);
  }
});

test("at the end of the run seek brings back the world that was there", () => {
  const history = eventful();
  expect(text(seek(seek(history, 0), history.endUs))).toBe(text(history));
});

test("nothing lies beyond the end or before the beginning", () => {
  const history = plays(begun(), 1_000);
  expect(seek(history, usFromMs(9_000)).now.nowUs).toBe(usFromMs(1_000));
  expect(seek(history, -5).now.nowUs).toBe(0);
});

test("step by step forward, and step by step back, each world is met again", () => {
  const history = eventful();
  const worlds = allSteps(history);
  expect(worlds).toHaveLength(history.endStep + 1);
  let at = history;
  for (let step = history.endStep - 1; step >= history.endStep - 100 && step >= 0; step -= 1) {
    at = stepBack(at);
    expect(text(at)).toBe(worlds[step]);
  }
});

test("a step back from the beginning stays there", () => {
  const history = begun();
  expect(stepBack(history).now).toEqual(history.now);
});

test("the facts at the playhead are those that have happened, and none of the future", () => {
  const history = eventful();
  const early = seek(history, usFromMs(1_500));
  expect(factsAt(early)).toEqual(history.facts.filter(({ atUs }) => atUs <= usFromMs(1_500)));
  expect(factsAt(early).length).toBeLessThan(early.facts.length);
  expect(factsAt(history)).toEqual(history.facts);
});

test("the next moment is that of the next event or recorded command, whichever is first", () => {
  const history = record(plays(begun(), 1_000), kill(1));
  const before = seek(history, usFromMs(999));
  let at = before;
  while (at.now.steps < history.endStep - 1) at = stepForward(at);
  expect(nextMomentUs(at)).toBe(usFromMs(1_000));
  expect(stepForward(at).now.facts.map(({ type }) => type)).toContain("srv.kill");
});

describe("a command in the past", () => {
  const whole = eventful();
  const forked = record(seek(whole, usFromMs(2_500)), kill(1));

  test("begins another run: what came later is no part of it", () => {
    expect(forked.commands.at(-1)).toMatchObject({ atUs: usFromMs(2_500), command: kill(1) });
    expect(forked.commands).toHaveLength(
      whole.commands.filter((one) => one.atUs <= usFromMs(2_500)).length + 1,
    );
    expect(forked.endUs).toBe(usFromMs(2_500));
    expect(forked.facts.every(({ atUs }) => atUs <= usFromMs(2_500))).toBe(true);
  });

  test("is the same as if the rest had never been", () => {
    const direct = restore(whole.start, forked.commands, forked.endUs);
    expect(text(plays(direct, 3_000))).toBe(text(plays(forked, 3_000)));
    expect(plays(direct, 3_000).facts).toEqual(plays(forked, 3_000).facts);
  });

  test("keeps the rest as a branch, from which one can come back and go again", () => {
    expect(forked.branches).toHaveLength(1);
    const back = switchBranch(forked, 0);
    expect(back.now.nowUs).toBe(usFromMs(2_500));
    expect(back.commands).toEqual(whole.commands);
    expect(back.facts).toEqual(whole.facts);
    expect(text(seek(back, whole.endUs))).toBe(text(whole));
    const again = switchBranch(back, 0);
    expect(again.commands).toEqual(forked.commands);
    expect(text(seek(again, forked.endUs))).toBe(text(forked));
  });

  test("takes the place of the command that was undone by one step back", () => {
    const killed = record(plays(begun(), 3_000), kill(1));
    const instead = record(stepBack(killed), kill(2));
    expect(recordedCommands(instead).map(({ command }) => command)).toEqual([kill(2)]);
    expect(instead.facts.some((fact) => fact.type === "srv.kill" && fact.id === 1)).toBe(false);
    expect(instead.branches[0]?.commands.map(({ command }) => command)).toEqual([kill(1)]);
  });

  test("five branches are kept, the oldest is forgotten", () => {
    let history = whole;
    for (let nth = 1; nth <= 7; nth += 1)
      history = plays(record(seek(history, usFromMs(2_500 - nth)), kill(1)), 100);
    expect(history.branches).toHaveLength(5);
    expect(history.branches.map(({ forkedAtUs }) => forkedAtUs)).toEqual(
      [7, 6, 5, 4, 3].map((nth) => usFromMs(2_500 - nth)),
    );
  });
});

describe("a run is restored from its beginning and its commands", () => {
  test("to its end", () => {
    const history = eventful();
    const again = restore(history.start, recordedCommands(history), history.endUs);
    expect(text(again)).toBe(text(history));
    expect(again.facts).toEqual(history.facts);
    expect(again.commands).toEqual(history.commands);
  });

  test.each([0, 500, 1_234.567, 2_000, 4_411.567, 6_000])(
    "to %f ms, with what came later",
    (ms) => {
      const history = eventful();
      const commands = JSON.parse(
        JSON.stringify(recordedCommands(history)),
      ) as typeof history.commands;
      const again = restore(history.start, commands, usFromMs(ms), history.endUs);
      expect(text(again)).toBe(text(seek(history, usFromMs(ms))));
      expect(again.facts).toEqual(history.facts);
      expect(again.endUs).toBe(history.endUs);
    },
  );

  test("also with commands in the middle of one moment, after some of its events and before others", () => {
    let history = plays(begun(), 1_000);
    // The kill leaves several events for one moment; the next command comes between them.
    history = stepForward(record(record(history, kill(1)), start(1)));
    history = plays(record(history, pause(2)), 1_000);
    const again = restore(history.start, recordedCommands(history), history.endUs);
    expect(text(again)).toBe(text(history));
  });
});
