import { lazy, Suspense } from "react";
import { type Place, places } from "../../lessons/course";
import { hrefFrom } from "../i18n/address";
import { fill, type Lang, useHomeWords } from "../i18n/text";
import { Icon } from "../lesson/icons";
import type { Progress } from "../progress/progress";
import { useProgress } from "../progress/useProgress";
import { stateOf } from "./cellState";
import { CourseMap } from "./CourseMap";
import { Header } from "./Header";
import styles from "./HomePage.module.css";

const HomeCluster = lazy(() => import("./HomeCluster"));

/** The promise, a cluster to try it on at once, and the map of the course. */
export function HomePage({ lang }: { readonly lang: Lang }) {
  const words = useHomeWords().home;
  const progress = useProgress();
  const place = whereNext(progress);
  const state = place === undefined ? "hollow" : stateOf(progress.lessons[place.lesson.slug]);
  const done = places.filter((one) => progress.lessons[one.lesson.slug]?.done).length;

  return (
    <>
      <Header address={{ lang }} />
      <main className={styles.home}>
        <section className={styles.opening}>
          <div className={styles.promise}>
            <h1>{words.title}</h1>
            <p className={styles.lead}>{words.promise}</p>
            {place !== undefined && (
              <p className={styles.actions}>
                <a
                  className={styles.primary}
                  href={hrefFrom({ lang }, { lang, slug: place.lesson.slug })}
                >
                  {fill(
                    state === "hollow" ? words.start : state === "half" ? words.goOn : words.again,
                    {
                      number: place.number,
                    },
                  )}
                  <Icon name="chevron" size={14} />
                </a>
                <span>{fill(words.done, { done, all: places.length })}</span>
              </p>
            )}
          </div>
          <section id="cluster" className={styles.cluster} aria-label={words.cluster} tabIndex={-1}>
            <Suspense fallback={<p className={styles.loading}>{words.loading}</p>}>
              <HomeCluster lang={lang} caption={words.caption} />
            </Suspense>
          </section>
        </section>
        <CourseMap here={place?.lesson.id} />
      </main>
    </>
  );
}

/** The written lesson to go on with: the one begun last, else the first not done, else the first. */
export function whereNext(progress: Progress): Place | undefined {
  const written = places.filter((place) => place.lesson.written);
  const begun = written
    .filter((place) => stateOf(progress.lessons[place.lesson.slug]) === "half")
    .toSorted((a, b) => lastAt(progress, b) - lastAt(progress, a));
  return (
    begun[0] ?? written.find((place) => !progress.lessons[place.lesson.slug]?.done) ?? written[0]
  );
}

function lastAt(progress: Progress, place: Place): number {
  return progress.lessons[place.lesson.slug]?.lastAt ?? 0;
}
