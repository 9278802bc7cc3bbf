import { type KeyboardEvent, use, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Lab } from "../../engine/index";
import { useLessMotion, prefersLessMotion } from "../a11y/motion";
import { type Lang, LabWordsContext, useLabWords } from "../i18n/text";
import type { LabWords } from "../i18n/en.lab";
import { Speed, SpeedPopover, Transport } from "../lab/Controls";
import { collect, leave } from "../lab/handOver";
import { keepsKey, pressKey } from "../lab/keys";
import { createLabStore, type LabStore } from "../lab/lab";
import { browserClock, type Playback, startPlayback } from "../lab/playback";
import { Shortcuts, ShortcutsButton } from "../lab/Shortcuts";
import { StageBar } from "../lab/StageBar";
import { LabContext, useLabStore } from "../lab/useLab";
import { Stage } from "../stage/Stage";
import { Timeline } from "../timeline/Timeline";
import { EngineFault, FaultBoundary } from "./Fault";
import styles from "./LabRoom.module.css";
import { Narration } from "./Narration";

export interface LabRoomProps {
  readonly lang: Lang;
  readonly lab: Lab;
  readonly seed: number;
  /** A store made elsewhere; without it the room makes one, going on with a run handed over by the other language. */
  readonly store?: LabStore;
  /** Told once, with the store the room uses: the lesson beside it reads facts and gates commands through it. */
  readonly onStore?: (store: LabStore) => void;
}

/** The right side of the page: stage bar, stage, narration, transport and timeline around one store. */
export default function LabRoom({ lang, lab, seed, store, onStore }: LabRoomProps) {
  const words = use(labWords(lang));
  const [own] = useState(() => store ?? openStore(lab, seed, lang));
  useEffect(() => onStore?.(own), [own, onStore]);
  useHandingOver(own, lang);
  return (
    <LabWordsContext value={words}>
      <LabContext value={own}>
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
            <EngineFault />
          </div>
          <div className={styles["told"]}>
            <Narration />
          </div>
          <div className={styles["time"]}>
            <Transport stepFirst={lessMotion} />
            <div className={styles["line"]}>
              <Timeline compact={width < PHONE} />
            </div>
            {width >= WIDE ? (
              <Speed>
                <ShortcutsButton onPress={() => setShortcuts(true)} />
              </Speed>
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
      <Shortcuts open={shortcuts} onClose={() => setShortcuts(false)} />
    </section>
  );
}

/** Below these widths the room is a tablet's, and a phone's. */
const WIDE = 820;
const PHONE = 600;

const wordsLoading = new Map<Lang, Promise<LabWords>>();

function labWords(lang: Lang): Promise<LabWords> {
  const loading =
    wordsLoading.get(lang) ??
    (lang === "zh"
      ? import("../i18n/zh.lab").then(({ zhLab }) => zhLab)
      : import("../i18n/en.lab").then(({ enLab }) => enLab));
  wordsLoading.set(lang, loading);
  return loading;
}

function openStore(lab: Lab, seed: number, lang: Lang): LabStore {
  const handed = collect(lab.id, lang, Date.now(), tabStorage());
  const store = createLabStore({
    lab,
    seed: handed?.seed ?? seed,
    ...(handed === null ? {} : { handed }),
  });
  if (prefersLessMotion()) store.pause();
  return store;
}

/** The page in the other language finds the run where this one left it. */
function useHandingOver(store: LabStore, lang: Lang): void {
  useEffect(() => {
    const go = () => leave(store.handOver(), lang, Date.now(), tabStorage());
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
    const playback: Playback = startPlayback(store, browserClock);
    let inView = true;
    const look = () => playback.setVisible(inView && document.visibilityState === "visible");
    const observer = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? true;
      look();
    });
    if (room.current !== null) observer.observe(room.current);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
      playback.stop();
    };
  }, [store, room]);
}

/** The room's width in steps: a phone's, a tablet's, a desk's. */
function useRoomWidth(room: { readonly current: HTMLElement | null }): number {
  return useSyncExternalStore(
    (listener) => {
      if (room.current === null) return () => undefined;
      const observer = new ResizeObserver(listener);
      observer.observe(room.current);
      return () => observer.disconnect();
    },
    () => stepOf(room.current?.clientWidth ?? WIDE),
    () => WIDE,
  );
}

function stepOf(width: number): number {
  return width >= WIDE ? WIDE : width >= PHONE ? PHONE : 0;
}
