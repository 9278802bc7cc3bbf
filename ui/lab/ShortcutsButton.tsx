import { useLabWords } from "../i18n/text";
import { Icon } from "./icons";
import styles from "./Shortcuts.module.css";

export function ShortcutsButton({ onPress }: { readonly onPress: () => void }) {
  const words = useLabWords().controls;
  return (
    <button
      type="button"
      className={styles["button"]}
      aria-label={words.shortcuts}
      title={words.shortcuts}
      onClick={onPress}
    >
      <Icon name="keys" />
    </button>
  );
}
