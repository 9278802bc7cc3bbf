import { type ReactNode, useRef, useState } from "react";
import { useWords } from "../i18n/text";
import { Icon } from "./icons";
import styles from "./RealCluster.module.css";

/** `<RealCluster>` around a code block: commands for a real ensemble, to copy. */
export function RealCluster({ children }: { readonly children: ReactNode }) {
  const words = useWords().real;
  const block = useRef<HTMLDivElement>(null);
  const [isCopied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    const text = block.current?.textContent?.trimEnd() ?? "";
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Without leave to write the clipboard the text is selected, one key away from it.
      if (block.current !== null) getSelection()?.selectAllChildren(block.current);
    }
  }

  return (
    <figure className={styles.real}>
      <figcaption>
        {words.title}
        <button type="button" onClick={() => void copy()}>
          <Icon name={isCopied ? "tick" : "copy"} size={14} />
          <span role="status">{isCopied ? words.copied : words.copy}</span>
        </button>
      </figcaption>
      {/* A long line is scrolled; so the block can be focused. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={block} role="group" aria-label={words.title} tabIndex={0}>
        {children}
      </div>
    </figure>
  );
}

/** `<Simpler>`: where this course's cluster does less than a real one. */
export function Simpler({ children }: { readonly children: ReactNode }) {
  return (
    <aside className={styles.simpler}>
      <h3>{useWords().simpler}</h3>
      {children}
    </aside>
  );
}
