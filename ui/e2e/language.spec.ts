import { afterAll, beforeAll, expect, test } from "vitest";
import { answers, openSite, type Site, takenOver } from "./browser.ts";

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

afterAll(() => site.close());

test("switching the language keeps the place, the run and what has been reached", async () => {
  await site.visit("en/fast-leader-election/", async (page) => {
    await takenOver(page);
    const english = (sid: number) =>
      page.getByRole("button", { name: new RegExp(`^Server ${sid}, `) });
    await english(1).click();
    await answers(page, "input[type=radio]");
    await page
      .getByRole("radio", { name: "3, it completes the majority" })
      .first()
      .check({ force: true });
    await page.getByRole("button", { name: "Lock in", exact: true }).click();
    await english(2).click();
    await english(3).click();
    await page
      .getByRole("button", { name: /^Server 3, leader, epoch/ })
      .waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.locator("#kill").scrollIntoViewIfNeeded();
    const clock = (await page.getByRole("slider").first().getAttribute("aria-valuetext")) ?? "";
    const seconds = /[\d.]+/.exec(clock)?.[0] ?? "none";
    const before = await page.locator("#kill").boundingBox();

    await page.getByRole("link", { name: "中文" }).click();
    await page.waitForURL(/\/zh\/fast-leader-election\//);
    await takenOver(page);
    await page.getByRole("button", { name: /^服务器 3，领导者，纪元/ }).waitFor();
    await page.getByRole("button", { name: /^服务器 4，.*已停机/ }).waitFor();
    // The playhead stands where it stood.
    await page.locator(`[role="slider"][aria-valuetext^="${seconds} "]`).waitFor();
    await expect
      .poll(async () => (await page.locator("#kill").boundingBox())?.y)
      .toBeGreaterThan((before?.y ?? 0) - 120);
    await expect
      .poll(async () => (await page.locator("#kill").boundingBox())?.y)
      .toBeLessThan((before?.y ?? 0) + 120);
    // The run goes on from there.
    await page.getByRole("button", { name: /^服务器 4，/ }).click();
    await page.getByRole("button", { name: /^服务器 4，追随者/ }).waitFor({ timeout: 60_000 });
  });
}, 120_000);

test("a run that was handed over damaged is forgotten without a word", async () => {
  await site.visit("en/fast-leader-election/", async (page) => {
    await takenOver(page);
    await page.evaluate(() => {
      for (let at = 0; at < sessionStorage.length; at += 1) {
        const key = sessionStorage.key(at);
        if (key !== null) sessionStorage.setItem(key, "{ broken");
      }
      sessionStorage.setItem("ensemble.lab.cold-start", "{ broken");
    });
    await page.goto(`${site.url}zh/fast-leader-election/`);
    await takenOver(page);
    await page.getByRole("button", { name: /^服务器 1，.*已停机/ }).waitFor();
  });
});
