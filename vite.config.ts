import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import mdx from "@mdx-js/rollup";
import react from "@vitejs/plugin-react";
import rehypeSlug from "rehype-slug";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";
import remarkMdxFrontmatter from "remark-mdx-frontmatter";
import { globSync } from "tinyglobby";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { lessonList } from "./ui/build/lessonList";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Every `x.cli.ts` becomes `.build/x.js`; they share one folder, so their names must differ. */
const clis = Object.fromEntries(
  globSync("{engine,lessons,ui}/**/*.cli.ts", { cwd: root }).map((file) => [
    basename(file, ".cli.ts"),
    file,
  ]),
);

/** Lessons are MDX. `en.mdx?raw` stays text: tests read the words of a lesson so. */
function lessonText(): Plugin {
  const compile = mdx({
    remarkPlugins: [remarkGfm, remarkFrontmatter, remarkMdxFrontmatter],
    rehypePlugins: [rehypeSlug],
  });
  return {
    name: "ensemble:mdx",
    enforce: "pre",
    config(config, env) {
      compile.config(config, env);
    },
    async transform(code, id) {
      return id.includes("?")
        ? undefined
        : ((await compile.transform(code, id)) as { code: string } | undefined);
    },
  };
}

export default defineConfig(({ mode }) => ({
  root,
  base: "./",
  appType: "mpa",
  plugins: [lessonText(), lessonList(root), react({ include: /\.(mdx|tsx|ts)$/ })],
  environments: {
    ssr: {
      build: {
        outDir: ".build",
        rolldownOptions: {
          input: mode === "cli" ? clis : { static: "ui/static.tsx" },
          output: { entryFileNames: "[name].js" },
        },
      },
    },
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["engine/**/*.test.ts", "lessons/**/*.test.ts", "ui/**/*.test.{ts,tsx}"],
          environment: "node",
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["ui/e2e/**/*.spec.ts"],
          environment: "node",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
}));
