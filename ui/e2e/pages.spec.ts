import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSite, type Site, takenOver } from "./browser";

const pages = ["en/", "zh/", "en/fast-leader-election/", "zh/fast-leader-election/"];
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

describe.each(["/", "/a/b/"])("the site below %s", (base) => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(base);
  });
  afterAll(() => site.close());

  test.each(pages)("%s opens and is taken over by React without a complaint", async (path) => {
    await site.visit(path, async (page) => {
      await takenOver(page);
      await page.waitForTimeout(500);
      expect(await page.locator("h1").count()).toBe(1);
      expect(await page.locator("html").getAttribute("lang")).toBe(
        path.startsWith("zh") ? "zh-Hans" : "en",
      );
    });
  });

  test.each(pages)("every link of %s leads to a page or file that is there", async (path) => {
    await site.visit(path, async (page) => {
      const hrefs = await page.evaluate(() =>
        [
          ...document.querySelectorAll<HTMLAnchorElement | HTMLLinkElement>("a[href], link[href]"),
        ].map((a) => a.href),
      );
      const inside = [...new Set(hrefs.map((href) => href.replace(/#.*/, "")))].filter((href) =>
        href.startsWith(new URL(site.url).origin),
      );
      expect(inside.length).toBeGreaterThan(0);
      for (const href of inside) {
        expect(href.startsWith(site.url), `${href} stays below ${base}`).toBe(true);
        expect((await page.request.get(href)).status(), href).toBe(200);
      }
    });
  });

  test.each(pages.slice(2))("%s keeps its prose when React takes it over", async (path) => {
    await site.visit(path, async (page) => {
      const read = () =>
        page.evaluate(() =>
          [...document.querySelectorAll("[data-prose]")].map((block) => block.innerHTML),
        );
      await takenOver(page);
      const sent = await (await page.request.get(site.url + path)).text();
      const words = await read();
      expect(words.length).toBeGreaterThan(5);
      for (const block of words)
        expect(sent).toContain(block.replaceAll("&nbsp;", "\u00a0").slice(0, 60));
    });
  });

  test("the front door opens in the browser's language", async () => {
    await site.visit("", (page) => page.waitForURL(`${site.url}zh/`), { locale: "zh-CN" });
    await site.visit("", (page) => page.waitForURL(`${site.url}en/`), { locale: "de-DE" });
  });

  test("the front door remembers the language read last", async () => {
    await site.visit("zh/", async (page) => {
      await takenOver(page);
      await page.goto(site.url);
      await page.waitForURL(`${site.url}zh/`);
    });
  });

  test("a wrong address answers in both languages, at any depth", async () => {
    await site.visit(
      "en/no/such/page/",
      async (page) => {
        expect(await page.locator("body").innerText()).toMatch(/no such page[\s\S]*没有这个页面/);
      },
      { mayComplain: /404/ },
    );
  });
});

describe("a browser without JavaScript", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  test("reads the lesson in both languages", async () => {
    await site.visit(
      "en/fast-leader-election/",
      async (page) => {
        const text = await page.locator("main").innerText();
        expect(text).toMatch(/epoch/);
        expect(text.length).toBeGreaterThan(3_000);
      },
      { javaScriptEnabled: false },
    );
    await site.visit(
      "zh/fast-leader-election/",
      async (page) => {
        const text = await page.locator("main").innerText();
        expect(text).toMatch(/领导者/);
        expect(text.length).toBeGreaterThan(1_000);
      },
      { javaScriptEnabled: false },
    );
  });

  test("chooses a language at the front door by hand", async () => {
    await site.visit(
      "",
      async (page) => {
        await page.getByRole("link", { name: "简体中文" }).click();
        await page.waitForURL(`${site.url}zh/`);
      },
      { javaScriptEnabled: false },
    );
  });
});

describe("the layout", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  test.each(pages)("%s never scrolls sideways", async (path) => {
    for (const viewport of sizes) {
      await site.visit(
        path,
        async (page) => {
          await takenOver(page);
          const wider = await page.evaluate(
            () => document.documentElement.scrollWidth - window.innerWidth,
          );
          expect(wider, `at ${viewport.width}`).toBeLessThanOrEqual(0);
        },
        { viewport },
      );
    }
  });

  test("a chosen theme holds from the first paint on", async () => {
    await site.visit(
      "en/",
      async (page) => {
        await page.evaluate(() => localStorage.setItem("ensemble.theme", "dark"));
        await page.reload();
        expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
        expect(
          await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme),
        ).toBe("dark");
      },
      { colorScheme: "light" },
    );
  });
});
