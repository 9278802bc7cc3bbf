/** The lessons that are written: for each language one lazy chunk with the text, one with the questions. */
declare module "virtual:lessons" {
  import type { MDXContent } from "mdx/types.js";
  import type { Lesson } from "../lessons/lesson";

  interface Parts {
    readonly text: () => Promise<{ readonly default: MDXContent }>;
    /** Its words are in this language only. */
    readonly lesson: () => Promise<{ readonly lesson: Lesson }>;
  }

  export const lessons: readonly {
    readonly slug: string;
    readonly en: Parts;
    readonly zh: Parts;
  }[];
}

/** What the front matter of `lessons/<slug>/{en,zh}.mdx` says, by slug and language. Only static.tsx imports it. */
declare module "virtual:lesson-heads" {
  export interface Head {
    readonly title: string;
    readonly description: string;
  }

  export const heads: Readonly<Record<string, Readonly<Record<"en" | "zh", Head>>>>;
}
