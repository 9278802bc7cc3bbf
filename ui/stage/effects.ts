import { useEffect, useRef, useState } from "react";
import type { Fact, Sid } from "../../engine/index";
import type { LabStore } from "../lab/store";

/** A moment that rings once. It lives in wall time; all else on the stage follows the world. */
export interface Ripple {
  readonly kind: "killed" | "elected";
  readonly sid: Sid;
  /** Unique, so that the same event twice rings twice. */
  readonly number: number;
}

const RIPPLE_MS = 900;

/** The latest such moment, while it rings. At most one at a time; none when the playhead was put elsewhere. */
export function useRipple(store: LabStore): Ripple | null {
  const [ripple, setRipple] = useState<Ripple | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    let { jumps } = store.get();
    let seen = lastNumber(store);
    let steps = store.get().history.now.steps;
    const unsubscribe = store.subscribe(() => {
      const state = store.get();
      const { now } = state.history;
      if (now.steps === steps && state.jumps === jumps) return;
      steps = now.steps;
      if (state.jumps !== jumps) {
        jumps = state.jumps;
        seen = lastNumber(store);
        return;
      }
      const fresh = factsAfter(state.history.facts, seen, now.nowUs);
      seen = fresh[fresh.length - 1]?.number ?? seen;
      const next = fresh.map(rippleOf).findLast((one) => one !== null);
      if (next === undefined || next === null) return;
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = setTimeout(() => setRipple(null), RIPPLE_MS);
      setRipple(next);
    });
    return () => {
      unsubscribe();
      if (timer.current !== null) clearTimeout(timer.current);
    };
  }, [store]);
  return ripple;
}

function lastNumber(store: LabStore): number {
  const { facts, now } = store.get().history;
  return facts.findLast((fact) => fact.atUs <= now.nowUs)?.number ?? 0;
}

/** Facts are in order; only the newest few are looked at. */
function factsAfter(facts: readonly Fact[], seen: number, nowUs: number): readonly Fact[] {
  const fresh: Fact[] = [];
  for (let index = facts.length - 1; index >= 0; index -= 1) {
    const fact = facts[index]!;
    if (fact.number <= seen) break;
    if (fact.atUs <= nowUs) fresh.unshift(fact);
  }
  return fresh;
}

function rippleOf(fact: Fact): Ripple | null {
  switch (fact.type) {
    case "srv.kill":
    case "srv.exit":
      return { kind: "killed", sid: fact.id, number: fact.number };
    case "leader.elected":
      return { kind: "elected", sid: fact.id, number: fact.number };
    default:
      return null;
  }
}
