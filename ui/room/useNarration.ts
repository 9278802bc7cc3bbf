import { useEffect, useState } from "react";
import { leaderOf, quorumOf, type World } from "../../engine/index";
import { hear, join, next, type Saying, type Telling, tellingOf } from "../a11y/announce";
import { useLabStore } from "../lab/useLab";

/** Wall time between two sentences: what is told faster cannot be heard. */
const SENTENCE_MS = 1_200;

export interface Narration {
  /** The last sentence, for the eye; also after a jump in time. */
  readonly line: Saying | null;
  /** The last sentence to speak: a jump in time is not told again. */
  readonly spoken: Saying | null;
}

/** Follows the facts of the lab and tells them one at a time. */
export function useNarration(): Narration {
  const store = useLabStore();
  const [narration, setNarration] = useState<Narration>({ line: null, spoken: null });

  useEffect(() => {
    let telling = tellingAtStart(store.get().history.start);
    let jumps = -1;
    let heard = 0;
    let waiting: readonly Saying[] = [];
    let lastMs = Number.NEGATIVE_INFINITY;
    let timer: ReturnType<typeof setTimeout> | null = null;

    /** After a jump the line says what happened last before the playhead, and nothing is spoken. */
    function begin(): void {
      const { history } = store.get();
      jumps = store.get().jumps;
      telling = tellingAtStart(history.start);
      waiting = [];
      let line: Saying | null = null;
      const facts = store.facts();
      for (const fact of facts) {
        const told = hear(telling, fact);
        telling = told.telling;
        line = told.sayings.at(-1) ?? line;
      }
      heard = facts.length;
      setNarration({ line, spoken: null });
    }

    function listen(): void {
      const facts = store.facts();
      if (store.get().jumps !== jumps || facts.length < heard) begin();
      if (facts.length === heard) return;
      for (const fact of facts.slice(heard)) {
        const told = hear(telling, fact);
        telling = told.telling;
        for (const saying of told.sayings) waiting = join(waiting, saying);
      }
      heard = facts.length;
      if (timer === null) speak();
    }

    function speak(): void {
      timer = null;
      const nowMs = performance.now();
      if (waiting.length === 0) return;
      if (nowMs - lastMs >= SENTENCE_MS) {
        const { saying, rest } = next(waiting);
        waiting = rest;
        lastMs = nowMs;
        setNarration({ line: saying, spoken: saying });
      }
      if (waiting.length > 0)
        timer = setTimeout(speak, Math.max(0, SENTENCE_MS - (nowMs - lastMs)));
    }

    begin();
    const unsubscribe = store.subscribe(listen);
    return () => {
      unsubscribe();
      if (timer !== null) clearTimeout(timer);
    };
  }, [store]);

  return narration;
}

function tellingAtStart(world: World): Telling {
  const up = world.servers.filter((server) => server.process !== null).map((server) => server.sid);
  return { ...tellingOf(quorumOf(world), up), leader: leaderOf(world) };
}
