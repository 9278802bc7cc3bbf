import { expect, test } from "vitest";
import { numbersInOrderOfJava, propertiesIn } from "./properties";

const keysOf = (text: string) => propertiesIn(text)?.map(([key]) => key);

/** The orders are those that Java 17 printed. */
test("keys come in the order of Java's hash table, not of the file", () => {
  const names = "tickTime initLimit syncLimit dataDir clientPort server.1 server.2 server.3";
  const file = names.replaceAll(" ", "=1\n");
  expect(keysOf(file)?.join(" ")).toBe(
    "server.2 server.1 dataDir tickTime initLimit clientPort syncLimit server.3",
  );
});

test("a table that grew keeps the order that growing made", () => {
  const numbers = Array.from({ length: 26 }, (_, at) => at + 1);
  const file = numbers.map((number) => `server.${number}=x`).join("\n");
  expect(keysOf(file)?.map((key) => Number(key.slice("server.".length)))).toEqual([
    18, 19, 16, 17, 10, 11, 14, 15, 12, 13, 21, 22, 20, 2, 25, 1, 26, 23, 24, 6, 5, 4, 3, 9, 8, 7,
  ]);
});

test("server ids above 15 and below 0 do not come sorted", () => {
  expect(numbersInOrderOfJava([300, -1, 17, 1, -20, 2 ** 32, 2, 33])).toEqual([
    -1,
    17,
    1,
    2 ** 32,
    33,
    2,
    -20,
    300,
  ]);
});

test("every byte of the file is one letter", () => {
  expect(propertiesIn("\ufeffa=é€😀")).toEqual([["ï»¿a", "Ã©â\u0082¬ð\u009f\u0098\u0080"]]);
});

test("a repeated key has its last value, a blank behind a value stays, a malformed escape spoils all", () => {
  expect(propertiesIn("a=1\na=2 ")).toEqual([["a", "2 "]]);
  expect(propertiesIn("a=1\nb=\\u00g0")).toBeNull();
});
