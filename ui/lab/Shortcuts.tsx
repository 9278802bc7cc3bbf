import { Fragment, useEffect, useRef } from "react";
import { useLabWords } from "../i18n/text";
import styles from "./Shortcuts.module.css";

/** The list behind `?`. A native dialog: it holds the focus and closes on Escape. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const words = useLabWords().controls;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const rows: readonly (readonly [readonly string[], string])[] = [
    [["Space"], words.keys.play],
    [[".", ","], words.keys.message],
    [["Shift .", "Shift ,"], words.keys.event],
    [["[", "]"], words.keys.second],
    [["B"], words.keys.hand],
    [["K"], words.keys.kill],
    [["P"], words.keys.pauseServer],
    [["Enter"], words.keys.menu],
    [["L 1…9"], words.keys.link],
    [["M"], words.keys.messages],
    [["X"], words.keys.drop],
    [["?"], words.keys.shortcuts],
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
        {rows.map(([keys, meaning]) => (
          <Fragment key={meaning}>
            <dt>
              {keys.map((key) => (
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
