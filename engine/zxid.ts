import { assert } from "./assert";

/**
 * A transaction's number: the leader's epoch in the high 32 bits, a counter in the low 32.
 * Held as one number, exact while epoch < 2^21; larger epochs are refused.
 */
export type Zxid = number;

const COUNTERS = 2 ** 32;
const MAX_EPOCH = 2 ** 21 - 1;

/** The zxid of an empty data tree. */
export const ZERO_ZXID: Zxid = 0;

/** Source: ZxidUtils.makeZxid. */
export function makeZxid(epoch: number, counter: number): Zxid {
  assert(epoch >= 0 && epoch <= MAX_EPOCH, `an epoch lies between 0 and ${MAX_EPOCH}`);
  assert(counter >= 0 && counter < COUNTERS, "a counter fits 32 bits");
  return epoch * COUNTERS + counter;
}

/** Source: ZxidUtils.getEpochFromZxid. */
export function epochOf(zxid: Zxid): number {
  return Math.floor(zxid / COUNTERS);
}

/** Source: ZxidUtils.getCounterFromZxid. */
export function counterOf(zxid: Zxid): number {
  return zxid - epochOf(zxid) * COUNTERS;
}

/** As ZooKeeper prints it: `0x100000005`. -1 stands for no database, anything below for the smallest 64-bit integer. */
export function formatZxid(zxid: Zxid): string {
  if (zxid < 0) return zxid === -1 ? `0x${"f".repeat(16)}` : `0x8${"0".repeat(15)}`;
  return `0x${zxid.toString(16)}`;
}
