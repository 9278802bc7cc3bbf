import type { QuorumRules } from "./quorumRules";
import { following } from "./following.chart";
import { leading } from "./leading.chart";
import { looking } from "./looking.chart";
import { contextFrom, serverSetup } from "./setup";

/**
 * One server's process from the moment it has read its files: LOOKING, then FOLLOWING or LEADING, and from there back
 * to LOOKING. It decides; what it wants done is named in wishes.ts and done in sim/perform.ts.
 * Source: QuorumPeer.run.
 */
export function serverChart(rules: QuorumRules) {
  const server = serverSetup(rules);
  return server.createMachine({
    id: "server",
    context: ({ input }) => contextFrom(input),
    initial: "looking",
    states: {
      looking: looking(server),
      following: following(server),
      leading: leading(server),
    },
  });
}

export type ServerChart = ReturnType<typeof serverChart>;
