import { makeZxid, epochOf, type Zxid } from "../index";
import {
  alternatives,
  type FieldType,
  isList,
  isMap,
  type Json,
  type JsonMap,
  schema,
  type Step,
  templateOf,
  type Vector,
  verbOf,
} from "./schema";
import { dataOf, sizeOf } from "./values";

/**
 * What came of one step, in the words of the vectors. Three things stand as the engine has them, because their labels
 * are the recording's: a `zxid` is a number, a `time` is in ms, an `owner` is a session's id or 0.
 */
export type Answer = { readonly [field: string]: Came };
export type Came = undefined | null | boolean | number | string | readonly Came[] | Answer;

/** All that came of a vector. */
export interface Played {
  readonly answers: ReadonlyMap<number, Answer>;
  readonly finalTree: readonly Answer[] | null;
  /** The server's last zxid before step 1: `z` of the vector. */
  readonly z: Zxid;
  /** The zxids that a server brought up to date while the election was closing may show at a step, as hex. */
  readonly openZxids: ReadonlyMap<number, readonly string[]>;
  /** What must hold whatever came, and did not. */
  readonly broken: readonly Problem[];
}

/** One thing in which the engine and the recording differ. `step` null: the tree at the end, or the whole. */
export interface Problem {
  readonly step: number | null;
  readonly path: string;
  readonly expected: unknown;
  readonly came: unknown;
}

/** Everything in which what came differs from what a vector expects, by the holds of the schema and the vector's marks. */
export function compareVector(vector: Vector, played: Played): readonly Problem[] {
  const comparison = new Comparison(vector, played);
  for (const entry of vector.expect) comparison.entry(entry);
  if (vector.final_tree !== undefined) comparison.finalTree(vector.final_tree);
  return [...played.broken, ...comparison.problems];
}

class Comparison {
  readonly problems: Problem[] = [];
  /** The renamings found so far, both ways. */
  private readonly labels = { time: new Labels(), owner: new Labels() };
  /** The step that is compared, null for the tree at the end; and what of it is not held, by path. */
  private step: number | null = null;
  private free: readonly string[] = [];

  constructor(
    private readonly vector: Vector,
    private readonly played: Played,
  ) {}

  /** Compares only what the entry contains. */
  entry(entry: Step): void {
    const { vector, played } = this;
    const step = vector.steps.find(({ n }) => n === entry.n);
    const family = schema.families[vector.family];
    if (step === undefined || family === undefined) return;
    this.step = entry.n;
    this.free = this.freeAt(step);
    const answer = played.answers.get(entry.n);
    for (const [field, expected] of Object.entries(entry)) {
      const type = family.expect[field];
      if (field === "n" || type === undefined || this.isFree(field)) continue;
      if (answer === undefined || !Object.hasOwn(answer, field))
        this.differ(field, expected, undefined);
      else this.compare(type, expected, answer[field], field);
    }
  }

  /** The nodes of /zookeeper are compared where the recording lists them. */
  finalTree(expected: readonly JsonMap[]): void {
    this.step = null;
    const ensemble = typeof this.vector.given.server !== "string";
    const withSystem = expected.some(({ path }) => isSystem(path));
    const came = (this.played.finalTree ?? []).filter(({ path }) => withSystem || !isSystem(path));
    const paths = new Set([...expected, ...came].map(({ path }) => textOf(path)));
    for (const path of [...paths].toSorted()) {
      this.free = ensemble && path === CONFIG_PATH ? ["final_tree.stat.dataLength"] : [];
      const one = expected.find((node) => node.path === path);
      const other = came.find((node) => node.path === path);
      if (one === undefined || other === undefined) this.differ(path, one, other);
      else this.compare({ type: "treeNode", hold: "exact" }, one, other, `final_tree`, path);
    }
  }

  /** What is not held at a step, by the marks of its vector. */
  private freeAt(step: Step): readonly string[] {
    const { vector } = this;
    const verb = verbOf(vector, step);
    const free = [...schema.informative, ...(vector.informative ?? [])];
    for (const path of Object.keys(vector.varies ?? {}))
      if (path.startsWith(`n${step.n}.`)) free.push(path.slice(`n${step.n}.`.length));
    if (vector.racy?.includes(step.n) === true)
      for (const release of schema.racy_releases[vector.family] ?? []) {
        const [, field, of] = /^(\w+) of (.*)$/.exec(release) ?? [];
        if (field === undefined) free.push(release);
        else if (of === templateOf(vector.family, verb)) free.push(field);
      }
    if (vector.zxid_open?.[step.n] !== undefined && verb === "zxids") free.push("equal");
    if (typeof vector.given.server !== "string") {
      if (step.path === CONFIG_PATH) free.push("stat.dataLength");
      if (isList(step.ops))
        step.ops.forEach((op, index) => {
          if (isMap(op) && op.path === CONFIG_PATH) free.push(`results.${index}.stat.dataLength`);
        });
    }
    return free;
  }

  private isFree(path: string): boolean {
    return this.free.includes(path);
  }

  private differ(path: string, expected: unknown, came: unknown): void {
    this.problems.push({ step: this.step, path, expected, came });
  }

