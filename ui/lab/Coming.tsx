import { useEffect, useState } from "react";
import { useLabWords } from "../i18n/text";
import styles from "./Coming.module.css";
import { useLab } from "./useLab";

/** Shorter than this, a wait needs no words. */
const SHORT_MS = 300;

/** Says quietly that the engine is on its way, or that it could not be fetched. Its style says it before React does. */
export function Coming() {
  const words = useLabWords().room;
  const engine = useLab((state) => state.engine);
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (engine !== "coming") return undefined;
    const timer = setTimeout(() => setLong(true), SHORT_MS);
    return () => {
      clearTimeout(timer);
      setLong(false);
    };
  }, [engine]);
  const text = engine === "away" ? words.away : engine === "coming" && isLong ? words.loading : "";
  return (
    <p className={styles.coming} role="status" data-words={words.loading}>
      {text}
    </p>
  );
}
