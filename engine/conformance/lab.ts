import type { Lab, Sid } from "../index";
import { isList, isMap, type Json, type JsonMap } from "./schema";

/** What a recording's servers are before step 1. */
export interface GivenServers {
  /** By sid, ascending. */
  readonly servers: readonly { readonly sid: Sid; readonly role: "participant" | "observer" }[];
  /** One server that needs nobody. */
  readonly standalone: boolean;
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  /** Further lines of zoo.cfg. */
  readonly lines: readonly string[];
  readonly jvmFlags: readonly string[];
}

/** `super:golden`, as base64 of its SHA-1: the superuser of the families that need one. */
export const SUPERUSER =
  "-Dzookeeper.DigestAuthenticationProvider.superDigest=super:c9T5yFYCHEoR/xZ3KuYTF5tNWis=";

/**
 * The recorder's files. Server n has client port 2180+n, quorum 2880+n, election 3880+n, all on one host. A packet takes
 * a tenth of a millisecond, an fsync too, as on a loopback; a process needs a second or more to come up.
 */
export function labOf(given: GivenServers): Pick<Lab, "servers" | "clients" | "delays"> {
  const members = given.servers.map(({ sid, role }) => `server.${sid}=${addressOf(sid)}:${role}`);
  return {
    servers: given.servers.map(({ sid }) => ({
      zooCfg: [
        `tickTime=${given.tickTimeMs}`,
        `initLimit=${given.initLimit}`,
        `syncLimit=${given.syncLimit}`,
        `dataDir=DATADIR/${sid}/data`,
        `clientPort=${2180 + sid}`,
        ...(given.standalone ? [] : members),
        ...given.lines,
        "",
      ].join("\n"),
      myid: `${sid}`,
      jvmFlags: given.jvmFlags,
      disk: "empty",
      up: false,
    })),
    clients: [],
    delays: { packetUs: [80, 160], fsyncUs: [100, 200], startUpUs: [1_000_000, 1_400_000] },
  };
}

export const addressOf = (sid: Sid) => `127.0.0.1:${2880 + sid}:${3880 + sid}`;

/** `{"1": "participant", "4": "observer"}`, or one server for a word. */
export function serversIn(servers: Json | undefined): GivenServers["servers"] {
  if (!isMap(servers)) return [{ sid: 1, role: "participant" }];
  return Object.entries(servers)
    .map(([sid, role]) => ({
      sid: Number(sid),
      role: role === "observer" ? ("observer" as const) : ("participant" as const),
    }))
    .toSorted((a, b) => a.sid - b.sid);
}

export function textsIn(value: Json | undefined): readonly string[] {
  return isList(value) ? value.filter((one) => typeof one === "string") : [];
}

export function numberIn(map: JsonMap, key: string, fallback: number): number {
  const value = map[key];
  return typeof value === "number" ? value : fallback;
}

/** The numbers of servers that a step names. */
export function sidsIn(value: Json | undefined): readonly Sid[] {
  return isList(value) ? value.filter((one) => typeof one === "number") : [];
}
