/** The lessons that are written: one lazy chunk for each language's words, one for the questions. */
declare module "virtual:lessons" {
  import type { MDXContent } from "mdx/types.js";
  import type { Lesson } from "../lessons/lesson";

  type Words = () => Promise<{ readonly default: MDXContent }>;

  export const lessons: readonly {
    readonly slug: string;
    readonly en: Words;
    readonly zh: Words;
    readonly lesson: () => Promise<{ readonly lesson: Lesson }>;
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
