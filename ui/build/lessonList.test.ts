import { expect, test } from "vitest";
import { frontmatterOf } from "./lessonList";

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
