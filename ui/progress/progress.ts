/** What a learner did in one lab. */
export interface LabProgress {
  /** Ids of the checks that were met, in the order they were. */
  readonly checks: readonly string[];
}

/** A locked prediction; it is never changed. */
export interface PredictionProgress {
  /** The option taken, or null when the question was skipped. */
  readonly choice: string | null;
  /** Did it come true? Null until a run has shown it. */
  readonly held: boolean | null;
  /** What the card says about the outcome: facts of that run, by name. */
  readonly outcome: Readonly<Record<string, string | number | null>>;
}

export interface QuizProgress {
  /** Was the first try right? Kept for review. */
  readonly first: boolean;
  /** Has it been answered rightly since? */
  readonly right: boolean;
}

export interface LessonProgress {
  readonly labs: Readonly<Record<string, LabProgress>>;
  readonly predictions: Readonly<Record<string, PredictionProgress>>;
  readonly quiz: Readonly<Record<string, QuizProgress>>;
  /** All checks met and every question answered rightly. */
  readonly done: boolean;
  /** Wall time of the last change, in ms since 1970. */
  readonly lastAt: number;
}

/** All that is kept of a learner, in this browser only. */
export interface Progress {
  readonly version: 1;
  /** The order in which this learner sees the options of a question. Drawn once. */
  readonly shuffle: number;
  readonly lessons: Readonly<Record<string, LessonProgress>>;
}

/** Why progress is not what the learner may expect; the page says it. */
export type Trouble = "unreadable" | "unsaved" | null;

const KEY = "ensemble.progress";
/** A record that could not be read is kept under this name and a number: nothing is lost. */
const KEPT_ASIDE = "ensemble.progress.unreadable";

export const EMPTY_PROGRESS: Progress = { version: 1, shuffle: 0, lessons: {} };
export const EMPTY_LESSON: LessonProgress = {
  labs: {},
  predictions: {},
  quiz: {},
  done: false,
  lastAt: 0,
};

export interface ProgressStore {
  get(): Progress;
  trouble(): Trouble;
  subscribe(listener: () => void): () => void;
  /** Changes one lesson's record and saves it. */
  change(slug: string, how: (lesson: LessonProgress) => LessonProgress): void;
  /** Reads what another tab has saved, and keeps what both know. */
  readAgain(): void;
}

/** What the browser offers, or a test. `null` where storage is forbidden. */
export interface ProgressHost {
  readonly storage: Pick<Storage, "getItem" | "setItem"> | null;
  nowMs(): number;
  draw(): number;
}

export function createProgress(host: ProgressHost): ProgressStore {
  const listeners = new Set<() => void>();
  let trouble: Trouble = null;
  let state = EMPTY_PROGRESS;

  function stored(): Progress {
    let text: string | null = null;
    try {
      text = host.storage?.getItem(KEY) ?? null;
    } catch {
      return EMPTY_PROGRESS;
    }
    if (text === null) return EMPTY_PROGRESS;
    const read = parseProgress(text);
    if (read !== null) return read;
    if (keepAside(text)) trouble = "unreadable";
    else trouble = "unsaved";
    return EMPTY_PROGRESS;
  }

  /** Copies what we cannot read to a free name. Only then may its place be written. */
  function keepAside(text: string): boolean {
    try {
      if (host.storage === null) return false;
      for (let n = 1; ; n += 1) {
        const kept = host.storage.getItem(`${KEPT_ASIDE}.${n}`);
        if (kept === text) return true;
        if (kept !== null) continue;
        host.storage.setItem(`${KEPT_ASIDE}.${n}`, text);
        return true;
      }
    } catch {
      return false;
    }
  }

  function save(): void {
    try {
      if (host.storage === null) throw new Error("storage is forbidden");
      const text = host.storage.getItem(KEY);
      if (text !== null && parseProgress(text) === null && !keepAside(text))
        throw new Error("storage is full");
      host.storage.setItem(KEY, JSON.stringify(state));
      if (trouble === "unsaved") trouble = null;
    } catch {
      trouble = "unsaved";
    }
  }

  function tell(): void {
    for (const listener of listeners) listener();
  }

  state = stored();
  if (state.shuffle === 0) state = { ...state, shuffle: host.draw() };

  return {
    get: () => state,
    trouble: () => trouble,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(slug, how) {
      const before = state.lessons[slug] ?? EMPTY_LESSON;
      const after = how(before);
      if (after === before) return;
      const changed = {
        ...state,
        lessons: { ...state.lessons, [slug]: { ...after, lastAt: host.nowMs() } },
      };
      state = merged(changed, stored());
      save();
      tell();
    },
    readAgain() {
      state = merged(state, stored());
      tell();
    },
  };
}

