import { discovery, synchronization } from "./learning.chart";
import type { ServerSetup } from "./setup";

/**
 * OBSERVING: a learner without a vote. It takes over the leader's history as a follower does, and then is told only
 * what was committed; nothing waits for it, and it answers no one who looks for a leader.
 * Source: Observer.observeLeader, processPacket.
 * Simpler than real: a LOOKING server that happens to reach an observer gets no answer; the two would answer each
 * other until the election is over.
 */
export const observing = (server: ServerSetup) => {
  const ways = {
    lost: "#server.looking.pause",
    upToDate: "#server.observing.broadcast",
    takeIn: ["take in what it was informed of"],
  } as const;
  return server.createStateConfig({
    initial: "discovery",
    entry: ["begin to follow", "tell the decision"],
    on: {
      "connection closed": { guard: "from my leader", target: "#server.looking.pause" },
      "read timeout": { guard: "from my leader", target: "#server.looking.pause" },
      "disk failed": { target: ".failing" },
    },
    states: {
      discovery: discovery(server, ways),
      synchronization: synchronization(server, ways),
      broadcast: {
        on: {
          INFORM: { actions: "take in the INFORM" },
          PING: { actions: "answer the ping" },
          REVALIDATE: { actions: "take the answer about a session" },
          SYNC: { actions: "answer the sync" },
        },
      },
      /** As in following. */
      failing: {
        on: {
          INFORM: { target: "#server.looking.pause", actions: "take in the INFORM" },
          PING: { target: "#server.looking.pause" },
          REVALIDATE: { target: "#server.looking.pause" },
          SYNC: { target: "#server.looking.pause" },
          UPTODATE: { target: "#server.looking.pause" },
        },
      },
    },
  });
};
