import { assert } from "./assert";

/**
 * Chance without a generator to share: a draw is a function of (seed, purpose, place, nth), so one more
 * packet on one connection leaves every other draw as it was. The caller keeps `nth` in the world.
 */
export function draw(seed: number, purpose: string, place: string, nth: number): number {
  let hash = mix(seed ^ 0x9e3779b9);
  hash = absorb(hash, purpose);
  hash = absorb(hash, place);
  hash = mix(hash ^ Math.imul(nth + 1, 0x85ebca6b));
  return (hash >>> 0) / 2 ** 32;
}

/** A whole number from `low` to `high`, both included. */
export function drawBetween(
  seed: number,
  purpose: string,
  place: string,
  nth: number,
  low: number,
  high: number,
): number {
  assert(low <= high, "a range begins before it ends");
  return low + Math.floor(draw(seed, purpose, place, nth) * (high - low + 1));
}

function absorb(hash: number, text: string): number {
  let mixed = hash;
  for (let at = 0; at < text.length; at += 1)
    mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  return mix(mixed);
}

/** The finalizer of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
