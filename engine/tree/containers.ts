import { type DataTree, treeNodeAt } from "./dataTree";
import { keysOf } from "./persistentMap";

/**
 * The containers and TTL nodes that should go, in alphabetical order: containers that had a child and have none now, or
 * never had one for longer than `maxNeverUsedMs` (0: then they may stay); nodes with a time to live and no child whose
 * data was not set for longer than that.
 * Source: ContainerManager.getCandidates.
 */
export function containersDue(tree: DataTree, nowMs: number, maxNeverUsedMs: number): string[] {
  const due = keysOf(tree.containers).filter((path) => {
    const node = treeNodeAt(tree, path);
    if (node === null || node.children.size > 0) return false;
    return node.cversion > 0 || (maxNeverUsedMs !== 0 && nowMs - node.mtimeMs > maxNeverUsedMs);
  });
  const expired = keysOf(tree.ttls).filter((path) => {
    const node = treeNodeAt(tree, path);
    if (node === null || node.children.size > 0 || node.ttlMs === null) return false;
    return nowMs - node.mtimeMs > node.ttlMs;
  });
  return [...due, ...expired];
}
