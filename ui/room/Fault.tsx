import { useState } from "react";
import { useLiveWords } from "../i18n/packs";
import { fill } from "../i18n/text";
import { formatSeconds } from "../lab/format";
import type { Stopped } from "../lab/store";
import { useLab, useLabStore } from "../lab/useLab";
import styles from "./Fault.module.css";

/** Our own mistake, told plainly: the moment, a way back, and a report to copy. */
function FaultPanel({
  stopped,
  onRewind,
}: {
  readonly stopped: Stopped;
  readonly onRewind: () => void;
}) {
  const words = useLiveWords().fault;
  const [copied, setCopied] = useState(false);
  return (
    <div className={styles["panel"]} role="alert">
      <p>{fill(words.stopped, { t: formatSeconds(stopped.atUs) })}</p>
      <div className={styles["row"]}>
        <button type="button" onClick={onRewind}>
          {words.rewind}
        </button>
        <button
          type="button"
          onClick={() => {
            navigator.clipboard.writeText(stopped.report).then(
              () => setCopied(true),
              () => setCopied(false),
            );
          }}
        >
          {copied ? words.copied : words.copy}
        </button>
      </div>
    </div>
  );
}

/** The engine stopped the run: the stage stays as it was, this lies over it. */
export function EngineFault() {
  const store = useLabStore();
  const stopped = useLab((state) => state.stopped);
  return stopped === null ? null : (
    <FaultPanel stopped={stopped} onRewind={() => store.stepEvent(-1)} />
  );
}

/** Drawing failed: the same words, over an empty room. */
export default function DrawingFault({
  error,
  onRewind,
}: {
  readonly error: Error;
  readonly onRewind: () => void;
}) {
  const store = useLabStore();
  const { lab, seed, history } = store.get();
  const report = [`lab ${lab.id}, seed ${seed}`, error.stack ?? error.message].join("\n");
  const rewind = () => {
    store.stepEvent(-1);
    onRewind();
  };
  return <FaultPanel stopped={{ atUs: history.now.nowUs, report }} onRewind={rewind} />;
}
