import { compareVotes, type Lab, type LabView, leaderOf, whoLeadsAfter } from "../../engine/index";
import type { Lesson } from "../../lessons/lesson";
import type { LabStore } from "../lab/store";
import { browserProgress, EMPTY_LESSON } from "../progress/progress";
import { agreeingWith, candidatesOf, judged } from "./judge";
import { type LabLink, setLabLink } from "./labLink";

type Detours = Readonly<Record<string, (view: LabView) => boolean>>;

/** From the lab's first use on: the lesson column may ask the lab, and what the run shows is kept. Returns the end of it. */
export function follow(lesson: Lesson, lab: Lab, store: LabStore, detours: Detours): () => void {
  setLabLink(linkOf(lab, store, detours));
  const keep = keeperOf(lesson, lab, store);
  const unsubscribe = store.subscribe(keep);
  keep();
  return () => {
    unsubscribe();
    setLabLink(null);
  };
}

function linkOf(lab: Lab, store: LabStore, detours: Detours): LabLink {
  return {
    lab: lab.id,
    store,
    candidates() {
      const { history, held } = store.get();
      return candidatesOf(history.now, held?.type === "kill" ? held.sid : 0);
    },
    forecast(against) {
      const { history, held } = store.get();
      if (held === null) return { leader: leaderOf(history.now), wonBy: null };
      const { leader, wonBy, votes } = whoLeadsAfter(history.now, held);
      const winner = votes.find((vote) => vote.leader === leader);
      const rival = votes.find((vote) => vote.leader === against && against !== leader);
      if (winner === undefined || rival === undefined) return { leader, wonBy };
      return { leader, wonBy: compareVotes(winner, rival).decidedBy };
    },
    agreeing: (sid) => agreeingWith(store.get().history.now, sid),
    detour: (check) =>
      detours[check]?.({ world: store.get().history.now, facts: store.facts() }) ?? false,
  };
}

/** Writes what the run has shown into the learner's record, whenever something new has happened. */
function keeperOf(lesson: Lesson, lab: Lab, store: LabStore): () => void {
  let seen = { facts: -1, reached: -1, predictions: {} as object, second: -1 };
  return () => {
    const { history, reached } = store.get();
    const facts = store.facts();
    const record = browserProgress().get().lessons[lesson.slug] ?? EMPTY_LESSON;
    const look = {
      facts: facts.length,
      reached: reached.length,
      predictions: record.predictions,
      second: Math.floor(history.now.nowUs / 1_000_000),
    };
    if (
      look.facts === seen.facts &&
      look.reached === seen.reached &&
      look.predictions === seen.predictions &&
      look.second === seen.second
    )
      return;
    seen = look;
    browserProgress().change(lesson.slug, (before) => {
      const met = new Set([...(before.labs[lab.id]?.checks ?? []), ...reached]);
      let after = before;
      if (met.size !== (before.labs[lab.id]?.checks.length ?? 0)) {
        after = { ...after, labs: { ...after.labs, [lab.id]: { checks: [...met] } } };
      }
      for (const prediction of lesson.predictions) {
        const locked = before.predictions[prediction.id];
        if (prediction.lab !== lab.id || locked === undefined) continue;
        const now = judged(prediction, locked, facts, history.now);
        if (now !== locked)
          after = { ...after, predictions: { ...after.predictions, [prediction.id]: now } };
      }
      return after;
    });
  };
}
