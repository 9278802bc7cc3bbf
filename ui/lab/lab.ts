import {
  advance,
  type Command,
  type Fact,
  factsAt,
  type FactType,
  type History,
  type Lab,
  nextMomentUs,
  record,
  recordedCommands,
  restore,
  seek,
  startHistory,
  stepForward,
  switchBranch,
  US_PER_MS,
  US_PER_SECOND,
  type VirtualUs,
  type World,
  worldOfLab,
} from "../../engine/index";
import { deliveredBetween } from "./delivery";
import type { HandOver } from "./handOver";
import { FASTEST, type Gate, type LabState, type LabStore, SLOWEST, untouched } from "./store";

/** Facts at which "step event" stops: each changes what an operator would tell about the ensemble. */
const TURNING_POINTS: ReadonlySet<FactType> = new Set<FactType>([
  "srv.start",
  "srv.kill",
  "srv.exit",
  "srv.pause",
  "srv.resume",
  "srv.looking",
  "srv.serving",
  "vote.decided",
  "leader.elected",
  "leader.lost",
  "join.timeout",
  "sync.diff",
  "sync.snap",
  "sync.trunc",
  "disk.full",
  "disk.freed",
  "net.cut",
  "net.heal",
  "port.block",
  "port.open",
  "connection.broken",
  "txn.committed",
  "session.new",
  "session.expired",
  "session.closed",
  "session.moved",
  "client.connected",
  "client.disconnected",
  "client.expiredSeen",
]);

/** A step that finds nothing to stop at ends here. */
const STEP_LIMIT_US = 120 * US_PER_SECOND;
const STEP_LIMIT = 5_000;
/** One call simulates at most so many moments; a frame that asks for more falls behind instead of freezing the page. */
const MOMENTS_PER_CALL = 2_000;
/** A step back looks so far first, then four times as far, and so on. */
const STEP_OFF_WINDOW_US = 50 * US_PER_MS;
const SEEK_LIMIT_US = 60 * US_PER_SECOND;

export interface LabStart {
  readonly lab: Lab;
  readonly seed: number;
  /** Where the run begins, when not where the lab does. */
  readonly world?: World;
  /** What another page handed over: the run goes on from there. */
  readonly handed?: HandOver;
}

