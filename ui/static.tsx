import { prerender } from "react-dom/static";
import { heads } from "virtual:lesson-heads";
import { type Address, pathOf } from "./i18n/address";
import { HTML_LANG } from "./i18n/text";
import { addresses, loadPage } from "./pages";
import type { Picture } from "./lesson/LabSide";
import { NotFound } from "./shell/NotFound";

export { rootFrom } from "./i18n/address";

const HOME = {
  en: {
    title: "Ensemble: break a ZooKeeper cluster until you understand it",
    description:
      "An interactive course on ZooKeeper clusters: five simulated servers run in the page, and you kill them, cut them off and watch every message.",
  },
  zh: {
    title: "Ensemble：把 ZooKeeper 集群弄坏，直到你看懂它",
    description:
      "一门关于 ZooKeeper 集群的互动课程：五台模拟服务器就在页面里运行，你可以弄坏它们、切断它们之间的连接，看清每一条消息。",
  },
} as const;

/** A page as static HTML, and what its head says. */
export interface StaticPage {
  readonly address: Address;
  /** Below the site's root: "en/fast-leader-election/". */
  readonly path: string;
  readonly htmlLang: string;
  readonly title: string;
  readonly description: string;
  readonly body: string;
}

const pictures = import.meta.glob<Picture>(["../lessons/*/lab.ts", "./shell/homeLab.ts"], {
  query: "?picture",
});

/** How the lab in this file begins, for the scripts of the page (ui/build/pictures.ts). */
export async function pictureOf(file: string): Promise<Picture> {
  const key = file.startsWith("ui/") ? file.replace(/^ui/, ".") : `../${file}`;
  const load = pictures[key];
  if (load === undefined) throw new Error(`${file} holds a lab`);
  return load();
}

export function pathsOfSite(): readonly { address: Address; path: string }[] {
  return addresses.map((address) => ({ address, path: pathOf(address) }));
}

export async function renderPage(address: Address): Promise<StaticPage> {
  const head =
    address.slug === undefined ? HOME[address.lang] : heads[address.slug]?.[address.lang];
  if (head === undefined) throw new Error(`lesson ${address.slug} has front matter`);
  const title = address.slug === undefined ? head.title : `${head.title} · Ensemble`;
  const faults: unknown[] = [];
  const { prelude } = await prerender(await loadPage(address), {
    // Left at its default, React puts large parts behind inline scripts, which the policy blocks.
    progressiveChunkSize: Infinity,
    onError: (fault) => void faults.push(fault),
  });
  const body = await new Response(prelude).text();
  if (faults.length > 0)
    throw new Error(`${pathOf(address)} could not be drawn`, { cause: faults[0] });
  return {
    address,
    path: pathOf(address),
    htmlLang: HTML_LANG[address.lang],
    title,
    description: head.description,
    body,
  };
}

/** The page for every wrong address. It links home only when it knows where that is. */
export async function renderNotFound(home: string | undefined): Promise<string> {
  const { prelude } = await prerender(<NotFound home={home} />);
  return new Response(prelude).text();
}
