import type { Operation, Reply, SetWatches } from "../net/request";

/** Where an application's `/` is in the server's tree; "" when it is the root. Source: ConnectStringParser. */
export type Chroot = string;

/** The path as the server knows it. Source: ZooKeeper.prependChroot. */
export function serverPath(chroot: Chroot, path: string): string {
  if (chroot === "") return path;
  return path === "/" ? chroot : `${chroot}${path}`;
}

/** The path as the application knows it. Source: ChrootUtil; WatchedEvent as ClientCnxn strips it. */
export function clientPath(chroot: Chroot, path: string): string {
  if (chroot === "" || !path.startsWith(chroot)) return path;
  return path.length === chroot.length ? "/" : path.slice(chroot.length);
}

/** An operation with the server's paths. */
export function toServer(chroot: Chroot, op: Operation): Operation {
  if (chroot === "") return op;
  if ("ops" in op) {
    const inner = op.ops.map((one) => ({ ...one, path: serverPath(chroot, one.path) }));
    return { ...op, ops: inner } as Operation;
  }
  if (op.type === "getEphemerals") return { ...op, prefix: serverPath(chroot, op.prefix) };
  if (op.type === "setWatches" || op.type === "setWatches2") return watchesToServer(chroot, op);
  return "path" in op ? { ...op, path: serverPath(chroot, op.path) } : op;
}

/** The library keeps its watches by the application's paths. Source: ClientCnxn.SendThread.prependChroot. */
function watchesToServer(chroot: Chroot, held: SetWatches): SetWatches {
  const all = (paths: readonly string[]) => paths.map((path) => serverPath(chroot, path));
  const { persistentWatches, recursiveWatches } = held;
  return {
    ...held,
    dataWatches: all(held.dataWatches),
    existWatches: all(held.existWatches),
    childWatches: all(held.childWatches),
    ...(persistentWatches === undefined ? {} : { persistentWatches: all(persistentWatches) }),
    ...(recursiveWatches === undefined ? {} : { recursiveWatches: all(recursiveWatches) }),
  };
}

/** A reply with the application's paths. */
export function fromServer(chroot: Chroot, reply: Reply): Reply {
  if (chroot === "") return reply;
  const { path, results, ephemerals } = reply;
  return {
    ...reply,
    ...(path === undefined ? {} : { path: clientPath(chroot, path) }),
    ...(ephemerals === undefined
      ? {}
      : { ephemerals: ephemerals.map((one) => clientPath(chroot, one)) }),
    ...(results === undefined
      ? {}
      : {
          results: results.map((one) =>
            one.path === undefined ? one : { ...one, path: clientPath(chroot, one.path) },
          ),
        }),
  };
}
