import { expect, test } from "vitest";
import { filesOf, keysOfLab, keysOfPage, keysOfPicture, keysOfUse, type Manifest } from "./chunks";

const manifest: Manifest = {
  "ui/main.tsx": {
    file: "main.js",
    css: ["main.css"],
    imports: ["_react.js"],
    dynamicImports: [
      "ui/i18n/en.ts",
      "ui/i18n/zh.ts",
      "ui/shell/HomePage.tsx",
      "ui/shell/LessonScreen.tsx",
      "lessons/votes/en.mdx",
      "lessons/votes/zh.mdx",
      "lessons/votes/lesson.ts?lang=en",
      "lessons/votes/lesson.ts?lang=zh",
      "lessons/votes/quiz.ts?lang=en",
      "lessons/quorum/en.mdx",
    ],
  },
  "_react.js": { file: "react.js" },
  "ui/i18n/en.ts": { file: "en.js" },
  "ui/i18n/zh.ts": { file: "zh.js" },
  "ui/shell/HomePage.tsx": {
    file: "home.js",
    imports: ["ui/main.tsx"],
    dynamicImports: ["ui/shell/HomeCluster.tsx"],
  },
  "ui/shell/LessonScreen.tsx": {
    file: "lesson.js",
    imports: ["_react.js"],
    dynamicImports: [
      "ui/lesson/LabSide.tsx",
      "ui/lesson/Quiz.tsx",
      "lessons/votes/lab.ts?picture",
      "lessons/quorum/lab.ts?picture",
    ],
  },
  "lessons/votes/en.mdx": { file: "votes-en.js" },
  "lessons/votes/zh.mdx": { file: "votes-zh.js" },
  "lessons/votes/lesson.ts?lang=en": { file: "votes-lesson-en.js" },
  "lessons/votes/lesson.ts?lang=zh": { file: "votes-lesson-zh.js" },
  "lessons/votes/quiz.ts?lang=en": { file: "votes-quiz-en.js" },
  "lessons/votes/lab.ts": { file: "votes-lab.js", imports: ["_engine-1.js"] },
  "lessons/votes/lab.ts?picture": { file: "votes-picture.js" },
  "lessons/quorum/en.mdx": { file: "quorum-en.js" },
  "lessons/quorum/lab.ts": { file: "quorum-lab.js", imports: ["_engine-1.js"] },
  "lessons/quorum/lab.ts?picture": { file: "quorum-picture.js" },
  "_engine-1.js": { file: "engine.js" },
  "ui/lesson/LabSide.tsx": {
    file: "lab.js",
    css: ["lab.css"],
    dynamicImports: [
      "ui/i18n/en.lab.ts",
      "ui/i18n/zh.lab.ts",
      "_engine-1.js",
      "lessons/votes/lab.ts",
      "lessons/quorum/lab.ts",
    ],
  },
  "ui/i18n/en.lab.ts": { file: "lab-en.js" },
  "ui/i18n/zh.lab.ts": { file: "lab-zh.js" },
  "ui/lesson/Quiz.tsx": { file: "quiz.js", css: ["quiz.css"] },
  "ui/shell/HomeCluster.tsx": { file: "cluster.js" },
};

test("a lesson's page loads its own words in its own language, and no other lesson", () => {
  const { js, css } = filesOf(manifest, keysOfPage(manifest, { lang: "zh", slug: "votes" }));
  expect(js).toEqual(["main.js", "react.js", "zh.js", "lesson.js", "votes-zh.js"]);
  expect(css).toEqual(["main.css"]);
});

test("home loads no lesson", () => {
  const { js } = filesOf(manifest, keysOfPage(manifest, { lang: "en" }));
  expect(js).toEqual(["main.js", "react.js", "en.js", "home.js"]);
});

test("the lab brings its words and the picture of its lesson's cluster, but neither questions nor engine", () => {
  const keys = keysOfLab(manifest, { lang: "en", slug: "votes" });
  expect(keys.toSorted()).toEqual([
    "lessons/votes/lab.ts?picture",
    "lessons/votes/lesson.ts?lang=en",
    "ui/i18n/en.lab.ts",
    "ui/lesson/LabSide.tsx",
  ]);
  expect(filesOf(manifest, keys).js).not.toContain("engine.js");
});

test("a lab in use has fetched its lesson's cluster with the engine behind it", () => {
  const { js } = filesOf(manifest, keysOfUse(manifest, { lang: "en", slug: "votes" }));
  expect(js).toContain("votes-lab.js");
  expect(js).toContain("engine.js");
  expect(js).not.toContain("quiz.js");
  expect(js).not.toContain("quorum-lab.js");
});

test("the style of the questions is there before their script, for the page shows them from the start", () => {
  const { css } = filesOf(manifest, keysOfPicture(manifest, { lang: "en", slug: "votes" }));
  expect(css).toEqual(["main.css", "lab.css", "quiz.css"]);
});
