import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesOf, keysOfLab, keysOfPage, keysOfUse, type Manifest } from "../build/chunks";
import { dist, openSite, type Site, takenOver } from "./browser";

const KB = 1_000;
const manifest = JSON.parse(
  readFileSync(join(dist, "../.build/manifest.json"), "utf8"),
) as Manifest;
const addresses = [
  { lang: "en", slug: "fast-leader-election" },
  { lang: "zh", slug: "fast-leader-election" },
] as const;

function gzipped(file: string): number {
  return gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
}

function sum(files: readonly string[]): number {
  return files.reduce((total, file) => total + gzipped(file), 0);
}

function table(files: readonly string[]): string {
  return files.map((file) => `${(gzipped(file) / KB).toFixed(1)} kB ${file}`).join("\n");
}

/** Besides the modules of the manifest, each page runs these before them. */
const FIRST = ["theme.js", "early.js"];

/** The script of a page once these chunks have come. */
function scriptOf(keys: readonly string[]): string[] {
  return [...FIRST, ...filesOf(manifest, keys).js];
}

describe.each(addresses)("the lesson page in $lang", (address) => {
  const page = scriptOf(keysOfPage(manifest, address));
  const lab = scriptOf([...keysOfPage(manifest, address), ...keysOfLab(manifest, address)]);
  const used = scriptOf([...keysOfPage(manifest, address), ...keysOfUse(manifest, address)]);
  const path = `${address.lang}/${address.slug}/`;

  test.each([
    ["before the lab", page, 85],
    ["before the first click in the lab", lab, 150],
    ["with the whole lab in use", used, 260],
  ] as const)("loads at most its share of script %s", (when, files, most) => {
    console.log(`${path} ${when}: ${(sum(files) / KB).toFixed(1)} kB\n${table(files)}`);
    expect(sum(files), table(files)).toBeLessThanOrEqual(most * KB);
  });

  test("is at most 37 kB of HTML, its style included", () => {
    const html = readFileSync(join(dist, path, "index.html"), "utf8");
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
    const [all, ofStyle] = [gzipSync(html).length, gzipSync(style).length];
    console.log(
      `${path} HTML ${(all / KB).toFixed(1)} kB, of which style ${(ofStyle / KB).toFixed(1)} kB`,
    );
    expect(all).toBeLessThanOrEqual(37 * KB);
  });

  test("has nothing of the engine before the first click", () => {
    const engine = used.filter((file) => /\/engine-[^/]+\.js$/.test(file));
    expect(engine.length, "the engine is a chunk of its own").toBe(1);
    expect(
      lab.some((file) => engine.includes(file)),
      "a file of the picture needs one of the engine's that ASKED in vite.config.ts does not name",
    ).toBe(false);
  });
});

describe("in a browser", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  /** Walks a lesson, and gives all scripts and styles that were asked for meanwhile. */
  async function asked(
    address: (typeof addresses)[number],
    walk: (page: Page) => Promise<void>,
  ): Promise<string[]> {
    const urls = new Set<string>();
    await site.visit("404.html", async (page) => {
      page.on("request", (request) => {
        if (/\.(js|css)$/.test(request.url())) urls.add(request.url());
      });
      await page.goto(`${site.url}${address.lang}/${address.slug}/`);
      await takenOver(page);
      await walk(page);
    });
    return [...urls].map((url) => url.slice(site.url.length));
  }

  test.each(addresses)(
    "the lesson in $lang loads no script that the sizes above leave out, and no style besides the inlined one",
    async (address) => {
      const counted = scriptOf([...keysOfPage(manifest, address), ...keysOfLab(manifest, address)]);
      const files = await asked(address, (page) => page.waitForTimeout(1_500));
      expect(files.length).toBeGreaterThan(2);
      expect(files.filter((file) => !counted.includes(file))).toEqual([]);
    },
  );

  test.each(addresses)(
    "a pointer that comes into the lab in $lang brings the whole lab, and nothing else",
    async (address) => {
      const counted = scriptOf([...keysOfPage(manifest, address), ...keysOfUse(manifest, address)]);
      const files = await asked(address, async (page) => {
        await page.locator("#cluster").hover({ position: { x: 5, y: 120 } });
        await page.waitForTimeout(1_500);
      });
      expect(files.filter((file) => !counted.includes(file))).toEqual([]);
      expect(counted.filter((file) => !files.includes(file))).toEqual([]);
    },
  );
});
