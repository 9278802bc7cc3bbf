// npm run conformance -- [DIR] [--family F] [--id ID] [--seed N]
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { relativeZxid } from "./compare";
import { playVector, type Verdict } from "./play";
import type { Json, JsonMap } from "./schema";

const FAMILIES = [
  "session-timeout",
  "znode",
  "watch",
  "election",
  "replication",
  "config",
  "fourletter",
  "zkcli",
  "reconfig",
];

interface Options {
  readonly dir: string;
  readonly family: string | null;
  readonly id: string | null;
  readonly seed: number;
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}

/** npm changes folder: what the caller names is relative to where the caller stands. */
function optionsOf(words: readonly string[]): Options {
  let dir: string | null = null;
  const named: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, name, value] = /^--(family|id|seed)(?:=(.*))?$/.exec(word) ?? [];
    if (name !== undefined) {
      const given = value ?? words[(at += 1)];
      if (given === undefined || given === "") stop(`--${name} wants a value`);
      named[name] = given;
    } else if (word.startsWith("--")) stop(`There is no option ${word}`);
    else if (dir !== null) stop(`One folder only, not ${dir} and ${word}`);
    else dir = word;
  }
  const seed = Number(named.seed ?? 1);
  if (!Number.isInteger(seed) || seed < 0) stop("--seed wants a whole number");
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  return {
    dir:
      dir === null
        ? join(root, "engine/conformance/vectors")
        : resolve(process.env.INIT_CWD ?? process.cwd(), dir),
    family: named.family ?? null,
    id: named.id ?? null,
    seed,
  };
}

/** Every vector of every file but the schema. A file that is no list of vectors stops everything. */
function vectorsIn(dir: string): readonly Json[] {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) stop(`There is no folder ${dir}`);
  const files = readdirSync(dir)
    .filter((file) => file.endsWith(".json") && file !== "schema.json")
    .toSorted();
  const vectors = files.flatMap((file) => {
    try {
      const list = JSON.parse(readFileSync(join(dir, file), "utf8")) as Json;
      if (Array.isArray(list)) return list as readonly Json[];
    } catch (error) {
      stop(`${join(dir, file)}: ${String(error)}`);
    }
    stop(`${join(dir, file)}: not a list of vectors`);
  });
  if (vectors.length === 0) stop(`No vectors in ${dir}`);
  return vectors;
}

function wordOf(vector: Json, key: string): string {
  const value = (vector as JsonMap | null)?.[key];
  return typeof value === "string" ? value : "?";
}

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}..` : text;
}

function reasonsOf({ problems, stopped }: Verdict): readonly string[] {
  return [
    ...(stopped === null ? [] : [stopped]),
    ...problems.map(({ step, path, expected, came }) => {
      const at = step === null ? "at the end" : `step ${step}`;
      return `${at}: ${path}: expected ${shown(expected)}, came ${shown(came)}`;
    }),
  ];
}

/** Each step: what was done, what was expected, what came. Zxids as the vector writes them. */
function printSteps(vector: Json, verdict: Verdict): void {
  const { title, given, steps, expect } = vector as JsonMap;
  console.log(`${verdict.id}  ${JSON.stringify(title)}`);
  console.log(`  given     ${JSON.stringify(given)}`);
  for (const step of steps as readonly JsonMap[]) {
    const entry = (expect as readonly JsonMap[]).find(({ n }) => n === step.n);
    const came = verdict.played?.answers.get(Number(step.n));
    const isRelative = ["znode", "watch"].includes(verdict.family);
    const words = JSON.stringify(came, (key, value: unknown) =>
      isRelative && typeof value === "number" && /^([cmp]?zxid)$/.test(key)
        ? relativeZxid(value, verdict.played?.z ?? 0)
        : value,
    );
    console.log(`  step      ${JSON.stringify(step)}`);
    console.log(`  expected  ${entry === undefined ? "nothing" : JSON.stringify(entry)}`);
    console.log(`  came      ${words ?? "nothing"}`);
    for (const { step: at, path, expected, came: other } of verdict.problems)
      if (at === step.n)
        console.log(`  DIFFERS   ${path}: ${shown(expected)}, not ${shown(other)}`);
  }
  for (const { step, path, expected, came } of verdict.problems)
    if (step === null) console.log(`  DIFFERS   ${path}: ${shown(expected)}, not ${shown(came)}`);
  if (verdict.stopped !== null) console.log(`  STOPPED   ${verdict.stopped}`);
  console.log(verdict.passed ? "  passed\n" : "  failed\n");
}

const options = optionsOf(process.argv.slice(2));
const vectors = vectorsIn(options.dir).filter(
  (vector) =>
    (options.family === null || wordOf(vector, "family") === options.family) &&
    (options.id === null || wordOf(vector, "id") === options.id),
);
if (vectors.length === 0) stop("No such vector");

const verdicts: Verdict[] = [];
for (const vector of vectors) {
  const verdict = playVector(vector, options.seed);
  verdicts.push(verdict);
  if (options.id !== null) printSteps(vector, verdict);
  else if (!verdict.passed) {
    const reasons = reasonsOf(verdict);
    console.log(`${verdict.id}  ${reasons[0] ?? ""}`);
    if (reasons.length > 1) console.log(`  and ${reasons.length - 1} more`);
  }
}

const met = new Set(verdicts.map(({ family }) => family));
const families = [
  ...FAMILIES.filter((one) => met.has(one)),
  ...[...met].filter((one) => !FAMILIES.includes(one)),
];
const row = (...cells: readonly (string | number)[]) =>
  cells.map((cell, index) => (index === 0 ? `${cell}`.padEnd(16) : `${cell}`.padStart(8))).join("");
console.log(row("family", "vectors", "passed", "failed"));
for (const family of families) {
  const those = verdicts.filter((one) => one.family === family);
  const passed = those.filter((one) => one.passed).length;
  console.log(row(family, those.length, passed, those.length - passed));
}
const passed = verdicts.filter((one) => one.passed).length;
console.log(`${passed} passed, ${verdicts.length - passed} failed`);
process.exit(passed === verdicts.length ? 0 : 1);
