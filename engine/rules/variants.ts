/**
 * What the servers' protocol is true to. "3.8.0" and "3.9.5" are those releases with the bugs that are open in them; they
 * differ most in how a learner takes in NEWLEADER (form A and form C). "repaired" is no release: 3.9.5 with a TRUNC that
 * leaves nothing above the cut, a start that raises currentEpoch instead of refusing to run, a leader that does not read
 * its log across the gap that a SNAP has left, and a server that reads its files again when it could not write its log.
 * Source: Learner.syncWithLeader in the two release tags.
 */
export type VariantName = "3.8.0" | "3.9.5" | "repaired";
