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

const HEADINGS = "[data-lesson-scroll] :is(h2, li)[id]";

/** The last heading above the upper third of the column, and which share of its section lies above the reader. */
export function leavePlace(nowMs: number): void {
  const scroller = scrollerOf();
  const top = topOf(scroller);
  let id = "";
  for (const heading of document.querySelectorAll(HEADINGS)) {
    if (heading.getBoundingClientRect().top <= top + 60) ({ id } = heading);
  }
  const { from, length } = sectionOf(id, scroller);
  const place = { id, share: (scroller.scrollTop - from) / length, leftMs: nowMs };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // The other page opens at its top.
  }
}

/** Where the section of a heading begins in what scrolls, and how long it is; "" is what stands before the first one. */
function sectionOf(id: string, scroller: HTMLElement): { from: number; length: number } {
  const top = topOf(scroller);
  const places = [...document.querySelectorAll(HEADINGS)].map((heading) => ({
    id: heading.id,
    at: scroller.scrollTop + heading.getBoundingClientRect().top - top,
  }));
  const index = places.findIndex((place) => place.id === id);
  const from = places[index]?.at ?? 0;
  const to = places[index + 1]?.at ?? scroller.scrollHeight;
  return { from, length: Math.max(1, to - from) };
}

/** Takes the place that another page left a moment ago; it is there once. What comes back goes there. */
export function takePlace(nowMs: number): () => void {
  const nowhere = () => undefined;
  try {
    const text = sessionStorage.getItem(KEY);
    if (text === null) return nowhere;
    sessionStorage.removeItem(KEY);
    const { id, share, leftMs } = JSON.parse(text) as { id: string; share: number; leftMs: number };
    return nowMs - leftMs < FRESH_MS ? () => goTo(id, share) : nowhere;
  } catch {
    // Without its storage a page opens at its top.
    return nowhere;
  }
}

function goTo(id: string, share: number): void {
  const scroller = scrollerOf();
  const { from, length } = sectionOf(id, scroller);
  scroller.scrollTop = from + share * length;
}

/** Texts above the reader may still grow or shrink: goes to the place again, until the reader moves or it has settled. */
export function holdPlace(goBack: () => void): () => void {
  const article = document.querySelector("[data-lesson-scroll] > *");
  const observer = new ResizeObserver(goBack);
  const moves = ["wheel", "touchstart", "pointerdown", "keydown"] as const;
  const stop = () => {
    observer.disconnect();
    clearTimeout(settled);
    for (const move of moves) removeEventListener(move, stop);
  };
  const settled = setTimeout(stop, 2_000);
  for (const move of moves) addEventListener(move, stop, { passive: true });
  if (article !== null) observer.observe(article);
  return stop;
}

/** Where the readable part begins. */
function topOf(scroller: HTMLElement): number {
  return scroller === document.documentElement ? 0 : scroller.getBoundingClientRect().top;
}
