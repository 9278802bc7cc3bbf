import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import type { FixedPrediction, NextLeaderPrediction } from "../../lessons/lesson";
import { fill, useLang } from "../i18n/text";
import { useExerciseWords } from "../i18n/packs";
import { browserProgress, type PredictionProgress } from "../progress/progress";
import { useLessonProgress } from "../progress/useProgress";
import { Icon } from "./icons";
import { labLink, useLabLink } from "./labLink";
import { useLesson, useSay } from "./lessonContext";
import styles from "./Prediction.module.css";

/** `<Prediction id="p2" />`: a question before the run, locked once, shown again beside what the cluster did. */
export function Prediction({ id }: { readonly id: string }) {
  const prediction = useLesson().predictions.find((one) => one.id === id);
  if (prediction === undefined) throw new Error(`prediction ${id} is in lesson.ts`);
  return prediction.kind === "fixed" ? (
    <FixedCard prediction={prediction} />
  ) : (
    <NextLeaderCard prediction={prediction} />
  );
}

function FixedCard({ prediction }: { readonly prediction: FixedPrediction }) {
  const words = useExerciseWords().prediction;
  const say = useSay();
  const lesson = useLesson();
  const record = useLessonProgress(lesson.slug).predictions[prediction.id];
  const [choice, setChoice] = useState<string | null>(null);
  const waiting = useLabLink((state) => (state.held?.type === "start" ? state.held.sid : 0), 0);
  const card = useAttention(record === undefined && waiting !== 0);
  const agreeing = useLabLink(
    ({ history }, link) =>
      history.now.servers.some((server) => server.process !== null)
        ? link.agreeing(Number(record?.choice) || 0)
        : null,
    null,
  );

  const answers = prediction.options.map((option) => ({ id: option.id, text: say(option.text) }));
  const right = prediction.options.find((option) => option.right);
  const chosen = prediction.options.find((option) => option.id === record?.choice);

  return (
    <Card
      name={words.title}
      lockedMs={record?.outcome["lockedMs"]}
      isLocked={record !== undefined}
      ref={card}
    >
      {record === undefined ? (
        <Choices
          question={say(prediction.question)}
          answers={answers}
          choice={choice}
          onChoose={setChoice}
          notice={waiting === 0 ? null : fill(words.waits, { sid: waiting })}
        >
          <button
            type="button"
            className={styles.primary}
            disabled={choice === null}
            onClick={() =>
              choice !== null &&
              lockIn(lesson.slug, prediction.id, { choice, held: null, outcome: {} })
            }
          >
            {words.lock}
          </button>
        </Choices>
      ) : (
        <>
          <p className={styles.question}>{say(prediction.question)}</p>
          <Locked answers={answers} record={record} right={right?.id} />
          <div role="status">
            {record.held === null ? (
              <FixedOpen record={record} agreeing={agreeing} />
            ) : (
              <Outcome
                record={record}
                sentences={[
                  fill(words.ran, { leader: String(record.outcome["leader"]) }),
                  ...(chosen === undefined || chosen === right ? [] : [say(chosen.why)]),
                  ...(right === undefined ? [] : [say(right.why)]),
                ]}
              />
            )}
          </div>
        </>
      )}
    </Card>
  );
}

/** Locked, and no run has tested it yet. `agreeing` is null while no server runs. */
function FixedOpen({
  record,
  agreeing,
}: {
  readonly record: PredictionProgress;
  readonly agreeing: number | null;
}) {
  const words = useExerciseWords().prediction;
  const leader = record.outcome["leader"];
  if (typeof leader === "number")
    return <p className={styles.note}>{fill(words.untested, { leader })}</p>;
  return (
    <p className={styles.note}>
      {agreeing === null ? words.start : <Agreement count={agreeing} />}
    </p>
  );
}

