import { expect, test } from "vitest";
import { createOf, type Operation, type Packet } from "../../engine/index";
import { enLive } from "../i18n/en.live";
import { zhLive } from "../i18n/zh.live";
import { fieldsOf } from "./messages";
import { shortZxid } from "./zxidText";

const fields = (packet: Packet) =>
  Object.fromEntries(fieldsOf(packet, shortZxid).map(([name, value]) => [name, value]));
const request = (op: Operation) => fields({ type: "request", cxid: 7, op });

test("a create says what kind of znode it asks for, and how much data it brings", () => {
  expect(request(createOf("/queue/n-", "abc", "EPHEMERAL_SEQUENTIAL"))).toEqual({
    cxid: "7",
    operation: "create2",
    path: "/queue/n-",
    mode: "EPHEMERAL_SEQUENTIAL",
    data: "3 B",
  });
  expect(request(createOf("/a", null))).toMatchObject({ data: "null" });
  expect(request(createOf("/a", ""))).not.toHaveProperty("mode");
});

test("a read says whether it leaves a watch", () => {
  expect(request({ type: "getData", path: "/a", watch: true })).toMatchObject({ watch: "true" });
  expect(request({ type: "getData", path: "/a" })).not.toHaveProperty("watch");
  expect(request({ type: "addWatch", path: "/a", mode: "PERSISTENT_RECURSIVE" })).toMatchObject({
    watch: "PERSISTENT_RECURSIVE",
  });
});

test("a multi lists its parts, a client that comes back how many watches it sets again", () => {
  const version = 3;
  expect(
    request({
      type: "multi",
      ops: [
        { type: "check", path: "/a", version },
        { type: "delete", path: "/b", version: -1 },
      ],
    }),
  ).toMatchObject({ parts: "check /a, delete /b" });
  expect(
    request({
      type: "setWatches2",
      relativeZxid: 1,
      dataWatches: ["/a", "/b"],
      existWatches: [],
      childWatches: ["/a"],
      recursiveWatches: ["/"],
    }),
  ).toMatchObject({ watches: "4" });
});

test("a watch event tells what happened where, and by which transaction where the server says it", () => {
  const event = { type: "watchEvent", event: "NodeDeleted", path: "/lock" } as const;
  expect(fields({ ...event, zxid: 2 ** 33 + 4 })).toEqual({
    event: "NodeDeleted",
    path: "/lock",
    zxid: "e2·4",
  });
  expect(fields({ ...event, zxid: -1 })).not.toHaveProperty("zxid");
});

test("a transaction that ends a session tells how many ephemeral nodes go with it, a refused one its error", () => {
  const txn = { zxid: 2 ** 33 + 1, sessionId: "0x1", cxid: 1, timeMs: 0 };
  expect(
    fields({
      type: "PROPOSAL",
      txn: { ...txn, body: { type: "closeSession", ephemerals: ["/a"] } },
    }),
  ).toMatchObject({ operation: "closeSession", ephemerals: "1" });
  expect(
    fields({ type: "INFORM", txn: { ...txn, body: { type: "error", code: "NODEEXISTS" } } }),
  ).toMatchObject({ result: "NODEEXISTS" });
});

test("every field has a word in both languages", () => {
  expect(Object.keys(zhLive.packet)).toEqual(Object.keys(enLive.packet));
});
