/** The lessons that are written, each part a lazy chunk with the words of one language. */
declare module "virtual:lessons" {
  import type { MDXContent } from "mdx/types.js";
  import type { LessonPlace } from "../lessons/course";
  import type { Lesson, QuizItem } from "../lessons/lesson";
  import type { Picture } from "./lesson/LabSide";

  interface Parts {
    readonly text: () => Promise<{ readonly default: MDXContent; readonly place: LessonPlace }>;
    readonly lesson: () => Promise<{ readonly lesson: Lesson }>;
    readonly quiz: () => Promise<{ readonly quiz: readonly QuizItem[] }>;
    readonly picture: () => Promise<Picture>;
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

/** Where a lab begins, as data: its name and its first world, worked out while building (ui/build/pictures.ts). */
declare module "*?picture" {
  import type { World } from "../engine/index";

  export const id: string;
  export const world: World;
}
