import schemaText from "./vectors/schema.json?raw";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json;
}

/** How a field is compared: to the letter, as a multiset, by a one-to-one renaming, or not at all. */
export type Hold = "exact" | "set" | "label" | "informative";
export interface FieldType {
  readonly type: string;
  readonly hold: Hold;
}
/** One kind of step: the fields that it and its observation may have. A `?` behind a name: not in every one. */
export interface Verb {
  readonly step: readonly string[];
  readonly expect: readonly string[];
  /** For verbs that are sentences with something to fill in. */
  readonly pattern?: string;
}
export interface FamilySchema {
  readonly verb_in: "do" | "op";
  readonly given: Readonly<Record<string, FieldType>>;
  readonly step: Readonly<Record<string, string>>;
  readonly expect: Readonly<Record<string, FieldType>>;
  readonly verbs: Readonly<Record<string, Verb>>;
}
export interface Schema {
  readonly vector: Readonly<Record<string, string>>;
  readonly racy_releases: Readonly<Record<string, readonly string[]>>;
  readonly informative: readonly string[];
  readonly not_held: Readonly<Record<string, readonly string[]>>;
  readonly as_set: Readonly<Record<string, readonly string[]>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, FieldType>>>>;
  readonly families: Readonly<Record<string, FamilySchema>>;
}

/** What may stand in a vector, as the recordings' own `schema.json` says it. */
export const schema = JSON.parse(schemaText) as Schema;

export type Step = JsonMap & { readonly n: number };
/** One recorded run of a real server: what was given, done and observed. SCHEMA.md in short: README.md. */
export interface Vector {
  readonly id: string;
  readonly family: string;
  readonly topic: string;
  readonly title: string;
  readonly given: JsonMap;
  readonly steps: readonly Step[];
  readonly expect: readonly Step[];
  readonly final_tree?: readonly JsonMap[];
  readonly varies?: JsonMap;
  readonly racy?: readonly number[];
  readonly zxid_open?: Readonly<Record<string, readonly number[]>>;
  readonly unordered?: readonly number[];
  readonly informative?: readonly string[];
}

/** What a step does, by the name its family keeps it under. */
export function verbOf(vector: Pick<Vector, "family">, step: JsonMap): string {
  const word = step[schema.families[vector.family]?.verb_in ?? "do"];
  return typeof word === "string" ? word : "";
}

/** The name under which the schema knows a verb: itself, or the sentence that it fills in. Null: it does not. */
export function templateOf(family: string, verb: string): string | null {
  const verbs = schema.families[family]?.verbs ?? {};
  if (Object.hasOwn(verbs, verb) && verbs[verb]?.pattern === undefined) return verb;
  const found = Object.entries(verbs).find(
    ([, { pattern }]) => pattern !== undefined && new RegExp(pattern).test(verb),
  );
  return found?.[0] ?? null;
}

/**
 * What in a vector the schema does not name, or misses. A vector with such faults is not played: nobody knows what it
 * means, so it fails.
 */
export function faultsOf(vector: JsonMap): readonly string[] {
  const faults: string[] = [];
  const name = typeof vector.family === "string" ? vector.family : "";
  const family = schema.families[name];
  if (family === undefined) return [`family ${JSON.stringify(vector.family)} is not in the schema`];
  checkNames(vector, Object.keys(schema.vector), "vector", faults);
  for (const [key, type] of Object.entries(schema.vector))
    checkType(vector[key.replace("?", "")], type, key, faults);
  if (faults.length > 0) return faults;
  const { given, steps, expect } = vector as unknown as Vector;
  checkNames(given, optional(Object.keys(family.given)), "given", faults);
  for (const [key, { type }] of Object.entries(family.given))
    if (given[key] !== undefined) checkType(given[key], type, `given.${key}`, faults);
  checkSteps(name, family, steps, expect, faults);
  return faults;
}