function NextLeaderCard({ prediction }: { readonly prediction: NextLeaderPrediction }) {
  const words = useExerciseWords().prediction;
  const lesson = useLesson();
  const record = useLessonProgress(lesson.slug).predictions[prediction.id];
  const [choice, setChoice] = useState<string | null>(null);
  const victim = useLabLink((state) => (state.held?.type === "kill" ? state.held.sid : 0), 0);
  const candidates = useLabLink(
    (state, link) => (state.held?.type === "kill" ? link.candidates().join() : ""),
    "",
  );
  const agreeing = useLabLink((_, link) => link.agreeing(Number(record?.choice) || 0), 0);
  const isOpen = record === undefined && victim !== 0;
  const card = useAttention(isOpen);

  function decide(taken: string | null): void {
    const link = labLink();
    if (link === null) return;
    const { leader, wonBy } = link.forecast(Number(taken));
    const lockedMs = Math.floor(link.store.get().history.now.nowUs / 1_000);
    const outcome = { killed: victim, candidates, leader, wonBy, lockedMs };
    lockIn(lesson.slug, prediction.id, { choice: taken, held: null, outcome });
  }

  const shown = record === undefined ? candidates : String(record.outcome["candidates"]);
  const answers = [
    ...shown
      .split(",")
      .flatMap((sid) => (sid === "" ? [] : [{ id: sid, text: fill(words.server, { sid }) }])),
    { id: "none", text: words.nobody },
  ];

  return (
    <Card
      name={words.title}
      lockedMs={record?.choice === null ? undefined : record?.outcome["lockedMs"]}
      isLocked={record !== undefined && record.choice !== null}
      ref={card}
    >
      {record === undefined && !isOpen && <p className={styles.note}>{words.nextClosed}</p>}
      {isOpen && (
        <Choices
          question={fill(words.nextQuestion, { sid: victim })}
          answers={answers}
          choice={choice}
          onChoose={setChoice}
          notice={null}
        >
          <button
            type="button"
            className={styles.primary}
            disabled={choice === null}
            onClick={() => choice !== null && decide(choice)}
          >
            {words.lockAndKill}
          </button>
          <button type="button" className={styles.quiet} onClick={() => decide(null)}>
            {words.skip}
          </button>
        </Choices>
      )}
      {record !== undefined && (
        <>
          <p className={styles.question}>
            {fill(words.nextQuestion, { sid: String(record.outcome["killed"]) })}
          </p>
          {record.choice !== null && (
            <Locked answers={answers} record={record} right={rightOf(record)} />
          )}
          <div role="status">
            <NextLeaderOutcome record={record} agreeing={agreeing} />
          </div>
        </>
      )}
    </Card>
  );
}

function NextLeaderOutcome({
  record,
  agreeing,
}: {
  readonly record: PredictionProgress;
  readonly agreeing: number;
}) {
  const words = useExerciseWords().prediction;
  const { actual, leader, wonBy, killed } = record.outcome;
  const isOver = actual !== undefined;
  if (!isOver) {
    return (
      <p className={styles.note}>
        {record.choice === null || record.choice === "none" ? (
          fill(words.killed, { sid: String(killed) })
        ) : (
          <Agreement count={agreeing} />
        )}
      </p>
    );
  }
  const because =
    leader === null
      ? words.because.none
      : fill(words.because[reasonOf(wonBy)], { leader: String(leader) });
  const changed = actual !== leader && actual !== null ? [fill(words.changed, { actual })] : [];
  return <Outcome record={record} sentences={[...changed, because]} />;
}

function reasonOf(wonBy: unknown): "epoch" | "zxid" | "sid" {
  return wonBy === "epoch" || wonBy === "zxid" ? wonBy : "sid";
}

function rightOf(record: PredictionProgress): string | undefined {
  if (record.outcome["actual"] === undefined) return undefined;
  const { leader } = record.outcome;
  return leader === null ? "none" : String(leader);
}

/** Locks an answer, once, and lets the command go that waited for it. */
function lockIn(slug: string, id: string, record: PredictionProgress): void {
  const link = labLink();
  const nowMs = link === null ? 0 : Math.floor(link.store.get().history.now.nowUs / 1_000);
  const outcome = { lockedMs: nowMs, ...record.outcome };
  browserProgress().change(slug, (lesson) =>
    lesson.predictions[id] === undefined
      ? { ...lesson, predictions: { ...lesson.predictions, [id]: { ...record, outcome } } }
      : lesson,
  );
  link?.store.release(true);
}

/** While the card asks for an answer it is brought into view and focused; then the focus goes back to where it was. */
function useAttention(asks: boolean) {
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!asks || card.current === null) return undefined;
    const before = document.activeElement;
    const room = card.current.closest("[data-lesson-scroll]")?.clientHeight ?? window.innerHeight;
    card.current.scrollIntoView({ block: card.current.offsetHeight > room ? "start" : "center" });
    card.current.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement || before instanceof SVGElement)
        before.focus({ preventScroll: true });
    };
  }, [asks]);
  return card;
}

