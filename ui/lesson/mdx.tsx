import { useWords } from "../i18n/text";
import { Hints } from "./Hints";
import { Icon } from "./icons";
import styles from "./Lab.module.css";
import { labLink, useLabLink } from "./labLink";
import { useLesson, useSay } from "./lessonContext";
import { Objectives } from "./Objectives";
import { Prediction } from "./Prediction";
import { Quiz } from "./Quiz";
import { RealCluster, Simpler } from "./RealCluster";
import { Term } from "./Term";
import { Votes } from "./Votes";

/** `<Lab id="cold-start" />`: says which cluster stands beside the text, and begins it anew. */
function Lab({ id }: { readonly id: string }) {
  const words = useWords().lab;
  const say = useSay();
  const lab = useLesson().lesson.labs.find((one) => one.id === id);
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

/** An outside page opens in a tab of its own, so that the run is not left. */
function Link({
  href = "",
  children,
}: {
  readonly href?: string;
  readonly children?: React.ReactNode;
}) {
  return /^https?:/.test(href) ? (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  ) : (
    <a href={href}>{children}</a>
  );
}

/** The names a lesson's .mdx may use. */
export const lessonComponents = {
  a: Link,
  Hints,
  Lab,
  Objectives,
  Prediction,
  Quiz,
  RealCluster,
  Simpler,
  Term,
  Votes,
};
