import { expect, test } from "vitest";
import { kill, roleOf, start, startHistory, worldOfLab } from "../../engine/index";
import { asleep } from "./asleep";
import { createLabStore } from "./lab";
import type { LabStore } from "./store";

const zooCfg = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=/data
clientPort=2181
server.1=zk1:2888:3888
server.2=zk2:2888:3888
server.3=zk3:2888:3888
`;
const lab = {
  id: "three",
  servers: [1, 2, 3].map((sid) => ({
    zooCfg,
    myid: `${sid}\n`,
    disk: "empty" as const,
    up: false,
  })),
  clients: [],
  met: {},
  solution: [],
  trap: { script: [], unmet: [] },
};
const world = worldOfLab(lab, 1);

/** A sleeping lab, how often its engine was asked for, and the moment it comes or fails to. */
function sleeping() {
  let asked = 0;
  let comes = (): void => undefined;
  let fails = (): void => undefined;
  const store = asleep({
    id: lab.id,
    seed: 1,
    world,
    open: () => {
      asked += 1;
      return new Promise<LabStore>((settle, refuse) => {
        comes = () => settle(createLabStore({ lab, seed: 1 }));
        fails = () => refuse(new Error("offline"));
      });
    },
  });
  const settled = () => new Promise((settle) => setTimeout(settle, 0));
  return {
    store,
    asked: () => asked,
    comes: () => (comes(), settled()),
    fails: () => (fails(), settled()),
  };
}

test("a lab that nobody uses shows its beginning, and asks for no engine", () => {
  const { store, asked } = sleeping();
  expect(store.get().history).toEqual(startHistory(world));
  expect(store.facts()).toEqual([]);
  expect(store.handOver()).toBeNull();
  expect(asked()).toBe(0);
});

test("what is done before the engine has come is done when it has, in its order", async () => {
  const { store, asked, comes } = sleeping();
  store.dispatch(start(1));
  store.dispatch(start(2));
  store.dispatch(kill(1));
  expect(asked()).toBe(1);
  expect(store.get().engine).toBe("coming");
  expect(store.get().history.commands).toEqual([]);
  await comes();
  expect(store.get().engine).toBe("here");
  expect(store.get().history.commands.map(({ command }) => command)).toEqual([
    start(1),
    start(2),
    kill(1),
  ]);
  expect(store.get().history.now.servers.map(roleOf)).toEqual(["DOWN", "STARTING", "DOWN"]);
});

test("a second click on the same server, while nothing moves yet, is the same click", async () => {
  const { store, comes } = sleeping();
  store.dispatch(start(1));
  store.dispatch(start(1));
  await comes();
  expect(store.get().history.commands).toHaveLength(1);
});

test("the gate that a lesson set before holds back what was clicked before", async () => {
  const { store, comes } = sleeping();
  store.setGate(() => "hold");
  store.dispatch(start(3));
  await comes();
  expect(store.get().held).toEqual(start(3));
  expect(store.get().history.commands).toEqual([]);
});

test("hand and selection change at once, and stay when the engine comes", async () => {
  const { store, comes } = sleeping();
  store.setHand("look");
  store.select(2);
  expect(store.get()).toMatchObject({ hand: "look", selected: 2 });
  await comes();
  expect(store.get()).toMatchObject({ hand: "look", selected: 2 });
});

test("who listens is told when the engine comes, and of all that happens in it", async () => {
  const { store, comes } = sleeping();
  let told = 0;
  const stop = store.subscribe(() => {
    told += 1;
  });
  store.wake();
  store.wake();
  expect(told).toBe(1);
  await comes();
  expect(told).toBe(2);
  store.dispatch(start(1));
  expect(told).toBeGreaterThan(2);
  stop();
  const before = told;
  store.dispatch(start(2));
  expect(told).toBe(before);
});

test("an engine that could not be fetched is asked for again by the next click, and the first is kept", async () => {
  const { store, asked, fails, comes } = sleeping();
  store.dispatch(start(1));
  await fails();
  expect(store.get().engine).toBe("away");
  store.dispatch(start(1));
  expect(asked()).toBe(2);
  await comes();
  expect(store.get().history.commands.map(({ command }) => command)).toEqual([start(1)]);
});
