/** One entry of Vite's manifest: a chunk, what it imports at once, and what it imports when asked. */
export interface ManifestChunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

/** By source file, as `dist` was built. */
export type Manifest = Readonly<Record<string, ManifestChunk>>;

export interface PageAddress {
  readonly lang: "en" | "zh";
  readonly slug?: string | undefined;
}

/** The files of some chunks and of all that these import at once, each once, importers first. */
export function filesOf(
  manifest: Manifest,
  keys: readonly string[],
): { js: string[]; css: string[] } {
  const js = new Set<string>();
  const css = new Set<string>();
  const visit = (key: string): void => {
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`the manifest holds ${key}`);
    if (js.has(chunk.file)) return;
    js.add(chunk.file);
    chunk.imports?.forEach(visit);
    chunk.css?.forEach((file) => css.add(file));
  };
  keys.forEach(visit);
  return { js: [...js], css: [...css] };
}

const ENTRY = "ui/main.tsx";
const HOME = "ui/shell/HomePage.tsx";
const LESSON = "ui/shell/LessonScreen.tsx";
const HOME_WORDS = /^ui\/i18n\/(en|zh)\.home\.ts$/;

/** Does a lazily imported file serve this page, rather than another lesson or the other language? */
function serves(key: string, { lang, slug }: PageAddress): boolean {
  const inLessons = /^lessons\/([^/]+)\/(.+)$/.exec(key);
  if (inLessons) {
    const [, ofSlug, file = ""] = inLessons;
    const [, ofLang = lang] = /(?:^|\?lang=)(en|zh)(?:\.mdx)?$/.exec(file) ?? [];
    return ofSlug === slug && ofLang === lang;
  }
  const words = /^ui\/i18n\/(en|zh)\./.exec(key);
  return words === null || words[1] === lang;
}

/** Loaded before the page is taken over: the entry, the page's own code, its words, and those of its lesson. */
export function keysOfPage(manifest: Manifest, address: PageAddress): string[] {
  const code = address.slug === undefined ? HOME : LESSON;
  const early = (key: string) =>
    key === code ||
    (code === HOME && HOME_WORDS.test(key)) ||
    /^ui\/i18n\/(en|zh)\.ts$|^lessons\/[^/]+\/(en|zh)\.mdx$/.test(key);
  const lazy = manifest[ENTRY]?.dynamicImports ?? [];
  return [ENTRY, ...lazy.filter((key) => early(key) && serves(key, address))];
}

/** Fetched when the reader comes to them, or asks for them. */
const ON_DEMAND =
  /^ui\/lesson\/Quiz\.tsx$|^lessons\/[^/]+\/quiz\.ts|^lessons\/glossary\.ts$|^ui\/room\/Fault\.tsx$|^ui\/lab\/Shortcuts\.tsx$/;

/** Fetched at the first sign that the lab is used: the engine, what moves, opens, tells and judges. */
const AT_FIRST_USE =
  /^_engine-|^ui\/lab\/playback\.ts$|^lessons\/[^/]+\/lab\.ts$|^ui\/shell\/homeLab\.ts$|^ui\/lesson\/(exercises|keeper)\.ts$|^ui\/stage\/live\.ts$|^ui\/room\/Later\.tsx$|^ui\/i18n\/(en|zh)\.(live|exercises)\.ts$/;

/** All that a page's chunks import lazily, and what those do, as far as `follows` says. */
function lazyKeys(
  manifest: Manifest,
  address: PageAddress,
  follows: (key: string) => boolean,
): string[] {
  const page = keysOfPage(manifest, address);
  const keys = new Set<string>();
  const seen = new Set<string>();
  const visit = (key: string): void => {
    if (seen.has(key)) return;
    seen.add(key);
    manifest[key]?.imports?.forEach(visit);
    for (const lazy of manifest[key]?.dynamicImports ?? []) {
      const isPage =
        lazy === HOME || lazy === LESSON || HOME_WORDS.test(lazy) || page.includes(lazy);
      if (isPage || keys.has(lazy) || !serves(lazy, address) || !follows(lazy)) continue;
      keys.add(lazy);
      visit(lazy);
    }
  };
  page.forEach(visit);
  return [...keys];
}

/** Loaded by itself as soon as the page stands, so that the lab listens: whatever is lazy and not used yet. */
export function keysOfLab(manifest: Manifest, address: PageAddress): string[] {
  return lazyKeys(manifest, address, (key) => !ON_DEMAND.test(key) && !AT_FIRST_USE.test(key));
}

/** All that a lab in use has fetched, the picture it was before included. */
export function keysOfUse(manifest: Manifest, address: PageAddress): string[] {
  return lazyKeys(manifest, address, (key) => !ON_DEMAND.test(key));
}

/** All that the prerendered picture shows, so its style must be there: the questions too, before their script is. */
export function keysOfPicture(manifest: Manifest, address: PageAddress): string[] {
  return [...keysOfPage(manifest, address), ...lazyKeys(manifest, address, () => true)];
}
