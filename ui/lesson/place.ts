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
  for (const one of document.querySelectorAll(
    "[data-lesson-scroll] :is(h2, h3, li, section)[id]",
  )) {
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

/** Goes back to the place left a moment ago, once. */
export function returnToPlace(nowMs: number): void {
  try {
    const text = sessionStorage.getItem(KEY);
    if (text === null) return;
    sessionStorage.removeItem(KEY);
    const { id, below, leftMs } = JSON.parse(text) as { id: string; below: number; leftMs: number };
    if (!(nowMs - leftMs < FRESH_MS)) return;
    const scroller = scrollerOf();
    const heading = id === "" ? null : document.getElementById(id);
    const from =
      heading === null
        ? 0
        : scroller.scrollTop + heading.getBoundingClientRect().top - topOf(scroller);
    scroller.scrollTop = from + below;
  } catch {
    // Without its storage a page opens at its top.
  }
}

/** Where the readable part begins: below the bar, and on a narrow page below the stage that sticks there. */
function topOf(scroller: HTMLElement): number {
  if (scroller !== document.documentElement) return scroller.getBoundingClientRect().top;
  const stage = document.querySelector("[data-lesson-stage]");
  return stage?.getBoundingClientRect().bottom ?? 0;
}
