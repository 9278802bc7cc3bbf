import { use, useEffect, useMemo, useSyncExternalStore } from "react";
import type { Lab, LabView } from "../../engine/index";
import { prefersLessMotion } from "../a11y/motion";
import { type Lang, useLang } from "../i18n/text";
import { collect, type HandOver } from "../lab/handOver";
import { createLabStore } from "../lab/lab";
import { whenUsed } from "../lab/useLab";
import { browserProgress, EMPTY_LESSON } from "../progress/progress";
import LabRoom from "../room/LabRoom";
import { gateOf } from "./gate";
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
    let isGone = false;
    let stop = () => undefined as void;
    void whenUsed(store).then(async () => {
      wakeExercises();
      const { follow } = await import("./keeper");
      if (!isGone) stop = follow(lesson, lab, store, detours);
    });
    return () => {
      isGone = true;
      stop();
      store.setGate(null);
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

function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
