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
  objectives: {
    title: "Objectives",
    count: "{done} of {all}",
    state: { todo: "To do", now: "Now", done: "Done" },
    reached: "Objective reached: {label}",
    all: "All objectives reached.",
  },
  hints: {
    title: "Hints",
    button: "Hint",
    level: "Hint {n} of 3",
    none: "All objectives are reached. No hint is left to give.",
    for: "For: {label}",
  },
  prediction: {
    title: "Your prediction",
    lock: "Lock in",
    lockAndKill: "Lock in and kill",
    skip: "Skip",
    locked: "locked",
    lockedAt: "locked at {seconds} s",
    waits: "Server {sid} waits for your prediction.",
    said: "You said: {choice}.",
    start: "Start the servers and see.",
    agree: {
      none: "No server agrees with you so far.",
      one: "One server agrees with you so far.",
      many: "{n} servers agree with you so far.",
      numbers: ["No", "One", "Two", "Three", "Four", "Five"],
    },
    held: "Held.",
    notHeld: "It did not hold.",
    ran: "Server {leader} leads.",
    untested:
      "This run took another order, and server {leader} leads. To test what you said, start the cluster over and start 1, 2, 3.",
    nextQuestion: "You are about to kill server {sid}, the leader. Who leads next?",
    nextClosed: "This question opens when you kill a leader for the first time.",
    server: "Server {sid}",
    nobody: "Nobody",
    skipped: "You skipped this one.",
    killed: "Server {sid} is down. Watch the votes.",
    because: {
      epoch: "Server {leader} had the higher epoch, and epochs are compared first.",
      zxid: "Server {leader} had the higher zxid, and ids are compared last.",
      sid: "Server {leader} and its closest rival had the same epoch and the same zxid, so the larger id won.",
      none: "No server leads: a majority is missing.",
    },
    changed:
      "You changed the run on the way, and server {actual} leads now. Left alone, it would have gone like this:",
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
  quiz: {
    title: "Questions",
    count: "{done} of {all} answered rightly",
    question: "Question {n}",
    check: "Check",
    again: "Try again",
    severalRight: "More than one may be right.",
    number: "Your number",
    idle: "",
    chosen: "Your answer",
    right: "Right",
    wrong: "Compare again",
    nearly: "One step off",
    shown: "Shown",
    whys: "Why each answer is right or not",
    empty: "Choose an answer first.",
    notANumber: "Write a whole number.",
    notDecimal: "Write it in decimal, without 0x.",
    answerIs: "The answer: {answer}",
    pick: "Pick server {sid}, {role}",
    role: { voter: "voter", observer: "observer", gone: "gone" },
    noVote: "no vote",
  },
  real: {
    title: "On a real ensemble",
    copy: "Copy",
    copied: "Copied",
  },
  simpler: "Simpler than real",
  done: "Lesson done",
} as const satisfies Tree;

interface Tree {
  readonly [key: string]: string | readonly string[] | Tree;
}

/** The same keys in any language. */
type Same<T> = T extends string
  ? string
  : T extends readonly string[]
    ? readonly string[]
    : { readonly [K in keyof T]: Same<T[K]> };
export type Words = Same<typeof en>;
