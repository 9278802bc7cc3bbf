import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dist, openSite, type Site } from "./browser";

const pages = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".html"))
  .map((file): [string, string] => [file, readFileSync(join(dist, file), "utf8")]);

function policyOf(html: string): string {
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html)?.[1];
  expect(policy, "the page states its policy").toBeDefined();
  return policy ?? "";
}

test("every page is built: two homes, two of each lesson, the front door and the wrong address", () => {
  expect(pages.map(([file]) => file).sort()).toEqual([
    "404.html",
    "en/fast-leader-election/index.html",
    "en/index.html",
    "index.html",
    "zh/fast-leader-election/index.html",
    "zh/index.html",
  ]);
});

describe.each(pages)("the policy of %s", (_file, html) => {
  test("allows nothing by default, nothing inline, no eval and no other host", () => {
    const policy = policyOf(html);
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'sha256-[^']+'; /,
    );
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(html.indexOf("Content-Security-Policy")).toBeLessThan(
      html.search(/<(script|style|link)/),
    );
  });

  test("knows every inline style by its hash, and there is one at most", () => {
    const styles = [...html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map(
      ([, css = ""]) => css,
    );
    expect(styles.length).toBe(1);
    for (const css of styles) {
      expect(policyOf(html)).toContain(
        `'sha256-${createHash("sha256").update(css).digest("base64")}'`,
      );
    }
  });

  test("finds no style attribute, no inline script and no event attribute to block", () => {
    const tags =
      html.replaceAll(/<style[^>]*>[\s\S]*?<\/style>/g, "").match(/<[a-z][^>]*>/gi) ?? [];
    expect(tags.length).toBeGreaterThan(5);
    expect(tags.filter((tag) => /\sstyle\s*=/i.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /\son[a-z]+\s*=/i.test(tag))).toEqual([]);
    const inline = [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].filter(
      ([, attributes = "", code = ""]) =>
        !/type="application\/(ld\+)?json"/.test(attributes) && code.trim() !== "",
    );
    expect(inline.map(([all]) => all)).toEqual([]);
  });

  test("loads nothing from another host", () => {
    const loaded = [
      ...html.matchAll(/<(?:script|img|link|iframe|source)[^>]*(?:src|href)="([^"]+)"/g),
    ];
    expect(loaded.map(([, url = ""]) => url).filter((url) => /^(https?:)?\/\//.test(url))).toEqual(
      [],
    );
  });
});

describe("the policy in a browser", () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  test("blocks an inline script and a style attribute that somebody slips in", async () => {
    await site.visit(
      "en/",
      async (page) => {
        const broken = await page.evaluate(async () => {
          const directives: string[] = [];
          document.addEventListener("securitypolicyviolation", (event) =>
            directives.push(event.effectiveDirective),
          );
          const script = document.createElement("script");
          script.textContent = "document.title = 'taken'";
          document.body.append(script);
          const box = document.createElement("div");
          box.setAttribute("style", "color: red");
          document.body.append(box);
          await new Promise((done) => setTimeout(done, 200));
          return { directives, title: document.title };
        });
        expect(broken.directives).toEqual(
          expect.arrayContaining(["script-src-elem", "style-src-attr"]),
        );
        expect(broken.title).not.toBe("taken");
      },
      { mayComplain: /Content Security Policy/ },
    );
  });
});
