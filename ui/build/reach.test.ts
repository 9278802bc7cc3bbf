import { expect, test } from "vitest";
import { importsOf } from "./reach";

test("what a file needs at run time is what it imports beside types", () => {
  const source = `import { assert } from "../assert";
import type { Sid } from "../units";
import { type Zxid, makeZxid } from "../zxid";
import { type Vote, type Round } from "./context";
import {
  type Server,
  serverOf,
} from "../sim/read";
import { createMachine } from "xstate";
export { compareVotes } from "./vote";
export type { World } from "./world";
`;
  expect(importsOf(source)).toEqual(["../assert", "../zxid", "../sim/read", "./vote"]);
});
