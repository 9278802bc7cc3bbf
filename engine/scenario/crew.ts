import { assert } from "../assert";
import type { VariantName } from "../rules/variants";
import { leaderOf, roleOf } from "../sim/read";
import type { World } from "../sim/world";
import type { Sid } from "../units";
import type { Lab } from "./lab";
import { ensembleOf, Trial } from "./trial";

/** Do all servers that run take clients? */
export function allServe(world: World): boolean {
  return world.servers.every(({ process }) => process === null || process.serving);
}

/** A server without an ensemble. `more` are further lines of its zoo.cfg. */
export function loneServer(
  more = "",
  jvmFlags: readonly string[] = [],
): Pick<Lab, "servers" | "clients"> {
  const zooCfg = `tickTime=2000\ndataDir=/data\nclientPort=2181\n${more}`;
  return { servers: [{ zooCfg, myid: "1", disk: "empty", up: true, jvmFlags }], clients: [] };
}

/** An ensemble of so many servers, all alike, all up; with further lines in each zoo.cfg. */
export function servingEnsemble(
  size: number,
  more: readonly string[] = [],
  jvmFlags: readonly string[] = [],
): Pick<Lab, "servers" | "clients"> {
  const setup = ensembleOf(size, { up: true });
  const servers = setup.servers.map((server) => ({
    ...server,
    zooCfg: [server.zooCfg, ...more].join("\n"),
    jvmFlags,
  }));
  return { ...setup, servers };
}

/** A trial of a lab whose servers all serve. */
export function servingTrial(
  lab: Pick<Lab, "servers" | "clients" | "delays">,
  seed = 1,
  variant?: VariantName,
): Trial {
  return new Trial(lab, seed, () => {}, variant).until(allServe);
}

export function leaderIn(trial: Trial): Sid {
  const sid = leaderOf(trial.world);
  assert(sid !== null, "somebody leads");
  return sid;
}

/** The sids of the followers, ascending. */
export function followersIn(trial: Trial): readonly Sid[] {
  return trial.world.servers
    .filter((server) => roleOf(server) === "FOLLOWING")
    .map((server) => server.sid);
}

/** The follower of the lowest sid. */
export function followerIn(trial: Trial): Sid {
  const [sid] = followersIn(trial);
  assert(sid !== undefined, "somebody follows");
  return sid;
}
