import { assert } from "../assert";
import type { Database, SessionRecord, Snapshot } from "../tree/database";
import { childrenOf, type DataTree, type TreeNode, treeOf } from "../tree/dataTree";
import { entryOf } from "../tree/persistentMap";
import type { SessionId } from "../tree/txn";
import type { VirtualUs } from "../units";
import type { Zxid } from "../zxid";

/**
 * A snapshot that is being written by a thread of its own, while transactions go on. Its name and its sessions are
 * those of the beginning; each znode is as it is when the writer comes to it.
 * Source: ZooKeeperServer.takeSnapshot, FileTxnSnapLog.save, SerializeUtils.serializeSnapshot.
 */
export interface Snapshotting {
  readonly zxid: Zxid;
  readonly sessions: Readonly<Record<SessionId, SessionRecord>>;
  readonly beganUs: VirtualUs;
  /** When the writer comes to the first znode, and how long it takes for each. */
  readonly headUs: VirtualUs;
  readonly nodeUs: VirtualUs;
  /** What the tree has been since it began, oldest first. */
  readonly versions: readonly { readonly fromUs: VirtualUs; readonly tree: DataTree }[];
}

/** The tree has changed while the snapshot is being written. */
export function withTreeVersion(
  snapshotting: Snapshotting,
  tree: DataTree,
  nowUs: VirtualUs,
): Snapshotting {
  const { versions } = snapshotting;
  const last = versions[versions.length - 1];
  if (last === undefined || last.tree === tree) return snapshotting;
  const before = last.fromUs === nowUs ? versions.slice(0, -1) : versions;
  return { ...snapshotting, versions: [...before, { fromUs: nowUs, tree }] };
}

/** What stands in the file when the writer is through: after replaying the log behind its zxid, the exact tree. */
export function writtenSnapshot(snapshotting: Snapshotting): Snapshot {
  const { zxid, sessions, versions } = snapshotting;
  const [first] = versions;
  assert(first !== undefined, "a snapshot is written of a tree");
  return { zxid, sessions, tree: versions.length === 1 ? first.tree : fuzzyTree(snapshotting) };
}

/**
 * Znode by znode, each as it was when the writer came to it: a parent before its children, and only the children that
 * it had then and that are still there. Source: DataTree.serializeNode.
 */
function fuzzyTree({ versions, beganUs, headUs, nodeUs }: Snapshotting): DataTree {
  const written: (readonly [string, TreeNode])[] = [];
  let version = 0;
  let atUs = beganUs + headUs;
  const write = (path: string) => {
    while ((versions[version + 1]?.fromUs ?? Infinity) <= atUs) version += 1;
    const tree = versions[version]?.tree as DataTree;
    const node = entryOf(tree.nodes, path);
    if (node === undefined) return;
    written.push([path, node]);
    atUs += nodeUs;
    for (const name of childrenOf(tree, path) ?? [])
      write(path === "/" ? `/${name}` : `${path}/${name}`);
  };
  write("/");
  return treeOf(written);
}

/**
 * About how many bytes a snapshot takes: what is fixed, each session, each znode with its path and data.
 * Source: FileSnap.serialize, DataTree.serialize; zookeeper.jute StatPersisted.
 * Simpler than real: one entry in the list of ACLs, and no compression.
 */
export function snapshotBytes({ tree, sessions }: Database): number {
  const NODE = 4 + 4 + 8 + 60;
  return FRAME + 12 * Object.keys(sessions).length + NODE * tree.nodes.size + tree.dataSizeBytes;
}

/** Header, counts, one ACL, digest, checksums and end marks. */
const FRAME = 16 + 4 + 43 + 5 + 20 + 26;
