import type { MDXContent } from "mdx/types.js";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { LessonPlace } from "../../lessons/course";
import type { Lesson, QuizItem } from "../../lessons/lesson";
import { fill, useWords } from "../i18n/text";
import { useLessonProgress } from "../progress/useProgress";
import { Divider } from "./Divider";
import { Cell, Icon } from "./icons";
import { useLabLink } from "./labLink";
import type { LessonLabs, Picture } from "./LabSide";
import { LessonContext } from "./lessonContext";
import styles from "./LessonPage.module.css";
import { HintButton, lessonComponents } from "./mdx";
import { nearQuestions, wakeExercises } from "./near";
import { holdPlace, takePlace } from "./place";

const LabSide = lazy(() => import("./LabSide"));
const labModules = import.meta.glob<LessonLabs>("../../lessons/*/lab.ts");

/** The lesson's clusters, fetched together with the engine when their picture comes into use. */
function labsOf(slug: string): Promise<LessonLabs> {
  const load = labModules[`../../lessons/${slug}/lab.ts`];
  if (load === undefined) throw new Error(`lesson ${slug} has a lab.ts`);
  return load();
}

/** What pages.tsx knows how to fetch of this lesson, in its language. */
export interface LessonParts {
  readonly lesson: () => Promise<{ readonly lesson: Lesson }>;
  readonly quiz: () => Promise<{ readonly quiz: readonly QuizItem[] }>;
  readonly picture: () => Promise<Picture>;
}

/** The book beside the instrument: the lesson to read, the cluster to operate. */
export function LessonPage({
  slug,
  place,
  parts,
  Content,
}: {
  readonly slug: string;
  readonly place: LessonPlace;
  readonly parts: LessonParts;
  readonly Content: MDXContent;
}) {
  const words = useWords().lesson;
  const page = useRef<HTMLDivElement>(null);
  const [wantsHidden, setHidden] = useState(false);
  const [wantedStop, setStop] = useState<"half" | "lesson" | "stage">("half");
  const [hints, setHints] = useState<Readonly<Record<string, number>>>({});
  const openHint = useCallback(
    (check: string) =>
      setHints((open) => ({ ...open, [check]: Math.min(3, (open[check] ?? 0) + 1) })),
    [],
  );
  const [coming] = useState(() => ({
    lesson: parts.lesson(),
    quiz: nearQuestions().then(async () => (await parts.quiz()).quiz),
  }));
  const state = useMemo(
    () => ({ slug, ...coming, hints, openHint }),
    [slug, coming, hints, openHint],
  );
  const isAsked = useLabLink((lab) => lab.held !== null, false);
  // A question is never asked out of sight.
  const isHidden = wantsHidden && !isAsked;
  const stop = isAsked && wantedStop === "stage" ? "half" : wantedStop;

  const { lastAt } = useLessonProgress(slug);

  // Who comes back finds at once what was reached and locked.
  useEffect(() => {
    if (lastAt > 0) wakeExercises();
  }, [lastAt]);
  useEffect(() => {
    const goBack = takePlace(Date.now());
    goBack();
    return holdPlace(goBack);
  }, []);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key !== "\\" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (
        event.target instanceof Element &&
        event.target.closest("input, textarea, select, [contenteditable]")
      )
        return;
      event.preventDefault();
      setHidden((hidden) => !hidden);
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);

  const setWidth = useCallback((px: number | null) => {
    page.current?.style.setProperty("--lesson-width", px === null ? "" : `${px}px`);
  }, []);

  // The same elements as before: what still shows its prerendered picture must not be drawn again without its code.
  const prose = useMemo(() => <Content components={lessonComponents} />, [Content]);
  const [picture] = useState(() => parts.picture());
  const labs = useCallback(() => labsOf(slug), [slug]);
  const lab = useMemo(
    () => (
      <Suspense fallback={<p className={styles.loading}>{words.loading}</p>}>
        <LabSide picture={picture} labs={labs} />
      </Suspense>
    ),
    [picture, labs, words],
  );

  return (
    <LessonContext value={state}>
      <div
        className={styles.page}
        ref={page}
        data-hidden={isHidden || undefined}
        data-stop={stop === "half" ? undefined : stop}
      >
        <main className={styles.lesson} id="lesson" aria-label={words.main} data-lesson={place.id}>
          <div className={styles.stops}>
            <button
              type="button"
              aria-label={words.shrink}
              disabled={stop === "lesson"}
              onClick={() => setStop(stop === "stage" ? "half" : "lesson")}
            >
              <Icon name="back" />
            </button>
            <button
              type="button"
              aria-label={words.enlarge}
              disabled={stop === "stage"}
              onClick={() => setStop(stop === "lesson" ? "half" : "stage")}
            >
              <Icon name="chevron" />
            </button>
          </div>
          <div className={styles.scroll} data-lesson-scroll="">
            <article className={styles.article}>
              <Title slug={slug} place={place} />
              <div className={styles.prose}>{prose}</div>
            </article>
          </div>
          <Footer slug={slug} place={place} />
          <Divider onWidth={setWidth} />
        </main>
        <div className={styles.stage} data-lesson-stage="">
          {isHidden && (
            <button type="button" className={styles.showLesson} onClick={() => setHidden(false)}>
              {words.show} <kbd>\</kbd>
            </button>
          )}
          {lab}
        </div>
      </div>
    </LessonContext>
  );
}

function Title({ slug, place }: { readonly slug: string; readonly place: LessonPlace }) {
  const { lesson: words, done: doneWord } = useWords();
  const { done } = useLessonProgress(slug);
  return (
    <header className={styles.title}>
      <p className={styles.eyebrow}>
        <span>{fill(words.number, { number: place.number })}</span>
        <span>{fill(words.minutes, { n: place.minutes })}</span>
        {done && (
          <span className={styles.done}>
            <Cell state="solid" /> {doneWord}
          </span>
        )}
      </p>
      <h1>{place.title}</h1>
    </header>
  );
}

/** Always in reach: the map, the next hint, what comes next. */
function Footer({ slug, place }: { readonly slug: string; readonly place: LessonPlace }) {
  const words = useWords();
  const { done } = useLessonProgress(slug);
  return (
    <footer className={styles.footer}>
      <a href={`../#${place.id}`} className={styles.map} data-primary={done || undefined}>
        <Icon name="back" size={14} />
        {words.lesson.map}
      </a>
      <HintButton />
      {place.next !== null && (
        <p className={styles.next} title={place.next.title}>
          <span>{place.next.number}</span> {words.lesson.coming}
        </p>
      )}
    </footer>
  );
}
