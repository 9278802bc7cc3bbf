import { assert } from "../assert";
import { apply } from "../sim/apply";
import type { Command } from "../sim/command";
import type { Fact } from "../sim/fact";
import { nextEventUs, rest, takeStep } from "../sim/step";
import type { World } from "../sim/world";
import type { VirtualUs } from "../units";
import { startHistory } from "./start";

/** A command, and the step that it was: the world had taken so many steps before. */
export interface RecordedCommand {
  readonly step: number;
  readonly atUs: VirtualUs;
  readonly command: Command;
}

/** A run that was left when the learner acted in its past. */
export interface Branch {
  readonly commands: readonly RecordedCommand[];
  readonly facts: readonly Fact[];
  readonly endUs: VirtualUs;
  readonly endStep: number;
  /** Where it parts from the present run. */
  readonly forkedAtUs: VirtualUs;
}

/**
 * One run: where it began, what the learner did, and the playhead. The world at any earlier moment is computed again
 * from the nearest checkpoint, so every moment can be visited.
 */
export interface History {
  readonly start: World;
  /** The world at the playhead. */
  readonly now: World;
  /** How far this run has been simulated. */
  readonly endUs: VirtualUs;
  readonly endStep: number;
  readonly commands: readonly RecordedCommand[];
  /** All facts up to the end of the run, oldest first; also those later than the playhead. */
  readonly facts: readonly Fact[];
  readonly checkpoints: readonly World[];
  /** Runs left behind, newest first; at most five. */
  readonly branches: readonly Branch[];
}

const STEPS_BETWEEN_CHECKPOINTS = 256;
const MOST_BRANCHES = 5;

/** Does a command at the playhead. In the past this begins another run, and the rest of this one is kept as a branch. */
export function record(history: History, command: Command): History {
  const present = isAtEnd(history) ? history : fork(history);
  const { now } = present;
  const after = apply(now, command);
  return arrived(
    { ...present, commands: [...present.commands, { step: now.steps, atUs: now.nowUs, command }] },
    after,
  );
}

/** Is the playhead at the end of what has been simulated? */
export function isAtEnd(history: History): boolean {
  return history.now.steps === history.endStep && history.now.nowUs >= history.endUs;
}

function fork(history: History): History {
  const { now } = history;
  const left: Branch = {
    commands: history.commands,
    facts: history.facts,
    endUs: history.endUs,
    endStep: history.endStep,
    forkedAtUs: now.nowUs,
  };
  return {
    ...history,
    endUs: now.nowUs,
    endStep: now.steps,
    commands: history.commands.filter((one) => one.step < now.steps),
    facts: factsAt(history),
    checkpoints: history.checkpoints.filter((one) => one.steps <= now.steps),
    branches: [left, ...history.branches].slice(0, MOST_BRANCHES),
  };
}

/** The facts up to the playhead. */
export function factsAt(history: History): readonly Fact[] {
  if (isAtEnd(history)) return history.facts;
  const before = history.now.nextNumber;
  return history.facts.filter((fact) => fact.number < before);
}

/** The time of the next command or event, or null when nothing will happen. */
export function nextMomentUs(history: History): VirtualUs | null {
  const command = commandAt(history, history.now.steps);
  return command === undefined ? nextEventUs(history.now) : command.atUs;
}

/** Runs to this virtual time: what is recorded happens again, what lies beyond is simulated. */
export function advance(history: History, toUs: VirtualUs): History {
  let next = history;
  for (let due = nextMomentUs(next); due !== null && due <= toUs; due = nextMomentUs(next))
    next = isAtEnd(next) ? simulated(next, toUs) : stepForward(next);
  if (next.now.nowUs >= toUs) return next;
  const now = rest(next.now, toUs);
  return { ...next, now, endUs: Math.max(next.endUs, toUs) };
}

