import { Fragment, useEffect, useRef } from "react";
import { useLiveWords } from "../i18n/packs";
import { useLabWords } from "../i18n/text";
import styles from "./Shortcuts.module.css";

/** The list behind `?`. A native dialog: it holds the focus and closes on Escape. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const words = useLabWords().controls;
  const { keys } = useLiveWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const rows: readonly (readonly [readonly string[], string])[] = [
    [["Space"], keys.play],
    [[".", ","], keys.message],
    [["Shift .", "Shift ,"], keys.event],
    [["[", "]"], keys.second],
    [["B"], keys.hand],
    [["K"], keys.kill],
    [["P"], keys.pauseServer],
    [["Enter"], keys.menu],
    [["L 1…9"], keys.link],
    [["M"], keys.messages],
    [["X"], keys.drop],
    [["?"], keys.shortcuts],
  ];
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-label={words.shortcuts}
      onClose={onClose}
    >
      <h2>{words.shortcuts}</h2>
      <dl>
        {rows.map(([caps, meaning]) => (
          <Fragment key={meaning}>
            <dt>
              {caps.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </Fragment>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        {words.close}
      </button>
    </dialog>
  );
}
