import type { LessonPlace } from "../../lessons/course";
import { type Address, hrefFrom, inLanguage } from "../i18n/address";
import { fill, HTML_LANG, useWords } from "../i18n/text";
import { Cell } from "../lesson/icons";
import { leavePlace } from "../lesson/place";
import { useProgress, useTrouble } from "../progress/useProgress";
import { ThemeToggle } from "../theme/ThemeToggle";
import { stateOf } from "./cellState";
import styles from "./Header.module.css";

/** The bar over every page: where you are, how far you are, language and theme. */
export function Header({
  address,
  place,
}: {
  readonly address: Address;
  readonly place?: LessonPlace;
}) {
  const words = useWords();
  const { lang, slug } = address;
  return (
    <>
      <a href="#cluster" className={styles.skip}>
        {words.skipToCluster}
      </a>
      <header className={styles.bar} data-page={slug === undefined ? "home" : "lesson"}>
        <a href={hrefFrom(address, { lang })} className={styles.brand} aria-label={words.brand}>
          <Mark />
          <span>{words.brand}</span>
        </a>
        {place !== undefined && (
          <>
            <nav className={styles.crumbs} aria-label={words.header.breadcrumbs}>
              <ol role="list">
                <li>
                  <a href={hrefFrom(address, { lang })}>{words.header.course}</a>
                </li>
                <li>{place.module}</li>
                <li aria-current="page">{place.number}</li>
              </ol>
            </nav>
            <ModuleCells place={place} here={slug} />
          </>
        )}
        <Languages address={address} />
        <ThemeToggle words={words.header.theme} />
      </header>
      <TroubleBar />
    </>
  );
}

function Languages({ address }: { readonly address: Address }) {
  const words = useWords().header;
  const links = [
    ["en", words.inEnglish],
    ["zh", words.inChinese],
  ] as const;
  return (
    <nav className={styles.languages} aria-label={words.language}>
      {links.map(([lang, name]) => (
        <a
          key={lang}
          href={hrefFrom(address, inLanguage(address, lang))}
          lang={HTML_LANG[lang]}
          hrefLang={HTML_LANG[lang]}
          aria-current={address.lang === lang ? "true" : undefined}
          onClick={() => leavePlace(Date.now())}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}

/** The lessons of this module, each a cell of the log. */
function ModuleCells({
  place,
  here,
}: {
  readonly place: LessonPlace;
  readonly here: string | undefined;
}) {
  const words = useWords().header;
  const progress = useProgress();
  const states = place.siblings.map((slug) => stateOf(progress.lessons[slug]));
  const done = states.filter((state) => state === "solid").length;
  const counts = { done, all: states.length };
  return (
    <p className={styles.cells} title={fill(words.lessonsDone, counts)}>
      {place.siblings.map((slug, index) => (
        <span key={slug} data-here={slug === here || undefined}>
          <Cell state={states[index] ?? "hollow"} />
        </span>
      ))}
      <span className="visually-hidden">{fill(words.lessonsDone, counts)}</span>
      <span className={styles.count} aria-hidden="true">
        {fill(words.doneOf, counts)}
      </span>
    </p>
  );
}

/** Says when progress is not kept as it should be. */
function TroubleBar() {
  const words = useWords().trouble;
  const trouble = useTrouble();
  return trouble === null ? null : (
    <p className={styles.trouble} role="alert">
      {words[trouble]}
    </p>
  );
}

/** Five servers, one of them leads. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" className={styles.mark}>
      <path d="m16 2 4.3 2.5v5L16 12l-4.3-2.5v-5z" />
      <circle cx="5.4" cy="14.2" r="3.3" />
      <circle cx="26.6" cy="14.2" r="3.3" />
      <circle cx="9.6" cy="26.2" r="3.3" />
      <circle cx="22.4" cy="26.2" r="3.3" />
    </svg>
  );
}
