import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, type Site } from "./browser.ts";
import { sameRun } from "./sameRun.ts";

let site: Site;
let script: string;

beforeAll(async () => {
  site = await openSite();
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL("sameRun.ts", import.meta.url)),
        formats: ["iife"],
        name: "engineRun",
      },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (output === undefined || !("output" in output)) throw new Error("the engine is bundled");
  script = output.output[0].code;
});

afterAll(async () => {
  await site.close();
});

for (const seed of [1, 2, 3]) {
  test(`seed ${seed} and the same commands give the same world, byte for byte, in Node and in Chromium`, async () => {
    const page = await site.browser.newPage();
    await page.addScriptTag({ content: script });
    const inBrowser = await page.evaluate(
      (number) =>
        (
          globalThis as unknown as { engineRun: { sameRun: (seed: number) => string } }
        ).engineRun.sameRun(number),
      seed,
    );
    await page.close();
    const inNode = sameRun(seed);
    expect(inNode.length).toBeGreaterThan(100_000);
    expect(inBrowser === inNode, "the two texts are equal").toBe(true);
  });
}

test("another seed gives another run", () => {
  expect(sameRun(1)).not.toBe(sameRun(2));
});
