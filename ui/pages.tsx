import type { ReactNode } from "react";
import { lessons } from "virtual:lessons";
import type { Address } from "./i18n/address";
import { HomeWordsContext, type Lang, LangContext, WordsContext } from "./i18n/text";

const loadWords = {
  en: async () => (await import("./i18n/en")).en,
  zh: async () => (await import("./i18n/zh")).zh,
} as const;

const loadHomeWords = {
  en: async () => (await import("./i18n/en.home")).enHome,
  zh: async () => (await import("./i18n/zh.home")).zhHome,
} as const;

/** Every page of the site, in the order of its map. */
export const addresses: readonly Address[] = (["en", "zh"] as const).flatMap((lang): Address[] => [
  { lang },
  ...lessons.map(({ slug }) => ({ lang, slug })),
]);

/**
 * What an address shows. The words of its language and its lesson are loaded first, so that the browser's first
 * picture equals the prerendered one; only the lab comes later, by itself. A page loads no other page's code.
 */
export async function loadPage({ lang, slug }: Address): Promise<ReactNode> {
  const [words, page] = await Promise.all([
    loadWords[lang](),
    slug === undefined ? loadHome(lang) : loadLesson(lang, slug),
  ]);
  return (
    <LangContext value={lang}>
      <WordsContext value={words}>{page}</WordsContext>
    </LangContext>
  );
}

async function loadHome(lang: Lang): Promise<ReactNode> {
  const [{ HomePage }, words] = await Promise.all([
    import("./shell/HomePage"),
    loadHomeWords[lang](),
  ]);
  return (
    <HomeWordsContext value={words}>
      <HomePage lang={lang} />
    </HomeWordsContext>
  );
}

async function loadLesson(lang: Lang, slug: string): Promise<ReactNode> {
  const entry = lessons.find((one) => one.slug === slug);
  if (entry === undefined) throw new Error(`lesson ${slug} is written`);
  const parts = entry[lang];
  const [{ LessonScreen }, { default: Content, place }] = await Promise.all([
    import("./shell/LessonScreen"),
    parts.text(),
  ]);
  return <LessonScreen address={{ lang, slug }} place={place} parts={parts} Content={Content} />;
}
