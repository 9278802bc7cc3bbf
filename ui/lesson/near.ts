/** The lesson's own column where it scrolls by itself, else the page. A margin counts only from what scrolls. */
function scroller(): Element | null {
  const column = document.querySelector("[data-lesson-scroll]");
  return column !== null && getComputedStyle(column).overflowY === "auto" ? column : null;
}

/** Settles when one of these is about to come into view, or lies behind the reader. Prerendered, at once. */
function cameNear(places: string): Promise<void> {
  return new Promise((settle) => {
    const marks = typeof document === "undefined" ? [] : [...document.querySelectorAll(places)];
    if (marks.length === 0) {
      settle();
      return;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        const isNear = entries.some(
          ({ isIntersecting, boundingClientRect }) => isIntersecting || boundingClientRect.top < 0,
        );
        if (!isNear) return;
        observer.disconnect();
        settle();
      },
      { root: scroller(), rootMargin: "60% 0px" },
    );
    for (const mark of marks) observer.observe(mark);
  });
}

let questions: Promise<void> | null = null;

/** The reader has come near the questions, or to what stands right before them. */
export function nearQuestions(): Promise<void> {
  questions ??= cameNear("#return, #quiz, [data-waiting=questions]");
  return questions;
}

let exercises: Promise<void> | null = null;
let wake: () => void = () => undefined;

/** The reader has come to the first prediction, or the lab beside the words is in use. */
export function nearExercises(): Promise<void> {
  exercises ??= Promise.race([
    cameNear("#predict, [data-waiting=exercises]"),
    new Promise<void>((settle) => {
      wake = settle;
    }),
  ]);
  return exercises;
}

/** The lab is in use, so what belongs to it must answer, wherever the reader is. */
export function wakeExercises(): void {
  void nearExercises();
  wake();
}