function checkSteps(
  name: string,
  family: FamilySchema,
  steps: readonly Step[],
  expect: readonly Step[],
  faults: string[],
): void {
  steps.forEach((step, index) => {
    const at = `step ${step.n}`;
    const word = verbOf({ family: name }, step);
    const template = templateOf(name, word);
    if (step.n !== index + 1) faults.push(`${at}: steps are numbered 1, 2, ..`);
    if (template === null) {
      faults.push(`${at}: the schema has no verb ${JSON.stringify(word)}`);
      return;
    }
    const verb = family.verbs[template];
    checkNames(step, ["n", family.verb_in, ...(verb?.step ?? [])], at, faults);
    for (const [key, value] of Object.entries(step)) {
      const type = key === "n" ? "int" : family.step[key];
      if (type !== undefined) checkType(value, type, `${at}.${key}`, faults);
    }
    const entries = expect.filter((one) => one.n === step.n);
    if (entries.length > 1) faults.push(`${at}: more than one observation`);
    for (const entry of entries) {
      checkNames(entry, ["n", ...(verb?.expect ?? [])], `${at}, observed`, faults);
      for (const [key, value] of Object.entries(entry)) {
        const type = family.expect[key]?.type;
        if (type !== undefined) checkType(value, type, `${at}, observed ${key}`, faults);
      }
    }
  });
  for (const entry of expect)
    if (!steps.some((step) => step.n === entry.n))
      faults.push(`an observation of step ${entry.n}, which there is not`);
}

const optional = (names: readonly string[]) => names.map((name) => `${name}?`);

/** Every name must be allowed, and every one without a `?` must be there. */
function checkNames(map: JsonMap, allowed: readonly string[], at: string, faults: string[]): void {
  const names = allowed.map((name) => name.replace("?", ""));
  for (const key of Object.keys(map))
    if (!names.includes(key)) faults.push(`${at}: the schema has no field ${JSON.stringify(key)}`);
  for (const name of allowed)
    if (!name.endsWith("?") && map[name] === undefined) faults.push(`${at}: no ${name}`);
}

/** The alternatives of a type: `list of acl|null` is a list or null. */
export function alternatives(type: string): readonly string[] {
  return type.split("|");
}

function checkType(value: Json | undefined, type: string, at: string, faults: string[]): void {
  if (value === undefined || alternatives(type).some((one) => isOf(value, one, faults, at))) return;
  faults.push(`${at}: ${JSON.stringify(value).slice(0, 80)} is no ${type}`);
}

/** Is a value of this one type? Unknown names inside are faults of their own. */
function isOf(value: Json, type: string, faults: string[], at: string): boolean {
  const [, kind, inner] = /^(list|map) of (.*)$/.exec(type) ?? [];
  if (kind === "list" && inner !== undefined)
    return isList(value) && value.every((one) => isOf(one, inner, faults, at));
  if (kind === "map" && inner !== undefined)
    return isMap(value) && Object.values(value).every((one) => isOf(one, inner, faults, at));
  switch (type) {
    case "string":
    case "zxid":
    case "hex":
      return typeof value === "string";
    case "int":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    case "null":
      return value === null;
    case "list":
      return isList(value);
    case "map":
      return isMap(value);
    case "time":
    case "owner":
      return typeof value === "string" || value === 0;
    case "data":
      return value === null || typeof value === "string" || isMap(value);
    default:
      return isNamed(value, type, faults, at);
  }
}

function isNamed(value: Json, type: string, faults: string[], at: string): boolean {
  const fields = schema.types[type];
  if (fields === undefined || !isMap(value)) return false;
  for (const [key, one] of Object.entries(value)) {
    const field = fields[key];
    if (field === undefined) faults.push(`${at}: a ${type} has no ${JSON.stringify(key)}`);
    else checkType(one, field.type, `${at}.${key}`, faults);
  }
  return true;
}

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !isList(value);
}
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function wordIn(map: JsonMap, key: string, fallback = ""): string {
  const value = map[key];
  return typeof value === "string" ? value : fallback;
}
