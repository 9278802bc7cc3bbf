import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answers, openSite, type Site, takenOver, type Visit } from "./browser.ts";

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

afterAll(() => site.close());

const PAGE = /\/assets\/main-[^/]+\.js$/;
const ENGINE = /\/assets\/engine-[^/]+\.js$/;

/** Opens the lesson while one of its scripts is held back, until the walk lets it go. */
async function heldBack(
  script: RegExp,
  walk: (page: Page, letGo: () => void) => Promise<void>,
  options?: Visit,
): Promise<void> {
  await site.visit(
    "404.html",
    async (page) => {
      let letGo = (): void => undefined;
      const free = new Promise<void>((settle) => {
        letGo = settle;
      });
      await page.route(script, async (route) => {
        await free;
        await route.continue();
      });
      await page.goto(`${site.url}en/fast-leader-election/`, { waitUntil: "commit" });
      await walk(page, letGo);
    },
    options,
  );
}

const server = (page: Page, sid: number) =>
  page.getByRole("button", { name: new RegExp(`^Server ${sid}, `) });

/** The first start waits for the prediction; once it is locked in, the server starts without another click. */
async function startsWithoutAnotherClick(page: Page, sid: number): Promise<void> {
  await answers(page, "input[type=radio]");
  await page.getByRole("radio", { name: "1, it was first" }).first().check({ force: true });
  await page.getByRole("button", { name: "Lock in", exact: true }).click();
  await page.getByRole("button", { name: new RegExp(`^Server ${sid}, looking`) }).waitFor();
}

test("a click on the picture, before any script of the page has come, counts", async () => {
  await heldBack(PAGE, async (page, letGo) => {
    await server(page, 2).click();
    letGo();
    await startsWithoutAnotherClick(page, 2);
  });
});

test("a tap on a phone counts before any script has come, and the picture says that it is coming", async () => {
  await heldBack(
    PAGE,
    async (page, letGo) => {
      await server(page, 3).tap();
      const words = page.locator("#cluster p[data-words]");
      await expect
        .poll(() => words.evaluate((shown) => getComputedStyle(shown, "::before").content))
        .toBe('"Starting the servers"');
      letGo();
      await startsWithoutAnotherClick(page, 3);
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true },
  );
});

test("keys count before any script has come: the arrow moves, and K starts the server it came to", async () => {
  await heldBack(PAGE, async (page, letGo) => {
    await server(page, 1).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("k");
    letGo();
    await startsWithoutAnotherClick(page, 2);
  });
});

test("a click before the engine has come counts; once more on the same server is the same click", async () => {
  await heldBack(ENGINE, async (page, letGo) => {
    await takenOver(page);
    await server(page, 1).click();
    await server(page, 1).click();
    await page.getByRole("status").filter({ hasText: "Starting the servers" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-sid"))).toBe("1");
    letGo();
    await startsWithoutAnotherClick(page, 1);
    await page.getByText("Starting the servers").waitFor({ state: "detached" });
  });
});

test.each([
  [1440, 900],
  [390, 844],
])("the picture stays as it is when the engine comes, at %i by %i", async (width, height) => {
  await heldBack(
    ENGINE,
    async (page, letGo) => {
      await takenOver(page);
      const picture = () =>
        page.evaluate(() => {
          const parts = [...document.querySelectorAll("#cluster button, #cluster [data-sid]")];
          const places = parts.map((part) => JSON.stringify(part.getBoundingClientRect()));
          return [document.querySelector("[data-hand] > svg")?.outerHTML, ...places].join("\n");
        });
      await server(page, 4).focus();
      await page.waitForTimeout(300);
      const before = await picture();
      const engine = page.waitForResponse(ENGINE);
      letGo();
      await engine;
      await page.waitForTimeout(700);
      expect((await picture()) === before, "the same elements at the same places").toBe(true);
      expect(await page.evaluate(() => document.activeElement?.getAttribute("data-sid"))).toBe("4");
    },
    { viewport: { width, height } },
  );
});

test("an engine that could not be fetched is fetched with the next click, and no click is lost", async () => {
  await site.visit(
    "404.html",
    async (page) => {
      let refused = 0;
      await page.route(ENGINE, async (route) => {
        refused += 1;
        if (refused === 1) await route.abort();
        else await route.continue();
      });
      await page.goto(`${site.url}en/fast-leader-election/`);
      await takenOver(page);
      await server(page, 5).click();
      await page.getByRole("status").filter({ hasText: "could not be fetched" }).waitFor();
      await server(page, 5).click();
      await startsWithoutAnotherClick(page, 5);
    },
    { mayComplain: /404|ERR_FAILED/ },
  );
});

test("nothing of the engine is fetched while the lesson is only read", async () => {
  await site.visit("404.html", async (page) => {
    const asked: string[] = [];
    page.on("request", (request) => {
      if (ENGINE.test(request.url())) asked.push(request.url());
    });
    await page.goto(`${site.url}en/fast-leader-election/`);
    await takenOver(page);
    await page.mouse.move(200, 400);
    for (let turns = 0; turns < 12; turns += 1) await page.mouse.wheel(0, 600);
    await page.waitForTimeout(1_000);
    expect(asked).toEqual([]);
    await page.getByRole("link", { name: "Skip to cluster" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => asked.length).toBe(1);
  });
});
