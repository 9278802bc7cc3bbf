import { expect, test } from "vitest";
import {
  createProgress,
  EMPTY_LESSON,
  type LessonProgress,
  type ProgressHost,
  parseProgress,
} from "./progress";

/** A browser's storage, and how much it holds. */
function memory(
  limit = Infinity,
): Pick<Storage, "getItem" | "setItem"> & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem(key, value) {
      if (value.length > limit) throw new Error("QuotaExceededError");
      kept.set(key, value);
    },
  };
}

const hostOf = (storage: ProgressHost["storage"]): ProgressHost => ({
  storage,
  nowMs: () => 1_000,
  draw: () => 7,
});

const reach =
  (lab: string, check: string) =>
  (lesson: LessonProgress): LessonProgress => ({
    ...lesson,
    labs: { ...lesson.labs, [lab]: { checks: [...(lesson.labs[lab]?.checks ?? []), check] } },
  });

const answer =
  (id: string, first: boolean, right: boolean) =>
  (lesson: LessonProgress): LessonProgress => ({
    ...lesson,
    quiz: { ...lesson.quiz, [id]: { first, right } },
  });

test("what was reached is there again after a reload", () => {
  const storage = memory();
  createProgress(hostOf(storage)).change("elections", reach("cold-start", "c5"));

  const reloaded = createProgress(hostOf(storage)).get();

  expect(reloaded.lessons["elections"]?.labs["cold-start"]?.checks).toEqual(["c5"]);
  expect(reloaded.lessons["elections"]?.lastAt).toBe(1_000);
});

test("the order of options is drawn once and kept", () => {
  const storage = memory();
  createProgress(hostOf(storage)).change("elections", answer("q1", true, true));

  const later = createProgress({ ...hostOf(storage), draw: () => 99 });

  expect(later.get().shuffle).toBe(7);
});

test("a damaged record is kept aside, and the learner is told", () => {
  const storage = memory();
  storage.kept.set("ensemble.progress", '{"version":1,"lessons":{"elec');

  const store = createProgress(hostOf(storage));
  store.change("elections", reach("cold-start", "c5"));

  expect(store.trouble()).toBe("unreadable");
  expect(storage.kept.get("ensemble.progress.unreadable.1")).toBe('{"version":1,"lessons":{"elec');
  expect(
    parseProgress(storage.kept.get("ensemble.progress") ?? "")?.lessons["elections"],
  ).toBeDefined();
});

test("the record of a later version is not overwritten without a copy", () => {
  const storage = memory();
  const later = '{"version":2,"shuffle":7,"lessons":{}}';
  storage.kept.set("ensemble.progress", later);

  createProgress(hostOf(storage)).change("elections", reach("cold-start", "c5"));

  expect([...storage.kept.values()]).toContain(later);
});

test("a record whose parts have another form is not trusted", () => {
  expect(parseProgress('{"version":1,"shuffle":7,"lessons":{"elections":{"labs":[]}}}')).toBeNull();
  expect(parseProgress('{"version":1,"shuffle":7,"lessons":{}}')).not.toBeNull();
});

test("a full storage is said, and the lesson goes on in memory", () => {
  const store = createProgress(hostOf(memory(10)));
  store.change("elections", reach("cold-start", "c5"));

  expect(store.trouble()).toBe("unsaved");
  expect(store.get().lessons["elections"]?.labs["cold-start"]?.checks).toEqual(["c5"]);
});

test("a forbidden storage is said once something should be saved", () => {
  const store = createProgress(hostOf(null));
  expect(store.trouble()).toBeNull();

  store.change("elections", reach("cold-start", "c5"));

  expect(store.trouble()).toBe("unsaved");
});

test("two tabs that save in turn keep what both have reached", () => {
  const storage = memory();
  const one = createProgress(hostOf(storage));
  const two = createProgress(hostOf(storage));

  one.change("elections", reach("cold-start", "c5"));
  two.change("elections", answer("q1", false, true));
  one.readAgain();

  expect(one.get().lessons["elections"]?.quiz["q1"]).toEqual({ first: false, right: true });
  expect(two.get().lessons["elections"]?.labs["cold-start"]?.checks).toEqual(["c5"]);
});

test("two tabs that meet different checks of one lab keep both", () => {
  const storage = memory();
  const one = createProgress(hostOf(storage));
  const two = createProgress(hostOf(storage));

  one.change("elections", reach("cold-start", "c5"));
  two.change("elections", reach("cold-start", "c4"));
  one.readAgain();

  expect(one.get().lessons["elections"]?.labs["cold-start"]?.checks).toEqual(["c5", "c4"]);
});

test("a prediction that another tab has seen resolved is resolved here too", () => {
  const storage = memory();
  const one = createProgress(hostOf(storage));
  const two = createProgress(hostOf(storage));
  const locked = (held: boolean | null) => (lesson: LessonProgress) => ({
    ...lesson,
    predictions: { p2: { choice: "3", held, outcome: {} } },
  });

  one.change("elections", locked(null));
  two.readAgain();
  two.change("elections", locked(true));
  one.readAgain();

  expect(one.get().lessons["elections"]?.predictions["p2"]?.held).toBe(true);
});

test("what a run has shown so far is not undone by the older record", () => {
  const storage = memory();
  const store = createProgress(hostOf(storage));
  const untested = (outcome: Record<string, number>) => (lesson: LessonProgress) => ({
    ...lesson,
    predictions: { p2: { choice: "3", held: null, outcome } },
  });

  store.change("elections", untested({}));
  store.change("elections", untested({ leader: 5 }));

  expect(
    createProgress(hostOf(storage)).get().lessons["elections"]?.predictions["p2"]?.outcome,
  ).toEqual({ leader: 5 });
});

test("a first try stays as it was, whatever the other tab says later", () => {
  const storage = memory();
  const one = createProgress(hostOf(storage));
  one.change("elections", answer("q1", false, false));
  const two = createProgress(hostOf(storage));
  two.change("elections", answer("q1", false, true));
  one.readAgain();

  expect(one.get().lessons["elections"]?.quiz["q1"]).toEqual({ first: false, right: true });
});

test("a change that changes nothing is not saved", () => {
  const storage = memory();
  createProgress(hostOf(storage)).change("elections", (lesson) => lesson);

  expect(storage.kept.size).toBe(0);
  expect(EMPTY_LESSON.lastAt).toBe(0);
});
