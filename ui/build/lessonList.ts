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

/** The source of `virtual:lessons`: titles are inlined, the words stay behind a lazy import, one chunk each. */
export function lessonListSource(lessonsDir: string): string {
  const entries = slugsOf(lessonsDir).map((slug) => {
    const texts = languages.map((lang) => {
      const file = join(lessonsDir, slug, `${lang}.mdx`);
      const frontmatter = JSON.stringify(frontmatterOf(file, readFileSync(file, "utf8")));
      return `${lang}: { frontmatter: ${frontmatter}, load: () => import(${JSON.stringify(file)}) }`;
    });
    return `{ slug: ${JSON.stringify(slug)}, ${texts.join(", ")} }`;
  });
  return `export const lessons = [${entries.join(",\n")}];\n`;
}

/** Vite plugin for `virtual:lessons`. Importing every front matter statically would pull every lesson into the entry. */
export function lessonList(root: string): Plugin {
  const id = "virtual:lessons";
  const resolved = `\0${id}`;
  const lessonsDir = join(root, "lessons");
  return {
    name: "ensemble:lesson-list",
    resolveId: (source) => (source === id ? resolved : undefined),
    load: (source) => (source === resolved ? lessonListSource(lessonsDir) : undefined),
    hotUpdate({ file }) {
      if (!file.startsWith(lessonsDir) || !file.endsWith(".mdx")) return;
      const list = this.environment.moduleGraph.getModuleById(resolved);
      if (list) this.environment.moduleGraph.invalidateModule(list);
    },
  };
}
