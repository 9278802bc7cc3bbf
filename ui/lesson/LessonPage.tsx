import type { MDXContent } from "mdx/types.js";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { places } from "../../lessons/course";
import type { Lesson } from "../../lessons/lesson";
import { fill, type Lang, useWords } from "../i18n/text";
import { browserProgress } from "../progress/progress";
import { useLessonProgress } from "../progress/useProgress";
import { isMastered } from "./completion";
import { Divider } from "./Divider";
import { useHintFor } from "./Hints";
import { Icon } from "./icons";
import { useLabLink } from "./labLink";
import type { LessonLabs } from "./LabSide";
import { LessonContext, useLesson, useSay } from "./lessonContext";
import styles from "./LessonPage.module.css";
import { lessonComponents } from "./mdx";
import { returnToPlace } from "./place";

const LabSide = lazy(() => import("./LabSide"));
const labModules = import.meta.glob<LessonLabs>("../../lessons/*/lab.ts");
const loading = new Map<string, Promise<LessonLabs>>();

/** The lesson's clusters, fetched together with the engine while the words are already there. */
function labsOf(slug: string): Promise<LessonLabs> {
  const known = loading.get(slug);
  if (known !== undefined) return known;
  const load = labModules[`../../lessons/${slug}/lab.ts`];
  if (load === undefined) throw new Error(`lesson ${slug} has a lab.ts`);
  const labs = load();
  loading.set(slug, labs);
  return labs;
}

/** The book beside the instrument: the lesson to read, the cluster to operate. */
export function LessonPage({
  lang,
  lesson,
  Content,
}: {
  readonly lang: Lang;
  readonly lesson: Lesson;
  readonly Content: MDXContent;
}) {
  const words = useWords().lesson;
  const page = useRef<HTMLDivElement>(null);
  const [wantsHidden, setHidden] = useState(false);
  const [hints, setHints] = useState<Readonly<Record<string, number>>>({});
  const openHint = useCallback(
    (check: string) =>
      setHints((open) => ({ ...open, [check]: Math.min(3, (open[check] ?? 0) + 1) })),
    [],
  );
  const state = useMemo(() => ({ lesson, hints, openHint }), [lesson, hints, openHint]);
  const isAsked = useLabLink((lab) => lab.held !== null, false);
  // A question is never asked out of sight.
  const isHidden = wantsHidden && !isAsked;

  useEffect(() => returnToPlace(Date.now()), []);
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

  return (
    <LessonContext value={state}>
      <div className={styles.page} ref={page} data-hidden={isHidden || undefined}>
        <main className={styles.lesson} id="lesson" aria-label={words.main} data-lesson={lesson.id}>
          <div className={styles.scroll} data-lesson-scroll="">
            <article className={styles.article}>
              <Title />
              <div className={styles.prose}>
                <Content components={lessonComponents} />
              </div>
            </article>
          </div>
          <Footer />
        </main>
        <Divider onWidth={setWidth} />
        <div className={styles.stage} data-lesson-stage="">
          {isHidden && (
            <button type="button" className={styles.showLesson} onClick={() => setHidden(false)}>
              {words.show} <kbd>\</kbd>
            </button>
          )}
          <Suspense fallback={<p className={styles.loading}>{words.loading}</p>}>
            <LabSide lang={lang} lesson={lesson} labs={labsOf(lesson.slug)} />
          </Suspense>
        </div>
      </div>
    </LessonContext>
  );
}

function Title() {
  const words = useWords().lesson;
  const say = useSay();
  const { lesson } = useLesson();
  const place = places.find((one) => one.lesson.id === lesson.id);
  if (place === undefined) throw new Error(`lesson ${lesson.id} stands in course.ts`);
  return (
    <header className={styles.title}>
      <p className={styles.eyebrow}>
        {fill(words.number, { number: place.number })} ·{" "}
        {fill(words.minutes, { n: place.lesson.minutes })}
      </p>
      <h1>{say(place.lesson.title)}</h1>
      <div className={styles.outcomes}>
        <p>{words.outcomes}</p>
        <ul>
          {lesson.objectives.map((objective) => (
            <li key={say(objective)}>{say(objective)}</li>
          ))}
        </ul>
      </div>
    </header>
  );
}

/** Always in reach: the map, the next hint, what comes next. */
function Footer() {
  const words = useWords();
  const say = useSay();
  const { lesson, hints, openHint } = useLesson();
  const record = useLessonProgress(lesson.slug);
  const isDone = isMastered(lesson, record);
  const check = useHintFor(lesson.labs[0]);
  const open = check === undefined ? 0 : (hints[check.id] ?? 0);
  const next = places[places.findIndex((place) => place.lesson.id === lesson.id) + 1];

  useEffect(() => {
    if (isDone && !record.done)
      browserProgress().change(lesson.slug, (before) => ({ ...before, done: true }));
  }, [isDone, record.done, lesson.slug]);

  return (
    <footer className={styles.footer}>
      <a href={`../#${lesson.id}`} className={styles.map} data-primary={isDone || undefined}>
        <Icon name="back" size={14} />
        {isDone ? words.done : words.lesson.map}
      </a>
      <button
        type="button"
        className={styles.hint}
        disabled={check === undefined}
        onClick={() => {
          if (check !== undefined) openHint(check.id);
          document.getElementById("hints")?.scrollIntoView({ block: "center" });
        }}
      >
        <Icon name="bulb" />
        {words.hints.button} <span>{open}/3</span>
      </button>
      {next !== undefined && (
        <p className={styles.next} title={say(next.lesson.title)}>
          <span>{next.number}</span> {words.lesson.coming}
        </p>
      )}
    </footer>
  );
}
