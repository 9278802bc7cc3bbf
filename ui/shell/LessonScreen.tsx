import type { MDXContent } from "mdx/types.js";
import type { LessonPlace } from "../../lessons/course";
import type { Lang } from "../i18n/text";
import { LessonPage, type LessonParts } from "../lesson/LessonPage";
import { Header } from "./Header";
import styles from "./LessonScreen.module.css";

/** A lesson's page: the bar, and below it the book beside the instrument. */
export function LessonScreen({
  address,
  place,
  parts,
  Content,
}: {
  readonly address: { readonly lang: Lang; readonly slug: string };
  readonly place: LessonPlace;
  readonly parts: LessonParts;
  readonly Content: MDXContent;
}) {
  return (
    <div className={styles.screen}>
      <Header address={address} place={place} />
      <LessonPage slug={address.slug} place={place} parts={parts} Content={Content} />
    </div>
  );
}
