import type { QuorumRules } from "./quorumRules";
import { following } from "./following.chart";
import { leading } from "./leading.chart";
import { looking } from "./looking.chart";
import { observing } from "./observing.chart";
import { contextFrom, serverSetup } from "./setup";
import { standalone } from "./standalone.chart";

/**
 * One server's process from the moment it has read its files: LOOKING, then FOLLOWING, OBSERVING or LEADING, and from there back
 * to LOOKING; or alone. It decides; what it wants done is named in wishes.ts and done in sim/perform.ts.
 * Source: QuorumPeer.run; QuorumPeerMain.initializeAndRun.
 */
export function serverChart(rules: QuorumRules) {
  const server = serverSetup(rules);
  return server.createMachine({
    id: "server",
    context: ({ input }) => contextFrom(input),
    initial: "begin",
    states: {
      begin: { always: [{ guard: "it is alone", target: "standalone" }, { target: "looking" }] },
      looking: looking(server),
      following: following(server),
      observing: observing(server),
      leading: leading(server),
      standalone: standalone(server),
    },
  });
}

export type ServerChart = ReturnType<typeof serverChart>;
