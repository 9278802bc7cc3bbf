import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { clientPath, fromServer, serverPath, toServer } from "./chroot";

test("under a chroot an application's / is a node of the tree", () => {
  expect(serverPath("/app", "/")).toBe("/app");
  expect(serverPath("/app", "/a")).toBe("/app/a");
  expect(clientPath("/app", "/app")).toBe("/");
  expect(clientPath("/app", "/app/a")).toBe("/a");
  expect(serverPath("", "/a")).toBe("/a");
});

test("operations go with the server's paths, replies come back with the application's", () => {
  expect(toServer("/app", createOf("/a", "")).type).toBe("create2");
  expect(toServer("/app", createOf("/a", ""))).toMatchObject({ path: "/app/a" });
  const multi = {
    type: "multi" as const,
    ops: [{ type: "check" as const, path: "/a", version: 1 }],
  };
  expect(toServer("/app", multi)).toMatchObject({ ops: [{ path: "/app/a" }] });
  const held = {
    type: "setWatches2" as const,
    relativeZxid: 7,
    dataWatches: ["/a"],
    existWatches: ["/b"],
    childWatches: ["/"],
    persistentWatches: ["/c"],
    recursiveWatches: ["/d"],
  };
  expect(toServer("/app", held)).toEqual({
    ...held,
    dataWatches: ["/app/a"],
    existWatches: ["/app/b"],
    childWatches: ["/app"],
    persistentWatches: ["/app/c"],
    recursiveWatches: ["/app/d"],
  });
  const reply = { cxid: 1, zxid: 2, code: "OK" as const, data: null, stat: null, path: "/app/a1" };
  expect(fromServer("/app", reply).path).toBe("/a1");
});
