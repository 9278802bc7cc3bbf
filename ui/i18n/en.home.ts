import type { Same, Tree } from "./en";

/** What the home page and its map of the course say. */
export const enHome = {
  home: {
    title: "Break a ZooKeeper cluster until you understand it",
    promise:
      "Five servers run in this page. Kill the leader and watch the others choose a new one, message by message. Then rewind and see why nothing was lost.",
    start: "Begin with {number}",
    goOn: "Continue with {number}",
    again: "Open {number} again",
    done: "{done} of {all} lessons done",
    cluster: "A live cluster",
    caption: "Click a server to kill it",
    loading: "Starting five servers",
  },
  map: {
    title: "The course",
    module: "Module {number}",
    coming: "coming",
    minutes: "{n} min",
    buildsOn: "Builds on {numbers}",
    cell: { hollow: "not begun", half: "begun", solid: "done" },
    here: "start here",
    hereAgain: "you are here",
  },
} as const satisfies Tree;

export type HomeWords = Same<typeof enHome>;
