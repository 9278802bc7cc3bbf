import { useEffect, useId, useRef } from "react";

import { fill, useWords } from "../i18n/text";
import { Icon } from "./icons";
import { useLabLink } from "./labLink";
import { useLesson, useLessonState, useSay } from "./lessonContext";
import { useHintFor } from "./reached";
import styles from "./Hints.module.css";

/** `<Hints lab="cold-start" />`: a ladder of three for the objective at hand, opened one by one. */
export function Hints({ lab: id }: { readonly lab: string }) {
  const words = useWords().hints;
  const say = useSay();
  const lesson = useLesson();
  const { hints, openHint } = useLessonState();
  const check = useHintFor(lesson.labs.find((one) => one.id === id));
  const isAstray = useLabLink(
    (_, link) => (check === undefined ? false : link.detour(check.id)),
    false,
  );
  const open = check === undefined ? 0 : (hints[check.id] ?? 0);
  const title = useId();
  const last = useRef<HTMLLIElement>(null);
  const before = useRef(open);

  useEffect(() => {
    if (open > before.current) last.current?.scrollIntoView({ block: "nearest" });
    before.current = open;
  }, [open]);

  return (
    <section className={styles.hints} aria-labelledby={title} id="hints">
      <header className={styles.head}>
        <Icon name="bulb" />
        <h3 id={title}>{words.title}</h3>
        {check !== undefined && open < 3 && (
          <button type="button" className={styles.more} onClick={() => openHint(check.id)}>
            {fill(words.level, { n: open + 1 })}
          </button>
        )}
      </header>
      {check === undefined ? (
        <p className={styles.none}>{words.none}</p>
      ) : (
        open > 0 && (
          <div role="status">
            <p className={styles.for}>{fill(words.for, { label: say(check.label) })}</p>
            {isAstray && <p className={styles.detour}>{say(check.detour)}</p>}
            <ol className={styles.ladder}>
              {check.hints.slice(0, open).map((hint, level) => (
                <li key={level} ref={level === open - 1 ? last : undefined}>
                  {say(hint)}
                </li>
              ))}
            </ol>
          </div>
        )
      )}
    </section>
  );
}
