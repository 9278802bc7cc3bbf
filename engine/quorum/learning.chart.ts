import type { ServerSetup } from "./setup";

/** Where the ways of a follower and an observer part. */
interface Ways {
  /** The state without a leader. */
  readonly lost: "#server.looking" | "#server.looking.pause";
  readonly upToDate: "#server.following.broadcast" | "#server.observing.broadcast";
  /** What becomes of all that came between NEWLEADER and UPTODATE. */
  readonly takeIn: readonly (
    | "log what was collected"
    | "apply what was committed"
    | "take in what it was informed of"
  )[];
}

/**
 * What a learner does before it is up to date, whether it will follow or observe: it finds its leader, learns the new
 * epoch, and takes over the leader's history.
 * Source: Learner.connectToLeader, registerWithLeader.
 * Simpler than real: an observer always goes to the leader, never to a follower (observerMasterPort).
 */
export const discovery = (server: ServerSetup, { lost }: Ways) =>
  server.createStateConfig({
    entry: ["connect to the leader", "bound the time to connect"],
    exit: "stop bounding the time to connect",
    on: {
      "leader connected": {
        actions: [
          "note the connection",
          "stop bounding the time to connect",
          "read within initLimit",
          "send FOLLOWERINFO or OBSERVERINFO",
        ],
      },
      "leader refused": [
        { guard: "a try is left", actions: ["count the try", "try again in a moment"] },
        { target: lost },
      ],
      "retry to connect": { actions: "connect to the leader" },
      "connect limit": { target: lost, actions: "tell that joining took too long" },
      "read timeout": {
        guard: "from my leader",
        target: lost,
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
        { target: lost },
      ],
    },
  });

/** From the first packet of the leader's history to UPTODATE. Source: Learner.syncWithLeader. */
export const synchronization = (server: ServerSetup, { lost, upToDate, takeIn }: Ways) =>
  server.createStateConfig({
    initial: "receive",
    on: {
      PROPOSAL: { actions: "collect the proposal" },
      INFORM: { actions: "collect the proposal" },
      COMMIT: [
        { guard: "nothing is collected, and it fails", target: lost },
        { guard: "nothing is collected" },
        { actions: "remember the commit" },
      ],
    },
    states: {
      receive: {
        on: {
          DIFF: { actions: ["note how it is synchronized", "note the membership in the tree"] },
          TRUNC: {
            actions: [
              "note how it is synchronized",
              "truncate the log",
              "note the membership in the tree",
            ],
          },
          SNAP: {
            actions: [
              "note how it is synchronized",
              "load the snapshot",
              "note the membership in the tree",
            ],
          },
          PROPOSAL: [
            { guard: "a gap in the DIFF", target: lost },
            { actions: "collect the proposal" },
          ],
          COMMIT: [
            { guard: "nothing is collected, and it fails", target: lost },
            {
              guard: "the tree was replaced",
              actions: ["apply the committed proposal", "drop the applied proposal"],
            },
            { guard: "nothing is collected" },
            { actions: "remember the commit" },
          ],
          INFORM: [
            {
              guard: "the tree was replaced",
              actions: ["apply what it was informed of", "note the informed zxid"],
            },
            { guard: "a gap in the DIFF", target: lost },
            { actions: "collect the proposal" },
          ],
          NEWLEADER: [
            {
              guard: "the epoch is written first",
              target: "handOver",
              actions: [
                "save a snapshot if the tree was replaced",
                "enter the epoch",
                "write currentEpoch",
                "read within syncLimit",
                "hand over what was collected",
                "drop what was handed over",
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
            target: lost,
            actions: "tell that joining took too long",
          },
        },
      },
      /** The sync thread has the proposals: it logs and acknowledges them by itself, and may be quicker than this ACK. */
      handOver: {
        on: {
          "handed over": { target: "awaitUptodate", actions: "acknowledge NEWLEADER" },
          "disk synced": { actions: "acknowledge what is logged" },
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
            target: upToDate,
            actions: [
              "acknowledge NEWLEADER",
              "serve clients",
              ...takeIn,
              "vote for the established epoch",
            ],
          },
        },
      },
    },
  });
