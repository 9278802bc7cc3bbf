import { useEffect } from "react";
import { useWords } from "../i18n/text";
import { browserProgress } from "../progress/progress";
import { useLessonProgress } from "../progress/useProgress";
import { isMastered } from "./completion";
import { Icon } from "./icons";
import { useLesson, useLessonState } from "./lessonContext";
import { wakeExercises } from "./near";
import { useHintFor } from "./reached";
import styles from "./LessonPage.module.css";

/** In the footer, always in reach: opens the next hint and shows it. Also closes the lesson once it is mastered. */
export function HintButton() {
  const words = useWords().hints;
  const lesson = useLesson();
  const { hints, openHint } = useLessonState();
  const check = useHintFor(lesson.labs[0]);
  const open = check === undefined ? 0 : (hints[check.id] ?? 0);
  useCompletion();
  return (
    <button
      type="button"
      className={styles.hint}
      disabled={check === undefined}
      onClick={() => {
        wakeExercises();
        if (check !== undefined) openHint(check.id);
        document.getElementById("hints")?.scrollIntoView({ block: "center" });
      }}
    >
      <Icon name="bulb" />
      {words.button} <span>{open}/3</span>
    </button>
  );
}

/** The lesson's cell turns solid when all is reached and answered. */
function useCompletion(): void {
  const lesson = useLesson();
  const record = useLessonProgress(lesson.slug);
  const isNew = !record.done && isMastered(lesson, record);
  useEffect(() => {
    if (isNew) browserProgress().change(lesson.slug, (before) => ({ ...before, done: true }));
  }, [isNew, lesson.slug]);
}
