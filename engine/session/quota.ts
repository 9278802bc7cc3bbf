import { type DataTree, nodeAt, quotaOver } from "../tree/dataTree";
import { limitsPath, parseStatsTrack, statsPath } from "../tree/quotas";

/**
 * Would a change of so many bytes and nodes at a path exceed a hard limit? A soft limit is only warned of; a hard one
 * takes the place of the soft one of its kind.
 * Source: ZooKeeperServer.checkQuota.
 */
export function exceedsQuota(
  tree: DataTree,
  path: string,
  bytesMore: number,
  nodesMore: number,
): boolean {
  const over = quotaOver(tree, path);
  const limits = over === null ? null : nodeAt(tree, limitsPath(over));
  const usage = over === null ? null : nodeAt(tree, statsPath(over));
  if (limits === null || usage === null) return false;
  const { countHardLimit, byteHardLimit } = parseStatsTrack(limits.data);
  const { count, bytes } = parseStatsTrack(usage.data);
  return (
    (nodesMore !== 0 && isOver(count + nodesMore, countHardLimit)) ||
    (bytesMore !== 0 && isOver(bytes + bytesMore, byteHardLimit))
  );
}

function isOver(value: number, hardLimit: number | null): boolean {
  return hardLimit !== null && hardLimit > -1 && value > hardLimit;
}
