import { type Command, startHistory, type World } from "../../engine/index";
import { type Gate, type LabState, type LabStore, untouched } from "./store";

export interface Asleep {
  /** The lab's name. */
  readonly id: string;
  readonly seed: number;
  /** Where its run begins: the prerendered picture shows this world. */
  readonly world: World;
  /** Fetches the engine, and opens the lab over it. */
  readonly open: () => Promise<LabStore>;
}

/**
 * A lab whose engine is fetched when somebody is about to use it. Until then it shows its beginning; what is done to it
 * meanwhile is kept, and done in its order as soon as the engine is there.
 */
export function asleep({ id, seed, world, open }: Asleep): LabStore {
  const listeners = new Set<() => void>();
  let state = untouched({ id }, seed, startHistory(world), "asleep");
  let store: LabStore | null = null;
  let gate: Gate | null = null;
  let waiting: ((store: LabStore) => void)[] = [];
  let last: Command | null = null;

  function tell(): void {
    for (const listener of listeners) listener();
  }

  function set(change: Partial<LabState>): void {
    state = { ...state, ...change };
    tell();
  }

  function wake(): void {
    if (state.engine !== "asleep" && state.engine !== "away") return;
    set({ engine: "coming" });
    open().then(take, () => set({ engine: "away" }));
  }

  function take(opened: LabStore): void {
    store = opened;
    store.setGate(gate);
    const todo = waiting;
    waiting = [];
    opened.batch(() => {
      for (const act of todo) act(opened);
    });
    opened.subscribe(tell);
    tell();
  }

  /** Now, or when the engine is there. */
  function act(action: (store: LabStore) => void): void {
    if (store !== null) {
      action(store);
      return;
    }
    waiting.push(action);
    wake();
  }

  return {
    get: () => store?.get() ?? state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wake,
    dispatch(command) {
      // Who clicks once more because nothing moves yet means the same click.
      const isAgain = store === null && last !== null && isSame(last, command);
      last = command;
      if (isAgain) wake();
      else act((there) => there.dispatch(command));
    },
    setGate(next) {
      gate = next;
      store?.setGate(next);
    },
    release: (perform) => act((there) => there.release(perform)),
    play: () => act((there) => there.play()),
    pause: () => act((there) => there.pause()),
    advanceTo: (us) => act((there) => there.advanceTo(us)),
    seek: (us) => act((there) => there.seek(us)),
    stepEvent: (direction) => act((there) => there.stepEvent(direction)),
    stepMessage: (direction) => act((there) => there.stepMessage(direction)),
    setHand(hand) {
      if (store === null) set({ hand });
      act((there) => there.setHand(hand));
    },
    select(selected) {
      if (store === null) set({ selected });
      act((there) => there.select(selected));
    },
    setSpeed: (factor) => act((there) => there.setSpeed(factor)),
    setDirector: (on) => act((there) => there.setDirector(on)),
    setPace: (pace) => act((there) => there.setPace(pace)),
    switchBranch: (index) => act((there) => there.switchBranch(index)),
    batch(changes) {
      if (store === null) changes();
      else store.batch(changes);
    },
    reset: () => act((there) => there.reset()),
    facts: () => store?.facts() ?? state.history.facts,
    handOver: () => store?.handOver() ?? null,
  };
}

function isSame(a: Command, b: Command): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
