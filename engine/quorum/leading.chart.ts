import type { ServerSetup } from "./setup";

/**
 * LEADING: elected is not yet leading. A leader collects a quorum that agrees on a new epoch, brings each learner to
 * its own history, and only when a quorum has acknowledged NEWLEADER does it propose anything.
 * Source: Leader.lead, LearnerHandler.run.
 */
export const leading = (server: ServerSetup) =>
  server.createStateConfig({
    initial: "discovery",
    entry: ["begin to lead", "tell the decision", "save snapshot"],
    on: {
      NOTIFICATION: { guard: "another server looks", actions: "answer with the decided vote" },
      "connection closed": { actions: "forget the learner" },
      "read timeout": { actions: ["send the learner away", "forget the learner"] },
      "disk failed": { actions: "note that its disk failed" },
      "snapshot sent": { actions: "send NEWLEADER" },
      FOLLOWERINFO: [
        { guard: "its membership is newer", actions: "send the learner away" },
        { actions: ["note its accepted epoch", "send LEADERINFO"] },
      ],
      OBSERVERINFO: [
        { guard: "its membership is newer", actions: "send the learner away" },
        { actions: ["note its accepted epoch", "send LEADERINFO"] },
      ],
      /** The epoch is settled: also a learner that knows more is brought to this leader's history. */
      ACKEPOCH: {
        actions: [
          "note its epoch ack",
          "synchronize the learner",
          "note that it is being synchronized",
        ],
      },
    },
    states: {
      discovery: {
        initial: "acceptedEpochs",
        states: {
          acceptedEpochs: {
            entry: "wait with patience",
            after: {
              initLimit: { target: "#server.looking", actions: "tell that no quorum came" },
            },
            always: {
              guard: "a quorum told its accepted epoch",
              target: "epochAcks",
              actions: [
                "choose the epoch",
                "write acceptedEpoch",
                "send LEADERINFO to all who wait",
              ],
            },
            on: {
              "patience over": { actions: "lose patience" },
              NOTIFICATION: [
                {
                  guard: "one that voted for it looks again, after too long",
                  target: "#server.looking",
                  actions: "answer with the decided vote",
                },
                { guard: "another server looks", actions: "answer with the decided vote" },
              ],
              FOLLOWERINFO: [
                { guard: "its membership is newer", actions: "send the learner away" },
                { actions: ["note its accepted epoch", "read no more from the learner"] },
              ],
              OBSERVERINFO: [
                { guard: "its membership is newer", actions: "send the learner away" },
                { actions: ["note its accepted epoch", "read no more from the learner"] },
              ],
            },
          },
          epochAcks: {
            after: {
              initLimit: { target: "#server.looking", actions: "tell that no quorum came" },
            },
            always: {
              guard: "a quorum acknowledged the epoch",
              target: "#server.leading.synchronization",
              actions: [
                "enter its own epoch",
                "write currentEpoch",
                "acknowledge NEWLEADER itself",
                "synchronize all who wait",
                "note that all are being synchronized",
              ],
            },
            on: {
              ACKEPOCH: [
                {
                  guard: "the learner knows more",
                  actions: ["send the learner away", "forget the learner"],
                },
                { actions: ["note its epoch ack", "read no more from the learner"] },
              ],
            },
          },
        },
      },
      synchronization: {
        after: { initLimit: { target: "#server.looking", actions: "tell that no quorum came" } },
        always: {
          guard: "a quorum acknowledged NEWLEADER",
          target: "broadcast",
          actions: [
            "begin broadcast",
            "tell that it leads",
            "serve as leader",
            "send UPTODATE to all who acknowledged",
            "note that all are up to date",
          ],
        },
        on: {
          ACK: {
            guard: "its first ACK",
            actions: [
              "count the ACK of NEWLEADER",
              "read no more from the learner",
              "end the synchronization",
            ],
          },
        },
      },
      broadcast: {
        entry: "wake in half a tick",
        exit: "tell that it leads no more",
        on: {
          ACK: [
            {
              guard: "its first ACK",
              actions: [
                "count the ACK of NEWLEADER",
                "end the synchronization",
                "send UPTODATE",
                "note that it is up to date",
              ],
            },
            {
              actions: [
                "count the ACK",
                "commit what a quorum has logged",
                "drop what is committed",
              ],
            },
          ],
          "disk synced": {
            actions: [
              "count its own ACKs",
              "commit what a quorum has logged",
              "drop what is committed",
            ],
          },
          REQUEST: [
            {
              guard: "a sync while proposals are outstanding",
              actions: ["hear from the learner", "keep the sync"],
            },
            { guard: "a sync", actions: ["hear from the learner", "send SYNC"] },
            { guard: "the counter would roll over", target: "stopped" },
            { actions: ["hear from the learner", "take the next zxid", "propose it"] },
          ],
          "own request": [
            { guard: "the counter would roll over", target: "stopped" },
            { actions: ["take the next zxid", "propose it"] },
          ],
          PING: { actions: ["hear from the learner", "touch the sessions it heard"] },
          REVALIDATE: { actions: ["hear from the learner", "look the session up"] },
          "session bucket due": { actions: "expire the bucket" },
          "half tick": [
            { guard: "it cannot lead any more", target: "#server.looking" },
            {
              actions: [
                "advance the tick",
                "send away who lags behind",
                "forget who lags behind",
                "ping the learners",
                "wake in half a tick",
              ],
            },
          ],
        },
      },
      /** It has given up leading, but finds out only when it wakes. Source: Leader.propose, XidRolloverException. */
      stopped: {
        entry: "shut down",
        on: { "half tick": { target: "#server.looking" } },
      },
    },
  });
