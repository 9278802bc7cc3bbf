import { useSyncExternalStore } from "react";
import {
  browserProgress,
  EMPTY_LESSON,
  EMPTY_PROGRESS,
  type LessonProgress,
  type Progress,
  type Trouble,
} from "./progress";

const subscribe = (listener: () => void) => browserProgress().subscribe(listener);

/** All progress. Prerendered, and for the browser's first picture, it is empty: nobody is known there. */
export function useProgress(): Progress {
  return useSyncExternalStore(
    subscribe,
    () => browserProgress().get(),
    () => EMPTY_PROGRESS,
  );
}

export function useLessonProgress(slug: string): LessonProgress {
  return useProgress().lessons[slug] ?? EMPTY_LESSON;
}

export function useTrouble(): Trouble {
  return useSyncExternalStore(
    subscribe,
    () => browserProgress().trouble(),
    () => null,
  );
}
