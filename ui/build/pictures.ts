import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { isRunnableDevEnvironment, type Plugin, type ViteDevServer } from "vite";

/** What ui/static.tsx exports; stated here because build tools import nothing of the page. */
interface Pictures {
  pictureOf(file: string): Promise<{ readonly id: string; readonly world: unknown }>;
}

/** Where the run of a lab begins, worked out by the engine: a lesson's first lab, or the home page's. */
export function pictureSource(root: string, file: string): string {
  const isHome = file.endsWith("/homeLab.ts");
  const from = (path: string) => JSON.stringify(join(root, path));
  return isHome
    ? `import { homeLab, homeWorld } from ${JSON.stringify(file)};
export const { id } = homeLab;
export const world = homeWorld();`
    : `import { labs } from ${JSON.stringify(file)};
import { worldOfLab } from ${from("engine/index.ts")};
import { SEED } from ${from("ui/lesson/seed.ts")};
export const { id } = labs[0];
export const world = worldOfLab(labs[0], SEED);`;
}

/** The same as data, for a page that shows it before the engine is there. */
export function pictureData({
  id,
  world,
}: {
  readonly id: string;
  readonly world: unknown;
}): string {
  const text = JSON.stringify(world, (key, value: unknown) => {
    if (value instanceof Map || value instanceof Set)
      throw new Error(`the world of ${id} is plain data, but ${key} is not`);
    return value;
  });
  return `export const id = ${JSON.stringify(id)};\nexport const world = ${text};\n`;
}

/**
 * Vite plugin for `lab.ts?picture`: how a lab begins. The server side asks the engine; a browser gets the answer as
 * data, so that the picture can be drawn and used before the engine has come.
 */
export function pictures(root: string): Plugin {
  let server: ViteDevServer | undefined;
  async function site(): Promise<Pictures> {
    const ssr = server?.environments.ssr;
    if (ssr === undefined)
      return (await import(pathToFileURL(join(root, ".build/static.js")).href)) as Pictures;
    if (!isRunnableDevEnvironment(ssr)) throw new Error("the ssr environment runs in this process");
    return ssr.runner.import<Pictures>("/ui/static.tsx");
  }
  return {
    name: "ensemble:pictures",
    enforce: "pre",
    configureServer(started) {
      server = started;
    },
    async load(id) {
      const file = /^(.*\/(?:lab|homeLab)\.ts)\?picture$/.exec(id)?.[1];
      if (file === undefined) return undefined;
      if (this.environment.name !== "client") return pictureSource(root, file);
      return pictureData(await (await site()).pictureOf(relative(root, file)));
    },
  };
}
