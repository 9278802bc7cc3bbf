import { useSyncExternalStore } from "react";

/** Below these widths the room is a tablet's, and a phone's. */
export const WIDE = 820;
export const PHONE = 600;

/** The width of the room that an element stands in, in steps: a phone's, a tablet's, a desk's. */
export function useRoomWidth(inside: { readonly current: HTMLElement | null }): number {
  const room = () => inside.current?.closest<HTMLElement>("[data-lab-room]") ?? null;
  return useSyncExternalStore(
    (listener) => {
      const element = room();
      if (element === null) return () => undefined;
      const observer = new ResizeObserver(listener);
      observer.observe(element);
      return () => observer.disconnect();
    },
    () => stepOf(room()?.clientWidth ?? WIDE),
    () => WIDE,
  );
}

function stepOf(width: number): number {
  return width >= WIDE ? WIDE : width >= PHONE ? PHONE : 0;
}
