import { expect, test } from "vitest";
import { pictureData, pictureSource } from "./pictures";

test("a browser gets a lab's beginning as data, without the engine that worked it out", () => {
  const source = pictureData({ id: "votes", world: { nowUs: 0, servers: [{ sid: 1 }] } });
  expect(source).toBe(
    'export const id = "votes";\nexport const world = {"nowUs":0,"servers":[{"sid":1}]};\n',
  );
});

test("a world that is more than plain data is refused, with the place where", () => {
  const world = { servers: [{ tree: new Map() }] };
  expect(() => pictureData({ id: "votes", world })).toThrow(/votes is plain data, but tree is not/);
});

test("the server side asks the engine for it: a lesson's first lab with everybody's seed", () => {
  const source = pictureSource("/site", "/site/lessons/votes/lab.ts");
  expect(source).toContain("/site/lessons/votes/lab.ts");
  expect(source).toContain("worldOfLab(labs[0], SEED)");
});
