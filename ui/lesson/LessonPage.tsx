import type { MDXContent } from "mdx/types.js";
import type { Lesson } from "../../lessons/lesson";
import type { Lang } from "../i18n/text";

/** Placeholder. pages.tsx loads `lesson` (lessons/<slug>/lesson.ts) and `Content` (its .mdx) before the page is drawn. */
export function LessonPage({ lesson, Content }: { lang: Lang; lesson: Lesson; Content: MDXContent }) {
  return (
    <main data-lesson={lesson.id}>
      <Content />
    </main>
  );
}
