import type { ServerSetup } from "./setup";

/**
 * LOOKING: Fast Leader Election. Every server votes for itself, tells all others, takes over a better vote when it
 * hears one, and decides when a quorum votes as it does and 200 ms bring nothing better.
 * Source: FastLeaderElection.lookForLeader, and WorkerReceiver for what is answered on the side.
 */
export const looking = (server: ServerSetup) =>
  server.createStateConfig({
    initial: "sendVote",
    states: {
      /** The database is read to its end, so that the vote tells the last zxid that was logged. */
      sendVote: {
        entry: "load the database",
        on: {
          "database loaded": {
            target: "collect",
            actions: ["begin a round", "tell that it looks", "send my vote to all"],
          },
        },
      },
      collect: {
        entry: "await a notification",
        exit: "stop awaiting notifications",
        always: { guard: "a quorum votes as I do", target: "finalize" },
        on: {
          NOTIFICATION: [
            { guard: "from outside the ensemble", actions: "answer with the decided vote" },
            { guard: "for a stranger", actions: "await a notification" },
            {
              guard: "proves that I lead",
              target: "#server.leading",
              actions: "join its ensemble",
            },
            {
              guard: "proves that there is a leader",
              target: "#server.following",
              actions: "join its ensemble",
            },
            {
              guard: "from a server that no longer looks",
              actions: ["remember its vote", "await a notification"],
            },
            {
              guard: "of a later round",
              actions: [
                "tell the change of vote",
                "join its round",
                "send my vote to all",
                "await a notification",
              ],
            },
            {
              guard: "of an earlier round",
              actions: ["answer with my vote", "await a notification"],
            },
            {
              guard: "a better vote",
              actions: [
                "tell the change of vote",
                "take over its vote",
                "send my vote to all",
                "await a notification",
              ],
            },
            { actions: ["record its vote", "await a notification"] },
          ],
          "notification timeout": {
            actions: ["wait twice as long", "send my vote again", "await a notification"],
          },
        },
      },
      /** A quorum agrees. Whatever comes and is not better is dropped, and the 200 ms begin again. */
      finalize: {
        after: {
          finalizeWait: [
            { guard: "I am the one voted for", target: "#server.leading" },
            { target: "#server.following" },
          ],
        },
        on: {
          NOTIFICATION: [
            { guard: "from outside the ensemble", actions: "answer with the decided vote" },
            { guard: "a better vote", target: "collect", actions: ["count anew", "put it back"] },
            {
              guard: "of an earlier round",
              target: "finalize",
              reenter: true,
              actions: "answer with my vote",
            },
            { target: "finalize", reenter: true },
          ],
        },
      },
    },
  });
