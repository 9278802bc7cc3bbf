/** Deliberate faults, one rule each; none yet. */
export type MutantName = never;
