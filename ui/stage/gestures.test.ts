import { expect, test } from "vitest";
import { defineLab, record, startHistory, worldOfLab } from "../../engine/index";
import { crosses, neighbourOf, toggleLink, togglePause, toggleRun } from "./gestures";
import { sceneOf } from "./scene";

const sids = [1, 2, 3, 4, 5];
const zooCfg = `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n${sids
  .map((sid) => `server.${sid}=zk${sid}:2888:3888`)
  .join("\n")}\n`;
const world = worldOfLab(
  defineLab({
    id: "hands",
    servers: sids.map((sid) => ({
      zooCfg,
      myid: `${sid}\n`,
      disk: "empty" as const,
      up: sid !== 5,
    })),
    clients: [],
    met: {},
    solution: [],
    trap: { script: [], unmet: [] },
  }),
  1,
);

test("the first click kills a server, the next starts it again", () => {
  const command = toggleRun(world, 1);
  expect(command).toEqual({ type: "kill", sid: 1 });
  const { now } = record(startHistory(world), command);
  expect(toggleRun(now, 1)).toEqual({ type: "start", sid: 1 });
});

test("a server that is down cannot be paused", () => {
  expect(togglePause(world, 1)).toEqual({ type: "pause", sid: 1 });
  expect(togglePause(world, 5)).toBeNull();
});

test("a link that is cut heals", () => {
  const command = toggleLink(world, 1, 2);
  expect(command).toEqual({ type: "cut", a: 1, b: 2 });
  const { now } = record(startHistory(world), command);
  expect(toggleLink(now, 2, 1)).toEqual({ type: "heal", a: 2, b: 1 });
});

test("arrows go to the nearest server in their direction", () => {
  const scene = sceneOf(world, { width: 700, height: 660 });
  expect(neighbourOf(scene, 1, "ArrowRight")).toBe(2);
  expect(neighbourOf(scene, 1, "ArrowLeft")).toBe(5);
  expect(neighbourOf(scene, 2, "ArrowDown")).toBe(3);
  expect(neighbourOf(scene, 3, "ArrowLeft")).toBe(4);
  expect(neighbourOf(scene, 4, "ArrowUp")).toBe(5);
  expect(neighbourOf(scene, 1, "ArrowUp")).toBeNull();
});

test("a drag crosses a link only where the two stretches meet", () => {
  const [a, b] = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
  ];
  expect(crosses({ x: 50, y: -5 }, { x: 50, y: 5 }, a, b)).toBe(true);
  expect(crosses({ x: 50, y: -9 }, { x: 50, y: -5 }, a, b)).toBe(false);
  expect(crosses({ x: 150, y: -5 }, { x: 150, y: 5 }, a, b)).toBe(false);
});
