/** Who somebody is to ZooKeeper: a scheme and an id of that scheme. Source: zookeeper.jute Id. */
export interface Id {
  readonly scheme: string;
  readonly id: string;
}

/** One entry of an access control list. `perms` is a sum of `PERMS`; other bits are kept as they came. */
export interface Acl extends Id {
  readonly perms: number;
}

/** Source: ZooDefs.Perms. CREATE and DELETE are about the node's children. */
export const PERMS = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 } as const;

/** Anybody may do anything: what zkCli and most programs use. Source: ZooDefs.Ids.OPEN_ACL_UNSAFE. */
export const OPEN_ACL: readonly Acl[] = [{ scheme: "world", id: "anyone", perms: PERMS.ALL }];

/** Anybody may read. Source: ZooDefs.Ids.READ_ACL_UNSAFE. */
export const READ_ACL: readonly Acl[] = [{ scheme: "world", id: "anyone", perms: PERMS.READ }];
