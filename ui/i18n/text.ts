import { createContext, use } from "react";
import type { Words } from "./en";
import type { HomeWords } from "./en.home";
import type { LabWords } from "./en.lab";

/** The course's two languages, as they stand in addresses. */
export type Lang = "en" | "zh";

/** What `<html lang>` says. */
export const HTML_LANG: Readonly<Record<Lang, string>> = { en: "en", zh: "zh-Hans" };

/** One thing said in both languages; lessons keep their words so. */
export type InBoth<T = string> = Readonly<Record<Lang, T>>;

/** Puts values into the gaps of a sentence: `fill("{n} of {all}", { n: 2, all: 5 })` is "2 of 5". A gap without a value stays. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (gap, name: string) => {
    const value = values[name];
    return value === undefined ? gap : String(value);
  });
}

/** The language of the page. */
export const LangContext = createContext<Lang>("en");
/** The page's words, loaded with the page in its one language: `<WordsContext value={en}>`. */
export const WordsContext = createContext<Words | null>(null);
/** The words of stage, timeline and narration, loaded with the lab: `<LabWordsContext value={enLab}>`. */
export const LabWordsContext = createContext<LabWords | null>(null);

/** The home page's own words, loaded with it. */
export const HomeWordsContext = createContext<HomeWords | null>(null);

export function useLang(): Lang {
  return use(LangContext);
}

export function useWords(): Words {
  const words = use(WordsContext);
  if (words === null) throw new Error("a page gives its words before it is drawn");
  return words;
}

export function useLabWords(): LabWords {
  const words = use(LabWordsContext);
  if (words === null) throw new Error("a lab gives its words before it is drawn");
  return words;
}

export function useHomeWords(): HomeWords {
  const words = use(HomeWordsContext);
  if (words === null) throw new Error("the home page gives its words before it is drawn");
  return words;
}
