import { use } from "react";
import type { LiveWords } from "./en.live";
import { type Lang, useLang } from "./text";

const coming = new Map<Lang, Promise<LiveWords>>();

/** The words of a running lab, fetched at its first use. */
export function liveWords(lang: Lang): Promise<LiveWords> {
  const known =
    coming.get(lang) ??
    (lang === "zh"
      ? import("./zh.live").then(({ zhLive }) => zhLive)
      : import("./en.live").then(({ enLive }) => enLive));
  coming.set(lang, known);
  return known;
}

/** Waits for them where they are not there yet. */
export function useLiveWords(): LiveWords {
  return use(liveWords(useLang()));
}
