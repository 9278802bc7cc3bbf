import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isRunnableDevEnvironment, type Plugin } from "vite";
import {
  filesOf,
  keysOfLab,
  keysOfPage,
  keysOfPicture,
  type Manifest,
  type PageAddress,
} from "./chunks.ts";
import { documentOf, escapeHtml, inlineStyle } from "./document.ts";

/** What ui/static.tsx exports; stated here because build tools import nothing of the page. */
interface StaticSite {
  pathsOfSite(): readonly { readonly address: PageAddress; readonly path: string }[];
  renderPage(address: PageAddress): Promise<{
    readonly path: string;
    readonly htmlLang: string;
    readonly title: string;
    readonly description: string;
    readonly body: string;
  }>;
  renderNotFound(home: string | undefined): Promise<string>;
  rootFrom(address: PageAddress): string;
}

const CHOOSE = {
  title: "Ensemble",
  description: "An interactive course on ZooKeeper clusters. 一门关于 ZooKeeper 集群的互动课程。",
  style:
    ":root{color-scheme:light dark}body{font:1.125rem/1.6 system-ui,sans-serif;margin:20vh auto;text-align:center}a{color:inherit;margin:0 1em}",
  body: '<p><a href="./en/" hreflang="en">English</a> <a href="./zh/" hreflang="zh-Hans" lang="zh-Hans">简体中文</a></p>',
} as const;

const NOT_FOUND_STYLE =
  ":root{color-scheme:light dark}body{font:1.125rem/1.6 system-ui,sans-serif;max-width:32em;margin:15vh auto;padding:0 1.5em}h1{font-size:1.5em}a{color:inherit}div{margin-top:4em}";

function iconLink(root: string): string {
  return `<link rel="icon" type="image/svg+xml" href="${root}favicon.svg">`;
}

function rootBody(address: PageAddress, body: string): string {
  const slug = address.slug === undefined ? "" : ` data-slug="${address.slug}"`;
  return `<div id="root" data-lang="${address.lang}"${slug}>${body}</div>`;
}

