import { hydrateRoot } from "react-dom/client";
import "./theme/tokens.css";
import "./theme/base.css";
import type { Lang } from "./i18n/text";
import { loadPage } from "./pages";

/** Takes over the prerendered page; `/` reads the language kept here (public/choose.js). */
async function takeOver(root: HTMLElement): Promise<void> {
  const lang: Lang = root.dataset.lang === "zh" ? "zh" : "en";
  try {
    localStorage.setItem("ensemble.lang", lang);
  } catch {
    // A browser that keeps nothing still shows the page.
  }
  hydrateRoot(root, await loadPage({ lang, slug: root.dataset.slug }));
}

// No top-level await: a lesson's chunk that imports this entry could wait for it for ever.
const root = document.getElementById("root");
if (root !== null) void takeOver(root);
