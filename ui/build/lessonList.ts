import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Plugin, transformWithOxc } from "vite";
import { parse } from "yaml";

/** What the front matter of a lesson must say; it becomes the page's title and description. */
export interface Frontmatter {
  readonly title: string;
  readonly description: string;
}

const languages = ["en", "zh"] as const;

/** Reads the block between the two `---` lines that open an .mdx file. */
export function frontmatterOf(file: string, text: string): Frontmatter {
  const block = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1];
  if (block === undefined)
    throw new Error(`${file}: the file must start with front matter between two --- lines`);
  const read = parse(block) as Record<string, unknown> | null;
  const { title, description } = read ?? {};
  if (typeof title !== "string" || typeof description !== "string") {
    throw new Error(`${file}: the front matter must give a title and a description`);
  }
  return { ...read, title, description };
}

/** The folders of `lessons/` that hold a lesson's words, in the order of their names. */
export function slugsOf(lessonsDir: string): string[] {
  return readdirSync(lessonsDir, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() && readdirSync(join(lessonsDir, entry.name)).includes("en.mdx"),
    )
    .map((entry) => entry.name)
    .sort();
}

/** The lazy parts of a lesson, each a chunk in one language: its text and place, its predictions and hints, its questions, its cluster's picture. */
export function lessonListSource(lessonsDir: string): string {
  const entries = slugsOf(lessonsDir).map((slug) => {
    const chunk = (file: string) => `() => import(${JSON.stringify(join(lessonsDir, slug, file))})`;
    const parts = languages.map(
      (lang) =>
        `${lang}: { text: ${chunk(`${lang}.mdx`)}, lesson: ${chunk(`lesson.ts?lang=${lang}`)}, quiz: ${chunk(`quiz.ts?lang=${lang}`)}, picture: ${chunk("lab.ts?picture")} }`,
    );
    return `{ slug: ${JSON.stringify(slug)}, ${parts.join(", ")} }`;
  });
  return `export const lessons = [${entries.join(",\n")}];\n`;
}

/** Titles and descriptions by slug and language; only the prerendering needs them, so no page carries them all. */
export function lessonHeadsSource(lessonsDir: string): string {
  const heads = slugsOf(lessonsDir).map((slug) => [
    slug,
    Object.fromEntries(
      languages.map((lang) => {
        const file = join(lessonsDir, slug, `${lang}.mdx`);
        return [lang, frontmatterOf(file, readFileSync(file, "utf8"))];
      }),
    ),
  ]);
  return `export const heads = ${JSON.stringify(Object.fromEntries(heads))};\n`;
}

/** A lesson's data with the words of one language: a page is read in one, so the others need not travel. */
export function inOneLanguage(value: unknown, lang: string): unknown {
  if (Array.isArray(value)) return value.map((one) => inOneLanguage(one, lang));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const inBoth = entries.length === languages.length && languages.every((one) => one in value);
  return Object.fromEntries(
    entries
      .filter(([key]) => !inBoth || key === lang)
      .map(([key, one]) => [key, inOneLanguage(one, lang)]),
  );
}

/** Runs a file of `lessons/` that imports nothing but types, and gives what it exports. */
async function exportsOf(code: string, file: string): Promise<Record<string, unknown>> {
  const { code: script } = await transformWithOxc(code, file);
  return (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as Record<
    string,
    unknown
  >;
}

/** What a file of data exports, written with the words of one language. */
async function dataSource(code: string, file: string, lang: string): Promise<string> {
  return Object.entries(await exportsOf(code, file))
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(inOneLanguage(value, lang))};`)
    .join("\n");
}

/** Where a lesson stands in the course: added to its text, so that no lesson carries the whole course. */
async function placeSource(lessonsDir: string, slug: string, lang: string): Promise<string> {
  const file = join(lessonsDir, "course.ts");
  const { lessonPlace } = (await exportsOf(readFileSync(file, "utf8"), file)) as {
    lessonPlace: (slug: string, lang: string) => unknown;
  };
  return `\nexport const place = ${JSON.stringify(lessonPlace(slug, lang))};\n`;
}

const sources: Readonly<Record<string, (lessonsDir: string) => string>> = {
  "virtual:lessons": lessonListSource,
  "virtual:lesson-heads": lessonHeadsSource,
};

/** Vite plugin for `virtual:lessons` and `virtual:lesson-heads`. */
export function lessonList(root: string): Plugin {
  const lessonsDir = join(root, "lessons");
  return {
    name: "ensemble:lesson-list",
    enforce: "pre",
    resolveId: (id) => (id in sources ? `\0${id}` : undefined),
    load: (id) => sources[id.replace("\0", "")]?.(lessonsDir),
    async transform(code, id) {
      const [, file, dataLang] = /^(.*\/(?:lesson|quiz)\.ts)\?lang=(en|zh)$/.exec(id) ?? [];
      if (file !== undefined && dataLang !== undefined)
        return { code: await dataSource(code, file, dataLang), map: null };
      const [, slug, lang] = /\/([^/]+)\/(en|zh)\.mdx$/.exec(id) ?? [];
      return slug === undefined || lang === undefined || !id.startsWith(lessonsDir)
        ? undefined
        : { code: code + (await placeSource(lessonsDir, slug, lang)), map: null };
    },
    hotUpdate({ file }) {
      if (!file.startsWith(lessonsDir) || !file.endsWith(".mdx")) return;
      for (const id of Object.keys(sources)) {
        const list = this.environment.moduleGraph.getModuleById(`\0${id}`);
        if (list) this.environment.moduleGraph.invalidateModule(list);
      }
    },
  };
}
