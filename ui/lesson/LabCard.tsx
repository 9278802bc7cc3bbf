import { useWords } from "../i18n/text";
import { Icon } from "./icons";
import styles from "./Lab.module.css";
import { labLink, useLabLink } from "./labLink";
import { useLesson, useSay } from "./lessonContext";

/** `<Lab id="cold-start" />`: says which cluster stands beside the text, and begins it anew. */
export function LabCard({ id }: { readonly id: string }) {
  const words = useWords().lab;
  const say = useSay();
  const lab = useLesson().labs.find((one) => one.id === id);
  if (lab === undefined) throw new Error(`lab ${id} is in lesson.ts`);
  const isThere = useLabLink((_, link) => link.lab === id, false);
  return (
    <section className={styles.lab} aria-label={`${words.label}: ${say(lab.title)}`}>
      <Icon name="flask" />
      <div>
        <h3>
          <span>{words.label}</span> {say(lab.title)}
        </h3>
        <p>{words.keyboard}</p>
      </div>
      <button type="button" disabled={!isThere} onClick={() => labLink()?.store.reset()}>
        <Icon name="replay" size={14} /> {words.reset}
      </button>
    </section>
  );
}
