import type { LabStore } from "../lab/store";
import { whenUsed } from "../lab/useLab";
import type * as Later from "./Later";

/** What the room needs only when something happens in it: the timeline, the narration, and what drives time. */
const laters = new WeakMap<LabStore, Promise<typeof Later>>();

/** Fetched at the lab's first use; the same promise for the same lab, so that a component may wait for it. */
export function laterOf(store: LabStore): Promise<typeof Later> {
  const known = laters.get(store);
  if (known !== undefined) return known;
  const coming = whenUsed(store).then(() => import("./Later"));
  laters.set(store, coming);
  return coming;
}
