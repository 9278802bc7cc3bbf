import { US_PER_SECOND } from "../../engine/index";
import type { LabStore } from "./store";

/** What of a key event decides; both the browser's and React's events fit. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** What a Chinese input method writes for the same keys. */
const FULL_WIDTH: Readonly<Record<string, string>> = {
  "。": ".",
  "，": ",",
  "》": ">",
  "《": "<",
  "【": "[",
  "】": "]",
  "？": "?",
};

/**
 * The keys of time and hands, anywhere in the lab. True when the key was one of them.
 * Shift is read from the character, so that a keyboard on which `>` lies elsewhere works too.
 */
export function pressKey(store: LabStore, press: KeyPress, showShortcuts: () => void): boolean {
  if (press.ctrlKey || press.metaKey || press.altKey) return false;
  const { playing, hand, history } = store.get();
  switch (FULL_WIDTH[press.key] ?? press.key) {
    case " ":
      if (playing) store.pause();
      else store.play();
      return true;
    case ".":
      store.stepMessage(1);
      return true;
    case ",":
      store.stepMessage(-1);
      return true;
    case ">":
      store.stepEvent(1);
      return true;
    case "<":
      store.stepEvent(-1);
      return true;
    case "[":
      store.seek(history.now.nowUs - US_PER_SECOND);
      return true;
    case "]":
      store.seek(history.now.nowUs + US_PER_SECOND);
      return true;
    case "b":
    case "B":
      store.setHand(hand === "break" ? "look" : "break");
      return true;
    case "?":
      showShortcuts();
      return true;
    default:
      return false;
  }
}

/** Is somebody writing, or does the element need this key itself? A button is pressed with Space. */
export function keepsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (
    target.closest("input:not([type=range]), textarea, select, [contenteditable], dialog") !== null
  )
    return true;
  return key === " " && target.closest("button, summary, a[href], input") !== null;
}
