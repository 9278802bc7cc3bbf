import { type Saying, sentenceOf } from "../a11y/announce";
import { LiveRegion } from "../a11y/LiveRegion";
import { useLiveWords } from "../i18n/packs";
import { fill, useLabWords } from "../i18n/text";
import { formatSeconds } from "../lab/format";
import { useLab } from "../lab/useLab";
import styles from "./Narration.module.css";
import { useNarration } from "./useNarration";

/** The run in one sentence: what just happened, for the eye and, politely, for the ear. */
export function Narration() {
  const { quiet } = useLabWords().room;
  const { say, held: heldWords } = useLiveWords();
  const held = useLab(({ held: command }) =>
    command !== null && "sid" in command ? command.sid : null,
  );
  const { line, spoken } = useNarration();
  return (
    <div className={styles["narration"]}>
      {held !== null ? (
        <p className={styles["line"]} aria-hidden="true">
          <span className={styles["mark-client"]} />
          <span className={styles["sentence"]}>{fill(heldWords, { n: held })}</span>
        </p>
      ) : line === null ? (
        <p className={styles["quiet"]} aria-hidden="true">
          {quiet}
        </p>
      ) : (
        <p key={`${line.number} ${line.kind}`} className={styles["line"]} aria-hidden="true">
          <span className={styles[`mark-${hueOf(line.kind)}`]} />
          <time>{formatSeconds(line.atUs)}</time>
          <span className={styles["sentence"]}>{sentenceOf(line, say, fill)}</span>
        </p>
      )}
      <LiveRegion text={spoken === null ? "" : sentenceOf(spoken, say, fill)} />
    </div>
  );
}

type Hue = "election" | "handshake" | "broadcast" | "leader" | "danger" | "client" | "down";

/** Hue is protocol phase, here as on the stage. */
function hueOf(kind: Saying["kind"]): Hue {
  switch (kind) {
    case "looking":
    case "voted":
    case "tries":
      return "election";
    case "upToDate":
      return "handshake";
    case "committed":
      return "broadcast";
    case "leads":
      return "leader";
    case "killed":
    case "killedLeader":
    case "exited":
    case "noQuorum":
    case "lost":
    case "expired":
    case "writeFailed":
      return "danger";
    case "connected":
    case "disconnected":
      return "client";
    default:
      return "down";
  }
}
