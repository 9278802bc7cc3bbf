import {
  CAPSULE_COLUMNS,
  type CourseLesson,
  course,
  headOf,
  MAP_COLUMNS,
  type Place,
  places,
} from "../../lessons/course";
import { hrefFrom } from "../i18n/address";
import { fill, useHomeWords, useLang } from "../i18n/text";
import { Cell } from "../lesson/icons";
import { useProgress } from "../progress/useProgress";
import { stateOf } from "./cellState";
import styles from "./CourseMap.module.css";

/**
 * The course as a space-time diagram: a lane for each module, a capsule for each lesson, an arrow from what a lesson
 * builds on. On a narrow page the lanes become sections.
 */
export function CourseMap({ here }: { readonly here: string | undefined }) {
  const words = useHomeWords().map;
  const lang = useLang();
  return (
    <section aria-labelledby="map" className={styles.map}>
      <h2 id="map" className="visually-hidden">
        {words.title}
      </h2>
      <Arrows />
      <ol role="list" className={styles.lanes}>
        {course.map((module, number) => (
          <li key={module.title.en} className={styles.lane}>
            <h3>
              <span className="visually-hidden">{fill(words.module, { number })}: </span>
              {module.title[lang]}
            </h3>
            <ol role="list">
              {places
                .filter((place) => place.moduleNumber === number)
                .map((place) => (
                  <li key={place.lesson.id} id={place.lesson.id} data-column={place.lesson.column}>
                    <Capsule place={place} isHere={place.lesson.id === here} />
                  </li>
                ))}
            </ol>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Capsule({ place, isHere }: { readonly place: Place; readonly isHere: boolean }) {
  const words = useHomeWords().map;
  const lang = useLang();
  const progress = useProgress();
  const { lesson, number } = place;
  const state = stateOf(progress.lessons[lesson.slug]);
  const title = lesson.title[lang];
  const head = headOf(title);
  const face = (
    <>
      <span className={styles.capsule}>
        <i>{number}</i> {lesson.written ? <Cell state={state} /> : words.coming}
        {isHere && <b>{state === "hollow" ? words.here : words.hereAgain}</b>}
      </span>
      <span className={styles.name}>
        {head}
        <span className={styles.rest}>{title.slice(head.length)}</span>
        <small>{fill(words.minutes, { n: lesson.minutes })}</small>
        {lesson.written && <span className="visually-hidden">, {words.cell[state]}</span>}
        {lesson.buildsOn.length > 0 && (
          <span className="visually-hidden">
            . {fill(words.buildsOn, { numbers: numbersOf(lesson) })}
          </span>
        )}
      </span>
    </>
  );
  return lesson.written ? (
    <a
      href={hrefFrom({ lang }, { lang, slug: lesson.slug })}
      className={styles.lesson}
      data-here={isHere || undefined}
      title={title}
    >
      {face}
    </a>
  ) : (
    <div className={styles.lesson} data-coming="" title={title}>
      {face}
    </div>
  );
}

function numbersOf(lesson: CourseLesson): string {
  return places
    .filter((place) => lesson.buildsOn.includes(place.lesson.id))
    .map((place) => place.number)
    .join(", ");
}

/** Only between lanes: within a lane the line itself leads on. All to the final shift would hide the rest. */
function Arrows() {
  const edges: readonly Edge[] = places.flatMap((to) =>
    to.lesson.buildsOn.flatMap((id) => {
      const from = places.find((place) => place.lesson.id === id);
      return from === undefined || from.moduleNumber === to.moduleNumber ? [] : [{ from, to }];
    }),
  );
  return (
    <svg className={styles.arrows} aria-hidden="true">
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto"
        >
          <path d="M1 1 7 4 1 7" fill="none" stroke="currentColor" />
        </marker>
      </defs>
      {edges.map(({ from, to }, index) => (
        <line
          key={`${from.lesson.id} ${to.lesson.id}`}
          x1={columnX(from.lesson.column + CAPSULE_COLUMNS / 4 + beside(edges, index, "from"))}
          y1={laneY(from.moduleNumber) + 13}
          x2={columnX(to.lesson.column + CAPSULE_COLUMNS / 6 + beside(edges, index, "to"))}
          y2={laneY(to.moduleNumber) - 15}
          markerEnd="url(#arrow)"
        />
      ))}
    </svg>
  );
}

interface Edge {
  readonly from: Place;
  readonly to: Place;
}

/** Edges that share an end stand side by side there, half a column apart. */
function beside(edges: readonly Edge[], index: number, end: keyof Edge): number {
  const shared = edges.slice(0, index).filter((edge) => edge[end] === edges[index]?.[end]);
  return shared.length / 2;
}

/** As in the style sheet: lanes are 70 px apart, capsules 26 px high and centred 20 px below a lane's top. */
function laneY(module: number): number {
  return module * 70 + 20;
}

function columnX(column: number): string {
  return `${((100 * column) / MAP_COLUMNS).toFixed(2)}%`;
}