/** The store of one lab. Holds no clock: the playback loop moves it. */
export function createLabStore({ lab, seed, world, handed }: LabStart): LabStore {
  const beginning = world ?? worldOfLab(lab, seed);
  const listeners = new Set<() => void>();
  const open = new Map(Object.entries(lab.met));
  let gate: Gate | null = null;
  let batches = 0;
  let changed = false;
  let seen: { readonly history: History; readonly facts: readonly Fact[] } | null = null;

  let state = untouched(lab, seed, startHistory(beginning), "here");
  if (handed !== undefined) takeOver(handed);
  judge();

  function takeOver(from: HandOver): void {
    try {
      const history = restore(beginning, from.commands, from.playheadUs, from.endUs);
      const reached = from.reached.filter((id) => open.has(id));
      const { playing, director, suspended, speed, hand } = from;
      state = { ...state, history, reached, playing, director, suspended, speed, hand };
    } catch {
      // A run of an older engine: the lab begins anew.
    }
  }

  function tell(): void {
    changed = true;
    if (batches > 0) return;
    changed = false;
    for (const listener of listeners) listener();
  }

  function set(change: Partial<LabState>): void {
    state = { ...state, ...change };
    tell();
  }

  function batch(changes: () => void): void {
    batches += 1;
    try {
      changes();
    } finally {
      batches -= 1;
      if (batches === 0 && changed) tell();
    }
  }

  function facts(): readonly Fact[] {
    if (seen?.history !== state.history)
      seen = { history: state.history, facts: factsAt(state.history) };
    return seen.facts;
  }

  /** Latches every check that holds now. */
  function judge(): void {
    for (const id of state.reached) open.delete(id);
    if (open.size === 0) return;
    const view = { world: state.history.now, facts: facts() };
    for (const [id, check] of open) {
      if (!check(view)) continue;
      open.delete(id);
      state = { ...state, reached: [...state.reached, id] };
    }
  }

  /** Takes the run to where `move` says; what fails inside the engine stops the run instead of the page. */
  function go(move: (history: History) => History): boolean {
    const before = state.history;
    try {
      const history = move(before);
      if (history === before) return true;
      const happened =
        history.now.steps !== before.now.steps || history.now.nowUs < before.now.nowUs;
      state = { ...state, history };
      if (happened) judge();
      tell();
      return true;
    } catch (error) {
      set({ playing: false, stopped: { atUs: before.now.nowUs, report: reportOf(state, error) } });
      return false;
    }
  }

  /** To a later moment, judging the checks after each one in between, so that none that held for a moment is missed. */
  function runTo(us: VirtualUs): boolean {
    for (let moments = 0; moments < MOMENTS_PER_CALL; moments += 1) {
      const next = nextMomentUs(state.history);
      const toUs = next === null || next > us ? us : next;
      if (!go((history) => advance(history, toUs))) return false;
      if (toUs === us) return true;
    }
    return true;
  }

  function jumpTo(us: VirtualUs): void {
    const toUs = Math.max(0, Math.floor(us));
    const { history } = state;
    if (toUs <= history.endUs) go((from) => seek(from, toUs));
    else {
      if (history.now.nowUs < history.endUs) go((from) => seek(from, from.endUs));
      runTo(Math.min(toUs, state.history.endUs + SEEK_LIMIT_US));
    }
  }

  /** Stands still, and leaves the Director's hands until Play. */
  function halt(): void {
    set({ playing: false, suspended: state.director, jumps: state.jumps + 1, stopped: null });
  }

  function stepOn(isThere: (before: World, after: World) => boolean): void {
    const limitUs = state.history.now.nowUs + STEP_LIMIT_US;
    for (let steps = 0; steps < STEP_LIMIT; steps += 1) {
      const before = state.history.now;
      if (!go(stepForward)) return;
      const after = state.history.now;
      if (after === before || isThere(before, after) || after.nowUs >= limitUs) return;
    }
  }

  /** Back to the latest moment before this one that `isThere` names, or to the beginning. */
  function stepOff(isThere: (before: World, after: World) => boolean): void {
    go((history) => {
      const { steps, nowUs } = history.now;
      for (let windowUs = STEP_OFF_WINDOW_US; ; windowUs *= 4) {
        let at = seek(history, nowUs - windowUs);
        const isAll = at.now.nowUs <= history.start.nowUs;
        let found: History | null = null;
        while (at.now.steps < steps) {
          const after = stepForward(at);
          // The present moment itself is no step back, but the same world before time went on is one.
          const isEarlier = after.now.steps < steps || after.now.nowUs < nowUs;
          if (isEarlier && isThere(at.now, after.now)) found = after;
          at = after;
        }
        if (found !== null) return found;
        if (isAll) return seek(history, history.start.nowUs);
      }
    });
  }

  function perform(command: Command): void {
    batch(() => {
      if (go((history) => record(history, command)))
        set({ playing: true, suspended: false, held: null, stopped: null });
    });
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wake: () => undefined,
    dispatch(command) {
      if (gate?.(command, state) === "hold") set({ held: command, playing: false });
      else perform(command);
    },
    setGate(next) {
      gate = next;
    },
    release(yes) {
      const { held } = state;
      if (held === null) return;
      set({ held: null });
      if (yes) perform(held);
    },
    play() {
      if (state.stopped === null) set({ playing: true, suspended: false });
    },
    pause() {
      if (state.playing) set({ playing: false });
    },
    advanceTo(us) {
      batch(() => void runTo(us));
    },
    seek(us) {
      batch(() => {
        halt();
        jumpTo(us);
      });
    },
    stepEvent(direction) {
      batch(() => {
        if (direction === 1) {
          set({ playing: false, stopped: null });
          stepOn((_, after) => after.facts.some((fact) => TURNING_POINTS.has(fact.type)));
          return;
        }
        const nowUs = state.history.now.nowUs;
        const last = facts().findLast((fact) => fact.atUs < nowUs && TURNING_POINTS.has(fact.type));
        halt();
        jumpTo(last?.atUs ?? 0);
      });
    },
    stepMessage(direction) {
      batch(() => {
        if (direction === 1) {
          set({ playing: false, stopped: null });
          stepOn(deliveredBetween);
        } else {
          halt();
          stepOff(deliveredBetween);
        }
      });
    },
    setHand: (hand) => set({ hand }),
    select: (selected) => set({ selected }),
    setSpeed(factor) {
      const speed = Math.min(FASTEST, Math.max(SLOWEST, factor));
      set({ speed, suspended: state.director, pace: { factor: speed, reason: "manual" } });
    },
    setDirector: (director) => set({ director, suspended: false }),
    setPace(pace) {
      if (pace.reason !== state.pace.reason || pace.factor !== state.pace.factor) set({ pace });
    },
    switchBranch(index) {
      batch(() => {
        halt();
        go((history) => switchBranch(history, index));
      });
    },
    batch,
    reset() {
      batch(() => {
        go(() => startHistory(beginning));
        set({
          playing: false,
          suspended: false,
          held: null,
          selected: null,
          jumps: state.jumps + 1,
          stopped: null,
        });
      });
    },
    facts,
    handOver: () => ({
      version: 1,
      lab: lab.id,
      seed,
      commands: recordedCommands(state.history),
      playheadUs: state.history.now.nowUs,
      endUs: state.history.endUs,
      reached: state.reached,
      playing: state.playing,
      director: state.director,
      suspended: state.suspended,
      speed: state.speed,
      hand: state.hand,
    }),
  };
}

/** Seed, commands and moment: enough to see the same fault again. */
function reportOf(state: LabState, error: unknown): string {
  const { lab, seed, history } = state;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const commands = history.commands.map(
    ({ atUs, command }) => `${atUs / US_PER_MS} ms ${JSON.stringify(command)}`,
  );
  return [
    `lab ${lab.id}, seed ${seed}, at ${history.now.nowUs / US_PER_MS} ms`,
    ...commands,
    why,
  ].join("\n");
}
