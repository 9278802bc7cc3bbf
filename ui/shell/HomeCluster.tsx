import { type RefObject, Suspense, use, useEffect, useRef, useState } from "react";
import { majorityOf, votersOf } from "../../engine/index";
import { prefersLessMotion } from "../a11y/motion";
import { labWords, useLiveWords } from "../i18n/packs";
import { fill, type Lang, LabWordsContext, useLabWords } from "../i18n/text";
import { formatSeconds } from "../lab/format";
import { Icon } from "../lab/icons";
import { keepsKey, pressKey } from "../lab/keys";
import { createLabStore, type LabStore } from "../lab/lab";
import { browserClock, startPlayback } from "../lab/playback";
import { LabContext, useLab, useLabStore } from "../lab/useLab";
import { Stage } from "../stage/Stage";
import styles from "./HomeCluster.module.css";
import { HOME_SEED, homeLab, homeWorld } from "./homeLab";

/** A live ensemble with nothing around it: the first click on a server kills it. */
export default function HomeCluster({
  lang,
  caption,
}: {
  readonly lang: Lang;
  readonly caption: string;
}) {
  const words = use(labWords.in(lang));
  const [store] = useState(() =>
    createLabStore({ lab: homeLab, seed: HOME_SEED, world: homeWorld() }),
  );
  return (
    <LabWordsContext value={words}>
      <LabContext value={store}>
        <Card caption={caption} />
      </LabContext>
    </LabWordsContext>
  );
}

function Card({ caption }: { readonly caption: string }) {
  const words = useLabWords().controls;
  const store = useLabStore();
  const card = useRef<HTMLDivElement>(null);
  const isPlaying = useLab((state) => state.playing);
  useLive(store, card);
  return (
    // The keys act wherever the focus is in the card; each of them has a button too.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={card}
      className={styles.card}
      onKeyDown={(event) => {
        if (event.defaultPrevented || keepsKey(event.target, event.key)) return;
        if (pressKey(store, event, () => undefined)) event.preventDefault();
      }}
    >
      <Stage card />
      <div className={styles.foot}>
        <button
          type="button"
          className={styles.play}
          aria-label={isPlaying ? words.pause : words.play}
          onClick={isPlaying ? store.pause : store.play}
        >
          <Icon name={isPlaying ? "pause" : "play"} />
        </button>
        <Clock />
        <Suspense fallback={<p>{caption}</p>}>
          <Caption otherwise={caption} />
        </Suspense>
      </div>
    </div>
  );
}

/** What a click does; and when too many are down, why nothing moves. */
function Caption({ otherwise }: { readonly otherwise: string }) {
  const { say } = useLiveWords();
  const voters = useLab((state) => votersOf(state.history.now).length);
  const need = useLab((state) => majorityOf(state.history.now));
  const up = useLab(
    ({ history }) =>
      history.now.servers.filter(({ process, paused }) => process !== null && paused === null)
        .length,
  );
  return up < need ? (
    <p className={styles.lost}>{fill(say.noQuorum, { up, voters, need })}</p>
  ) : (
    <p>{otherwise}</p>
  );
}

function Clock() {
  const seconds = useLab((state) => formatSeconds(state.history.now.nowUs));
  return <time className={styles.clock}>{seconds} s</time>;
}

/** Plays from the beginning while it can be seen; whoever prefers less motion starts it by hand. */
function useLive(store: LabStore, card: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (!prefersLessMotion()) store.play();
    const playback = startPlayback(store, browserClock);
    let isInView = true;
    const look = () => playback.setVisible(isInView && document.visibilityState === "visible");
    const observer = new IntersectionObserver((entries) => {
      isInView = entries.at(-1)?.isIntersecting ?? true;
      look();
    });
    if (card.current !== null) observer.observe(card.current);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
      playback.stop();
    };
  }, [store, card]);
}
