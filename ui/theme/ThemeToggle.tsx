import { useSyncExternalStore } from "react";
import styles from "./ThemeToggle.module.css";

/** `system` follows the device; the two others hold against it. */
export type Theme = "light" | "dark" | "system";

/** Also read by public/theme.js, before the first paint. */
const KEY = "ensemble.theme";
const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

/** theme.js has put the kept choice there; without storage the document is all that knows it. */
function readTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing still shows the theme on this page.
  }
  for (const listener of listeners) listener();
}

/** One button that goes round: system, light, dark. Its words come from the page, so that theme needs no language. */
export function ThemeToggle({
  words,
}: {
  words: {
    readonly label: string;
    readonly light: string;
    readonly dark: string;
    readonly system: string;
  };
}) {
  const theme = useSyncExternalStore(subscribe, readTheme, (): Theme => "system");
  const name = `${words.label}: ${words[theme]}`;
  return (
    <button
      type="button"
      className={styles.toggle}
      aria-label={name}
      title={name}
      onClick={() => applyTheme(NEXT[theme])}
    >
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" className={styles.icon}>
        {theme === "light" && (
          <>
            <circle cx="10" cy="10" r="3" />
            <path d="M10 2.6v2M10 15.4v2M2.6 10h2M15.4 10h2M4.8 4.8l1.4 1.4M13.8 13.8l1.4 1.4M4.8 15.2l1.4-1.4M13.8 6.2l1.4-1.4" />
          </>
        )}
        {theme === "dark" && <path d="M16 11.9A6.6 6.6 0 0 1 8.1 4a6.6 6.6 0 1 0 7.9 7.9Z" />}
        {theme === "system" && (
          <>
            <circle cx="10" cy="10" r="6.6" />
            <path d="M10 3.4a6.6 6.6 0 0 1 0 13.2Z" className={styles.half} />
          </>
        )}
      </svg>
    </button>
  );
}
