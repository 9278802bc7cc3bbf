import type { CheckWords, LabWords } from "../../lessons/lesson";
import { useLessonProgress } from "../progress/useProgress";
import { useLabLink } from "./labLink";
import { useLesson } from "./lessonContext";

/** The checks of a lab that are met: in this run, or on an earlier visit. */
export function useReached(lab: string): readonly string[] {
  const lesson = useLesson();
  const kept = useLessonProgress(lesson.slug).labs[lab]?.checks ?? [];
  const now = useLabLink((state, link) => (link.lab === lab ? state.reached.join() : ""), "");
  return [...new Set([...kept, ...now.split(",").filter((id) => id !== "")])];
}

/** The check that a hint would be about: the first that is not met yet. */
export function useHintFor(lab: LabWords | undefined): CheckWords | undefined {
  const reached = useReached(lab?.id ?? "");
  return lab?.checks.find((check) => !reached.includes(check.id));
}
