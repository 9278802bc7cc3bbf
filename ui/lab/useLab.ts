import { createContext, use, useSyncExternalStore } from "react";
import type { LabState, LabStore } from "./lab";

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
  const get = () => read(store.get());
  return useSyncExternalStore(store.subscribe, get, get);
}
