import fc from "fast-check";
import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { workerOf, writerOf } from "../programs/programs";
import * as commands from "../sim/command";
import { runOfShareCode, type SharedRun, shareCodeOf } from "./shareCode";

const sids = [1, 2, 3, 4, 5];
const zooCfg = `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n${sids
  .map((sid) => `server.${sid}=zk${sid}:2888:3888`)
  .join("\n")}`;

const plain: SharedRun = {
  start: {
    type: "ensemble",
    servers: sids.map((sid) => ({ zooCfg, myid: `${sid}`, disk: "empty", up: true })),
    clients: [
      { name: "A", timeoutMs: 10_000, behaviour: writerOf(10, "/load") },
      { name: "B", timeoutMs: 4_000, servers: [1, 2], behaviour: workerOf("/locks/one"), count: 3 },
    ],
    delays: {
      packetUs: [3_000, 7_000],
      fsyncUs: [1_000, 3_000],
      startUpUs: [300_000, 800_000],
      service: { readUs: 1, writeUs: 2, sendUs: 3, servers: { 2: { readUs: 9 } } },
    },
    library: "3.8.0",
  },
  seed: -7,
  variant: "repaired",
  atUs: 90_000_000,
  commands: [],
};

const sid = fc.integer({ min: 1, max: 5 });
const name = fc.constantFrom("A", "B1", "a client");
const path = fc.string({ maxLength: 20 }).map((rest) => `/${rest}`);
const data = fc.option(fc.string({ unit: "binary", maxLength: 30 }));
/** Whatever a learner can do. */
const command: fc.Arbitrary<commands.Command> = fc.oneof(
  sid.map(commands.kill),
  sid.map(commands.powerLoss),
  sid.map(commands.start),
  sid.map(commands.pause),
  sid.map(commands.fullDisk),
  sid.map(commands.tearLog),
  fc.tuple(sid, sid).map(([a, b]) => commands.cut(a, b)),
  fc.tuple(sid, sid).map(([a, b]) => commands.healOneWay(a, b)),
  fc
    .tuple(fc.oneof(sid, name), sid, fc.double({ min: 0, max: 5_000, noNaN: true }))
    .map(([a, b, ms]) => commands.slowLink(a, b, ms)),
  fc.tuple(sid, fc.nat(65_535)).map(([a, port]) => commands.blockPort(a, port)),
  fc.nat().map(commands.breakConnection),
  fc.constant(commands.hold("PROPOSAL")),
  sid.map((to) => commands.deliver("ACK", to)),
  fc.constant(commands.release()),
  fc.tuple(sid, fc.integer()).map(([a, keep]) => commands.purge(a, keep)),
  fc.tuple(sid, fc.string()).map(([a, text]) => commands.editConfig(a, { zooCfg: text })),
  fc.tuple(name, path, data).map(([a, at, text]) => commands.operate(a, createOf(at, text))),
  fc
    .tuple(name, path)
    .map(([a, at]) => commands.operate(a, { type: "getData", path: at, watch: true })),
  fc.tuple(name, path, data).map(([a, at, text]) =>
    commands.operate(a, {
      type: "multi",
      ops: [
        { type: "check", path: at, version: -1 },
        { type: "setData", path: at, data: text, version: 3 },
      ],
    }),
  ),
  name.map((a) => commands.restartClient(a, workerOf("/lock"))),
  name.map((a) => commands.restartClient(a)),
  name.map((a) => commands.addClient({ name: a, timeoutMs: 5_000, chroot: "/app" })),
  fc
    .tuple(name, fc.boolean())
    .map(([a, again]) => commands.configureClient(a, { reregister: again })),
  fc.tuple(name, fc.array(sid)).map(([a, list]) => commands.updateServerList(a, list)),
  fc.boolean().map((fenced) => commands.fence("/locks/one", fenced)),
);

const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.nat(9_000_000), command), {
  maxLength: 30,
});
const run: fc.Arbitrary<SharedRun> = fc
  .tuple(steps, fc.integer(), fc.constantFrom("3.8.0", "3.9.5", "repaired"), fc.boolean())
  .map(([taken, seed, variant, isLab]) => {
    let [step, atUs] = [0, 0];
    const done = taken.map(([more, laterUs, one]) => {
      step += more;
      atUs += laterUs;
      return { step, atUs, command: one };
    });
    const start = isLab ? ({ type: "lab", id: "cold-start" } as const) : plain.start;
    return { start, seed, variant, commands: done, atUs };
  });

