// npm run simulate -- [--seeds A..B] [--servers N] [--observers N] [--clients N] [--seconds N] [--faults all|LIST]
//                     [--variant V] [--ignore NAME,NAME] [--jobs N] [--json]
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { shareCodeOf } from "../history/shareCode";
import type { VariantName } from "../rules/variants";
import { FAULT_NAMES, type FaultName } from "./faults";
import { type Asked, setupOf, run } from "./run";
import { shrink } from "./shrink";

const VARIANTS: readonly VariantName[] = ["3.8.0", "3.9.5", "repaired"];

interface Options {
  readonly from: number;
  readonly to: number;
  readonly asked: Omit<Asked, "seed">;
  readonly jobs: number;
  readonly json: boolean;
}

/** What one seed came to, as a worker tells it. */
interface Told {
  readonly seed: number;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly failure: Failure | null;
}
interface Failure {
  readonly name: string;
  readonly atMs: number;
  readonly servers: readonly number[];
  readonly detail: string;
  readonly commands: readonly string[];
  /** The run, made small, for the page; null where it does not fit. */
  readonly code: string | null;
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}

function optionsOf(words: readonly string[]): Options {
  const named: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, name, value] =
      /^--(seeds|servers|observers|clients|seconds|faults|variant|ignore|jobs|json)(?:=(.*))?$/.exec(
        word,
      ) ?? [];
    if (name === undefined) stop(`There is no option ${word}`);
    const given = name === "json" ? (value ?? "yes") : (value ?? words[(at += 1)]);
    if (given === undefined || given === "") stop(`--${name} wants a value`);
    named[name] = given;
  }
  const whole = (name: string, least: number, most: number): number | undefined => {
    const text = named[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      stop(`--${name} wants a whole number from ${least} to ${most}`);
    return value;
  };
  const [, first, last] = /^(\d+)(?:\.\.(\d+))?$/.exec(named.seeds ?? "1..500") ?? [];
  if (first === undefined) stop("--seeds wants N or A..B");
  const variant = VARIANTS.find((one) => one === (named.variant ?? "3.9.5"));
  if (variant === undefined) stop(`--variant is one of ${VARIANTS.join(", ")}`);
  const given = {
    servers: whole("servers", 1, 25),
    observers: whole("observers", 0, 25),
    clients: whole("clients", 0, 26),
    seconds: whole("seconds", 1, 3_600),
  };
  return {
    from: Number(first),
    to: Number(last ?? first),
    asked: {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      faults: faultsNamed(named.faults ?? "all"),
      variant,
      ignored: named.ignore?.split(",") ?? [],
    },
    jobs: whole("jobs", 1, 64) ?? 1,
    json: named.json !== undefined,
  };
}

function faultsNamed(list: string): readonly FaultName[] {
  if (list === "all") return FAULT_NAMES;
  return list.split(",").map((word) => {
    const name = FAULT_NAMES.find((one) => one === word);
    return name ?? stop(`--faults is all, or some of ${FAULT_NAMES.join(",")}`);
  });
}

function tell(seed: number, asked: Omit<Asked, "seed">): Told {
  const setup = setupOf({ ...asked, seed });
  const verdict = run(setup);
  const told = { seed, events: verdict.events, virtualSeconds: verdict.endUs / 1_000_000 };
  if (verdict.violations.length === 0) return { ...told, failure: null };
  const small = shrink(setup, verdict);
  const [violation] = small.verdict.violations;
  if (violation === undefined) throw new Error("a run that was shrunk fails");
  return {
    ...told,
    failure: {
      name: violation.name,
      atMs: violation.atUs / 1_000,
      servers: violation.servers,
      detail: violation.detail,
      commands: small.verdict.commands.map(
        ({ atUs, command }) => `${atUs / 1_000} ms ${JSON.stringify(command)}`,
      ),
      code: shareCodeOf({
        start: { type: "ensemble", ...small.setup.lab },
        seed,
        variant: small.setup.variant,
        commands: small.verdict.commands,
        atUs: small.verdict.endUs,
      }),
    },
  };
}

/** Every jobs-th seed from the first on. */
function work(first: number, { to, asked, jobs }: Options, come: (told: Told) => void): void {
  for (let seed = first; seed <= to; seed += jobs) come(tell(seed, asked));
}

function print({ seed, failure }: Told): void {
  if (failure === null) return;
  const { name, atMs, servers, detail, commands, code } = failure;
  console.log(`seed ${seed}: ${name} at ${atMs} ms, servers ${servers.join(" ")}: ${detail}`);
  for (const command of commands) console.log(`  ${command}`);
  if (code !== null) console.log(`  ${code}`);
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  const { from, to, jobs, json } = options;
  const all: Told[] = [];
  const come = (told: Told) => {
    all.push(told);
    if (!json) print(told);
  };
  const beganMs = performance.now();
  if (jobs === 1) work(from, options, come);
  else
    await Promise.all(
      Array.from(
        { length: Math.min(jobs, to - from + 1) },
        (_, index) =>
          new Promise<void>((done, failed) => {
            const worker = new Worker(fileURLToPath(import.meta.url), {
              workerData: { first: from + index, options },
            });
            worker.on("message", come);
            worker.on("error", failed);
            worker.on("exit", () => done());
          }),
      ),
    );
  const seconds = (performance.now() - beganMs) / 1_000;
  const events = all.reduce((sum, told) => sum + told.events, 0);
  const violations = all
    .filter((told) => told.failure !== null)
    .toSorted((a, b) => a.seed - b.seed)
    .map(({ seed, failure }) => ({ seed, ...failure }));
  const perSecond = Math.round(events / seconds);
  if (json)
    console.log(
      JSON.stringify({ seeds: all.length, violations, events, eventsPerSecond: perSecond }),
    );
  else
    console.log(
      `${all.length} seeds, ${violations.length} violations, ${events} events, ${perSecond} events/s`,
    );
  process.exitCode = violations.length === 0 ? 0 : 1;
}

if (isMainThread) await main();
else {
  const { first, options } = workerData as { first: number; options: Options };
  work(first, options, (told) => parentPort?.postMessage(told));
}