  private compare(
    { type, hold }: FieldType,
    expected: Json,
    came: Came,
    path: string,
    shown = path,
  ): void {
    if (hold === "informative" || this.isFree(path)) return;
    const one = alternatives(type).find((kind) => fits(kind, expected)) ?? type;
    const [, kind, inner] = /^(list|map) of (.*)$/.exec(one) ?? [];
    if (kind === "list" && inner !== undefined) {
      if (!isList(expected) || !isCameList(came)) this.differ(shown, expected, came);
      else if (inner === "event") this.compareEvents(expected, came, shown);
      else if (hold === "set" || this.isUnordered()) this.compareSets(inner, expected, came, shown);
      else this.compareLists(inner, expected, came, path, shown);
    } else if (kind === "map" && inner !== undefined) {
      this.compareMaps(inner, expected, came, path, shown);
    } else if (schema.types[one] !== undefined) {
      this.compareNamed(one, expected, came, path, shown);
    } else if (hold === "set" && typeof expected === "string" && typeof came === "string") {
      this.compareSets("string", expected.split("\n"), came.split("\n"), shown);
    } else if (!this.same(one, expected, came, path)) {
      this.differ(shown, expected, this.inWords(one, came));
    }
  }

  /** Are two simple values the same? Labels are noted on the way. */
  private same(type: string, expected: Json, came: Came, path: string): boolean {
    switch (type) {
      case "zxid":
        return typeof expected === "string" && zxidOf(expected, this.played.z) === came;
      case "hex": {
        const [field] = path.split(".");
        const isOpen = field === "zxids" || path.endsWith(".zxid");
        return expected === came || (isOpen && this.isOpenZxid(path, came));
      }
      case "int":
        return expected === came || this.isOpenHalf(path, came);
      case "time":
      case "owner":
        if (expected === 0 || came === 0) return expected === came;
        return (
          typeof expected === "string" &&
          (typeof came === "string" || typeof came === "number") &&
          this.labels[type].agree(expected, came)
        );
      case "data":
        if (isMap(expected) && typeof expected.bytes === "number")
          return typeof came === "string" && sizeOf(came) === expected.bytes;
        return dataOf(expected) === came;
      default:
        return expected === came;
    }
  }

  private isUnordered(): boolean {
    return this.step !== null && this.vector.unordered?.includes(this.step) === true;
  }

  /** Was this server brought up to date while the election was closing, and is this one of the two zxids it may show? */
  private isOpenZxid(path: string, came: Came): boolean {
    const server = Number(path.split(".")[1]);
    const { step } = this;
    if (step === null || this.vector.zxid_open?.[step]?.includes(server) !== true) return false;
    return typeof came === "string" && this.played.openZxids.get(step)?.includes(came) === true;
  }

  /** The two halves of such a zxid. */
  private isOpenHalf(path: string, came: Came): boolean {
    const [, , half] = path.split(".");
    if (half !== "zxid_epoch" && half !== "zxid_counter") return false;
    const { step } = this;
    const server = Number(path.split(".")[1]);
    if (step === null || this.vector.zxid_open?.[step]?.includes(server) !== true) return false;
    return (this.played.openZxids.get(step) ?? []).some((hex) => {
      const zxid = Number(hex);
      const epoch = epochOf(zxid);
      return came === (half === "zxid_epoch" ? epoch : zxid - makeZxid(epoch, 0));
    });
  }

  private compareLists(
    inner: string,
    expected: readonly Json[],
    came: readonly Came[],
    path: string,
    shown: string,
  ): void {
    if (expected.length !== came.length)
      this.differ(`${shown}.length`, expected.length, came.length);
    expected.forEach((one, index) => {
      const other = came[index];
      if (other !== undefined)
        this.compare(
          { type: inner, hold: "exact" },
          one,
          other,
          `${path}.${index}`,
          `${shown}.${index}`,
        );
    });
  }

  /** The order is free, an element twice counts twice. */
  private compareSets(
    inner: string,
    expected: readonly Json[],
    came: readonly Came[],
    shown: string,
  ): void {
    const left = [...came];
    const missing: Json[] = [];
    for (const one of expected) {
      const at = left.findIndex((other) => this.wouldHold(inner, one, other));
      if (at < 0) missing.push(one);
      else left.splice(at, 1);
    }
    if (missing.length > 0 || left.length > 0) this.differ(shown, missing, left);
  }

  /** Would these two compare equal? Nothing is noted. */
  private wouldHold(inner: string, expected: Json, came: Came): boolean {
    const trial = new Comparison(this.vector, this.played);
    trial.step = this.step;
    trial.compare({ type: inner, hold: "exact" }, expected, came, "");
    return trial.problems.length === 0;
  }

  private compareMaps(
    inner: string,
    expected: Json,
    came: Came,
    path: string,
    shown: string,
  ): void {
    if (!isMap(expected) || !isAnswer(came)) {
      this.differ(shown, expected, came);
      return;
    }
    for (const key of new Set([...Object.keys(expected), ...Object.keys(came)])) {
      const one = expected[key];
      const at = `${path}.${key}`;
      if (one === undefined || came[key] === undefined)
        this.differ(`${shown}.${key}`, one, came[key]);
      else this.compare({ type: inner, hold: "exact" }, one, came[key], at, `${shown}.${key}`);
    }
  }

