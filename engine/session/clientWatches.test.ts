import { expect, test } from "vitest";
import type { Operation } from "../net/request";
import {
  type ClientWatches,
  noWatches,
  registerWatch,
  removeWatches,
  setWatchesOf,
  takeEvent,
} from "./clientWatches";

const watching = (...ops: readonly Operation[]): ClientWatches =>
  ops.reduce((watches, op) => registerWatch(watches, op, "OK"), noWatches);

test("getData on a missing node sets nothing, exists does", () => {
  const getData = { type: "getData", path: "/a", watch: true } as const;
  const exists = { type: "exists", path: "/a", watch: true } as const;
  expect(registerWatch(noWatches, getData, "NONODE")).toBe(noWatches);
  expect(registerWatch(noWatches, exists, "NONODE").exist).toEqual({ "/a": true });
  expect(registerWatch(noWatches, exists, "OK").data).toEqual({ "/a": true });
  expect(registerWatch(noWatches, exists, "CONNECTIONLOSS")).toBe(noWatches);
});

test("a standard watch is told once", () => {
  const set = watching({ type: "getData", path: "/a", watch: true });
  const first = takeEvent(set, "NodeDataChanged", "/a");
  expect(first.wanted).toBe(true);
  expect(takeEvent(first.watches, "NodeDataChanged", "/a").wanted).toBe(false);
});

test("the end of a node uses up its data watch and its child watch", () => {
  const set = watching(
    { type: "getData", path: "/a", watch: true },
    { type: "getChildren", path: "/a", watch: true },
  );
  expect(takeEvent(set, "NodeDeleted", "/a").watches).toEqual(noWatches);
});

test("a persistent watch stays; a recursive one hears of what is below, but not of children lists", () => {
  const set = watching(
    { type: "addWatch", path: "/p", mode: "PERSISTENT" },
    { type: "addWatch", path: "/r", mode: "PERSISTENT_RECURSIVE" },
  );
  expect(takeEvent(set, "NodeChildrenChanged", "/p")).toEqual({ watches: set, wanted: true });
  expect(takeEvent(set, "NodeCreated", "/p/a").wanted).toBe(false);
  expect(takeEvent(set, "NodeCreated", "/r/a/b").wanted).toBe(true);
  expect(takeEvent(set, "NodeChildrenChanged", "/r").wanted).toBe(false);
  expect(takeEvent(set, "NodeCreated", "/rest").wanted).toBe(false);
});

test("a recursive watch on the root hears of everything", () => {
  const set = watching({ type: "addWatch", path: "/", mode: "PERSISTENT_RECURSIVE" });
  expect(takeEvent(set, "NodeDeleted", "/a/b").wanted).toBe(true);
});

test("what is taken away is told by kind", () => {
  const set = watching(
    { type: "getData", path: "/a", watch: true },
    { type: "getChildren", path: "/a", watch: true },
    { type: "addWatch", path: "/a", mode: "PERSISTENT" },
  );
  expect(removeWatches(set, "/a", "Data").events).toEqual(["DataWatchRemoved"]);
  const all = removeWatches(set, "/a", "Any");
  expect(all.watches).toEqual(noWatches);
  expect(all.events).toEqual(["ChildWatchRemoved", "DataWatchRemoved", "PersistentWatchRemoved"]);
  expect(removeWatches(set, "/b", "Any").events).toEqual([]);
});

test("after a reconnect the watches are told again, with the last zxid seen", () => {
  const set = watching({ type: "getData", path: "/a", watch: true });
  expect(setWatchesOf(set, 7)).toEqual([
    {
      type: "setWatches",
      relativeZxid: 7,
      dataWatches: ["/a"],
      existWatches: [],
      childWatches: [],
    },
  ]);
  expect(setWatchesOf(noWatches, 7)).toEqual([]);
});

test("only persistent watches need the newer words", () => {
  const set = watching({ type: "addWatch", path: "/a", mode: "PERSISTENT" });
  expect(setWatchesOf(set, 7)).toMatchObject([{ type: "setWatches2", persistentWatches: ["/a"] }]);
});

test("very many watches go in pieces of about 128 kB, the last piece first", () => {
  const path = (nth: number) => `/${`${nth}`.padStart(999, "0")}`;
  const set = watching(
    ...Array.from({ length: 200 }, (_, nth) => ({
      type: "getData" as const,
      path: path(nth),
      watch: true,
    })),
  );
  const pieces = setWatchesOf(set, 7);
  expect(pieces.map(({ dataWatches }) => dataWatches.length)).toEqual([68, 132]);
  expect(pieces[1]?.dataWatches[0]).toBe(path(0));
});
