import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { useWords } from "../i18n/text";
import styles from "./LessonPage.module.css";

const NARROWEST = 360;
const WIDEST = 640;
const STEP = 20;

/** Between lesson and cluster: drag it, move it with the arrow keys, double click or Home to reset it. */
export function Divider({ onWidth }: { readonly onWidth: (px: number | null) => void }) {
  const words = useWords().lesson;
  const [width, setWidth] = useState<number | null>(null);
  const dragged = useRef(false);

  function move(px: number | null): void {
    const next = px === null ? null : Math.round(Math.min(WIDEST, Math.max(NARROWEST, px)));
    setWidth(next);
    onWidth(next);
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    const now = width ?? event.currentTarget.getBoundingClientRect().right;
    if (event.key === "ArrowLeft") move(now - STEP);
    else if (event.key === "ArrowRight") move(now + STEP);
    else if (event.key === "Home") move(null);
    else return;
    event.preventDefault();
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>): void {
    if (dragged.current) move(event.clientX);
  }

  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={words.divider}
      aria-valuenow={width ?? 440}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      tabIndex={0}
      className={styles.divider}
      onKeyDown={onKeyDown}
      onDoubleClick={() => move(null)}
      onPointerDown={(event) => {
        dragged.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        dragged.current = false;
      }}
      onPointerCancel={() => {
        dragged.current = false;
      }}
    />
  );
}
