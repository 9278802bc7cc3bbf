/** A server's number: the N of `server.N` and the content of its `myid`. Positive. */
export type Sid = number;

/** Virtual time in whole microseconds since the world began. Shown to people as ms. */
export type VirtualUs = number;

/** What happened earlier and brought this about: the number of an event or a command. 0 is the beginning. */
export type Cause = number;

export const US_PER_MS = 1_000;
export const US_PER_SECOND = 1_000_000;

/** Milliseconds, as `zoo.cfg` and people write them, to virtual time. */
export function usFromMs(ms: number): VirtualUs {
  return ms * US_PER_MS;
}

/** Virtual time to whole milliseconds, rounded down as `System.currentTimeMillis` does. */
export function msFromUs(us: VirtualUs): number {
  return Math.floor(us / US_PER_MS);
}
