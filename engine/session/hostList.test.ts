import fc from "fast-check";
import { expect, test } from "vitest";
import { currentHost, hostConnected, hostList, nextHost, updateHosts } from "./hostList";

/** The servers tried one after the other, and before which ones the client waits a second. */
function tries(from: ReturnType<typeof hostList>, count: number) {
  let hosts = from;
  const tried: number[] = [];
  const waits: number[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const next = nextHost(hosts);
    hosts = next.hosts;
    if (next.wholeList) waits.push(nth);
    tried.push(currentHost(hosts));
  }
  return { hosts, tried, waits };
}

test("the list is tried round and round, and after a whole round in vain the client waits", () => {
  expect(tries(hostList([2, 3, 1]), 7)).toMatchObject({
    tried: [2, 3, 1, 2, 3, 1, 2],
    waits: [3, 6],
  });
});

test("a round ends at the server that served last", () => {
  const on = hostConnected(tries(hostList([2, 3, 1]), 2).hosts);
  expect(currentHost(on)).toBe(3);
  expect(tries(on, 4)).toMatchObject({ tried: [1, 2, 3, 1], waits: [2] });
});

test("with one server in the list every new attempt waits", () => {
  expect(tries(hostList([4]), 3).waits).toEqual([1, 2]);
});

const draws =
  (...values: number[]) =>
  (nth: number) =>
    values[nth] ?? 0.5;
const onThree = hostConnected(tries(hostList([2, 3, 1]), 2).hosts);

test("a client whose server is not in the new list leaves it, and tries the new list", () => {
  const { hosts, move } = updateHosts(onThree, [5, 4], 3, draws());
  expect(move).toBe(true);
  expect(tries(hosts, 3)).toMatchObject({ tried: [5, 4, 5], waits: [2] });
});

test("when servers are taken away, who is on one that stays stays", () => {
  expect(updateHosts(onThree, [1, 3], 3, draws()).move).toBe(false);
});

test("when servers are added, some clients go to the new ones", () => {
  const list = [5, 4, 3, 2, 1];
  const stays = updateHosts(onThree, list, 3, draws(0.41));
  expect(stays.move).toBe(false);
  expect(currentHost(stays.hosts)).toBe(3);
  const goes = updateHosts(onThree, list, 3, draws(0.39));
  expect(goes.move).toBe(true);
  expect(tries(goes.hosts, 2).tried).toEqual([5, 4]);
});

test("after any new list every server of it is tried once before the client waits", () => {
  const sids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sids, sids, fc.nat(5), fc.array(fc.nat(99)), (before, after, at, chances) => {
      const on = hostConnected(tries(hostList(before), 1 + (at % before.length)).hosts);
      const chance = (nth: number) => (chances[nth] ?? 50) / 100;
      const { hosts, move } = updateHosts(on, after, currentHost(on), chance);
      if (!move) expect(currentHost(hosts)).toBe(currentHost(on));
      else expect(new Set(tries(hosts, after.length).tried)).toEqual(new Set(after));
    }),
  );
});
