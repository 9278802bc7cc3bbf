import type { Lang } from "./text";

/** A page of the course in one language. Without a slug it is that language's home. */
export interface Address {
  readonly lang: Lang;
  readonly slug?: string | undefined;
}

/** Where a page's file stands below the site's root: "en/", "zh/fast-leader-election/". */
export function pathOf({ lang, slug }: Address): string {
  return slug === undefined ? `${lang}/` : `${lang}/${slug}/`;
}

/** The way up from a page to the site's root: "../", "../../". Links go this way, so one build works under any path. */
export function rootFrom(from: Address): string {
  return "../".repeat(pathOf(from).split("/").length - 1);
}

/** A link from one page to another: from "en/fast-leader-election/" to its Chinese twin is "../../zh/fast-leader-election/". */
export function hrefFrom(from: Address, to: Address): string {
  return rootFrom(from) + pathOf(to);
}

/** The same page in the other language. */
export function inLanguage(address: Address, lang: Lang): Address {
  return { ...address, lang };
}
