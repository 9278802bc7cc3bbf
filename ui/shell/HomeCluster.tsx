import { type RefObject, Suspense, use, useEffect, useRef, useState } from "react";
import { majorityOf, votersOf } from "../../engine/index";
import { prefersLessMotion } from "../a11y/motion";
import { labWords, useLiveWords } from "../i18n/packs";
import { fill, type Lang, LabWordsContext, useLabWords } from "../i18n/text";
import { asleep } from "../lab/asleep";
import { Coming } from "../lab/Coming";
import { formatSeconds } from "../lab/format";
import { Icon } from "../lab/icons";
import { keepsKey, pressKey } from "../lab/keys";
import type { Playback } from "../lab/playback";
import type { LabStore } from "../lab/store";
import { useFirstUse } from "../lab/useFirstUse";
import { LabContext, useLab, useLabStore, whenUsed } from "../lab/useLab";
import { Stage } from "../stage/Stage";
import styles from "./HomeCluster.module.css";
import { id, world } from "./homeLab.ts?picture";

/** A live ensemble with nothing around it: the first click on a server kills it. */
export default function HomeCluster({
  lang,
  caption,
}: {
  readonly lang: Lang;
  readonly caption: string;
}) {
  const words = use(labWords.in(lang));
  const [store] = useState(() => asleep({ id, seed: world.seed, world, open }));
  return (
    <LabWordsContext value={words}>
      <LabContext value={store}>
        <Card caption={caption} />
      </LabContext>
    </LabWordsContext>
  );
}

async function open(): Promise<LabStore> {
  const [{ createLabStore }, { HOME_SEED, homeLab, homeWorld }] = await Promise.all([
    import("../lab/lab"),
    import("./homeLab"),
  ]);
  return createLabStore({ lab: homeLab, seed: HOME_SEED, world: homeWorld() });
}

function Card({ caption }: { readonly caption: string }) {
  const words = useLabWords().controls;
  const store = useLabStore();
  const card = useRef<HTMLDivElement>(null);
  const isPlaying = useLab((state) => state.playing);
  useLive(store, card);
  useFirstUse(store, card);
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
      <Coming />
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

/**
 * Plays as soon as it comes into view, and while it stays there: this cluster is here to be seen running, so its engine
 * comes unasked. Not for who prefers less motion or saves data; they begin it by hand.
 */
function useLive(store: LabStore, card: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let playback: Playback | null = null;
    let isGone = false;
    let isInView = false;
    let mayBegin = !prefersLessMotion() && !savesData();
    const look = () => {
      const isSeen = isInView && document.visibilityState === "visible";
      playback?.setVisible(isSeen);
      if (!isSeen || !mayBegin) return;
      mayBegin = false;
      store.play();
    };
    const observer = new IntersectionObserver((entries) => {
      isInView = entries.at(-1)?.isIntersecting ?? true;
      look();
    });
    if (card.current !== null) observer.observe(card.current);
    document.addEventListener("visibilitychange", look);
    void whenUsed(store).then(async () => {
      const { browserClock, startPlayback } = await import("../lab/playback");
      if (isGone) return;
      playback = startPlayback(store, browserClock);
      look();
    });
    return () => {
      isGone = true;
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
      playback?.stop();
    };
  }, [store, card]);
}

function savesData(): boolean {
  const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}