/** A record of this version, or null for anything else: damaged text, or the file of a later version. */
export function parseProgress(text: string): Progress | null {
  try {
    const value: unknown = JSON.parse(text);
    return isProgress(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * What two records know together: nothing that either holds is lost. Where both answer the same question, `mine` is
 * kept, for a first try and a locked prediction do not change.
 */
export function merged(mine: Progress, other: Progress): Progress {
  const slugs = new Set([...Object.keys(mine.lessons), ...Object.keys(other.lessons)]);
  const lessons: Record<string, LessonProgress> = {};
  for (const slug of slugs) {
    const a = mine.lessons[slug] ?? EMPTY_LESSON;
    const b = other.lessons[slug] ?? EMPTY_LESSON;
    lessons[slug] = {
      labs: mergedLabs(a.labs, b.labs),
      predictions: mergedPredictions(a.predictions, b.predictions),
      quiz: mergedQuiz(a.quiz, b.quiz),
      done: a.done || b.done,
      lastAt: Math.max(a.lastAt, b.lastAt),
    };
  }
  return { version: 1, shuffle: mine.shuffle, lessons };
}

function mergedLabs(a: LessonProgress["labs"], b: LessonProgress["labs"]): LessonProgress["labs"] {
  const labs = { ...b, ...a };
  for (const [id, lab] of Object.entries(labs)) {
    labs[id] = { checks: [...new Set([...lab.checks, ...(b[id]?.checks ?? [])])] };
  }
  return labs;
}

function mergedPredictions(
  a: LessonProgress["predictions"],
  b: LessonProgress["predictions"],
): LessonProgress["predictions"] {
  const predictions = { ...b, ...a };
  for (const [id, mine] of Object.entries(a)) {
    const other = b[id];
    // The same answer, and only the other has seen how it went.
    if (other?.choice === mine.choice && mine.held === null && other.held !== null) {
      predictions[id] = other;
    }
  }
  return predictions;
}

function mergedQuiz(a: LessonProgress["quiz"], b: LessonProgress["quiz"]): LessonProgress["quiz"] {
  const quiz = { ...b, ...a };
  for (const [id, item] of Object.entries(quiz)) {
    quiz[id] = { first: item.first, right: item.right || (b[id]?.right ?? false) };
  }
  return quiz;
}

function isProgress(value: unknown): value is Progress {
  return (
    isRecord(value) &&
    value["version"] === 1 &&
    typeof value["shuffle"] === "number" &&
    isRecord(value["lessons"]) &&
    Object.values(value["lessons"]).every(isLesson)
  );
}

function isLesson(value: unknown): value is LessonProgress {
  return (
    isRecord(value) &&
    allOf(
      value["labs"],
      (lab) => Array.isArray(lab["checks"]) && lab["checks"].every((id) => typeof id === "string"),
    ) &&
    allOf(
      value["predictions"],
      (one) =>
        (one["choice"] === null || typeof one["choice"] === "string") &&
        (one["held"] === null || typeof one["held"] === "boolean") &&
        isRecord(one["outcome"]),
    ) &&
    allOf(
      value["quiz"],
      (item) => typeof item["first"] === "boolean" && typeof item["right"] === "boolean",
    ) &&
    typeof value["done"] === "boolean" &&
    typeof value["lastAt"] === "number"
  );
}

function allOf(value: unknown, isOne: (one: Record<string, unknown>) => boolean): boolean {
  return isRecord(value) && Object.values(value).every((one) => isRecord(one) && isOne(one));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The browser's own: one store for the page, told of other tabs by their storage events. */
let browserStore: ProgressStore | null = null;

export function browserProgress(): ProgressStore {
  if (browserStore !== null) return browserStore;
  const store = createProgress({
    storage: storageOrNull(),
    nowMs: () => Date.now(),
    draw: () => crypto.getRandomValues(new Uint32Array(1))[0]! | 1,
  });
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) store.readAgain();
  });
  browserStore = store;
  return store;
}

function storageOrNull(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
