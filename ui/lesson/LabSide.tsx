import { use, useEffect, useMemo, useSyncExternalStore } from "react";
import { type Lab, type LabView, leaderOf, whoLeadsAfter } from "../../engine/index";
import type { Lesson } from "../../lessons/lesson";
import { prefersLessMotion } from "../a11y/motion";
import { type Lang, useLang } from "../i18n/text";
import { collect, type HandOver } from "../lab/handOver";
import { createLabStore, type LabStore } from "../lab/lab";
import { whenUsed } from "../lab/useLab";
import { browserProgress, EMPTY_LESSON } from "../progress/progress";
import LabRoom from "../room/LabRoom";
import { agreeingWith, candidatesOf, gateOf, judged } from "./judge";
import { type LabLink, setLabLink } from "./labLink";
import { useLesson } from "./lessonContext";
import { wakeExercises } from "./near";

/** What a lesson's lab.ts gives. */
export interface LessonLabs {
  readonly labs: readonly Lab[];
  readonly detours: Readonly<Record<string, (view: LabView) => boolean>>;
}

/** The first run of everybody, so that the prerendered picture is the one that comes alive. */
const SEED = 3;

/** The lesson's cluster, its gates and its judges. Comes with the engine, in the lab's chunk. */
export default function LabSide({ labs }: { readonly labs: Promise<LessonLabs> }) {
  const lang = useLang();
  const lesson = useLesson();
  const {
    labs: [lab],
    detours,
  } = use(labs);
  if (lab === undefined) throw new Error("a lesson's lab.ts holds a lab");
  const handed = useHanded(lab.id, lang);
  const store = useMemo(() => {
    const made = createLabStore(
      handed === null ? { lab, seed: SEED } : { lab, seed: handed.seed, handed },
    );
    if (handed !== null && prefersLessMotion()) made.pause();
    return made;
  }, [lab, handed]);

  useEffect(() => {
    const predictions = lesson.predictions.filter((prediction) => prediction.lab === lab.id);
    const records = () => browserProgress().get().lessons[lesson.slug] ?? EMPTY_LESSON;
    store.setGate(gateOf(predictions, (id) => records().predictions[id] !== undefined));
    setLabLink(linkOf(lab, store, detours));
    void whenUsed(store).then(wakeExercises);
    // Whoever comes back finds the ticks of the last visit.
    if (records() !== EMPTY_LESSON) wakeExercises();
    const keep = keeperOf(lesson, lab, store);
    const unsubscribe = store.subscribe(keep);
    keep();
    return () => {
      unsubscribe();
      store.setGate(null);
      setLabLink(null);
    };
  }, [store, lab, lesson, detours]);

  return (
    <LabRoom
      key={handed === null ? "new" : "handed"}
      lang={lang}
      lab={lab}
      seed={SEED}
      store={store}
    />
  );
}

const taken = new Map<string, HandOver | null>();

/** The run that the other language left. Taken after the first picture, which must equal the prerendered one. */
function useHanded(lab: string, lang: Lang): HandOver | null {
  return useSyncExternalStore(
    () => () => undefined,
    () => {
      const known = taken.get(lab);
      if (known !== undefined) return known;
      const handed = collect(lab, lang, Date.now(), tabStorage());
      taken.set(lab, handed);
      return handed;
    },
    () => null,
  );
}

function linkOf(lab: Lab, store: LabStore, detours: LessonLabs["detours"]): LabLink {
  return {
    lab: lab.id,
    store,
    candidates() {
      const { history, held } = store.get();
      return candidatesOf(history.now, held?.type === "kill" ? held.sid : 0);
    },
    forecast() {
      const { history, held } = store.get();
      if (held === null) return { leader: leaderOf(history.now), wonBy: null };
      const { leader, wonBy } = whoLeadsAfter(history.now, held);
      return { leader, wonBy };
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

function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
