import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { serve } from "../build/serve.mjs";

/** The built pages; `vite build` comes before the browser tests. */
export const dist = fileURLToPath(new URL("../../dist", import.meta.url));

export interface Visit extends BrowserContextOptions {
  /** Console errors that belong to the walk, such as a wrong address answered by 404. */
  readonly mayComplain?: RegExp;
}

/** The built site in a real browser, below some path of a server on this computer. */
export interface Site {
  readonly url: string;
  readonly browser: Browser;
  /** Opens a path in a fresh profile and walks; any error of the page or its console fails the walk. */
  visit(path: string, walk: (page: Page) => Promise<void>, options?: Visit): Promise<void>;
  close(): Promise<void>;
}

function chromiumPath(): string {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) {
    throw new Error(
      `no browser at ${path}: install Chromium, or name it, CHROMIUM=/path/to/chromium`,
    );
  }
  return path;
}

export async function openSite(base = "/"): Promise<Site> {
  if (!existsSync(dist))
    throw new Error("there is no dist: run vite build first (npm run e2e does)");
  const served = await serve({ folder: dist, base });
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-extensions",
      "--disable-sync",
      "--mute-audio",
    ],
  });
  return {
    url: served.url,
    browser,
    async visit(path, walk, { mayComplain, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: "en-US",
        ...options,
      });
      context.setDefaultTimeout(15_000);
      const faults: string[] = [];
      context.on("weberror", (fault) => faults.push(String(fault.error().stack ?? fault.error())));
      context.on("console", (message) => {
        if (message.type() !== "error") return;
        const text = `${message.text()} (${message.location().url})`;
        if (mayComplain?.test(text) !== true) faults.push(text);
      });
      try {
        const page = await context.newPage();
        await page.goto(served.url + path);
        await walk(page);
        expect(faults, `what the browser reported at ${path}`).toEqual([]);
      } catch (error) {
        if (faults.length > 0 && error instanceof Error)
          error.message += `\nThe browser reported:\n${faults.join("\n")}`;
        throw error;
      } finally {
        await context.close();
      }
    },
    async close() {
      await browser.close();
      await served.close();
    },
  };
}

/** Waits until React has taken the page over, and the cluster with it: its servers answer from now on. */
export async function takenOver(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const answers = (element: Element | null | undefined) =>
      element !== null &&
      element !== undefined &&
      Object.keys(element).some((key) => key.startsWith("__reactFiber"));
    const servers = [
      ...document.querySelectorAll("[role=button][aria-haspopup=menu], button[aria-haspopup=menu]"),
    ];
    const stages = [...document.querySelectorAll<HTMLElement>("[data-hand]")];
    return (
      answers(document.getElementById("root")?.firstElementChild) &&
      servers.every(answers) &&
      stages.every((stage) => stage.dataset["listening"] !== undefined)
    );
  });
}

/** Waits until React answers for this part of the page; what comes late shows its prerendered picture until then. */
export async function answers(page: Page, selector: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    const part = document.querySelector(wanted);
    return part !== null && Object.keys(part).some((key) => key.startsWith("__reactFiber"));
  }, selector);
}
