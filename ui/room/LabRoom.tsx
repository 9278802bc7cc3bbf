import { type KeyboardEvent, lazy, Suspense, use, useEffect, useRef, useState } from "react";
import { useLessMotion } from "../a11y/motion";
import { labWords } from "../i18n/packs";
import { type Lang, LabWordsContext, useLabWords } from "../i18n/text";
import { Speed, SpeedPopover, Transport } from "../lab/Controls";
import { Coming } from "../lab/Coming";
import { leave } from "../lab/handOver";
import { keepsKey, pressKey } from "../lab/keys";
import type { Playback } from "../lab/playback";
import { ShortcutsButton } from "../lab/ShortcutsButton";
import { StageBar } from "../lab/StageBar";
import type { LabStore } from "../lab/store";
import { useFirstUse } from "../lab/useFirstUse";
import { LabContext, useLabStore } from "../lab/useLab";
import { Stage } from "../stage/Stage";
import { FaultBoundary } from "./FaultBoundary";
import styles from "./LabRoom.module.css";
import { laterOf } from "./fetchLater";
import { PHONE, useRoomWidth, WIDE } from "./roomWidth";

export interface LabRoomProps {
  readonly lang: Lang;
  readonly store: LabStore;
}

/** The right side of the page: stage bar, stage, narration, transport and timeline around one store. */
export default function LabRoom({ lang, store }: LabRoomProps) {
  const words = use(labWords.in(lang));
  useHandingOver(store, lang);
  return (
    <LabWordsContext value={words}>
      <LabContext value={store}>
        <Room />
      </LabContext>
    </LabWordsContext>
  );
}

function Room() {
  const words = useLabWords().room;
  const store = useLabStore();
  const room = useRef<HTMLElement>(null);
  const lessMotion = useLessMotion();
  const width = useRoomWidth(room);
  const [shortcuts, setShortcuts] = useState(false);
  usePlayback(store, room);
  useFirstUse(store, room);

  function onKeyDown(event: KeyboardEvent): void {
    if (
      event.defaultPrevented ||
      keepsKey(event.target instanceof Element ? event.target : null, event.key)
    )
      return;
    if (pressKey(store, event, () => setShortcuts(true))) event.preventDefault();
  }

  return (
    // The keys act wherever the focus is in the room; each of them has a button too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      ref={room}
      id="cluster"
      className={styles["room"]}
      data-lab-room=""
      aria-label={words.region}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className={styles["grid"]}>
        <FaultBoundary>
          <div className={styles["bar"]}>
            <StageBar />
          </div>
          <div className={styles["canvas"]}>
            <Stage />
            <Coming />
            {FAULT}
          </div>
          <div className={styles["told"]}>{TOLD}</div>
          <div className={styles["time"]}>
            <Transport stepFirst={lessMotion} />
            <div className={styles["line"]}>{LINE}</div>
            {width >= WIDE ? (
              <div className={styles["speed"]}>
                <Speed>
                  <ShortcutsButton onPress={() => setShortcuts(true)} />
                </Speed>
              </div>
            ) : (
              width >= PHONE && (
                <SpeedPopover>
                  <ShortcutsButton onPress={() => setShortcuts(true)} />
                </SpeedPopover>
              )
            )}
          </div>
        </FaultBoundary>
      </div>
      {shortcuts && (
        <Suspense>
          <Shortcuts onClose={() => setShortcuts(false)} />
        </Suspense>
      )}
    </section>
  );
}

function Told() {
  const { Narration } = use(laterOf(useLabStore()));
  return <Narration />;
}

function Line() {
  const { RoomTimeline } = use(laterOf(useLabStore()));
  return <RoomTimeline />;
}

function Fault() {
  const { EngineFault } = use(laterOf(useLabStore()));
  return <EngineFault />;
}

const Shortcuts = lazy(() =>
  import("../lab/Shortcuts").then((module) => ({ default: module.Shortcuts })),
);

// Made once, so that drawing the room again leaves their prerendered pictures alone until their code has come.
const TOLD = (
  <Suspense>
    <Told />
  </Suspense>
);
const LINE = (
  <Suspense>
    <Line />
  </Suspense>
);
const FAULT = (
  <Suspense>
    <Fault />
  </Suspense>
);

/** The page in the other language finds the run where this one left it. */
function useHandingOver(store: LabStore, lang: Lang): void {
  useEffect(() => {
    const go = () => {
      const run = store.handOver();
      if (run !== null) leave(run, lang, Date.now(), tabStorage());
    };
    addEventListener("pagehide", go);
    return () => removeEventListener("pagehide", go);
  }, [store, lang]);
}

function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** Plays while the room is on screen and the page in front. */
function usePlayback(store: LabStore, room: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    let playback: Playback | null = null;
    let isGone = false;
    let inView = true;
    const look = () => playback?.setVisible(inView && document.visibilityState === "visible");
    void laterOf(store).then(({ startPlayback, browserClock }) => {
      if (isGone) return;
      playback = startPlayback(store, browserClock);
      look();
    });
    const observer = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? true;
      look();
    });
    if (room.current !== null) observer.observe(room.current);
    document.addEventListener("visibilitychange", look);
    return () => {
      isGone = true;
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
      playback?.stop();
    };
  }, [store, room]);
}
