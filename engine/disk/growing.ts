/**
 * A list that grows at its end and is never changed: a longer one shares almost all with the shorter, so that adding
 * costs about the same however long the list is. Plain data.
 */
export interface Growing<T> {
  readonly count: number;
  /** Full ones, oldest first. */
  readonly chunks: readonly (readonly T[])[];
  /** What does not fill a chunk yet. */
  readonly tail: readonly T[];
}

const CHUNK = 64;
const EMPTY: Growing<never> = { count: 0, chunks: [], tail: [] };

export function nothingYet<T>(): Growing<T> {
  return EMPTY;
}

export function grown<T>({ count, chunks, tail }: Growing<T>, item: T): Growing<T> {
  const longer = [...tail, item];
  return longer.length < CHUNK
    ? { count: count + 1, chunks, tail: longer }
    : { count: count + 1, chunks: [...chunks, longer], tail: [] };
}

export function growingOf<T>(items: Iterable<T>): Growing<T> {
  const all = [...items];
  const full = all.length - (all.length % CHUNK);
  const chunks: T[][] = [];
  for (let at = 0; at < full; at += CHUNK) chunks.push(all.slice(at, at + CHUNK));
  return { count: all.length, chunks, tail: all.slice(full) };
}

/** The item at a place counted from 0; undefined beyond the end. */
export function itemAt<T>({ chunks, tail }: Growing<T>, place: number): T | undefined {
  const chunk = Math.floor(place / CHUNK);
  return chunk < chunks.length
    ? chunks[chunk]?.[place % CHUNK]
    : tail[place - chunks.length * CHUNK];
}

export function lastItem<T>(list: Growing<T>): T | undefined {
  return itemAt(list, list.count - 1);
}

/** The items from one place up to before another, as a list of its own. */
export function itemsOf<T>(list: Growing<T>, from = 0, to = list.count): T[] {
  const items: T[] = [];
  const end = Math.min(to, list.count);
  for (let place = Math.max(from, 0); place < end;) {
    const chunk = Math.floor(place / CHUNK);
    const within = chunk < list.chunks.length ? (list.chunks[chunk] ?? []) : list.tail;
    const first = chunk * CHUNK;
    const part = within.slice(place - first, end - first);
    for (const item of part) items.push(item);
    place = first + CHUNK;
  }
  return items;
}

/** The list with only its first items. */
export function firstItems<T>(list: Growing<T>, count: number): Growing<T> {
  if (count >= list.count) return list;
  const full = Math.floor(count / CHUNK);
  const rest = full < list.chunks.length ? (list.chunks[full] ?? []) : list.tail;
  return {
    count: Math.max(count, 0),
    chunks: list.chunks.slice(0, full),
    tail: rest.slice(0, Math.max(count - full * CHUNK, 0)),
  };
}

/** The first place whose item fits; `count` when there is none. All that fit must stand behind all that do not. */
export function firstPlace<T>(list: Growing<T>, fits: (item: T) => boolean): number {
  let low = 0;
  let high = list.count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(itemAt(list, middle) as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
