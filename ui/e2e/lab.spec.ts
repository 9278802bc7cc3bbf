import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answers, openSite, type Site, takenOver } from "./browser.ts";

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

afterAll(() => site.close());

const server = (page: Page, sid: number) =>
  page.getByRole("button", { name: new RegExp(`^Server ${sid}, `) });

/** Two servers that look for a leader, stopped while a vote is on its way. */
async function stopAtAVote(page: Page): Promise<void> {
  await takenOver(page);
  await server(page, 1).click();
  await answers(page, "input[type=radio]");
  await page.getByRole("radio", { name: "1, it was first" }).first().check({ force: true });
  await page.getByRole("button", { name: "Lock in", exact: true }).click();
  await server(page, 2).click();
  await page
    .getByRole("button", { name: /^NOTIFICATION from/ })
    .first()
    .waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Pause", exact: true }).click();
}

test("a click that no pointer made opens a server's menu instead of killing it", async () => {
  await site.visit("en/fast-leader-election/", async (page) => {
    await takenOver(page);
    await server(page, 1).dispatchEvent("click", { detail: 0 });
    await page.getByRole("menu").waitFor();
    await page.getByRole("menuitem", { name: "Start" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    expect(await server(page, 1).getAttribute("aria-label")).toContain("down");
  });
});

test("the rarer ways to break a server are reached by keys, and what ails it is told", async () => {
  await site.visit("en/fast-leader-election/", async (page) => {
    await takenOver(page);
    await server(page, 1).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByRole("menuitemcheckbox", { name: "Full disk" }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Server 1, .*disk full/ }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-sid"))).toBe("1");
  });
});

test("a message on its way can be opened to see its fields, and says what dropping it breaks", async () => {
  await site.visit("en/fast-leader-election/", async (page) => {
    await stopAtAVote(page);
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page
      .getByRole("button", { name: /^NOTIFICATION from/ })
      .first()
      .focus();
    await page.keyboard.press("Enter");
    for (const field of ["leader", "zxid", "peerEpoch", "round", "state"]) {
      await page.getByText(field, { exact: true }).first().waitFor();
    }
    await page.getByRole("button", { name: "Drop: breaks 1–2 on 3888" }).waitFor();
  });
});