  /** A record of the schema: a field that only one of the two has is a difference. */
  private compareNamed(
    type: string,
    expected: Json,
    came: Came,
    path: string,
    shown: string,
  ): void {
    if (!isMap(expected) || !isAnswer(came)) {
      this.differ(shown, expected, came);
      return;
    }
    for (const key of new Set([...Object.keys(expected), ...Object.keys(came)])) {
      const field = schema.types[type]?.[key];
      const one = expected[key];
      if (field?.hold === "informative" || this.isFree(`${path}.${key}`)) continue;
      if (type === "exception" && key === "message" && isOfTheJvm(expected.class)) continue;
      if (field === undefined || one === undefined || came[key] === undefined)
        this.differ(`${shown}.${key}`, one, came[key]);
      else this.compare(field, one, came[key], `${path}.${key}`, `${shown}.${key}`);
    }
  }

  /** Events of one session in their order, unless the step is unordered; between sessions there is no order. */
  private compareEvents(expected: readonly Json[], came: readonly Came[], shown: string): void {
    const sessionOf = (event: Json | Came) =>
      isAnswer(event as Came) ? textOf((event as Answer).session) : "";
    const sessions = new Set([...expected.map(sessionOf), ...came.map(sessionOf)]);
    for (const session of [...sessions].toSorted()) {
      const those = expected.filter((event) => sessionOf(event) === session);
      const others = came.filter((event) => sessionOf(event) === session);
      const at = `${shown}.${session}`;
      if (this.isUnordered()) this.compareSets("event", those, others, at);
      else if (those.length !== others.length) this.differ(at, those, others);
      else this.compareLists("event", those, others, at, at);
    }
  }

  /** What came, as the vector would write it. */
  private inWords(type: string, came: Came): unknown {
    if (type === "zxid" && typeof came === "number") return relativeZxid(came, this.played.z);
    if (typeof came === "string" && came.length > 200) return `${came.slice(0, 200)}..`;
    return came;
  }
}

/** A renaming that is one-to-one: a label stands for one value, and no other label for the same. */
class Labels {
  private readonly valueOf = new Map<string, string | number>();
  private readonly labelOf = new Map<string | number, string>();

  agree(label: string, value: string | number): boolean {
    const known = this.valueOf.get(label);
    const named = this.labelOf.get(value);
    if (known === undefined && named === undefined) {
      this.valueOf.set(label, value);
      this.labelOf.set(value, label);
      return true;
    }
    return known === value && named === label;
  }
}

const CONFIG_PATH = "/zookeeper/config";
function isSystem(path: unknown): boolean {
  return path === "/zookeeper" || (typeof path === "string" && path.startsWith("/zookeeper/"));
}

const textOf = (value: Json | Came) => (typeof value === "string" ? value : "");

function isAnswer(came: Came): came is Answer {
  return typeof came === "object" && came !== null && !isCameList(came);
}
function isCameList(came: Came): came is readonly Came[] {
  return Array.isArray(came);
}

/** Does an expected value look like this alternative of its type? */
function fits(type: string, expected: Json): boolean {
  if (type.startsWith("list of list")) return isList(expected) && expected.every(isList);
  if (type.startsWith("list")) return isList(expected) && !expected.some(isList);
  if (type.startsWith("map")) return isMap(expected);
  if (type === "null") return expected === null;
  if (type === "string") return typeof expected === "string";
  return type === "int" || type === "bool" ? expected !== null : true;
}

/** Texts of the JVM or the host, not of ZooKeeper. */
function isOfTheJvm(exception: Json | undefined): boolean {
  const classes = schema.not_held["exception message of class"] ?? [];
  return typeof exception === "string" && classes.includes(exception);
}

/** A zxid of a vector: relative to `z`, in a later epoch, or absolute. Null: not one. */
export function zxidOf(text: string, z: Zxid): Zxid | null {
  const later = /^epoch\+(\d+):(\d+)$/.exec(text) ?? /^epoch\+?:(\d+)$/.exec(text);
  if (later !== null)
    return makeZxid(
      epochOf(z) + Number(later[2] === undefined ? 0 : later[1]),
      Number(later.at(-1)),
    );
  const near = /^z([+-]\d+)?$/.exec(text);
  if (near !== null) return z + Number(near[1] ?? 0);
  return /^(0x[0-9a-f]+|\d+)$/.test(text) ? Number(text) : null;
}

/** A zxid as a vector would write it. */
export function relativeZxid(zxid: Zxid, z: Zxid): string {
  if (zxid === 0 && z !== 0) return "0";
  const epochs = epochOf(zxid) - epochOf(z);
  if (epochs > 0) return `epoch+${epochs}:${zxid - makeZxid(epochOf(zxid), 0)}`;
  return zxid < z ? `z${zxid - z}` : `z+${zxid - z}`;
}
