import { useSyncExternalStore } from "react";
import type { LabState, LabStore } from "../lab/store";

/**
 * What the lesson column may ask the lab, once it is there. The engine is behind it, so that the words of a lesson
 * come without the engine's chunk: this file and its readers know the lab by its types alone.
 */
export interface LabLink {
  readonly lab: string;
  readonly store: LabStore;
  /** The running servers that could lead once the held kill is done. */
  candidates(): readonly number[];
  /** Runs the engine on from the held kill: who leads then, and which field decides against that server, or the second best. */
  forecast(against: number): {
    readonly leader: number | null;
    readonly wonBy: "epoch" | "zxid" | "sid" | null;
  };
  /** How many servers' votes name this one now. */
  agreeing(sid: number): number;
  /** Has the run gone where this check is not met any more? */
  detour(check: string): boolean;
}

let link: LabLink | null = null;
let unsubscribe: (() => void) | null = null;
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

/** The lab of this page is there, or gone. */
export function setLabLink(next: LabLink | null): void {
  unsubscribe?.();
  link = next;
  unsubscribe = next?.store.subscribe(tell) ?? null;
  tell();
}

export function labLink(): LabLink | null {
  return link;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** One small value of the lab, or `without` while there is none. Drawn again only when the value changes. */
export function useLabLink<Value extends string | number | boolean | null | object>(
  read: (state: LabState, link: LabLink) => Value,
  without: Value,
): Value {
  return useSyncExternalStore(
    subscribe,
    () => (link === null ? without : read(link.store.get(), link)),
    () => without,
  );
}
