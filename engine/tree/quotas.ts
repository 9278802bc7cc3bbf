/** Limits and usage of subtrees are kept in ordinary nodes below this one. Source: Quotas. */
export const QUOTA_ROOT = "/zookeeper/quota";
export const LIMITS = "zookeeper_limits";
export const STATS = "zookeeper_stats";

/** Where the limits of the subtree at `path` are. Source: Quotas.limitPath. */
export function limitsPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${LIMITS}`;
}

/** Where its usage is. Source: Quotas.statPath. */
export function statsPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${STATS}`;
}

/** Limits, where -1 is none; or usage, which has no hard limits. Source: StatsTrack. */
export interface StatsTrack {
  readonly count: number;
  readonly bytes: number;
  readonly countHardLimit: number | null;
  readonly byteHardLimit: number | null;
}

/**
 * Reads `count=2,bytes=-1=;byteHardLimit=-1;countHardLimit=3`. What is not there is -1, and null for a hard limit.
 * Source: StatsTrack, the constructor with a String.
 * Simpler than real: what is no number counts as not there, where ZooKeeper's server stops.
 */
export function parseStatsTrack(text: string | null): StatsTrack {
  const values = new Map<string, number>();
  for (const pair of (text ?? "").split(/[,;]+/)) {
    const [key = "", value = ""] = pair.split("=");
    values.set(key, /^[+-]?[0-9]+$/.test(value) ? Number(value) : -1);
  }
  return {
    count: values.get("count") ?? -1,
    bytes: values.get("bytes") ?? -1,
    countHardLimit: values.get("countHardLimit") ?? null,
    byteHardLimit: values.get("byteHardLimit") ?? null,
  };
}

/** Source: StatsTrack.toString. */
export function printStatsTrack(stats: StatsTrack): string {
  const hard = [
    stats.byteHardLimit === null ? "" : `;byteHardLimit=${stats.byteHardLimit}`,
    stats.countHardLimit === null ? "" : `;countHardLimit=${stats.countHardLimit}`,
  ].join("");
  return `count=${stats.count},bytes=${stats.bytes}${hard === "" ? "" : `=${hard}`}`;
}
