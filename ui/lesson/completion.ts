import type { Lesson } from "../../lessons/lesson";
import type { LessonProgress } from "../progress/progress";

/** Mastered: every objective reached and every question answered rightly. Nothing is locked behind it. */
export function isMastered(lesson: Lesson, record: LessonProgress): boolean {
  const allChecks = lesson.labs.every((lab) =>
    lab.checks.every((check) => record.labs[lab.id]?.checks.includes(check.id) ?? false),
  );
  return allChecks && lesson.quiz.every((id) => record.quiz[id]?.right ?? false);
}
