import { type ReactNode, use, useId, useState } from "react";
import type { ChoiceItem, NumericItem, PickItem, QuizItem } from "../../lessons/lesson";
import { fill } from "../i18n/text";
import { useExerciseWords } from "../i18n/packs";
import { browserProgress } from "../progress/progress";
import { useLessonProgress, useProgress } from "../progress/useProgress";
import { Cell, Icon } from "./icons";
import { useLessonState, useSay } from "./lessonContext";
import { readNumber, shuffled, type Verdict, verdictOf, wrongRows } from "./quiz";
import styles from "./Quiz.module.css";

/** All questions of the lesson. Nothing is scored against the learner; the first try is kept for review. */
export default function Quiz() {
  const words = useExerciseWords().quiz;
  const { slug, quiz } = useLessonState();
  const items = use(quiz);
  const kept = useLessonProgress(slug).quiz;
  const done = items.filter((item) => kept[item.id]?.right).length;
  return (
    <div className={styles.quiz}>
      <p className={styles.count}>
        {items.map((item) => {
          const record = kept[item.id];
          return (
            <Cell
              key={item.id}
              state={record?.right ? "solid" : record === undefined ? "hollow" : "half"}
            />
          );
        })}
        <span>{fill(words.count, { done, all: items.length })}</span>
      </p>
      <ol role="list" className={styles.questions}>
        {items.map((item, index) => (
          <li key={item.id} id={item.id}>
            <Question item={item} number={index + 1} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Question({ item, number }: { readonly item: QuizItem; readonly number: number }) {
  switch (item.kind) {
    case "single":
    case "multiple":
      return <ChoiceQuestion item={item} number={number} />;
    case "numeric":
      return <NumericQuestion item={item} number={number} />;
    case "stage":
      return <PickQuestion item={item} number={number} />;
  }
}

interface Asked<Answer> {
  readonly answer: Answer | null;
  readonly verdict: Verdict | null;
  readonly isRight: boolean;
  /** Twice wrong: the answer is shown. */
  readonly isShown: boolean;
  readonly take: (answer: Answer) => void;
  readonly judge: (answer: Answer, verdict: Verdict) => void;
  readonly again: () => void;
}

/** One question's state: what is chosen, what was said of it, and what is kept. Its record outlives the page. */
function useAsked<Answer>(id: string, rightAnswer: Answer, nothing: Answer | null): Asked<Answer> {
  const { slug } = useLessonState();
  const wasRight = useLessonProgress(slug).quiz[id]?.right ?? false;
  const [answer, setAnswer] = useState<Answer | null>(nothing);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [misses, setMisses] = useState(0);
  const [isAsking, setAsking] = useState(false);
  const isRestored = wasRight && verdict === null && !isAsking;

  return {
    answer: isRestored ? rightAnswer : answer,
    verdict: isRestored ? "right" : verdict,
    isRight: isRestored || verdict === "right",
    isShown: misses >= 2 && verdict !== "right",
    take(next) {
      setAsking(true);
      setAnswer(next);
      setVerdict(null);
    },
    judge(given, said) {
      setAnswer(given);
      setAsking(true);
      setVerdict(said);
      if (said !== "right") setMisses((count) => count + 1);
      keepTry(slug, id, said === "right");
    },
    again() {
      setAsking(true);
      setAnswer(nothing);
      setVerdict(null);
      setMisses(0);
    },
  };
}

function keepTry(slug: string, id: string, isRight: boolean): void {
  browserProgress().change(slug, (lesson) => {
    const before = lesson.quiz[id];
    const first = before?.first ?? isRight;
    const right = (before?.right ?? false) || isRight;
    if (before !== undefined && before.right === right) return lesson;
    return { ...lesson, quiz: { ...lesson.quiz, [id]: { first, right } } };
  });
}

function ChoiceQuestion({ item, number }: { readonly item: ChoiceItem; readonly number: number }) {
  const words = useExerciseWords().quiz;
  const say = useSay();
  const name = useId();
  const help = useId();
  const right = item.options.filter((option) => option.right).map((option) => option.id);
  const asked = useAsked<readonly string[]>(item.id, right, []);
  const options = useShuffled(item.options, item.id);
  const [isEmpty, setEmpty] = useState(false);
  const chosen = asked.answer ?? [];
  const judgedRows = asked.verdict === null ? [] : wrongRows(item, chosen);

  function toggle(id: string): void {
    setEmpty(false);
    if (item.kind === "single") asked.take([id]);
    else asked.take(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  }

  function verdictOfRow(id: string): "right" | "wrong" | "shown" | undefined {
    const isChosen = chosen.includes(id);
    if (asked.isShown && right.includes(id) && !isChosen) return "shown";
    if (asked.verdict === null) return undefined;
    if (item.kind === "single")
      return isChosen ? (asked.verdict === "right" ? "right" : "wrong") : undefined;
    if (judgedRows.includes(id)) return isChosen || asked.verdict !== "right" ? "wrong" : undefined;
    return isChosen ? "right" : undefined;
  }

  return (
    <Frame
      number={number}
      asked={asked}
      whys={options.map((option) => ({ ...option, text: say(option.text) }))}
      item={item}
    >
      <fieldset className={styles.field} aria-describedby={help}>
        <legend>{say(item.question)}</legend>
        {item.kind === "multiple" && (
          <p className={styles.several} id={help}>
            {words.severalRight}
          </p>
        )}
        {options.map((option) => {
          const verdict = verdictOfRow(option.id);
          const isChosen = chosen.includes(option.id);
          const isExplained =
            verdict === "wrong" || (verdict === "right" && asked.isRight) || verdict === "shown";
          return (
            <div key={option.id} className={styles.option}>
              <label
                className={styles.row}
                data-chosen={isChosen || undefined}
                data-verdict={verdict}
              >
                <input
                  type={item.kind === "single" ? "radio" : "checkbox"}
                  name={name}
                  checked={isChosen}
                  aria-describedby={isExplained ? `${name}-${option.id}` : undefined}
                  onChange={() => toggle(option.id)}
                />
                <Mark verdict={verdict} isChosen={isChosen} isMany={item.kind === "multiple"} />
                <span>{say(option.text)}</span>
                <RowWord verdict={verdict} isChosen={isChosen} />
              </label>
              {isExplained && (
                <p className={styles.why} id={`${name}-${option.id}`} data-verdict={verdict}>
                  {say(option.why)}
                </p>
              )}
            </div>
          );
        })}
      </fieldset>
      {!asked.isRight && asked.verdict === null && (
        <button
          type="button"
          className={styles.check}
          onClick={() =>
            chosen.length === 0 ? setEmpty(true) : asked.judge(chosen, verdictOf(item, chosen))
          }
        >
          {words.check}
        </button>
      )}
      {isEmpty && <p role="alert">{words.empty}</p>}
    </Frame>
  );
}

function NumericQuestion({
  item,
  number,
}: {
  readonly item: NumericItem;
  readonly number: number;
}) {
  const words = useExerciseWords().quiz;
  const say = useSay();
  const field = useId();
  const asked = useAsked<string>(item.id, String(item.answer), "");
  const [fault, setFault] = useState<string | null>(null);
  const text = asked.answer ?? "";
  const value = readNumber(text, item.form);

  function check(): void {
    if (typeof value !== "number") {
      setFault(
        value === "not decimal"
          ? words.notDecimal
          : value === "empty"
            ? words.empty
            : words.notANumber,
      );
      return;
    }
    setFault(null);
    asked.judge(text, value === item.answer ? "right" : "wrong");
  }

  const why =
    asked.verdict === "right"
      ? item.why
      : (item.wrong.find((one) => one.value === value)?.why ?? item.otherwise);
  const shown = asked.isShown ? `${fill(words.answerIs, { answer: item.answer })} ` : "";
  return (
    <Frame number={number} asked={asked} item={item} whys={[]}>
      <form
        className={styles.field}
        onSubmit={(event) => {
          event.preventDefault();
          check();
        }}
      >
        <label htmlFor={field} className={styles.legend}>
          {say(item.question)}
        </label>
        <div className={styles.number} data-verdict={verdictName(asked.verdict)}>
          <input
            id={field}
            inputMode={item.form === "decimal" ? "numeric" : "text"}
            autoComplete="off"
            value={text}
            aria-describedby={`${field}-said`}
            aria-invalid={fault !== null || asked.verdict === "wrong"}
            onChange={(event) => {
              setFault(null);
              asked.take(event.target.value);
            }}
          />
          {asked.verdict === null ? (
            <button type="submit" className={styles.check}>
              {words.check}
            </button>
          ) : (
            <Mark verdict={verdictName(asked.verdict)} isChosen isMany={false} />
          )}
        </div>
        <div id={`${field}-said`} role="status">
          {fault !== null && <p>{fault}</p>}
          {asked.verdict !== null && (
            <p className={styles.why} data-verdict={verdictName(asked.verdict)}>
              {shown}
              {say(why)}
            </p>
          )}
        </div>
      </form>
    </Frame>
  );
}

function PickQuestion({ item, number }: { readonly item: PickItem; readonly number: number }) {
  const words = useExerciseWords().quiz;
  const say = useSay();
  const asked = useAsked<number>(item.id, item.answer, null);
  const legend = useId();
  const picked = item.servers.find((server) => server.sid === asked.answer);
  const right = item.servers.find((server) => server.sid === item.answer);

  return (
    <Frame
      number={number}
      asked={asked}
      item={item}
      whys={item.servers.map((server) => ({
        id: String(server.sid),
        text: `${server.sid}`,
        why: server.why,
        ...(server.sid === item.answer && { right: true as const }),
      }))}
    >
      <div role="group" aria-labelledby={legend} className={styles.field}>
        <p id={legend} className={styles.legend}>
          {say(item.question)}
        </p>
        <div className={styles.ring}>
          {item.servers.map((server, place) => {
            const isPicked = asked.answer === server.sid;
            const isShown = asked.isShown && server.sid === item.answer;
            const verdict = isPicked ? verdictName(asked.verdict) : isShown ? "shown" : undefined;
            const state =
              server.zxid === "" ? words.role[server.role] : `(e${server.epoch}, ${server.zxid})`;
            return (
              <button
                key={server.sid}
                type="button"
                className={styles.server}
                data-place={place}
                data-role={server.role}
                data-verdict={verdict}
                aria-pressed={isPicked}
                aria-label={`${fill(words.pick, { sid: server.sid, role: words.role[server.role] })}${server.zxid === "" ? "" : `, ${state}`}`}
                onClick={() =>
                  asked.judge(server.sid, server.sid === item.answer ? "right" : "wrong")
                }
              >
                <svg
                  viewBox="0 0 64 64"
                  width="64"
                  height="64"
                  aria-hidden="true"
                  className={styles.dial}
                >
                  {server.role === "observer" ? (
                    <rect x="7" y="7" width="50" height="50" rx="13" />
                  ) : (
                    <circle cx="32" cy="32" r="25" />
                  )}
                  {server.role === "gone" && <path d="M22 22 42 42M42 22 22 42" />}
                  <text x="32" y="32" textAnchor="middle" dominantBaseline="central">
                    {server.sid}
                  </text>
                </svg>
                <span className={styles.plate}>
                  {server.zxid === "" ? (
                    words.role.gone
                  ) : (
                    <>
                      <b>e{server.epoch}</b> {server.zxid}
                      {server.role === "observer" && <i>{words.noVote}</i>}
                    </>
                  )}
                </span>
                {verdict !== undefined && (
                  <span className={styles.badge}>
                    <Icon
                      name={verdict === "right" ? "tick" : verdict === "shown" ? "eye" : "cross"}
                      size={14}
                    />
                  </span>
                )}
              </button>
            );
          })}
        </div>
        <div role="status">
          {picked !== undefined && asked.verdict !== null && (
            <p className={styles.why} data-verdict={verdictName(asked.verdict)}>
              {say(picked.why)}
            </p>
          )}
          {asked.isShown && right !== undefined && (
            <p className={styles.why} data-verdict="shown">
              {fill(words.answerIs, { answer: right.sid })} {say(right.why)}
            </p>
          )}
        </div>
      </div>
    </Frame>
  );
}

/** Number, verdict, the way to try again, and afterwards the reasons of all answers. */
function Frame({
  number,
  asked,
  item,
  whys,
  children,
}: {
  readonly number: number;
  readonly asked: Pick<Asked<never>, "verdict" | "isRight" | "isShown" | "again">;
  readonly item: QuizItem;
  readonly whys: readonly {
    readonly id: string;
    readonly text: string;
    readonly why: { en: string; zh: string };
    readonly right?: true;
  }[];
  readonly children: ReactNode;
}) {
  const words = useExerciseWords().quiz;
  const say = useSay();
  const { verdict } = asked;
  return (
    <section
      className={styles.question}
      aria-label={fill(words.question, { n: number })}
      data-kind={item.kind}
    >
      <span className={styles.index} aria-hidden="true">
        {number}
      </span>
      <div className={styles.body}>
        {children}
        <div role="status" className={styles.verdict} data-verdict={verdictName(verdict)}>
          {verdict !== null && (
            <>
              <Icon name={verdict === "right" ? "tick" : "cross"} size={14} />
              <strong>
                {verdict === "right"
                  ? words.right
                  : verdict === "nearly"
                    ? words.nearly
                    : words.wrong}
              </strong>
            </>
          )}
        </div>
        {verdict !== null && (
          <button type="button" className={styles.again} onClick={asked.again}>
            <Icon name="replay" size={14} /> {words.again}
          </button>
        )}
        {(asked.isRight || asked.isShown) && whys.length > 0 && (
          <details className={styles.whys}>
            <summary>{words.whys}</summary>
            <dl>
              {whys.map((one) => (
                <div key={one.id}>
                  <dt>
                    <Icon name={one.right ? "tick" : "cross"} size={13} /> {one.text}
                  </dt>
                  <dd>{say(one.why)}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
    </section>
  );
}

function verdictName(verdict: Verdict | null): "right" | "wrong" | undefined {
  return verdict === null ? undefined : verdict === "right" ? "right" : "wrong";
}

function Mark({
  verdict,
  isChosen,
  isMany,
}: {
  readonly verdict: "right" | "wrong" | "shown" | undefined;
  readonly isChosen: boolean;
  readonly isMany: boolean;
}) {
  const mark =
    verdict === "shown"
      ? "eye"
      : verdict === "right"
        ? "tick"
        : verdict === "wrong"
          ? "cross"
          : null;
  return (
    <span
      className={styles.mark}
      data-verdict={verdict}
      data-chosen={isChosen || undefined}
      data-many={isMany || undefined}
    >
      {mark !== null && <Icon name={mark} size={12} />}
    </span>
  );
}

function RowWord({
  verdict,
  isChosen,
}: {
  readonly verdict: string | undefined;
  readonly isChosen: boolean;
}) {
  const words = useExerciseWords().quiz;
  if (verdict === "shown") return <em>{words.shown}</em>;
  return isChosen ? <em>{words.chosen}</em> : null;
}

/** The learner's own order; none before the record is read, for the first picture must equal the prerendered one. */
function useShuffled<Item>(items: readonly Item[], id: string): readonly Item[] {
  const { shuffle } = useProgress();
  return shuffle === 0 ? items : shuffled(items, shuffle, id);
}
