import fc from "fast-check";
import { expect, test } from "vitest";
import { ensembleOf } from "./ensemble";
import { parseZooCfg } from "./zooCfg";

test("a key ends at the first equals sign, colon or blank, and blanks around both are dropped", () => {
  expect(parseZooCfg("  tickTime = 2000  \ninitLimit:10\nsyncLimit 5\nempty").values).toEqual({
    tickTime: "2000",
    initLimit: "10",
    syncLimit: "5",
    empty: "",
  });
});

test("only the first sign separates, so a server line keeps its colons", () => {
  expect(parseZooCfg("server.1=zk1:2888:3888;2181\na==b").values).toEqual({
    "server.1": "zk1:2888:3888;2181",
    a: "=b",
  });
});

test("lines that begin with # or ! are comments, and empty lines are nothing", () => {
  expect(parseZooCfg("# tickTime=1\n\n  ! tickTime=2\r\ntickTime=3 # no comment").values).toEqual({
    tickTime: "3 # no comment",
  });
});

test("a repeated key takes its last value, and the learner is told", () => {
  expect(parseZooCfg("tickTime=1\n\ntickTime=2")).toEqual({
    values: { tickTime: "2" },
    problems: [{ code: "duplicateKey", line: 3, key: "tickTime", firstLine: 1 }],
  });
});

test("a backslash at the end continues the line, an escaped one does not", () => {
  expect(
    parseZooCfg("server.1=zk1:\\\n   2888:3888\ndataDir=C\\:\\\\data\\\\\ntickTime=1").values,
  ).toEqual({
    "server.1": "zk1:2888:3888",
    dataDir: "C:\\data\\",
    tickTime: "1",
  });
});

test("problems name the line where a continued line begins", () => {
  expect(parseZooCfg("a=1\\\n2\n\na=3").problems).toEqual([
    { code: "duplicateKey", line: 4, key: "a", firstLine: 1 },
  ]);
});

test("escapes are resolved, and one that is malformed is a problem", () => {
  expect(parseZooCfg("a=\\u0041\\tb\\q").values).toEqual({ a: "A\tbq" });
  expect(parseZooCfg("ok=1\na=\\u00")).toEqual({
    values: { ok: "1" },
    problems: [{ code: "malformedEscape", line: 2 }],
  });
});

test("a key may have the name of something every object has", () => {
  const { values, problems } = parseZooCfg("__proto__=1\nconstructor=2");
  expect(Object.entries(values)).toEqual([
    ["__proto__", "1"],
    ["constructor", "2"],
  ]);
  expect(problems).toEqual([]);
});

/** Texts that look like files of properties, with all that has a meaning in one. */
const texts = fc.string({
  unit: fc.constantFrom(
    ...Array.from("ab1 =:#!\\\n\r\t\f;|[]-."),
    "\\u0041",
    "server.1",
    "tickTime",
    "é",
    "\u0000",
  ),
  maxLength: 60,
});

test("any text is read, line by line, without an end to the parser", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const { values, problems } = parseZooCfg(text);
      const lines = text.split(/\r\n|\r|\n/).length;
      expect(Object.keys(values).length + problems.length).toBeLessThanOrEqual(lines);
      for (const { line } of problems) expect(line).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test("keys and values come back, whatever they are made of, once they are escaped as Java escapes them", () => {
  const word = fc.string({ unit: fc.constantFrom(...Array.from("abc =:#!\\éλ\t")), maxLength: 8 });
  const escaped = (text: string) =>
    Array.from(text)
      .map((one) => (/[ =:#!\\\t]/.test(one) ? `\\${one === "\t" ? "t" : one}` : one))
      .join("");
  fc.assert(
    fc.property(word, word, (key, value) => {
      fc.pre(key.trim() !== "");
      const { values } = parseZooCfg(`${escaped(key)}=${escaped(value)}\nlast=1`);
      expect(values[key.trim()]).toBe(value.trim());
      if (key.trim() !== "last") expect(values["last"]).toBe("1");
    }),
    { numRuns: 500 },
  );
});

test("any file and myid is an ensemble's or a refusal with an exit code, never a fault of ours", () => {
  const plain = "dataDir=/d\ntickTime=2000\ninitLimit=5\nsyncLimit=2\nclientPort=2181\n";
  const key = fc.constantFrom(
    "server.1",
    "server.2",
    "group.1",
    "weight.1",
    "tickTime",
    "initLimit",
    "clientPort",
    "peerType",
    "snapCount",
    "electionAlg",
    "standaloneEnabled",
  );
  const value = fc.oneof(
    texts,
    fc.constantFrom("zk1:2888:3888", "zk1:2888:3888:observer;2181", "1:2", "0", "-1", "true", ""),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), texts, (lines, myid) => {
      const read = ensembleOf(plain + lines.map((line) => line.join("=")).join("\n"), myid);
      if ("fatal" in read) {
        expect(read.fatal.exitCode).toBeGreaterThan(0);
        expect(read.fatal.text).not.toBe("");
      } else {
        expect(read.config.voters.length).toBeGreaterThan(0);
        expect(read.config.members.map(({ sid }) => sid)).toContain(read.config.sid);
      }
    }),
    { numRuns: 1_000 },
  );
});
