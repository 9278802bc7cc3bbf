import styles from "./LiveRegion.module.css";

/** Speaks its text politely whenever it changes. Sighted readers find the same words elsewhere. */
export function LiveRegion({ text }: { readonly text: string }) {
  return (
    <p className={styles["unseen"]} aria-live="polite" aria-atomic="true">
      {text}
    </p>
  );
}
