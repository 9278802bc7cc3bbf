import type { Same, Tree } from "./en";

/** What predictions, objectives and questions say. Fetched with them. */
export const enExercises = {
  objectives: {
    title: "Objectives",
    count: "{done} of {all}",
    state: { todo: "To do", now: "Now", done: "Done" },
    reached: "Objective reached: {label}",
    all: "All objectives reached.",
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
} as const satisfies Tree;

export type ExerciseWords = Same<typeof enExercises>;
