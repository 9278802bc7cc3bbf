declare global {
  interface Window {
    /** From public/early.js: what was clicked and pressed in the cluster so far. From now on nothing is kept. */
    readonly takeEarly?: () => readonly Event[];
  }
}

/**
 * Does what was clicked and pressed in the lab while its picture stood there alone. The elements are the same ones:
 * React takes them over. A key goes where the focus is by now, for the key before it may have moved it.
 */
export function doEarly(lab: HTMLElement): void {
  for (const event of window.takeEarly?.() ?? []) {
    const at = event instanceof KeyboardEvent ? document.activeElement : event.target;
    if (!(at instanceof Element) || !at.isConnected) continue;
    const ends = event.type === "pointerup" || event.type === "pointercancel";
    if (ends || lab.contains(at)) at.dispatchEvent(again(event));
  }
}

/** The same event once more; a browser takes no event twice. */
function again(event: Event): Event {
  const { constructor } = event as { constructor: unknown };
  return new (constructor as new (type: string, init: Event) => Event)(event.type, event);
}