/** What must be absolute is written only when the site's own address is known. */
function absoluteLinks(
  siteUrl: string,
  path: string,
  address: PageAddress,
  title: string,
  description: string,
): string[] {
  const other = (lang: string) => siteUrl + path.replace(/^(en|zh)\//, `${lang}/`);
  return [
    `<link rel="canonical" href="${siteUrl}${path}">`,
    `<link rel="alternate" hreflang="en" href="${other("en")}">`,
    `<link rel="alternate" hreflang="zh-Hans" href="${other("zh")}">`,
    `<link rel="alternate" hreflang="x-default" href="${address.slug === undefined ? siteUrl : other("en")}">`,
    `<meta property="og:type" content="website">`,
    `<meta property="og:title" content="${escapeHtml(title)}">`,
    `<meta property="og:description" content="${escapeHtml(description)}">`,
    `<meta property="og:url" content="${siteUrl}${path}">`,
    `<meta property="og:image" content="${siteUrl}og.png">`,
  ];
}

/** `SITE_URL` as a folder's address, with its slash at the end. */
function readSiteUrl(): string | undefined {
  const given = process.env.SITE_URL;
  if (given === undefined || given === "") return undefined;
  return new URL(given.endsWith("/") ? given : `${given}/`).href;
}

/** Writes every page into `dist`, after both environments are built. */
export async function prerenderSite(root: string): Promise<void> {
  const dist = join(root, "dist");
  const site = (await import(pathToFileURL(join(root, ".build/static.js")).href)) as StaticSite;
  const siteUrl = readSiteUrl();

  // The manifest is for the build and its tests; visitors have no use for it.
  renameSync(join(dist, ".vite/manifest.json"), join(root, ".build/manifest.json"));
  rmSync(join(dist, ".vite"), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(root, ".build/manifest.json"), "utf8")) as Manifest;

  const write = (path: string, text: string): void => {
    const file = join(dist, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };

  const paths = site.pathsOfSite();
  for (const { address, path } of paths) {
    const page = await site.renderPage(address);
    const up = site.rootFrom(address);
    const first = filesOf(manifest, keysOfPage(manifest, address));
    const lab = filesOf(manifest, keysOfLab(manifest, address));
    const styles = filesOf(manifest, keysOfPicture(manifest, address)).css;
    const css = styles.map((file) => readFileSync(join(dist, file), "utf8"));
    const [entry, ...rest] = first.js;
    const later = lab.js.filter((file) => !first.js.includes(file));
    write(
      `${path}index.html`,
      documentOf({
        ...page,
        root: up,
        style: inlineStyle(css.join(""), up),
        policy: true,
        head: [
          `<script src="${up}theme.js"></script>`,
          `<script src="${up}early.js"></script>`,
          `<script type="module" src="${up}${entry}"></script>`,
          ...rest.map((file) => `<link rel="modulepreload" href="${up}${file}">`),
          ...later.map(
            (file) => `<link rel="modulepreload" fetchpriority="low" href="${up}${file}">`,
          ),
          // Inlined above. A disabled link is not fetched, and tells Vite's loader that the chunk's style is there.
          ...styles.map((file) => `<link rel="stylesheet" disabled href="${up}${file}">`),
          iconLink(up),
          ...(siteUrl === undefined
            ? []
            : absoluteLinks(siteUrl, path, address, page.title, page.description)),
        ],
        body: rootBody(address, page.body),
      }),
    );
  }

  write(
    "index.html",
    documentOf({
      ...CHOOSE,
      htmlLang: "en",
      root: "./",
      policy: true,
      head: [
        '<script src="./choose.js"></script>',
        iconLink("./"),
        ...(siteUrl === undefined ? [] : [`<link rel="canonical" href="${siteUrl}">`]),
      ],
    }),
  );
  write(
    "404.html",
    documentOf({
      htmlLang: "en",
      title: "There is no such page · 没有这个页面",
      description: "There is no such page. 没有这个页面。",
      root: "",
      style: NOT_FOUND_STYLE,
      policy: true,
      head: ['<link rel="icon" href="data:,">', '<meta name="robots" content="noindex">'],
      body: await site.renderNotFound(siteUrl),
    }),
  );
  if (siteUrl !== undefined) {
    const urls = paths.map(({ path }) => `<url><loc>${siteUrl}${path}</loc></url>`).join("\n");
    write(
      "sitemap.xml",
      `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls}\n</urlset>\n`,
    );
  }
}

/** The dev server draws the same pages from the sources, so that faults of hydration show while developing. */
export function devPages(): Plugin {
  return {
    name: "ensemble:dev-pages",
    apply: "serve",
    configureServer(server) {
      return () => {
        server.middlewares.use((request, response, next) => {
          const answer = async (): Promise<void> => {
            const ssr = server.environments.ssr;
            if (!isRunnableDevEnvironment(ssr))
              throw new Error("the ssr environment runs in this process");
            const site = await ssr.runner.import<StaticSite>("/ui/static.tsx");
            const url = (request.originalUrl ?? "/").replace(/[?#].*$/, "");
            const found = site
              .pathsOfSite()
              .find(({ path }) => url === `/${path}` || url === `/${path}index.html`);
            let html: string;
            if (found !== undefined) {
              const page = await site.renderPage(found.address);
              html = documentOf({
                ...page,
                root: "/",
                style: "",
                policy: false,
                head: [
                  '<script src="/theme.js"></script>',
                  '<script src="/early.js"></script>',
                  '<script type="module" src="/ui/main.tsx"></script>',
                  iconLink("/"),
                ],
                body: rootBody(found.address, page.body),
              });
            } else if (url === "/" || url === "/index.html") {
              const head = ['<script src="/choose.js"></script>', iconLink("/")];
              html = documentOf({ ...CHOOSE, htmlLang: "en", root: "/", policy: false, head });
            } else {
              next();
              return;
            }
            response.setHeader("Content-Type", "text/html; charset=utf-8");
            response.end(await server.transformIndexHtml(url, html));
          };
          answer().catch(next);
        });
      };
    },
  };
}
