import type { ServerSetup } from "./setup";

/**
 * STANDALONE: a server without an ensemble. What is written is logged, synced, applied and answered, in this order; no
 * vote, no epoch of its own: its zxids go on where the last one ended.
 * Source: ZooKeeperServerMain.runFromConfig; ZooKeeperServer.loadData, setupRequestProcessors.
 */
export const standalone = (server: ServerSetup) =>
  server.createStateConfig({
    initial: "load",
    states: {
      load: {
        entry: "load the database",
        on: {
          "database loaded": {
            target: "serve",
            actions: ["go on from the last zxid", "save snapshot", "serve alone"],
          },
        },
      },
      serve: {
        on: {
          "own request": { actions: ["take the next zxid alone", "log it alone"] },
          "disk synced": { actions: "commit what is synced" },
          "session bucket due": { actions: "expire the bucket" },
        },
      },
    },
  });
