import type { CellState } from "../lesson/icons";
import type { LessonProgress } from "../progress/progress";

/** Hollow: not begun. Half: begun. Solid: done, as a committed entry. */
export function stateOf(record: LessonProgress | undefined): CellState {
  if (record === undefined) return "hollow";
  if (record.done) return "solid";
  const begun =
    Object.keys(record.predictions).length > 0 ||
    Object.keys(record.quiz).length > 0 ||
    Object.values(record.labs).some((lab) => lab.checks.length > 0);
  return begun ? "half" : "hollow";
}
