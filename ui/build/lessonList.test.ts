import { expect, test } from "vitest";
import { frontmatterOf, inOneLanguage } from "./lessonList";

test("a lesson's front matter gives the title and description of its page", () => {
  expect(
    frontmatterOf("en.mdx", "---\ntitle: Votes\ndescription: How servers vote\n---\n# Votes\n"),
  ).toEqual({
    title: "Votes",
    description: "How servers vote",
  });
});

test("a lesson without a description is refused, with the name of its file", () => {
  expect(() => frontmatterOf("zh.mdx", "---\ntitle: Votes\n---\n")).toThrow(/zh\.mdx.*description/);
});

test("a page gets its lesson's words in its own language only", () => {
  const lesson = {
    id: "L13",
    quiz: [
      {
        id: "q1",
        question: { en: "Who?", zh: "谁？" },
        options: [{ id: "a", right: true, text: { en: "3", zh: "3" } }],
      },
    ],
  };
  expect(inOneLanguage(lesson, "zh")).toEqual({
    id: "L13",
    quiz: [
      {
        id: "q1",
        question: { zh: "谁？" },
        options: [{ id: "a", right: true, text: { zh: "3" } }],
      },
    ],
  });
});
