import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answers, openSite, type Site, takenOver } from "./browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

afterAll(() => site.close());

async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(
    async () =>
      (await (
        globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }
      ).axe.run()) satisfies AxeResults,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

test.each([
  ["en/", "light"],
  ["zh/", "dark"],
  ["en/fast-leader-election/", "dark"],
  ["zh/fast-leader-election/", "light"],
] as const)("axe finds no fault on %s, %s", async (path, colorScheme) => {
  await site.visit(
    path,
    async (page) => {
      await takenOver(page);
      expect(await faultsOf(page)).toEqual([]);
    },
    { colorScheme, bypassCSP: true },
  );
});

test("axe finds no fault while a cluster runs and a menu is open", async () => {
  await site.visit(
    "en/fast-leader-election/",
    async (page) => {
      await takenOver(page);
      const server = page.getByRole("button", { name: /^Server 1, / });
      await server.click();
      await answers(page, "input[type=radio]");
      await page.getByRole("radio", { name: "1, it was first" }).first().check({ force: true });
      await page.getByRole("button", { name: "Lock in", exact: true }).click();
      await page.getByRole("button", { name: /^Server 1, looking/ }).waitFor();
      await server.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("menu").waitFor();
      expect(await faultsOf(page)).toEqual([]);
    },
    { bypassCSP: true },
  );
});
