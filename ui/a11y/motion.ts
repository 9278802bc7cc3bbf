import { useSyncExternalStore } from "react";

const QUERY = "(prefers-reduced-motion: reduce)";

/** Does the reader ask for less motion? Then nothing starts by itself, and nothing travels. */
export function prefersLessMotion(): boolean {
  return typeof matchMedia === "function" && matchMedia(QUERY).matches;
}

export function useLessMotion(): boolean {
  return useSyncExternalStore(watchMotion, prefersLessMotion, () => false);
}

function watchMotion(listener: () => void): () => void {
  const query = matchMedia(QUERY);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
