import { expect, test } from "vitest";
import { defineLab } from "../../engine/index";
import { pressKey } from "./keys";
import { createLabStore } from "./lab";

const zooCfg =
  "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\nserver.1=zk1:2888:3888\n";
const lab = defineLab({
  id: "keys",
  servers: [{ zooCfg, myid: "1\n", disk: "empty" as const, up: true }],
  clients: [],
  met: {},
  solution: [],
  trap: { script: [], unmet: [] },
});

const plain = { ctrlKey: false, metaKey: false, altKey: false };

function pressed(...keys: readonly string[]) {
  const store = createLabStore({ lab, seed: 1 });
  let shown = 0;
  const taken = keys.map((key) => pressKey(store, { ...plain, key }, () => (shown += 1)));
  return { state: store.get(), taken, shown };
}

test("Space plays and pauses, B changes hands, ? shows the list", () => {
  expect(pressed(" ").state.playing).toBe(true);
  expect(pressed(" ", " ").state.playing).toBe(false);
  expect(pressed("b").state.hand).toBe("look");
  expect(pressed("B", "b").state.hand).toBe("break");
  expect(pressed("?").shown).toBe(1);
});

test("brackets move by a second, also as a Chinese input method writes them", () => {
  expect(pressed("]", "]").state.history.now.nowUs).toBe(2_000_000);
  expect(pressed("】", "】", "【").state.history.now.nowUs).toBe(1_000_000);
  expect(pressed("[").state.history.now.nowUs).toBe(0);
});

test("other keys and the browser's own are left alone", () => {
  expect(pressed("k", "Enter", "Tab").taken).toEqual([false, false, false]);
  const store = createLabStore({ lab, seed: 1 });
  expect(pressKey(store, { ...plain, ctrlKey: true, key: "b" }, () => undefined)).toBe(false);
});
