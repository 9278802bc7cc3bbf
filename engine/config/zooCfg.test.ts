import { expect, test } from "vitest";
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
