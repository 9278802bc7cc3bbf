/** The words of pages in English: shell and lesson column. Those of the lab are in en.lab.ts, those of lessons beside them. */
export const en = {
  skipToCluster: "Skip to cluster",
  brand: "Ensemble",
  header: {
    language: "Language",
    inEnglish: "EN",
    inChinese: "中文",
    course: "Course",
    breadcrumbs: "You are here",
    lessonsDone: "{done} of {all} lessons of this module done",
    doneOf: "{done} of {all}",
    theme: { label: "Theme", light: "light", dark: "dark", system: "as the device" },
  },
  trouble: {
    unsaved: "Progress cannot be saved in this browser. It lasts as long as this page is open.",
    unreadable:
      "The saved progress could not be read. It was kept aside in this browser under “ensemble.progress.unreadable”; what you do now is saved anew.",
  },
  lesson: {
    number: "Lesson {number}",
    minutes: "{n} minutes",
    outcomes: "After this lesson you can",
    main: "Lesson",
    cluster: "Cluster",
    loading: "Starting five servers",
    divider: "Width of the lesson",
    show: "Show the lesson",
    hide: "Hide the lesson",
    map: "Course map",
    nextComing: "Next: {title}",
    coming: "coming",
    buildsOn: "Builds on {number}, {title}",
    shrink: "Smaller cluster",
    enlarge: "Larger cluster",
  },
  lab: {
    label: "Lab",
    reset: "Start the cluster over",
    keyboard: "By keyboard: arrows choose a server, K kills or starts it, Space plays or pauses.",
    waiting: "The cluster is being loaded.",
  },
  hints: {
    title: "Hints",
    button: "Hint",
    level: "Hint {n} of 3",
    none: "All objectives are reached. No hint is left to give.",
    for: "For: {label}",
  },
  votes: {
    candidate: "candidate",
    epoch: "epoch",
    zxid: "last zxid",
    sid: "id",
    server: "Server {sid}",
    caption: {
      epoch: "Server {sid} wins on epoch.",
      zxid: "Server {sid} wins on zxid.",
      sid: "Server {sid} wins on id.",
    },
    decides: "decides",
  },
  real: {
    title: "On a real ensemble",
    copy: "Copy",
    copied: "Copied",
  },
  simpler: "Simpler than real",
  done: "Lesson done",
} as const satisfies Tree;

export interface Tree {
  readonly [key: string]: string | readonly string[] | Tree;
}

/** The same keys in any language. */
export type Same<T> = T extends string
  ? string
  : T extends readonly string[]
    ? readonly string[]
    : { readonly [K in keyof T]: Same<T[K]> };
export type Words = Same<typeof en>;
