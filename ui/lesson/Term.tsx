import { type ReactNode, useId, useState } from "react";
import type { GlossaryTerm } from "../../lessons/glossary";
import { useSay } from "./lessonContext";
import styles from "./Term.module.css";

const loadGlossary = async () => (await import("../../lessons/glossary")).glossary;

/** `<Term id="zxid">zxid</Term>`: a word that explains itself when pressed. The glossary is fetched at the first touch. */
export function Term({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  const say = useSay();
  const popover = useId();
  const [entry, setEntry] = useState<GlossaryTerm | null>(null);
  const fetch = () => {
    if (entry === null) void loadGlossary().then((glossary) => setEntry(glossary[id] ?? null));
  };
  return (
    <>
      <button
        type="button"
        className={styles.term}
        popoverTarget={popover}
        onPointerEnter={fetch}
        onFocus={fetch}
        onClick={fetch}
      >
        {children}
      </button>
      <span id={popover} popover="auto" className={styles.popover}>
        {entry !== null && (
          <>
            <strong>{say(entry.term)}</strong>
            <span>{say(entry.says)}</span>
          </>
        )}
      </span>
    </>
  );
}
