import type { ServerSetup } from "./setup";

/**
 * FOLLOWING: a learner finds its leader, learns the new epoch, takes over the leader's history, and then logs and
 * acknowledges what the leader proposes. Any break of the connection leads back to LOOKING.
 * Source: Follower.followLeader, Learner.registerWithLeader, Learner.syncWithLeader.
 */
export const following = (server: ServerSetup) =>
  server.createStateConfig({
    initial: "discovery",
    entry: ["begin to follow", "tell the decision"],
    on: {
      NOTIFICATION: { guard: "another server looks", actions: "answer with the decided vote" },
      "connection closed": { guard: "from my leader", target: "#server.looking" },
      "read timeout": { guard: "from my leader", target: "#server.looking" },
    },
    states: {
      discovery: {
        entry: ["connect to the leader", "bound the time to connect"],
        exit: "stop bounding the time to connect",
        on: {
          "leader connected": {
            actions: [
              "note the connection",
              "stop bounding the time to connect",
              "read within initLimit",
              "send FOLLOWERINFO",
            ],
          },
          "leader refused": [
            { guard: "a try is left", actions: ["count the try", "try again in 100 ms"] },
            { target: "#server.looking" },
          ],
          "retry to connect": { actions: "connect to the leader" },
          "connect limit": {
            target: "#server.looking",
            actions: "tell that joining took too long",
          },
          "read timeout": {
            guard: "from my leader",
            target: "#server.looking",
            actions: "tell that joining took too long",
          },
          LEADERINFO: [
            {
              guard: "a new epoch",
              target: "synchronization",
              actions: ["accept the epoch", "write acceptedEpoch", "send ACKEPOCH"],
            },
            {
              guard: "an epoch accepted before",
              target: "synchronization",
              actions: ["note the epoch", "send ACKEPOCH that does not count"],
            },
            { target: "#server.looking" },
          ],
        },
      },
      synchronization: {
        initial: "receive",
        on: {
          PROPOSAL: { actions: "collect the proposal" },
          COMMIT: { actions: "remember the commit" },
        },
        states: {
          receive: {
            on: {
              DIFF: { actions: "note how it is synchronized" },
              TRUNC: { actions: ["note how it is synchronized", "truncate the log"] },
              SNAP: { actions: ["note how it is synchronized", "load the snapshot"] },
              COMMIT: [
                {
                  guard: "the tree was replaced",
                  actions: ["apply the committed proposal", "drop the applied proposal"],
                },
                { actions: "remember the commit" },
              ],
              NEWLEADER: [
                {
                  guard: "the epoch is written first",
                  target: "awaitUptodate",
                  actions: [
                    "save a snapshot if the tree was replaced",
                    "enter the epoch",
                    "write currentEpoch",
                    "read within syncLimit",
                    "log what was collected",
                    "drop what was collected",
                    "acknowledge NEWLEADER",
                  ],
                },
                {
                  target: "persist",
                  actions: [
                    "save a snapshot if the tree was replaced",
                    "persist what is committed",
                    "drop what is persisted",
                  ],
                },
              ],
              "read timeout": {
                guard: "from my leader",
                target: "#server.looking",
                actions: "tell that joining took too long",
              },
            },
          },
          /** What is committed must be on the platter before this server vouches for the epoch. */
          persist: {
            on: {
              "history persisted": {
                target: "awaitUptodate",
                actions: [
                  "enter the epoch",
                  "write currentEpoch",
                  "read within syncLimit",
                  "acknowledge NEWLEADER",
                ],
              },
            },
          },
          awaitUptodate: {
            on: {
              "disk synced": { actions: "acknowledge what is logged" },
              UPTODATE: {
                target: "#server.following.broadcast",
                actions: [
                  "acknowledge NEWLEADER",
                  "serve clients",
                  "log what was collected",
                  "apply what was committed",
                  "vote for the established epoch",
                ],
              },
            },
          },
        },
      },
      broadcast: {
        on: {
          PROPOSAL: { actions: "log the proposal" },
          "disk synced": { actions: "acknowledge what is logged" },
          COMMIT: { actions: "apply the commit" },
          PING: { actions: "answer the ping" },
          REVALIDATE: { actions: "take the answer about a session" },
        },
      },
    },
  });
