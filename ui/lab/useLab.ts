import { createContext, use, useSyncExternalStore } from "react";
import type { LabState, LabStore } from "./store";

/** The store of the lab around it: `<LabContext value={store}>`. */
export const LabContext = createContext<LabStore | null>(null);

export function useLabStore(): LabStore {
  const store = use(LabContext);
  if (store === null) throw new Error("a lab's part is drawn inside its LabContext");
  return store;
}

/**
 * One value read from the lab. The component is drawn again only when this value changes, so ask for something small:
 * the store changes with every frame while time runs.
 */
export function useLab<Value>(read: (state: LabState) => Value): Value {
  const store = useLabStore();
  return useSyncExternalStore(
    store.subscribe,
    () => read(store.get()),
    () => read(pictured(store)),
  );
}

const pictures = new WeakMap<LabStore, LabState>();

/** The state that the prerendered picture shows: the first one read. A part taken over later begins with it too. */
function pictured(store: LabStore): LabState {
  const known = pictures.get(store) ?? store.get();
  pictures.set(store, known);
  return known;
}

const used = new WeakMap<LabStore, Promise<void>>();

/**
 * Settles at the first sign that somebody uses this lab. What only a running cluster needs is fetched then, beside its
 * engine; until then the prerendered picture stands for it. While prerendering it settles at once.
 */
export function whenUsed(store: LabStore): Promise<void> {
  const known = used.get(store);
  if (known !== undefined) return known;
  const isUsed = () => store.get().engine !== "asleep";
  const settled = new Promise<void>((settle) => {
    if (typeof document === "undefined" || isUsed()) {
      settle();
      return;
    }
    const stop = store.subscribe(() => {
      if (!isUsed()) return;
      stop();
      settle();
    });
  });
  used.set(store, settled);
  return settled;
}
