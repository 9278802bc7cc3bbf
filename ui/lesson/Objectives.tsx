import { useId } from "react";
import { fill } from "../i18n/text";
import { useExerciseWords } from "../i18n/packs";
import { Cell } from "./icons";
import { useReached } from "./reached";
import { useLesson, useSay } from "./lessonContext";
import styles from "./Objectives.module.css";

/** `<Objectives lab="cold-start" />`: what is to become true, ticked as it does. */
export function Objectives({ lab: id }: { readonly lab: string }) {
  const words = useExerciseWords().objectives;
  const say = useSay();
  const lesson = useLesson();
  const lab = lesson.labs.find((one) => one.id === id);
  if (lab === undefined) throw new Error(`lab ${id} is in lesson.ts`);
  const reached = useReached(id);
  const nowId = lab.checks.find((check) => !reached.includes(check.id))?.id;
  const last = lab.checks.find((check) => check.id === reached.at(-1));
  const title = useId();
  const done = lab.checks.filter((check) => reached.includes(check.id)).length;

  return (
    <section className={styles.objectives} aria-labelledby={title} id="objectives" tabIndex={-1}>
      <header className={styles.head}>
        <h3 id={title}>{words.title}</h3>
        <span>{fill(words.count, { done, all: lab.checks.length })}</span>
      </header>
      <ul role="list">
        {lab.checks.map((check) => {
          const state = reached.includes(check.id) ? "done" : check.id === nowId ? "now" : "todo";
          return (
            <li key={check.id} className={styles.objective} data-state={state}>
              <Cell state={state === "done" ? "solid" : state === "now" ? "half" : "hollow"} />
              <span>
                {say(check.label)}
                <span className="visually-hidden">, {words.state[state]}</span>
              </span>
            </li>
          );
        })}
      </ul>
      <p className="visually-hidden" role="status">
        {last !== undefined && fill(words.reached, { label: say(last.label) })}
        {nowId === undefined && ` ${words.all}`}
      </p>
    </section>
  );
}
