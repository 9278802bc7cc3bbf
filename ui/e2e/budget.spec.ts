import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesOf, keysOfLab, keysOfPage, type Manifest } from "../build/chunks";
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

describe.each(addresses)("the lesson page in $lang", (address) => {
  const page = filesOf(manifest, keysOfPage(manifest, address));
  const lab = filesOf(manifest, [
    ...keysOfPage(manifest, address),
    ...keysOfLab(manifest, address),
  ]);
  const path = `${address.lang}/${address.slug}/`;

  test("loads at most 85 kB of script before the lab", () => {
    console.log(`${path} before the lab: ${(sum(page.js) / KB).toFixed(1)} kB\n${table(page.js)}`);
    expect(sum(page.js), table(page.js)).toBeLessThanOrEqual(85 * KB);
  });

  test("loads at most 150 kB of script before the first click in the lab", () => {
    console.log(`${path} with the lab: ${(sum(lab.js) / KB).toFixed(1)} kB\n${table(lab.js)}`);
    expect(sum(lab.js), table(lab.js)).toBeLessThanOrEqual(150 * KB);
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
});

describe("in a browser", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  test.each(addresses)(
    "the lesson in $lang loads no script that the sizes above leave out, and no style besides the inlined one",
    async (address) => {
      const counted = filesOf(manifest, [
        ...keysOfPage(manifest, address),
        ...keysOfLab(manifest, address),
      ]).js;
      await site.visit("404.html", async (page) => {
        const asked = new Set<string>();
        page.on("request", (request) => {
          if (/\/assets\/.*\.(js|css)$/.test(request.url())) asked.add(request.url());
        });
        await page.goto(`${site.url}${address.lang}/${address.slug}/`);
        await takenOver(page);
        await page.waitForTimeout(1_500);
        const files = [...asked].map((url) => url.slice(site.url.length));
        expect(files.length).toBeGreaterThan(2);
        expect(files.filter((file) => !counted.includes(file))).toEqual([]);
      });
    },
  );
});
