import { nextMomentUs, US_PER_MS } from "../../engine/index";
import { pace, trailAt, trailOn } from "./director";
import type { LabStore, Pace } from "./store";

/** Where frames and wall time come from: the browser, or a test. */
export interface WallClock {
  nowMs(): number;
  requestFrame(run: () => void): number;
  cancelFrame(handle: number): void;
}

/** A tab that slept must not catch up. */
const LONGEST_FRAME_MS = 100;
/** A flight that appears is met at most so much faster than it will be followed. */
const ENTRY = 1.6;
const SLOWING_MS = 350;
const QUICKENING_MS = 600;
/** The pill is read, so it stands still for a while. */
const PILL_MS = 300;
/** One frame looks at no more moments than this. */
const LOOKS = 400;

export interface Playback {
  /** Off while nobody can see the lab: time stands, and no frame is asked for. */
  setVisible(visible: boolean): void;
  stop(): void;
}

/**
 * Maps wall time to virtual time, one frame at a time. It asks for frames only while there is something to play:
 * paused, out of sight, or with nothing left to happen, it rests until the store changes.
 */
export function startPlayback(store: LabStore, clock: WallClock): Playback {
  let visible = true;
  let handle: number | null = null;
  let lastMs = 0;
  let factor = 1;
  let shownMs = 0;
  let trail = trailAt(store.get().history.now);

  function isResting(): boolean {
    const { playing, history, held, stopped } = store.get();
    return (
      !visible || !playing || held !== null || stopped !== null || nextMomentUs(history) === null
    );
  }

  function wake(): void {
    if (handle !== null || isResting()) return;
    lastMs = clock.nowMs();
    handle = clock.requestFrame(frame);
  }

  function frame(): void {
    handle = null;
    if (isResting()) return;
    const nowMs = clock.nowMs();
    const spentMs = Math.min(LONGEST_FRAME_MS, nowMs - lastMs);
    lastMs = nowMs;
    const { director, suspended, speed } = store.get();
    store.batch(() => {
      if (director && !suspended) playDirected(spentMs);
      else {
        store.setPace({ factor: speed, reason: "manual" });
        store.advanceTo(store.get().history.now.nowUs + Math.round(spentMs * US_PER_MS * speed));
        factor = speed;
      }
    });
    wakeAgain();
  }

  function wakeAgain(): void {
    if (handle === null && !isResting()) handle = clock.requestFrame(frame);
  }

  /** One frame under the Director. It looks again after every event, so that no message is over before it was seen. */
  function playDirected(spentMs: number): void {
    let leftMs = spentMs;
    let target = aim();
    factor = eased(factor, target, spentMs);
    for (let looks = 0; looks < LOOKS && leftMs > 0; looks += 1) {
      const { history, stopped } = store.get();
      const nextUs = nextMomentUs(history);
      if (nextUs === null || stopped !== null) break;
      const nowUs = history.now.nowUs;
      const reachUs = nowUs + Math.round(leftMs * US_PER_MS * factor);
      if (nextUs > reachUs) {
        store.advanceTo(reachUs);
        break;
      }
      store.advanceTo(nextUs);
      leftMs -= (nextUs - nowUs) / US_PER_MS / factor;
      target = aim();
      factor = met(factor, target);
    }
    show(target);
  }

  /** What the pill says: the pace aimed at, not the ramp towards it, and not a new number with every packet. */
  function show(target: Pace): void {
    const nowMs = clock.nowMs();
    if (target.reason === store.get().pace.reason && nowMs - shownMs < PILL_MS) return;
    shownMs = nowMs;
    store.setPace(target);
  }

  function aim(): Pace {
    const { history } = store.get();
    trail = trailOn(trail, history.now);
    return pace(history.now, nextMomentUs(history), trail);
  }

  const unsubscribe = store.subscribe(wake);
  wake();
  return {
    setVisible(next) {
      visible = next;
      wake();
    },
    stop() {
      unsubscribe();
      visible = false;
      if (handle !== null) clock.cancelFrame(handle);
    },
  };
}

/** Nears the target: in 350 ms when slowing down, in 600 ms when speeding up, by equal ratios. */
export function eased(factor: number, target: Pace, spentMs: number): number {
  const nearer = met(factor, target);
  const ratio = target.factor / nearer;
  const rampMs = ratio < 1 ? SLOWING_MS : QUICKENING_MS;
  return Math.abs(Math.log(ratio)) < 0.02
    ? target.factor
    : nearer * ratio ** Math.min(1, (3 * spentMs) / rampMs);
}

/** The factor at the moment a new target appears: what just took off is met no faster than ENTRY times its pace. */
function met(factor: number, target: Pace): number {
  return Math.min(factor, target.factor * ENTRY);
}

/** The browser's frames. */
export const browserClock: WallClock = {
  nowMs: () => performance.now(),
  requestFrame: (run) => requestAnimationFrame(run),
  cancelFrame: (handle) => cancelAnimationFrame(handle),
};
