import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
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

/** The lazy parts of a lesson: one chunk for each language's words, one for its questions and their right answers. */
export function lessonListSource(lessonsDir: string): string {
  const entries = slugsOf(lessonsDir).map((slug) => {
    const chunk = (file: string) => `() => import(${JSON.stringify(join(lessonsDir, slug, file))})`;
    const texts = languages.map((lang) => `${lang}: ${chunk(`${lang}.mdx`)}`);
    return `{ slug: ${JSON.stringify(slug)}, ${texts.join(", ")}, lesson: ${chunk("lesson.ts")} }`;
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

const sources: Readonly<Record<string, (lessonsDir: string) => string>> = {
  "virtual:lessons": lessonListSource,
  "virtual:lesson-heads": lessonHeadsSource,
};

/** Vite plugin for `virtual:lessons` and `virtual:lesson-heads`. */
export function lessonList(root: string): Plugin {
  const lessonsDir = join(root, "lessons");
  return {
    name: "ensemble:lesson-list",
    resolveId: (id) => (id in sources ? `\0${id}` : undefined),
    load: (id) => sources[id.replace("\0", "")]?.(lessonsDir),
    hotUpdate({ file }) {
      if (!file.startsWith(lessonsDir) || !file.endsWith(".mdx")) return;
      for (const id of Object.keys(sources)) {
        const list = this.environment.moduleGraph.getModuleById(`\0${id}`);
        if (list) this.environment.moduleGraph.invalidateModule(list);
      }
    },
  };
}
