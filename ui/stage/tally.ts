import { containsQuorum, type QuorumVerifier, type Sid } from "../../engine/index";

/**
 * Who counts, against what is needed: "have" of "all", and the mark at "need". Where the votes have groups, each group
 * is a part of its own, and what is counted are the groups that are won.
 */
export interface Tally {
  readonly have: number;
  readonly all: number;
  readonly need: number;
  readonly isQuorum: boolean;
  /** Null: the majority of the voters. */
  readonly groups: readonly GroupTally[] | null;
}

/** One group: the weights of its servers, those that count first; won at more than half of the whole. */
export interface GroupTally {
  readonly weights: readonly number[];
  readonly filled: number;
  readonly whole: number;
  /** The least weight that wins it. */
  readonly need: number;
  readonly isWon: boolean;
}

/** These servers, counted as the ensemble counts votes. Who does not vote does not count. */
export function tallyOf(sids: readonly Sid[], quorum: QuorumVerifier): Tally {
  const isQuorum = containsQuorum(sids, quorum);
  const groups = groupsOf(sids, quorum);
  if (groups === null) {
    const all = quorum.voters.length;
    const have = quorum.voters.filter((sid) => sids.includes(sid)).length;
    return { have, all, need: Math.floor(all / 2) + 1, isQuorum, groups };
  }
  const weighty = groups.filter((group) => group.whole > 0);
  return {
    have: weighty.filter((group) => group.isWon).length,
    all: weighty.length,
    need: Math.floor(weighty.length / 2) + 1,
    isQuorum,
    groups: weighty,
  };
}

function groupsOf(
  sids: readonly Sid[],
  { hierarchy }: QuorumVerifier,
): readonly GroupTally[] | null {
  if (hierarchy === null) return null;
  const members = Object.keys(hierarchy.groupOf).map(Number);
  const numbers = [...new Set(Object.values(hierarchy.groupOf))].toSorted((a, b) => a - b);
  return numbers.map((number) => {
    const inGroup = members.filter((sid) => hierarchy.groupOf[sid] === number);
    const weight = (sid: Sid) => hierarchy.weightOf[sid] ?? 1;
    const counted = inGroup.filter((sid) => sids.includes(sid));
    const others = inGroup.filter((sid) => !sids.includes(sid));
    const sum = (of: readonly Sid[]) => of.reduce((total, sid) => total + weight(sid), 0);
    const whole = sum(inGroup);
    const need = Math.floor(whole / 2) + 1;
    return {
      weights: [...counted, ...others].map(weight).filter((one) => one > 0),
      filled: counted.filter((sid) => weight(sid) > 0).length,
      whole,
      need,
      isWon: counted.length > 0 && sum(counted) >= need,
    };
  });
}

/** A tally as rings: the weights of their segments, how many are filled, and the turn at which the mark stands. */
export function ringsOf(tally: Tally): readonly {
  readonly weights: readonly number[];
  readonly filled: number;
  readonly turn: number;
}[] {
  const { groups, have, all, need } = tally;
  if (groups === null)
    return [{ weights: Array.from({ length: all }, () => 1), filled: have, turn: need / all }];
  return groups.map(({ weights, filled, whole, need: weight }) => ({
    weights,
    filled,
    turn: weight / whole,
  }));
}
