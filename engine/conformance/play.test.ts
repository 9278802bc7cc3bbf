import { afterAll, describe, expect, test } from "vitest";
import { playVector, type Verdict } from "./play";
import type { JsonMap } from "./schema";
import config from "./vectors/config.json?raw";
import election from "./vectors/election.json?raw";
import replication from "./vectors/replication.json?raw";
import sessionTimeout from "./vectors/session-timeout.json?raw";
import watch from "./vectors/watch.json?raw";
import znode from "./vectors/znode.json?raw";

/** The engine has no console; its tests run where there is one. */
declare const console: { log(text: string): void };

const families = { config, "session-timeout": sessionTimeout, znode, watch, election, replication };
const vectorsOf = (text: string) => JSON.parse(text) as readonly JsonMap[];

describe("recordings of a real 3.8.0", () => {
  const rows: string[] = [];
  afterAll(() => {
    console.log(["family           vectors  passed  failed", ...rows].join("\n"));
  });

  test.each(Object.entries(families))(
    "every vector of family %s passes",
    (family, text) => {
      const verdicts = vectorsOf(text).map((vector) => playVector(vector));
      const failed = verdicts.filter(({ passed }) => !passed);
      const unexpected = failed.filter((one) => !wantsTexts(one) && !CANNOT_PASS.includes(one.id));
      const counts = [verdicts.length, verdicts.length - failed.length, failed.length];
      rows.push(family.padEnd(16) + counts.map((count) => `${count}`.padStart(8)).join(""));
      expect(unexpected.map(reasonOf)).toEqual([]);
    },
    120_000,
  );
});

/** DECISIONS.md says of each why. */
const CANNOT_PASS = ["replication-053"];

/** What only a tool or a log could tell belongs to the operator's hands; everything else of such a vector is held. */
function wantsTexts({ problems, stopped }: Verdict): boolean {
  const texts = ["log", "stdout_last"];
  return (
    stopped?.startsWith("not yet played: ") === true &&
    problems.every(({ path, came }) => texts.includes(path) && came === undefined)
  );
}

function reasonOf({ id, problems, stopped }: Verdict): string {
  const [first] = problems;
  if (stopped !== null || first === undefined) return `${id}: ${stopped}`;
  const { step, path, expected, came } = first;
  return `${id}, step ${step}: ${path}: ${JSON.stringify(expected)}, not ${JSON.stringify(came)}`;
}

describe("the runner", () => {
  const settled: JsonMap = {
    id: "x-001",
    family: "election",
    topic: "t",
    title: "t",
    zookeeper_version: "3.8.0",
    given: { servers: { "1": "participant" }, extra_config: ["standaloneEnabled=false"] },
    steps: [{ n: 1, do: "start_and_wait", servers: [1] }],
    expect: [
      {
        n: 1,
        leader: 1,
        servers: {
          "1": {
            state: "leader",
            zxid: "0x100000000",
            zxid_epoch: 1,
            zxid_counter: 0,
            currentEpoch: 1,
            acceptedEpoch: 1,
          },
        },
        settled_ms: 5,
      },
    ],
  };

  test("passes a vector that the engine fulfils", () => {
    expect(playVector(settled)).toMatchObject({ passed: true, problems: [], stopped: null });
  });

  test("fails it when one number is another", () => {
    const [entry] = settled.expect as readonly JsonMap[];
    const wrong = { ...settled, expect: [{ ...entry, leader: 2 }] };
    expect(playVector(wrong)).toMatchObject({
      passed: false,
      problems: [{ step: 1, path: "leader", expected: 2, came: 1 }],
    });
  });

  test("fails what is no vector, what the schema does not name, and what is not played yet", () => {
    expect(playVector(5).passed).toBe(false);
    const unknown = { ...settled, steps: [{ n: 1, do: "dance" }], expect: [] };
    expect(playVector(unknown)).toMatchObject({ passed: false, played: null });
    const later = { ...settled, family: "zkcli", given: {}, steps: [], expect: [] };
    expect(playVector(later)).toMatchObject({
      passed: false,
      stopped: "not yet played: family zkcli",
    });
  });
});
