import { type Disk, filesOf } from "./disk";

/** How many snapshots must be kept at least. Source: PurgeTxnLog.purge. */
export const FEWEST_KEPT = 3;

/**
 * Removes old files: the newest valid snapshots stay, and with the oldest of them every log that a restart from it
 * needs, which is the last one that begins at or before it, and all later ones.
 * Source: PurgeTxnLog.purge, purgeOlderSnapshots; FileTxnLog.getLogFiles.
 */
export function purge(
  disk: Disk,
  keep: number,
): { readonly disk: Disk; readonly removed: readonly string[] } {
  const { snapshots, brokenSnapshots, logs } = disk;
  const oldest = snapshots[Math.max(snapshots.length - keep, 0)]?.zxid;
  if (oldest === undefined) return { disk, removed: [] };
  const firstNeeded = logs.findLast((file) => file.firstZxid <= oldest)?.firstZxid ?? oldest;
  const kept: Disk = {
    ...disk,
    logs: logs.filter((file) => file.firstZxid >= firstNeeded),
    snapshots: snapshots.filter((snapshot) => snapshot.zxid >= oldest),
    brokenSnapshots: brokenSnapshots.filter((zxid) => zxid >= oldest),
  };
  const left = new Set(filesOf(kept));
  return { disk: kept, removed: filesOf(disk).filter((name) => !left.has(name)) };
}
