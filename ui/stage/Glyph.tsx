import { GLYPHS, type GlyphName } from "./glyphs";
import styles from "./Glyph.module.css";

/** One message glyph in text, a menu or a table. Decoration: its name stands beside it. */
export function Glyph({
  name,
  letter,
  size = 20,
}: {
  name: GlyphName;
  letter?: string | number;
  size?: number;
}) {
  const glyph = GLYPHS[name];
  const text = letter ?? glyph.letter ?? "";
  return (
    <svg
      className={`${styles.glyph} ${styles[glyph.family]}`}
      viewBox="-12 -12 24 24"
      width={size}
      height={size}
      aria-hidden="true"
    >
      {glyph.marks.map((mark) => (
        <path key={mark.d} d={mark.d} className={styles[mark.paint]} />
      ))}
      {text !== "" && (
        <text className={glyph.family === "election" ? styles.letterOnHue : styles.letter} y="4.2">
          {text}
        </text>
      )}
    </svg>
  );
}