function Card({
  name,
  lockedMs,
  isLocked,
  ref,
  children,
}: {
  readonly name: string;
  readonly lockedMs: unknown;
  readonly isLocked: boolean;
  readonly ref: React.Ref<HTMLDivElement>;
  readonly children: ReactNode;
}) {
  const words = useExerciseWords().prediction;
  const title = useId();
  return (
    <div role="group" className={styles.card} aria-labelledby={title} tabIndex={-1} ref={ref}>
      <header className={styles.head}>
        <Icon name="eye" />
        <h3 id={title}>{name}</h3>
        {isLocked && (
          <span className={styles.locked}>
            <Icon name="lock" size={14} />
            {typeof lockedMs === "number" && lockedMs > 0
              ? fill(words.lockedAt, { seconds: (lockedMs / 1_000).toFixed(1) })
              : words.locked}
          </span>
        )}
      </header>
      {children}
    </div>
  );
}

interface Answer {
  readonly id: string;
  readonly text: string;
}

function Choices({
  question,
  answers,
  choice,
  onChoose,
  notice,
  children,
}: {
  readonly question: string;
  readonly answers: readonly Answer[];
  readonly choice: string | null;
  readonly onChoose: (id: string) => void;
  readonly notice: string | null;
  readonly children: ReactNode;
}) {
  const name = useId();
  const rows = useRef<HTMLFieldSetElement>(null);
  // What was chosen while the prerendered picture still stood for this card is a choice too.
  const adopt = useEffectEvent(() => {
    const early = rows.current?.querySelector<HTMLInputElement>("input:checked");
    if (choice === null && early !== null && early !== undefined) onChoose(early.value);
  });
  useEffect(() => adopt(), []);
  return (
    <fieldset className={styles.choices} ref={rows}>
      <legend className={styles.question}>{question}</legend>
      {notice !== null && (
        <p className={styles.notice} role="status">
          {notice}
        </p>
      )}
      <div className={styles.rows}>
        {answers.map(({ id, text }) => (
          <label key={id} className={styles.row} data-chosen={choice === id || undefined}>
            <input
              type="radio"
              name={name}
              value={id}
              checked={choice === id}
              onChange={() => onChoose(id)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
      <div className={styles.actions}>{children}</div>
    </fieldset>
  );
}

/** What was said, and once it is known, what was right. */
function Locked({
  answers,
  record,
  right,
}: {
  readonly answers: readonly Answer[];
  readonly record: PredictionProgress;
  readonly right: string | undefined;
}) {
  const { chosen, right: rightWord } = useExerciseWords().quiz;
  const isKnown = record.held !== null;
  return (
    <ul role="list" className={styles.rows}>
      {answers.map(({ id, text }) => (
        <li
          key={id}
          className={styles.row}
          data-chosen={record.choice === id || undefined}
          data-verdict={
            isKnown
              ? id === right
                ? "right"
                : record.choice === id
                  ? "wrong"
                  : undefined
              : undefined
          }
        >
          <span>{text}</span>
          {record.choice === id && <em>{chosen}</em>}
          {isKnown && id === right && (
            <em className={styles.rightWord}>
              <Icon name="tick" size={14} /> {rightWord}
            </em>
          )}
        </li>
      ))}
    </ul>
  );
}

function Agreement({ count }: { readonly count: number }) {
  const { agree } = useExerciseWords().prediction;
  if (count === 0) return agree.none;
  if (count === 1) return agree.one;
  return fill(agree.many, { n: agree.numbers[count] ?? count });
}

function Outcome({
  record,
  sentences,
}: {
  readonly record: PredictionProgress;
  readonly sentences: readonly string[];
}) {
  const words = useExerciseWords().prediction;
  const gap = useLang() === "zh" ? "" : " ";
  const { held, choice } = record;
  return (
    <p className={styles.outcome} data-held={held ?? undefined}>
      <strong>
        {held !== null && <Icon name={held ? "tick" : "cross"} size={14} />}
        {choice === null ? words.skipped : held === true ? words.held : words.notHeld}
      </strong>
      {gap}
      {sentences.join(gap)}
    </p>
  );
}
