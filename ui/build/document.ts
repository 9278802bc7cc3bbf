import { createHash } from "node:crypto";

/** What a page's document needs; all paths as the page itself would write them. */
export interface PageDocument {
  readonly htmlLang: string;
  readonly title: string;
  readonly description: string;
  /** The way up to the site's root: "../../". */
  readonly root: string;
  /** The one inlined style, or nothing while developing. */
  readonly style: string;
  readonly policy: boolean;
  /** Further lines of the head: links, scripts, metadata. */
  readonly head: readonly string[];
  readonly body: string;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Nothing inline but the one style whose hash stands here, nothing from elsewhere, no eval. */
export function contentSecurityPolicy(style: string): string {
  const hash = createHash("sha256").update(style).digest("base64");
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'sha256-${hash}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

export function documentOf(page: PageDocument): string {
  return [
    "<!doctype html>",
    `<html lang="${page.htmlLang}">`,
    "<head>",
    '<meta charset="utf-8">',
    ...(page.policy
      ? [
          `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(page.style)}">`,
        ]
      : []),
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(page.title)}</title>`,
    `<meta name="description" content="${escapeHtml(page.description)}">`,
    ...(page.style === "" ? [] : [`<style>${page.style}</style>`]),
    ...page.head,
    "</head>",
    `<body>${page.body}</body>`,
    "</html>",
    "",
  ].join("\n");
}

/** A stylesheet from `assets/`, moved into a page: what it names by `url()` is found from the page's place. */
export function inlineStyle(css: string, root: string): string {
  return css
    .trim()
    .replaceAll(
      /url\((["']?)(?![a-z]+:|[#/])(?:\.\/)?([^)"']+)\1\)/g,
      (_all, quote: string, file: string) => {
        return `url(${quote}${root}assets/${file}${quote})`;
      },
    );
}
