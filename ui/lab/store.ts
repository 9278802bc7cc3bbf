import type { Command, Fact, History, Lab, Sid, VirtualUs } from "../../engine/index";
import type { HandOver } from "./handOver";

/** What a pointer does on the stage. Keys mean the same in both hands. */
export type Hand = "break" | "look";

/** What the store holds: the run, how it is played, and what the learner has reached. */
export interface LabState {
  readonly lab: Pick<Lab, "id">;
  readonly seed: number;
  readonly history: History;
  readonly playing: boolean;
  /** On: the Director picks the factor. Off: `speed` holds. */
  readonly director: boolean;
  /** The learner chose a speed or moved the playhead while the Director was on: `speed` holds until the next Play. */
  readonly suspended: boolean;
  /** Virtual seconds per wall second while the Director is off. */
  readonly speed: number;
  /** The factor in force now, and why; shown beside the clock. */
  readonly pace: Pace;
  readonly hand: Hand;
  readonly selected: Sid | null;
  /** Ids of the lab's checks that have been met, in order; kept when the learner goes back in time. */
  readonly reached: readonly string[];
  /** A command that waits for the learner's prediction; the lesson column shows the question. */
  readonly held: Command | null;
  /** How often the playhead was put elsewhere instead of moving on. Who reads facts one by one starts anew when it changes. */
  readonly jumps: number;
  /** The engine found something that must never be; the run stands until the learner goes back. */
  readonly stopped: Stopped | null;
  readonly engine: Engine;
}

/**
 * Where the engine is. Asleep: not asked for, and the run stands at its beginning. Coming: what the learner does waits
 * for it. Away: it could not be fetched, and is asked for again with the next sign of use.
 */
export type Engine = "asleep" | "coming" | "away" | "here";

export type PaceReason =
  | "election"
  | "sync"
  | "write"
  | "quiet"
  | "news"
  | "expiry"
  | "client"
  | "none"
  | "manual";

/** Virtual seconds per wall second, and what it was chosen for. */
export interface Pace {
  readonly factor: number;
  readonly reason: PaceReason;
}

/** Our own mistake, caught: when, and a report that lets us play it again. */
export interface Stopped {
  readonly atUs: VirtualUs;
  readonly report: string;
}

/** A lesson may hold a command back until the learner has predicted what it will do. */
export type Gate = (command: Command, state: LabState) => "go" | "hold";

/** The one way in: pointer, keyboard, menu and lesson all call this. */
export interface LabStore {
  readonly get: () => LabState;
  readonly subscribe: (listener: () => void) => () => void;
  /** The learner is about to use the lab: fetches its engine, if that has not begun. All that moves time does it too. */
  readonly wake: () => void;
  /** Applies a command at the playhead and plays on, unless the gate holds it. */
  readonly dispatch: (command: Command) => void;
  readonly setGate: (gate: Gate | null) => void;
  /** Performs the held command (after locking in or skipping), or forgets it. */
  readonly release: (perform: boolean) => void;
  readonly play: () => void;
  readonly pause: () => void;
  /** Moves on to a virtual time (the playback loop calls this). */
  readonly advanceTo: (us: VirtualUs) => void;
  /** Puts the playhead there; beyond the end of the run it simulates on, a minute at most. */
  readonly seek: (us: VirtualUs) => void;
  /** To the next or previous state change, commit, election or expiry. */
  readonly stepEvent: (direction: 1 | -1) => void;
  /** To just after the next or previous delivery. */
  readonly stepMessage: (direction: 1 | -1) => void;
  readonly setHand: (hand: Hand) => void;
  readonly select: (sid: Sid | null) => void;
  readonly setSpeed: (factor: number) => void;
  readonly setDirector: (on: boolean) => void;
  /** What the playback loop plays at. */
  readonly setPace: (pace: Pace) => void;
  /** Goes on with a run that was left when the learner acted in its past. */
  readonly switchBranch: (index: number) => void;
  /** All changes inside are told once, at the end. */
  readonly batch: (changes: () => void) => void;
  readonly reset: () => void;
  /** Facts up to the playhead. */
  readonly facts: () => readonly Fact[];
  /** All that another page needs to go on from here; null while there is nothing to go on with. */
  readonly handOver: () => HandOver | null;
}

/** Slowest and fastest factor a learner can choose. */
export const SLOWEST = 0.005;
export const FASTEST = 20;

/** A lab before anything has been done in it. */
export function untouched(
  lab: Pick<Lab, "id">,
  seed: number,
  history: History,
  engine: Engine,
): LabState {
  return {
    lab,
    seed,
    history,
    playing: false,
    director: true,
    suspended: false,
    speed: 1,
    pace: { factor: 1, reason: "none" },
    hand: "break",
    selected: null,
    reached: [],
    held: null,
    jumps: 0,
    stopped: null,
    engine,
  };
}
