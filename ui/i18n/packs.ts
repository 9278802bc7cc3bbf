import { use } from "react";
import type { ExerciseWords } from "./en.exercises";
import type { LabWords } from "./en.lab";
import type { LiveWords } from "./en.live";
import { type Lang, useLang } from "./text";

/** Words that are fetched when the part of the page that says them is. */
interface Pack<Words> {
  /** The same promise each time, so that a component may wait for it. */
  readonly in: (lang: Lang) => Promise<Words>;
}

function pack<Words>(fetch: Readonly<Record<Lang, () => Promise<Words>>>): Pack<Words> {
  const coming = new Map<Lang, Promise<Words>>();
  return {
    in(lang) {
      const words = coming.get(lang) ?? fetch[lang]();
      coming.set(lang, words);
      return words;
    },
  };
}

/** Stage, controls and room, as they stand before anything happens. */
export const labWords = pack<LabWords>({
  en: () => import("./en.lab").then(({ enLab }) => enLab),
  zh: () => import("./zh.lab").then(({ zhLab }) => zhLab),
});

const live = pack<LiveWords>({
  en: () => import("./en.live").then(({ enLive }) => enLive),
  zh: () => import("./zh.live").then(({ zhLive }) => zhLive),
});

const exercises = pack<ExerciseWords>({
  en: () => import("./en.exercises").then(({ enExercises }) => enExercises),
  zh: () => import("./zh.exercises").then(({ zhExercises }) => zhExercises),
});

/** Menus, messages, timeline and narration; waits for them where they are not there yet. */
export function useLiveWords(): LiveWords {
  return use(live.in(useLang()));
}

/** Predictions, objectives and questions; waits for them where they are not there yet. */
export function useExerciseWords(): ExerciseWords {
  return use(exercises.in(useLang()));
}
