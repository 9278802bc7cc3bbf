import { compareVector, type Played, type Problem } from "./compare";
import { CannotPlay } from "./driver";
import { ClientRun } from "./playClients";
import { ConfigRun } from "./playConfig";
import { EnsembleRun } from "./playEnsemble";
import { SessionRun } from "./playSessions";
import { faultsOf, isMap, type Json, type JsonMap, type Vector } from "./schema";

/** What playing a vector came to. */
export interface Verdict {
  readonly id: string;
  readonly family: string;
  readonly passed: boolean;
  readonly problems: readonly Problem[];
  /** For a look at it step by step; null where it could not be played at all. */
  readonly played: Played | null;
  /** Why it was not played to its end: what the engine or this runner does not have yet, or a fault of theirs. */
  readonly stopped: string | null;
}

interface Run {
  play(): void;
  played(): Played;
}

/** Plays a vector through the engine's door and judges what came. Whatever is not understood is a failure. */
export function playVector(value: Json, seed = 1): Verdict {
  const map: JsonMap = isMap(value) ? value : {};
  const id = typeof map.id === "string" ? map.id : "?";
  const family = typeof map.family === "string" ? map.family : "?";
  const faults = faultsOf(map);
  if (faults.length > 0) {
    const stopped = faults.join("; ");
    return { id, family, passed: false, problems: [], played: null, stopped };
  }
  const vector = map as unknown as Vector;
  let run: Run | null = null;
  let stopped: string | null = null;
  try {
    run = runOf(vector, seed);
    run.play();
  } catch (thrown) {
    stopped = thrown instanceof CannotPlay ? thrown.message : reasonOf(thrown);
  }
  const played = run?.played() ?? null;
  const differences = played === null ? [] : compareVector(vector, played);
  // What was not played is one reason, not one for each field that did not come.
  const problems = differences.filter(
    ({ step }) => stopped === null || (step !== null && played?.answers.has(step)),
  );
  const passed = stopped === null && problems.length === 0;
  return { id, family, passed, problems, played, stopped };
}

function runOf(vector: Vector, seed: number): Run {
  switch (vector.family) {
    case "election":
    case "replication":
      return new EnsembleRun(vector, seed);
    case "znode":
    case "watch":
      return new ClientRun(vector, seed);
    case "config":
      return new ConfigRun(vector);
    case "session-timeout":
      return new SessionRun(vector, seed);
    default:
      throw new CannotPlay(`not yet played: family ${vector.family}`);
  }
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const [, at = ""] = thrown.stack?.split("\n").filter((line) => line.includes(" at ")) ?? [];
  return `${thrown.message} (${at.trim()})`;
}
