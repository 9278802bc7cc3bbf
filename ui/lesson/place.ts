/** Where the reader is, kept for the same lesson in the other language: headings have the same ids there. */
const KEY = "ensemble.place";
const FRESH_MS = 30_000;

/** Finds what scrolls the lesson: its own column on a wide page, else the whole page. */
function scrollerOf(): HTMLElement {
  const column = document.querySelector<HTMLElement>("[data-lesson-scroll]");
  return column !== null &&
    column.scrollHeight > column.clientHeight + 1 &&
    getComputedStyle(column).overflowY === "auto"
    ? column
    : document.documentElement;
}

/** The last heading above the upper third of the column, and how far below it the reader is. */
export function leavePlace(nowMs: number): void {
  const scroller = scrollerOf();
  const top = topOf(scroller);
  let heading: Element | null = null;
  for (const one of document.querySelectorAll("[data-lesson-scroll] :is(h2, li)[id]")) {
    if (one.getBoundingClientRect().top > top + 60) continue;
    heading = one;
  }
  const place = {
    id: heading?.id ?? "",
    below: top - (heading?.getBoundingClientRect().top ?? top - scroller.scrollTop),
    leftMs: nowMs,
  };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // The other page opens at its top.
  }
}

/** Takes the place that another page left a moment ago; it is there once. What comes back goes there. */
export function takePlace(nowMs: number): () => void {
  const nowhere = () => undefined;
  try {
    const text = sessionStorage.getItem(KEY);
    if (text === null) return nowhere;
    sessionStorage.removeItem(KEY);
    const { id, below, leftMs } = JSON.parse(text) as { id: string; below: number; leftMs: number };
    return nowMs - leftMs < FRESH_MS ? () => goTo(id, below) : nowhere;
  } catch {
    // Without its storage a page opens at its top.
    return nowhere;
  }
}

function goTo(id: string, below: number): void {
  const scroller = scrollerOf();
  const heading = id === "" ? null : document.getElementById(id);
  const from =
    heading === null
      ? 0
      : scroller.scrollTop + heading.getBoundingClientRect().top - topOf(scroller);
  scroller.scrollTop = from + below;
}

/** Where the readable part begins. */
function topOf(scroller: HTMLElement): number {
  return scroller === document.documentElement ? 0 : scroller.getBoundingClientRect().top;
}
