import { expect, test } from "vitest";
import { hrefFrom, inLanguage, pathOf } from "./address";

test("a lesson stands in its language's folder", () => {
  expect(pathOf({ lang: "zh", slug: "fast-leader-election" })).toBe("zh/fast-leader-election/");
});

test("a link from a lesson to its twin in the other language goes up to the root and down again", () => {
  const here = { lang: "en", slug: "fast-leader-election" } as const;
  expect(hrefFrom(here, inLanguage(here, "zh"))).toBe("../../zh/fast-leader-election/");
});

test("a link from home to a lesson leaves the language's folder by one step", () => {
  expect(hrefFrom({ lang: "en" }, { lang: "en", slug: "votes" })).toBe("../en/votes/");
});
