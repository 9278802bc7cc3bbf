/** The lessons that are written, read from the front matter of `lessons/<slug>/{en,zh}.mdx` when the site is built. */
declare module "virtual:lessons" {
  import type { MDXContent } from "mdx/types.js";

  export interface LessonFrontmatter {
    readonly title: string;
    readonly description: string;
  }

  export interface LessonText {
    readonly frontmatter: LessonFrontmatter;
    /** The chunk with the lesson's words. */
    readonly load: () => Promise<{ readonly default: MDXContent }>;
  }

  export interface LessonEntry {
    readonly slug: string;
    readonly en: LessonText;
    readonly zh: LessonText;
  }

  export const lessons: readonly LessonEntry[];
}
