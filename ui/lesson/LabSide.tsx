import { use, useEffect, useState } from "react";
import type { Lab, LabView, World } from "../../engine/index";
import { prefersLessMotion } from "../a11y/motion";
import { type Lang, useLang } from "../i18n/text";
import { asleep } from "../lab/asleep";
import { collect, type HandOver } from "../lab/handOver";
import type { LabStore } from "../lab/store";
import { whenUsed } from "../lab/useLab";
import { browserProgress, EMPTY_LESSON } from "../progress/progress";
import LabRoom from "../room/LabRoom";
import { gateOf } from "./gate";
import { useLesson } from "./lessonContext";
import { wakeExercises } from "./near";
import { SEED } from "./seed";

/** What a lesson's lab.ts gives. */
export interface LessonLabs {
  readonly labs: readonly Lab[];
  readonly detours: Readonly<Record<string, (view: LabView) => boolean>>;
}

/** Where a lesson's cluster begins, as data: `lab.ts?picture`. */
export interface Picture {
  readonly id: string;
  readonly world: World;
}

/** The lesson's cluster, its gates and its judges. The engine comes at their first use. */
export default function LabSide({
  picture,
  labs,
}: {
  readonly picture: Promise<Picture>;
  readonly labs: () => Promise<LessonLabs>;
}) {
  const lang = useLang();
  const lesson = useLesson();
  const { id, world } = use(picture);
  const [{ store, goOn }] = useState(() => openRun(id, world, lang, labs));

  useEffect(() => {
    const predictions = lesson.predictions.filter((prediction) => prediction.lab === id);
    const records = () => browserProgress().get().lessons[lesson.slug] ?? EMPTY_LESSON;
    store.setGate(gateOf(predictions, (one) => records().predictions[one] !== undefined));
    let isGone = false;
    let stop = () => undefined as void;
    void whenUsed(store).then(async () => {
      wakeExercises();
      const [{ follow }, { lab, detours }] = await Promise.all([
        import("./keeper"),
        firstOf(labs()),
      ]);
      if (!isGone) stop = follow(lesson, lab, store, detours);
    });
    goOn();
    return () => {
      isGone = true;
      stop();
      store.setGate(null);
    };
  }, [store, goOn, id, lesson, labs]);

  return <LabRoom lang={lang} store={store} />;
}

async function firstOf(labs: Promise<LessonLabs>) {
  const {
    labs: [lab],
    detours,
  } = await labs;
  if (lab === undefined) throw new Error("a lesson's lab.ts holds a lab");
  return { lab, detours };
}

/** The lesson's run, asleep; `goOn` wakes it where the other language left it, if it did. */
function openRun(
  id: string,
  world: World,
  lang: Lang,
  labs: () => Promise<LessonLabs>,
): { readonly store: LabStore; readonly goOn: () => void } {
  let handed: HandOver | null = null;
  const store = asleep({
    id,
    seed: SEED,
    world,
    async open() {
      const [{ createLabStore }, { lab }] = await Promise.all([
        import("../lab/lab"),
        firstOf(labs()),
      ]);
      if (handed === null) return createLabStore({ lab, seed: SEED });
      const opened = createLabStore({ lab, seed: handed.seed, handed });
      if (prefersLessMotion()) opened.pause();
      return opened;
    },
  });
  return {
    store,
    goOn() {
      handed = collect(id, lang, Date.now(), tabStorage());
      if (handed !== null) store.wake();
    },
  };
}

function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
