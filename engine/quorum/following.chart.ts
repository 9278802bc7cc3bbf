import { discovery, synchronization } from "./learning.chart";
import type { ServerSetup } from "./setup";

/**
 * FOLLOWING: a learner that votes takes over the leader's history, and then logs and acknowledges what the leader
 * proposes. Any break of the connection leads back to LOOKING.
 * Source: Follower.followLeader, processPacket.
 */
export const following = (server: ServerSetup) => {
  const ways = {
    lost: "#server.looking",
    upToDate: "#server.following.broadcast",
    takeIn: ["log what was collected", "apply what was committed"],
  } as const;
  return server.createStateConfig({
    initial: "discovery",
    entry: ["begin to follow", "tell the decision"],
    on: {
      NOTIFICATION: { guard: "another server looks", actions: "answer with the decided vote" },
      "connection closed": { guard: "from my leader", target: "#server.looking" },
      "read timeout": { guard: "from my leader", target: "#server.looking" },
      "disk failed": { target: ".failing" },
    },
    states: {
      discovery: discovery(server, ways),
      synchronization: synchronization(server, ways),
      broadcast: {
        on: {
          PROPOSAL: { actions: "log the proposal" },
          "disk synced": { actions: "acknowledge what is logged" },
          COMMIT: { actions: "apply the commit" },
          PING: { actions: "answer the ping" },
          REVALIDATE: { actions: "take the answer about a session" },
          SYNC: { actions: "answer the sync" },
        },
      },
      /** Its sync thread has died; it notices when it has read the next packet. Source: Learner.isRunning. */
      failing: {
        on: {
          PROPOSAL: { target: "#server.looking" },
          COMMIT: { target: "#server.looking", actions: "apply the commit" },
          PING: { target: "#server.looking" },
          REVALIDATE: { target: "#server.looking" },
          SYNC: { target: "#server.looking" },
          UPTODATE: { target: "#server.looking" },
        },
      },
    },
  });
};
