import { compile } from "@mdx-js/mdx";
import { expect, test } from "vitest";
import { keptProse } from "./keptProse";

const lesson = `Five servers keep the locks of your production system, and nobody is awake at three.

A server without a leader is <Term id="looking">LOOKING</Term>, and it says so to everybody.

Short.
`;

async function compiled(forBrowser: boolean): Promise<string> {
  return String(await compile(lesson, { rehypePlugins: [[keptProse, { forBrowser }]] }));
}

test("the browser's script leaves out plain prose and takes it from the page", async () => {
  const script = await compiled(true);
  expect(script).not.toContain("nobody is awake");
  expect(script).toMatch(/"data-prose": "1",\s+dangerouslySetInnerHTML: prose\("1"\)/);
  expect(script).toContain('import {prose} from "/ui/lesson/prose.ts"');
});

test("what is prerendered holds the words under the same number", async () => {
  const script = await compiled(false);
  expect(script).toMatch(/"data-prose": "1",\s+children: "Five servers keep/);
});

test("a paragraph with a part that reacts travels with its words, and so does a short one", async () => {
  const script = await compiled(true);
  expect(script).toContain("and it says so to everybody");
  expect(script).toContain("Short.");
});
