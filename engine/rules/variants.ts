/**
 * Which release's protocol the servers speak. 3.8.0 is form A of the NEWLEADER step, 3.9.5 form C (the page's default).
 * Source: Learner.syncWithLeader in the two release tags.
 */
export type VariantName = "3.8.0" | "3.9.5";
