import { readFileSync } from "node:fs";
import { globSync } from "tinyglobby";
import { describe, expect, test } from "vitest";
import { compareVotes, type Lab, type LabView, playScript } from "../engine/index";
import { CAPSULE_COLUMNS, course, headOf, lessonPlace, MAP_COLUMNS, places } from "./course";
import { glossary } from "./glossary";
import type { InBoth, Lesson, Option, QuizItem } from "./lesson";

/** Twenty runs take a second; on a busy machine many. */
const BUSY_MS = 60_000;
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const slugs = globSync("lessons/*/lesson.ts").map((file) => file.split("/")[1] ?? "");

describe("the course", () => {
  test("has six modules, eighteen lessons and a capstone", () => {
    expect(course).toHaveLength(6);
    expect(places).toHaveLength(19);
    expect(places.map(({ lesson }) => lesson.id)).toEqual([
      ...Array.from({ length: 18 }, (_, index) => `L${String(index + 1).padStart(2, "0")}`),
      "capstone",
    ]);
  });

  test("numbers a lesson by module and place", () => {
    const numberOf = (id: string) => places.find(({ lesson }) => lesson.id === id)?.number;
    expect([numberOf("L01"), numberOf("L13"), numberOf("capstone")]).toEqual(["0.1", "4.1", "5.3"]);
  });

  test("gives each lesson its own slug and both titles", () => {
    expect(new Set(places.map(({ lesson }) => lesson.slug)).size).toBe(19);
    for (const { lesson } of places) {
      expect(lesson.slug).toMatch(/^[a-z0-9-]+$/);
      expectBoth(lesson.title);
    }
  });

  test("builds each lesson on earlier ones only, and draws it to their right", () => {
    for (const { lesson } of places) {
      for (const id of lesson.buildsOn) {
        const before = places.find((place) => place.lesson.id === id);
        expect(before, id).toBeDefined();
        expect(before!.lesson.column, `${lesson.id} lies right of ${id}`).toBeLessThan(
          lesson.column,
        );
      }
    }
  });

  test("leaves room for each capsule on its lane", () => {
    for (const { lessons } of course) {
      lessons.forEach((lesson, index) => {
        const end = lessons[index + 1]?.column ?? MAP_COLUMNS;
        expect(lesson.column + CAPSULE_COLUMNS, lesson.id).toBeLessThanOrEqual(end);
      });
    }
  });

  test("lists as written exactly the lessons that have a folder", () => {
    const written = places.filter(({ lesson }) => lesson.written).map(({ lesson }) => lesson.slug);
    expect(written.toSorted()).toEqual(slugs.toSorted());
  });

  test("shortens a title to what stands before its colon or question mark", () => {
    expect(headOf("Zab: what 'committed' promises")).toBe("Zab");
    expect(headOf("谁会当选？逐票看懂快速领导者选举")).toBe("谁会当选？");
    expect(headOf("The final shift")).toBe("The final shift");
  });

  test("tells a lesson's page its place, its neighbours and what comes next", () => {
    expect(lessonPlace("fast-leader-election", "zh")).toMatchObject({
      number: "4.1",
      module: "高可用与故障恢复",
      siblings: [
        "fast-leader-election",
        "zab-what-committed-means",
        "sessions-and-heartbeats",
        "partitions-and-data-centres",
      ],
      next: { number: "4.2", title: "Zab 协议：“已提交”意味着什么" },
    });
    expect(lessonPlace("final-shift", "en").next).toBeNull();
  });
});

