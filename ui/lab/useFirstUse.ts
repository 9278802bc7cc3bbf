import { type RefObject, useEffect } from "react";
import { doEarly } from "./early";
import type { LabStore } from "./store";

/** A pointer that only rests there when the page appears says nothing; one that moves does. */
const SIGNS = ["pointermove", "pointerdown", "focusin"] as const;

/** Wakes the lab when a pointer or the focus comes into this part of the page, before anything is clicked. */
export function useFirstUse(store: LabStore, part: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = part.current;
    if (element === null) return undefined;
    const wake = () => store.wake();
    for (const sign of SIGNS) element.addEventListener(sign, wake, { passive: true });
    if (element.contains(document.activeElement)) wake();
    doEarly(element);
    return () => {
      for (const sign of SIGNS) element.removeEventListener(sign, wake);
    };
  }, [store, part]);
}
