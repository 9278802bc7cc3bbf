/**
 * A queue that is never changed: adding and taking make a new one, which shares almost all with the old. In chunks, so
 * that a long queue costs no more than a short one.
 */
export interface Fifo<T> {
  /** How many of the first chunk have been taken. */
  readonly at: number;
  readonly chunks: readonly (readonly T[])[];
}

const CHUNK = 32;
const EMPTY: Fifo<never> = { at: 0, chunks: [] };

export function emptyFifo<T>(): Fifo<T> {
  return EMPTY;
}

export function isEmpty<T>(fifo: Fifo<T>): boolean {
  return fifo.chunks.length === 0;
}

/** What was added first, or null. */
export function headOf<T>(fifo: Fifo<T>): T | null {
  return fifo.chunks[0]?.[fifo.at] ?? null;
}

export function lengthOf<T>(fifo: Fifo<T>): number {
  const { chunks, at } = fifo;
  const last = chunks[chunks.length - 1];
  return last === undefined ? 0 : (chunks.length - 1) * CHUNK + last.length - at;
}

/** With one more, last. */
export function withLast<T>(fifo: Fifo<T>, one: T): Fifo<T> {
  const { chunks, at } = fifo;
  const last = chunks[chunks.length - 1];
  return last === undefined || last.length === CHUNK
    ? { at, chunks: [...chunks, [one]] }
    : { at, chunks: chunks.with(-1, [...last, one]) };
}

/** Without the first. */
export function withoutHead<T>(fifo: Fifo<T>): Fifo<T> {
  const { chunks, at } = fifo;
  const [first, ...rest] = chunks;
  if (first === undefined) return fifo;
  if (at + 1 < first.length) return { at: at + 1, chunks };
  return rest.length === 0 ? EMPTY : { at: 0, chunks: rest };
}

/** All of it, first in first. */
export function allOf<T>(fifo: Fifo<T>): readonly T[] {
  return fifo.chunks.flat().slice(fifo.at);
}