describe.each(slugs)("lesson %s", async (slug) => {
  const { lesson } = (await import(`./${slug}/lesson.ts`)) as { lesson: Lesson };
  const { quiz } = (await import(`./${slug}/quiz.ts`)) as { quiz: readonly QuizItem[] };
  const { labs, detours } = (await import(`./${slug}/lab.ts`)) as {
    labs: readonly Lab[];
    detours: Record<string, (view: LabView) => boolean>;
  };
  const texts = {
    en: readFileSync(`lessons/${slug}/en.mdx`, "utf8"),
    zh: readFileSync(`lessons/${slug}/zh.mdx`, "utf8"),
  };

  test("has the id and slug of the course, and no id twice", () => {
    const place = places.find((one) => one.lesson.slug === slug);
    expect([lesson.id, lesson.slug]).toEqual([place?.lesson.id, slug]);
    const ids = [
      ...lesson.labs.flatMap((lab) => [lab.id, ...lab.checks.map((check) => check.id)]),
      ...lesson.predictions.map((prediction) => prediction.id),
      ...quiz.map((item) => item.id),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("bears the title of the course in both languages", () => {
    for (const lang of ["en", "zh"] as const) {
      const title = places.find((one) => one.lesson.slug === slug)?.lesson.title[lang];
      expect(texts[lang]).toContain(`title: ${JSON.stringify(title)}`);
    }
  });

  test("has five to ten parts, the same in both languages", () => {
    const parts = headingsOf(texts.en);
    expect(parts.length).toBeGreaterThanOrEqual(5);
    expect(parts.length).toBeLessThanOrEqual(10);
    expect(headingsOf(texts.zh)).toEqual(parts);
  });

  test("uses the same components with the same properties in both languages", () => {
    expect(componentsOf(texts.zh)).toEqual(componentsOf(texts.en));
  });

  test("shows the same code in both languages", () => {
    expect(codeOf(texts.zh)).toEqual(codeOf(texts.en));
  });

  test("has as many paragraphs in one language as in the other", () => {
    expect(paragraphsOf(texts.zh)).toBe(paragraphsOf(texts.en));
  });

  test("closes emphasis where Markdown sees it, also between Chinese characters", () => {
    for (const text of Object.values(texts))
      expect(text).not.toMatch(/[。，；：？！”）]\*\*\p{L}/u);
  });

  test("names only labs, predictions and terms that there are", () => {
    const named = (component: string, property: string) =>
      [...texts.en.matchAll(new RegExp(`<${component} ${property}="([^"]+)"`, "g"))].map(
        ([, id]) => id ?? "",
      );
    expect(named("Lab", "id").toSorted()).toEqual(lesson.labs.map((lab) => lab.id).toSorted());
    expect(named("Prediction", "id").toSorted()).toEqual(
      lesson.predictions.map(({ id }) => id).toSorted(),
    );
    for (const term of named("Term", "id")) expect(Object.keys(glossary)).toContain(term);
  });

  test("compares votes in its text as the engine does", () => {
    const tables = [...texts.en.matchAll(/<Votes\s+by="(\w+)"\s+rows=\{\[([\s\S]*?)\]\}/g)];
    expect(tables.length).toBeGreaterThan(0);
    for (const [, by, rows = ""] of tables) {
      const [better, other] = [
        ...rows.matchAll(/sid: (\d+), epoch: (\d+), zxid: "(0x[0-9a-f]+)"/g),
      ].map(([, sid, epoch, zxid]) => ({
        leader: Number(sid),
        peerEpoch: Number(epoch),
        zxid: Number(zxid),
      }));
      expect(compareVotes(better!, other!)).toEqual({ better: "a", decidedBy: by });
    }
  });

  test("labels every check that its labs judge, with three hints each", () => {
    for (const lab of labs) {
      const words = lesson.labs.find((one) => one.id === lab.id);
      expect(words?.checks.map((check) => check.id).toSorted()).toEqual(
        Object.keys(lab.met).toSorted(),
      );
      for (const check of words?.checks ?? []) {
        expectBoth(check.label);
        expect(check.hints).toHaveLength(3);
        check.hints.forEach(expectBoth);
        expectBoth(check.detour);
        expect(Object.keys(detours)).toContain(check.id);
      }
    }
  });

  test("asks for a prediction before the first run of every lab, with one right answer", () => {
    for (const lab of lesson.labs) {
      const fixed = lesson.predictions.filter((one) => one.kind === "fixed" && one.lab === lab.id);
      expect(fixed.length).toBeGreaterThan(0);
    }
    for (const prediction of lesson.predictions) {
      if (prediction.kind !== "fixed") continue;
      expectBoth(prediction.question);
      expectOptions(prediction.options);
      expect(prediction.options.filter((option) => option.right)).toHaveLength(1);
    }
  });

  test("asks four to six questions, and says why to every answer", () => {
    expect(lesson.quiz).toEqual(quiz.map((item) => item.id));
    expect(quiz.length).toBeGreaterThanOrEqual(4);
    expect(quiz.length).toBeLessThanOrEqual(6);
    for (const item of quiz) {
      expectBoth(item.question);
      expect(item.tags.length).toBeGreaterThan(0);
      expectAnswers(item);
    }
  });

  describe.each(labs)("lab $id", (lab) => {
    test(
      "is met by its solution on every seed",
      () => {
        for (const seed of SEEDS) {
          const { reached } = playScript(lab, lab.solution, seed);
          expect([...reached].toSorted(), `seed ${seed}`).toEqual(Object.keys(lab.met).toSorted());
        }
      },
      BUSY_MS,
    );

    test(
      "leaves open what its trap leaves open, on every seed",
      () => {
        expect(lab.trap.unmet.length).toBeGreaterThan(0);
        for (const id of lab.trap.unmet) expect(Object.keys(lab.met)).toContain(id);
        for (const seed of SEEDS) {
          const { reached } = playScript(lab, lab.trap.script, seed);
          expect(
            reached.filter((id) => lab.trap.unmet.includes(id)),
            `seed ${seed}`,
          ).toEqual([]);
        }
      },
      BUSY_MS,
    );

    test("calls no run astray that meets a check in the end", () => {
      const { history } = playScript(lab, lab.solution, 1);
      for (const [id, isAstray] of Object.entries(detours)) {
        for (let facts = 0; facts <= history.facts.length; facts += 1) {
          const view = { world: history.now, facts: history.facts.slice(0, facts) };
          expect(isAstray(view), `${id} after ${facts} facts`).toBe(false);
        }
      }
    });

    test("does not run the same way on two seeds", () => {
      const runs = SEEDS.map((seed) =>
        playScript(lab, lab.solution, seed)
          .history.facts.map((fact) => `${fact.atUs} ${fact.type}`)
          .join(),
      );
      expect(new Set(runs).size).toBe(SEEDS.length);
    });
  });
});

function expectBoth(words: InBoth): void {
  expect(words.en.trim()).not.toBe("");
  expect(words.zh.trim()).not.toBe("");
}

function expectOptions(options: readonly Option[]): void {
  expect(new Set(options.map((option) => option.id)).size).toBe(options.length);
  for (const option of options) {
    expectBoth(option.text);
    expectBoth(option.why);
  }
}

function expectAnswers(item: QuizItem): void {
  switch (item.kind) {
    case "single":
    case "multiple": {
      expectOptions(item.options);
      const right = item.options.filter((option) => option.right).length;
      if (item.kind === "single") expect(right, item.id).toBe(1);
      else expect(right, item.id).toBeGreaterThan(0);
      break;
    }
    case "numeric":
      expectBoth(item.why);
      expectBoth(item.otherwise);
      for (const wrong of item.wrong) {
        expectBoth(wrong.why);
        expect(wrong.value).not.toBe(item.answer);
      }
      break;
    case "stage":
      expect(item.servers.map((server) => server.sid)).toContain(item.answer);
      for (const server of item.servers) expectBoth(server.why);
      break;
  }
}

const headingsOf = (text: string) => [...text.matchAll(/<h2 id="([^"]+)">/g)].map(([, id]) => id);

/** Components with their properties, in order; a term's place in a sentence depends on the language. */
function componentsOf(text: string): string[] {
  const found = [...text.matchAll(/<([A-Z]\w*)([^>]*)>/g)].map(([, name, properties = ""]) =>
    `${name} ${properties.replaceAll(/\s+/g, " ").trim()}`.trim(),
  );
  const terms = found.filter((one) => one.startsWith("Term ")).toSorted();
  return [...found.filter((one) => !one.startsWith("Term ")), ...terms];
}

function codeOf(text: string): { inline: string[]; blocks: string[] } {
  const blocks = [...text.matchAll(/```[\s\S]*?```/g)].map(([block]) => block);
  const inline = [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/`[^`]+`/g)].map(
    ([code]) => code,
  );
  return { inline: inline.toSorted(), blocks };
}

const paragraphsOf = (text: string) => text.split(/\n{2,}/).length;
