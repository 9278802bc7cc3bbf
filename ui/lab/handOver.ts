import type { RecordedCommand, VirtualUs } from "../../engine/index";

/** A run on its way to the same lab in the other language: the other page plays it again from its seed. */
export interface HandOver {
  readonly version: 1;
  readonly lab: string;
  readonly seed: number;
  readonly commands: readonly RecordedCommand[];
  readonly playheadUs: VirtualUs;
  /** How far it was simulated: what lies after the playhead stays a recorded future. */
  readonly endUs: VirtualUs;
  readonly reached: readonly string[];
  readonly playing: boolean;
  readonly director: boolean;
  readonly suspended: boolean;
  readonly speed: number;
  readonly hand: "break" | "look";
}

const KEY = "ensemble.handOver";
/** Older than this it was meant for a page that never came. */
const FRESH_MS = 30_000;

/** Leaves the run for the next page of this tab. A full or forbidden storage loses it, which only costs the run. */
export function leave(run: HandOver, lang: string, nowMs: number, storage: Storage | null): void {
  try {
    storage?.setItem(KEY, JSON.stringify({ run, lang, leftMs: nowMs }));
  } catch {
    // Nothing to do: the next page begins anew.
  }
}

/**
 * The run that a page in another language left for this lab a moment ago, or null. It is taken: a reload begins anew.
 * Anything else found there is ignored.
 */
export function collect(
  lab: string,
  lang: string,
  nowMs: number,
  storage: Storage | null,
): HandOver | null {
  try {
    const text = storage?.getItem(KEY) ?? null;
    if (text === null) return null;
    storage?.removeItem(KEY);
    const left: unknown = JSON.parse(text);
    if (!isRecord(left) || left["lang"] === lang || !isFresh(left["leftMs"], nowMs)) return null;
    const run = left["run"];
    return isHandOver(run) && run.lab === lab ? run : null;
  } catch {
    return null;
  }
}

function isFresh(leftMs: unknown, nowMs: number): boolean {
  return isNumber(leftMs) && nowMs - leftMs >= 0 && nowMs - leftMs < FRESH_MS;
}

function isHandOver(value: unknown): value is HandOver {
  if (!isRecord(value) || value["version"] !== 1) return false;
  const { commands, reached } = value;
  return (
    typeof value["lab"] === "string" &&
    isNumber(value["seed"]) &&
    isNumber(value["playheadUs"]) &&
    value["playheadUs"] >= 0 &&
    isNumber(value["endUs"]) &&
    value["endUs"] >= value["playheadUs"] &&
    isNumber(value["speed"]) &&
    value["speed"] > 0 &&
    typeof value["playing"] === "boolean" &&
    typeof value["director"] === "boolean" &&
    typeof value["suspended"] === "boolean" &&
    (value["hand"] === "break" || value["hand"] === "look") &&
    Array.isArray(reached) &&
    reached.every((id) => typeof id === "string") &&
    Array.isArray(commands) &&
    commands.every(
      (one) =>
        isRecord(one) &&
        isNumber(one["step"]) &&
        isNumber(one["atUs"]) &&
        isRecord(one["command"]) &&
        typeof one["command"]["type"] === "string",
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
