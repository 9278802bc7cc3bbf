import { bisectRight, max, sum, ticks } from "d3";
import type { VirtualUs } from "../../engine/index";
import type { Mark, Stir } from "./lanes";

/**
 * From virtual time to pixels and back. A quiet stretch takes less room than a busy one, or an election of 0.3 s would
 * be a hair in a run of a minute: the time between two facts takes room as its square root. Nothing is hidden, and the
 * axis tells the seconds.
 */
export interface TimeScale {
  readonly xOf: (us: VirtualUs) => number;
  readonly usOf: (x: number) => VirtualUs;
  /** Round seconds, far enough apart to be read. */
  readonly ticks: readonly { readonly us: VirtualUs; readonly x: number }[];
  /** How much room the whole axis holds; it grows in steps, so that what is drawn does not creep. */
  readonly room: number;
}

/** A gap of so many ms takes as much room as it has ms; a shorter one more, a longer one less. */
const EVEN_MS = 400;
/** The least room an axis has. */
const LEAST_ROOM = 4_000;
const GROWTH = 1.5;
/** Where the newest moment may be before the axis grows. */
const FULL = 0.92;
const TICK_GAP = 64;

/** `moments`: times of facts, oldest first; also those later than the playhead. */
export function timeScaleOf(
  moments: readonly VirtualUs[],
  endUs: VirtualUs,
  width: number,
): TimeScale {
  const times = [0];
  const rooms = [0];
  for (const us of moments) {
    const lastUs = times.at(-1) ?? 0;
    if (us <= lastUs) continue;
    times.push(us);
    rooms.push((rooms.at(-1) ?? 0) + roomOfGap((us - lastUs) / 1_000));
  }
  const lastUs = times.at(-1) ?? 0;
  const lastRoom = rooms.at(-1) ?? 0;

  function roomAt(us: VirtualUs): number {
    const at = bisectRight(times, us) - 1;
    if (at < 0) return 0;
    const fromUs = times[at] ?? 0;
    const toUs = times[at + 1];
    const fromRoom = rooms[at] ?? 0;
    if (toUs === undefined) return fromRoom + roomOfGap((us - fromUs) / 1_000);
    const share = (us - fromUs) / (toUs - fromUs);
    return fromRoom + share * ((rooms[at + 1] ?? fromRoom) - fromRoom);
  }

  function usAt(room: number): VirtualUs {
    if (room <= 0) return 0;
    if (room >= lastRoom) return Math.round(lastUs + gapOfRoom(room - lastRoom) * 1_000);
    const at = bisectRight(rooms, room) - 1;
    const fromRoom = rooms[at] ?? 0;
    const toRoom = rooms[at + 1] ?? fromRoom;
    const fromUs = times[at] ?? 0;
    const toUs = times[at + 1] ?? fromUs;
    return Math.round(fromUs + ((room - fromRoom) / (toRoom - fromRoom)) * (toUs - fromUs));
  }

  let room = LEAST_ROOM;
  while (roomAt(endUs) > room * FULL) room *= GROWTH;
  const xOf = (us: VirtualUs) => (roomAt(us) / room) * width;
  const usOf = (x: number) => usAt((x / width) * room);
  return { xOf, usOf, ticks: width > 0 ? readable(xOf, usOf(width), width) : [], room };
}

/** Ms between two facts to the room they take. */
function roomOfGap(ms: number): number {
  return Math.sqrt(ms * EVEN_MS);
}

function gapOfRoom(room: number): number {
  return (room * room) / EVEN_MS;
}

/** Seconds as round as the place allows: whole ones first, finer ones where a busy stretch has room for them. */
function readable(
  xOf: (us: VirtualUs) => number,
  lastUs: VirtualUs,
  width: number,
): TimeScale["ticks"] {
  const taken: { us: VirtualUs; x: number }[] = [{ us: 0, x: 0 }];
  const lastSecond = lastUs / 1_000_000;
  for (const count of [4, 8, 20, 60, 200]) {
    for (const second of ticks(0, lastSecond, count)) {
      // Tenths are for runs of a few seconds.
      if (lastSecond > 5 && !Number.isInteger(second * 2)) continue;
      const us = Math.round(second * 1_000_000);
      const x = xOf(us);
      if (x > width - TICK_GAP / 2 || taken.some((tick) => Math.abs(tick.x - x) < TICK_GAP))
        continue;
      taken.push({ us, x });
    }
  }
  return taken.toSorted((a, b) => a.us - b.us);
}

/** A mark with its place, and how much can be written beside it. */
export interface PlacedMark {
  readonly mark: Mark;
  readonly x: number;
  readonly label: "long" | "short" | "none";
}

const MARK_WIDTH = 13;
const SHORT_LABEL = 14;
const LONG_LABEL = 54;

/**
 * Marks that do not cover one another. Deeds and leaders always stand; a commit only where there is room, for a busy
 * client makes hundreds.
 */
export function placeMarks(
  marks: readonly Mark[],
  xOf: (us: VirtualUs) => number,
  width: number,
): readonly PlacedMark[] {
  const firm = marks
    .filter(({ kind }) => kind !== "commit")
    .map((mark) => ({ mark, x: xOf(mark.atUs) }));
  const placed: PlacedMark[] = firm.map(({ mark, x }, at) => {
    const nextX = firm[at + 1]?.x ?? width;
    const free = nextX - x - MARK_WIDTH;
    return {
      mark,
      x,
      label: mark.id === null || free < SHORT_LABEL ? "none" : free < LONG_LABEL ? "short" : "long",
    };
  });
  const taken = placed.map(
    ({ x, label }) => [x - MARK_WIDTH, x + MARK_WIDTH + roomOfLabel(label)] as const,
  );
  let lastX = -MARK_WIDTH;
  for (const mark of marks) {
    if (mark.kind !== "commit") continue;
    const x = xOf(mark.atUs);
    if (x - lastX < MARK_WIDTH || taken.some(([from, to]) => x > from && x < to)) continue;
    placed.push({ mark, x, label: "none" });
    lastX = x;
  }
  return placed;
}

function roomOfLabel(label: PlacedMark["label"]): number {
  return label === "long" ? LONG_LABEL : label === "short" ? SHORT_LABEL : 0;
}

/** One column of the density: how much happened there, and mostly of which phase. */
export interface Column {
  readonly x: number;
  /** From 0 to 1, the busiest column being 1. */
  readonly height: number;
  readonly phase: Stir["phase"];
}

const COLUMN = 4;

export function columnsOf(
  stirs: readonly Stir[],
  xOf: (us: VirtualUs) => number,
): readonly Column[] {
  const counts = new Map<number, Map<Stir["phase"], number>>();
  for (const { atUs, phase } of stirs) {
    const at = Math.floor(xOf(atUs) / COLUMN);
    const phases = counts.get(at) ?? new Map<Stir["phase"], number>();
    phases.set(phase, (phases.get(phase) ?? 0) + 1);
    counts.set(at, phases);
  }
  const columns = [...counts].map(([at, phases]) => {
    const [first] = [...phases].toSorted((a, b) => b[1] - a[1]);
    return { x: at * COLUMN, count: sum(phases.values()), phase: first?.[0] ?? ("other" as const) };
  });
  const most = max(columns, ({ count }) => count) ?? 1;
  return columns.map(({ x, count, phase }) => ({ x, phase, height: Math.sqrt(count / most) }));
}
