import type { Acl, Data, Reply, Stat } from "../index";
import { CannotPlay, type Driver, type RawSession } from "./driver";

export interface ReadNode {
  readonly path: string;
  readonly data: Data;
  readonly stat: Stat;
  readonly acl: readonly Acl[];
}

/** Reads everything there is, through a session, level by level. */
export function readTree(
  driver: Driver,
  session: RawSession,
  withAcl: boolean,
): readonly ReadNode[] {
  const nodes: ReadNode[] = [];
  for (let level: readonly string[] = ["/"]; level.length > 0;) {
    const data = replies(driver, session, level, "getData");
    const acls = withAcl ? replies(driver, session, level, "getACL") : [];
    const parents: string[] = [];
    level.forEach((path, index) => {
      const read = data[index];
      if (read?.stat === undefined || read.stat === null)
        throw new CannotPlay(`${path} could not be read: ${read?.code}`);
      nodes.push({ path, data: read.data, stat: read.stat, acl: acls[index]?.acl ?? [] });
      if (read.stat.numChildren > 0) parents.push(path);
    });
    const children = replies(driver, session, parents, "getChildren2");
    level = parents.flatMap((path, index) =>
      (children[index]?.children ?? []).map((name) =>
        path === "/" ? `/${name}` : `${path}/${name}`,
      ),
    );
  }
  return nodes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function replies(
  driver: Driver,
  session: RawSession,
  paths: readonly string[],
  type: "getData" | "getChildren2" | "getACL",
): readonly Reply[] {
  return driver
    .askAll(
      session,
      paths.map((path) => ({ type, path })),
    )
    .map((answer) => {
      if (answer === "closed") throw new CannotPlay("the connection was closed while reading");
      return answer;
    });
}
