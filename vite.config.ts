import { createHash } from "node:crypto";
import { basename, join, relative } from "node:path";
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
import { keptProse } from "./ui/build/keptProse.ts";
import { lessonList } from "./ui/build/lessonList.ts";
import { pictures } from "./ui/build/pictures.ts";
import { devPages, prerenderSite } from "./ui/build/prerender.ts";
import { reachedFrom } from "./ui/build/reach.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Every `x.cli.ts` becomes `.build/x.js`; they share one folder, so their names must differ. */
const clis = Object.fromEntries(
  globSync("{engine,lessons,ui}/**/*.cli.ts", { cwd: root }).map((file) => [
    basename(file, ".cli.ts"),
    file,
  ]),
);

/** What a picture asks of a world; whatever these need travels with them. */
const ASKED = [
  "units",
  "zxid",
  "sim/read",
  "sim/clientsAt",
  "sim/command",
  "quorum/vote",
  "history/start",
];
const asked = reachedFrom(ASKED.map((file) => join(root, `engine/${file}.ts`)));

/**
 * What draws a lab's picture and listens to it: loaded by itself with each lab. What else there is in these rooms waits
 * for the lab's first use.
 */
function inThePicture(file: string): boolean {
  return (
    asked.has(file) ||
    [
      /\/ui\/stage\/(Stage|scene|layout|geometry|partition|tally|clientShapes|linkShapes|strips|zxidText|Server|Links|Clients|Middle|gestures|effects)\./,
      /\/ui\/lab\/(asleep|store|early|useFirstUse|Coming|useLab|format|icons|keys|StageBar|Controls|ShortcutsButton|Shortcuts\.module)\./,
      /\/ui\/a11y\/motion\./,
    ].some((room) => room.test(file))
  );
}

/** What runs a lab: fetched at the first sign of its use. */
function inTheEngine(file: string): boolean {
  return [/\/node_modules\/xstate\//, /\/engine\//, /\/ui\/lab\/(lab|delivery)\./].some((room) =>
    room.test(file),
  );
}

/** Lessons are MDX. `en.mdx?raw` stays text: tests read the words of a lesson so. */
function lessonText(): Plugin {
  const compiler = (forBrowser: boolean) =>
    mdx({
      remarkPlugins: [remarkGfm, remarkFrontmatter, remarkMdxFrontmatter],
      rehypePlugins: [rehypeSlug, [keptProse, { forBrowser }]],
    });
  const whole = compiler(false);
  const forBrowser = compiler(true);
  return {
    name: "ensemble:mdx",
    enforce: "pre",
    config(config, env) {
      whole.config(config, env);
      forBrowser.config(config, env);
    },
    async transform(code, id) {
      if (id.includes("?")) return undefined;
      const { mode, name } = this.environment;
      const { transform } = mode === "build" && name === "client" ? forBrowser : whole;
      return (await transform(code, id)) as { code: string } | undefined;
    },
  };
}

/** Class names of five letters: the same in page and script, and a tenth of their bytes. */
function shortClass(name: string, file: string): string {
  const hash = createHash("sha256")
    .update(`${relative(root, file)} ${name}`)
    .digest("base64url");
  return `c${hash.slice(0, 5)}`;
}

export default defineConfig(({ mode, command }) => ({
  root,
  base: "./",
  appType: "mpa",
  plugins: [
    lessonText(),
    lessonList(root),
    pictures(root),
    devPages(),
    react({ include: /\.(mdx|tsx|ts)$/ }),
  ],
  css: { modules: { generateScopedName: command === "build" ? shortClass : "[name]_[local]" } },
  build: {
    // Browsers that know light-dark() get it as written.
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
  },
  environments: {
    client: {
      build: {
        outDir: "dist",
        manifest: true,
        // The licences of what is bundled travel with it.
        license: { fileName: "licenses.md" },
        modulePreload: { polyfill: false },
        rolldownOptions: {
          input: { main: "ui/main.tsx" },
          output: {
            codeSplitting: {
              groups: [
                { name: "picture", test: inThePicture },
                { name: "engine", test: (file) => inTheEngine(file) && !inThePicture(file) },
              ],
              includeDependenciesRecursively: false,
            },
          },
          checks: { pluginTimings: false },
        },
      },
    },
    ssr: {
      build: {
        outDir: ".build",
        emptyOutDir: mode !== "cli",
        copyPublicDir: false,
        rolldownOptions: {
          input: mode === "cli" ? clis : { static: "ui/static.tsx" },
          output: { entryFileNames: "[name].js" },
          checks: { pluginTimings: false },
        },
      },
    },
  },
  builder: {
    async buildApp(builder) {
      const { client, ssr } = builder.environments;
      if (client === undefined || ssr === undefined)
        throw new Error("there are two environments, client and ssr");
      await builder.build(ssr);
      if (mode === "cli") return; // a tool needs no page
      await builder.build(client);
      await prerenderSite(root);
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
