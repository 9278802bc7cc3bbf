import { createContext, use } from "react";
import type { InBoth, Lesson, QuizItem } from "../../lessons/lesson";
import { useLang } from "../i18n/text";

/** The lesson of this page, and the hints its learner has opened. */
export interface LessonState {
  readonly slug: string;
  /** Its predictions and hints, on their way since the page stands. */
  readonly lesson: Promise<{ readonly lesson: Lesson }>;
  /** Its questions, asked for when the reader comes near. */
  readonly quiz: Promise<readonly QuizItem[]>;
  /** Open hint levels of each check, 0 to 3. */
  readonly hints: Readonly<Record<string, number>>;
  /** Opens one more level for a check. */
  openHint(check: string): void;
}

export const LessonContext = createContext<LessonState | null>(null);

export function useLessonState(): LessonState {
  const state = use(LessonContext);
  if (state === null) throw new Error("a lesson's part is drawn inside its LessonPage");
  return state;
}

/** The lesson's data. Until it has come, the part that asks keeps its prerendered picture. */
export function useLesson(): Lesson {
  return use(useLessonState().lesson).lesson;
}

/** Says in the page's language what stands in both. */
export function useSay(): (words: InBoth) => string {
  const lang = useLang();
  return (words) => words[lang];
}
