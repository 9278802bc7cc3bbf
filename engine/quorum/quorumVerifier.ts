import type { QuorumVerifier } from "../config/ensemble";
import type { Sid } from "../units";

/** Weights are whole numbers; half of one is rounded towards 0, as Java divides. */
const half = (weight: number) => (weight < 0 ? -Math.floor(-weight / 2) : Math.floor(weight / 2));

/**
 * Do these servers make a quorum? The majority of the voters; or, with groups, a majority of the groups that weigh
 * anything, each won by more than half of its weight. Whoever is no voter or in no group does not count.
 * Source: QuorumMaj.containsQuorum, QuorumHierarchical.containsQuorum.
 */
export function containsQuorum(servers: readonly Sid[], quorum: QuorumVerifier): boolean {
  if (quorum.hierarchy !== null) return winsMostGroups(servers, quorum.hierarchy);
  let count = 0;
  for (const voter of quorum.voters) if (servers.includes(voter)) count += 1;
  return count > half(quorum.voters.length);
}

function winsMostGroups(
  servers: readonly Sid[],
  { groupOf, weightOf }: NonNullable<QuorumVerifier["hierarchy"]>,
): boolean {
  if (servers.length === 0) return false;
  const won: Record<number, { whole: number; inSet: number; anyone: boolean }> = {};
  for (const [name, number] of Object.entries(groupOf)) {
    const sid = Number(name);
    const weight = weightOf[sid] ?? 1;
    const group = (won[number] ??= { whole: 0, inSet: 0, anyone: false });
    group.whole += weight;
    if (!servers.includes(sid)) continue;
    group.inSet += weight;
    group.anyone = true;
  }
  let groups = 0;
  let majorities = 0;
  for (const group of Object.values(won)) {
    if (group.whole !== 0) groups += 1;
    if (group.anyone && group.inSet > half(group.whole)) majorities += 1;
  }
  return majorities > half(groups);
}

/** How much a server's vote weighs; one of weight 0 never leads. Source: QuorumVerifier.getWeight. */
export function weightOf(sid: Sid, quorum: QuorumVerifier): number {
  return quorum.hierarchy?.weightOf[sid] ?? 1;
}

/** Does this server vote? Source: QuorumVerifier.getVotingMembers. */
export function isVoter(sid: Sid, quorum: QuorumVerifier): boolean {
  return quorum.voters.includes(sid);
}
