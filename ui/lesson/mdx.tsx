import { lazy, type ReactNode, Suspense } from "react";
import { useWords } from "../i18n/text";
import styles from "./LessonPage.module.css";
import "./Quiz.module.css";
import { nearExercises, nearQuestions } from "./near";
import { RealCluster, Simpler } from "./RealCluster";
import { Term } from "./Term";
import { Votes } from "./Votes";

const exercises = async () => {
  await nearExercises();
  return import("./exercises");
};
const Hints = lazy(async () => ({ default: (await exercises()).Hints }));
const LabCard = lazy(async () => ({ default: (await exercises()).LabCard }));
const Objectives = lazy(async () => ({ default: (await exercises()).Objectives }));
const Prediction = lazy(async () => ({ default: (await exercises()).Prediction }));
const FooterHint = lazy(async () => ({ default: (await import("./HintButton")).HintButton }));
const Questions = lazy(async () => {
  await nearQuestions();
  return import("./Quiz");
});

/** The names a lesson's .mdx may use. What comes later keeps its prerendered picture until then. */
export const lessonComponents = {
  a: Link,
  Outcomes,
  RealCluster,
  Simpler,
  Term,
  Votes,
  Hints: (props: { readonly lab: string }) => (
    <Waiting for="exercises">
      <Hints {...props} />
    </Waiting>
  ),
  Lab: (props: { readonly id: string }) => (
    <Waiting for="exercises">
      <LabCard {...props} />
    </Waiting>
  ),
  Objectives: (props: { readonly lab: string }) => (
    <Waiting for="exercises">
      <Objectives {...props} />
    </Waiting>
  ),
  Prediction: (props: { readonly id: string }) => (
    <Waiting for="exercises">
      <Prediction {...props} />
    </Waiting>
  ),
  Quiz: () => (
    <Waiting for="questions">
      <Questions />
    </Waiting>
  ),
};

/** Keeps the prerendered picture until the code has come; the reader coming near it is what calls for it. */
function Waiting({
  for: kind,
  children,
}: {
  readonly for: "exercises" | "questions";
  readonly children: ReactNode;
}) {
  return (
    <div data-waiting={kind}>
      <Suspense>{children}</Suspense>
    </div>
  );
}

export function HintButton() {
  return (
    <Suspense>
      <FooterHint />
    </Suspense>
  );
}

/** `<Outcomes>` around a list: what the reader can do afterwards. */
function Outcomes({ children }: { readonly children: ReactNode }) {
  return (
    <aside className={styles.outcomes}>
      <p>{useWords().lesson.outcomes}</p>
      {children}
    </aside>
  );
}

/** An outside page opens in a tab of its own, so that the run is not left. */
function Link({ href = "", children }: { readonly href?: string; readonly children?: ReactNode }) {
  return /^https?:/.test(href) ? (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  ) : (
    <a href={href}>{children}</a>
  );
}