function codeOf(shared: SharedRun): string {
  const code = shareCodeOf(shared);
  if (code === null) throw new Error("this run can be shared");
  return code;
}

test("what was shared is what is opened", () => {
  fc.assert(
    fc.property(run, (shared) => {
      const code = codeOf(shared);
      expect(code).toMatch(/^[\w-]+$/);
      expect(runOfShareCode(code)).toEqual({ run: shared });
    }),
    { numRuns: 200 },
  );
});

test("two hundred actions on an ensemble of one's own take at most 2,000 characters", () => {
  const actions = [
    (sid: number) => commands.kill(sid),
    (sid: number) => commands.start(sid),
    (sid: number) => commands.cut(sid, 1 + (sid % 5)),
    (sid: number) => commands.heal(sid, 1 + (sid % 5)),
    (sid: number) => commands.operate("A", createOf(`/node-${sid}`, `${sid}`)),
    (sid: number) => commands.killClient(sid < 3 ? "A" : "B1"),
  ];
  const shape = fc.tuple(fc.nat(5), sid, fc.integer({ min: 1, max: 500 }), fc.nat(2_000_000));
  fc.assert(
    fc.property(fc.array(shape, { minLength: 200, maxLength: 200 }), (picked) => {
      let [step, atUs] = [0, 0];
      const done = picked.map(([kind, on, more, laterUs]) => {
        step += more;
        atUs += laterUs;
        return { step, atUs, command: actions[kind]?.(on) ?? commands.release() };
      });
      expect(codeOf({ ...plain, commands: done, atUs }).length).toBeLessThanOrEqual(2_000);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

test("one character more, less or other is damage", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  fc.assert(
    fc.property(
      run,
      fc.nat(),
      fc.constantFrom(...letters.split("")),
      fc.nat(2),
      (shared, at, letter, way) => {
        const code = codeOf(shared);
        const place = at % code.length;
        const [head, tail] = [code.slice(0, place), code.slice(place + 1)];
        const other = [head + letter + tail, head + tail, head + letter + code.slice(place)][way];
        if (other === undefined || other === code) return;
        const read = runOfShareCode(other);
        expect("error" in read && ["damaged", "empty"].includes(read.error)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

/** A code with a right checksum over these bytes. */
function signed(bytes: readonly number[]): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  crc ^= 0xffffffff;
  const sum = [crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255];
  return btoa(String.fromCharCode(...bytes, ...sum))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
declare const btoa: (text: string) => string;

test("hostile bytes under a right checksum are refused, or are a run like any other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
      const read = runOfShareCode(signed([1, ...bytes]));
      if ("run" in read) expect(runOfShareCode(codeOf(read.run))).toEqual(read);
      else expect(read.error).toBe("invalid");
    }),
    { numRuns: 500 },
  );
});

test("what no code is, is said", () => {
  expect(runOfShareCode("")).toEqual({ error: "empty" });
  expect(runOfShareCode("A".repeat(70_000))).toEqual({ error: "too long" });
  expect(runOfShareCode("hello world, this is no code")).toEqual({ error: "damaged" });
  expect(runOfShareCode(signed([2, 1, 2, 3]))).toEqual({ error: "too new" });
  expect(runOfShareCode(signed([0, 1, 2, 3]))).toEqual({ error: "invalid" });
});

test("nothing is done to a server that is not there, and no two servers have one number", () => {
  const strange = { ...plain, commands: [{ step: 1, atUs: 1, command: commands.kill(9) }] };
  expect(runOfShareCode(codeOf(strange))).toEqual({ error: "invalid" });
  const twice = {
    ...plain,
    start: {
      type: "ensemble" as const,
      clients: [],
      servers: [1, 1].map((one) => ({ zooCfg, myid: `${one}`, disk: "empty" as const, up: true })),
    },
  };
  expect(runOfShareCode(codeOf(twice))).toEqual({ error: "invalid" });
});

test("a run that no code can hold is not shared", () => {
  const bare = { step: 1, atUs: 1, command: commands.openBare("x", 1) };
  expect(shareCodeOf({ ...plain, commands: [bare] })).toBeNull();
});