/** Beyond the end of the run only events are left: what they bring is added once, however many they are. */
function simulated(history: History, toUs: VirtualUs): History {
  let { now } = history;
  const facts = history.facts.slice();
  const checkpoints = history.checkpoints.slice();
  let noted = (checkpoints[checkpoints.length - 1] ?? history.start).steps;
  for (let due = nextEventUs(now); due !== null && due <= toUs; due = nextEventUs(now)) {
    now = takeStep(now);
    for (const fact of now.facts) facts.push(fact);
    if (now.steps - noted < STEPS_BETWEEN_CHECKPOINTS) continue;
    checkpoints.push(now);
    noted = now.steps;
  }
  return { ...history, now, endUs: now.nowUs, endStep: now.steps, facts, checkpoints };
}

/** One command or event on. */
export function stepForward(history: History): History {
  const { now } = history;
  const command = commandAt(history, now.steps);
  return arrived(
    history,
    command === undefined ? takeStep(now) : apply(rest(now, command.atUs), command.command),
  );
}

/** One command or event back; at the beginning it stays there. */
export function stepBack(history: History): History {
  return toStep(history, Math.max(history.now.steps - 1, history.start.steps));
}

/** The moment of that time, all that happens then included. Not beyond what has been simulated. */
export function seek(history: History, toUs: VirtualUs): History {
  const wantedUs = Math.max(history.start.nowUs, Math.min(toUs, history.endUs));
  const { now } = history;
  const near = checkpointBefore(history, (one) => one.nowUs < wantedUs);
  // From where it is when that is nearer, on the way there.
  const from = now.nowUs <= wantedUs && now.steps >= near.steps ? now : near;
  return advance({ ...history, now: from }, wantedUs);
}

function toStep(history: History, step: number): History {
  let next: History = { ...history, now: checkpointBefore(history, (one) => one.steps <= step) };
  while (next.now.steps < step) next = stepForward(next);
  return next;
}

function checkpointBefore(history: History, isBefore: (world: World) => boolean): World {
  return history.checkpoints.findLast(isBefore) ?? history.start;
}

function commandAt(history: History, step: number): RecordedCommand | undefined {
  // Commands are few, and mostly the last one is asked for.
  const last = history.commands[history.commands.length - 1];
  if (last === undefined || last.step < step) return undefined;
  return history.commands.find((one) => one.step === step);
}

/** The playhead has taken a step; what is new becomes part of the run. */
function arrived(history: History, now: World): History {
  if (now.steps <= history.endStep) return { ...history, now };
  const last = history.checkpoints[history.checkpoints.length - 1] ?? history.start;
  const due = now.steps - last.steps >= STEPS_BETWEEN_CHECKPOINTS;
  return {
    ...history,
    now,
    endUs: now.nowUs,
    endStep: now.steps,
    facts: now.facts.length === 0 ? history.facts : [...history.facts, ...now.facts],
    checkpoints: due ? [...history.checkpoints, now] : history.checkpoints,
  };
}

/** What the learner has done so far in this run. */
export function recordedCommands(history: History): readonly RecordedCommand[] {
  return history.commands;
}

/** The same run again, from where it began and what was done: the same world, fact by fact. */
export function restore(
  start: World,
  commands: readonly RecordedCommand[],
  toUs: VirtualUs,
  endUs: VirtualUs = toUs,
): History {
  let history = startHistory(start);
  for (const { step, atUs, command } of commands) {
    history = advance(history, atUs - 1);
    while (history.now.steps < step && nextEventUs(history.now) !== null)
      history = stepForward(history);
    history = { ...history, now: rest(history.now, atUs), endUs: Math.max(history.endUs, atUs) };
    history = record(history, command);
  }
  history = advance(history, Math.max(endUs, toUs, history.now.nowUs));
  return toUs < history.now.nowUs ? seek(history, toUs) : history;
}

/** Goes over to a run that was left, at the moment where it parted; the present one is kept in its place. */
export function switchBranch(history: History, index: number): History {
  const branch = history.branches[index];
  assert(branch !== undefined, `there is a branch ${index}`);
  const others = history.branches.filter((other) => other !== branch);
  const left: Branch = {
    commands: history.commands,
    facts: history.facts,
    endUs: history.endUs,
    endStep: history.endStep,
    forkedAtUs: branch.forkedAtUs,
  };
  const restored = restore(history.start, branch.commands, branch.forkedAtUs, branch.endUs);
  return { ...restored, branches: [left, ...others] };
}
