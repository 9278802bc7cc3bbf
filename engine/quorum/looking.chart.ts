import type { ServerSetup } from "./setup";

/**
 * LOOKING: Fast Leader Election. Every server votes for itself, tells all voters, takes over a better vote when it
 * hears one, and decides when a quorum votes as it does and 200 ms bring nothing better.
 * An observer looks too: it asks all voters with a vote that cannot win, and goes by what they answer.
 * Source: FastLeaderElection.lookForLeader, and WorkerReceiver for what is answered on the side.
 * Simpler than real: what a server has received and not yet looked at is no queue of 100, for it looks at once.
 */
export const looking = (server: ServerSetup) =>
  server.createStateConfig({
    initial: "sendVote",
    exit: "serve read-only no more",
    on: {
      "read-only due": { actions: "serve read-only" },
    },
    states: {
      /** An observer that lost its leader does not ask at once. */
      pause: {
        entry: ["load the database", "wait a random while"],
        on: { "delay over": { target: "sendVote" } },
      },
      /** The database is read to its end, so that the vote tells the last zxid that was logged. */
      sendVote: {
        // In this order: to load the database ends all timers.
        entry: ["load the database", "wait before serving read-only"],
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
            {
              guard: "of an earlier round",
              actions: ["answer with my vote", "await a notification"],
            },
            { guard: "not to be counted", actions: "await a notification" },
            {
              guard: "proves that there is a leader",
              target: "decided",
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
        after: { finalizeWait: { target: "decided" } },
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
      decided: {
        always: [
          { guard: "I am the one voted for", target: "#server.leading" },
          { guard: "it observes", target: "#server.observing" },
          { target: "#server.following" },
        ],
      },
    },
  });
