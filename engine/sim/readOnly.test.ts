import { expect, test } from "vitest";
import { createOf } from "../net/request";
import { BareSession } from "../scenario/bareSession";
import { followerIn, servingEnsemble, servingTrial } from "../scenario/crew";
import type { Trial } from "../scenario/trial";
import { kill } from "./command";
import { serverOf } from "./read";
import { closeService, openReadOnly } from "./service";

/** A server that has lost its ensemble, and serves those who only read. */
function leftAlone(more: readonly string[] = []) {
  const trial = servingTrial(servingEnsemble(3, more));
  const sid = followerIn(trial);
  const writer = new BareSession(trial, "writer");
  writer.connect(sid, { timeoutMs: 4_000 });
  writer.asked(createOf("/a", "1"));
  trial.wait(500);
  for (const other of trial.world.servers) if (other.sid !== sid) trial.do(kill(other.sid));
  trial.until((world) => serverOf(world, sid).process?.serving === false);
  trial.world = openReadOnly(trial.world, sid, 0);
  return { trial, sid, writer };
}
const readOnly = (trial: Trial, sid: number, name = "r") => {
  const session = new BareSession(trial, name);
  return { session, answer: session.connect(sid, { readOnly: true }) };
};

test("a read-only server sends away who did not ask for no more than to read", () => {
  const { trial, sid } = leftAlone();
  const session = new BareSession(trial, "rw");
  expect(session.connect(sid)).toBeNull();
  expect(trial.all("client.refused")).toMatchObject([{ name: "rw", reason: "read-only" }]);
});

test("without local sessions it can make none: it says NOTREADONLY where the client waits for its session", () => {
  const { trial, sid } = leftAlone();
  const session = new BareSession(trial, "r").dial(sid).greet({ readOnly: true });
  trial.until(() => session.replies.length > 0);
  expect(session.received).toMatchObject([{ type: "response", cxid: 0, code: "NOTREADONLY" }]);
  expect(session.isOpen).toBe(true);
  expect(serverOf(trial.world, sid).process?.service.inProcess).toBe(1);
});

test("with local sessions it serves reads, and refuses whatever would change something", () => {
  const { trial, sid } = leftAlone(["localSessionsEnabled=true"]);
  const { session, answer } = readOnly(trial, sid);
  expect(answer).toMatchObject({ readOnly: true, timeoutMs: 10_000 });
  expect(session.asked({ type: "getData", path: "/a" }).data).toBe("1");
  const refused = [
    createOf("/b", ""),
    { type: "setData", path: "/a", data: "", version: -1 } as const,
    { type: "multi", ops: [] } as const,
    { type: "sync", path: "/a" } as const,
  ];
  for (const op of refused) expect(session.asked(op).code).toBe("NOTREADONLY");
  expect(session.asked({ type: "getData", path: "/a", watch: true }).code).toBe("OK");
  expect(session.asked({ type: "closeSession" }).code).toBe("OK");
  trial.until(session.isClosed);
});

test("a session of the ensemble cannot be taken up at a read-only server", () => {
  const { trial, sid, writer } = leftAlone();
  expect(writer.connect(sid, { readOnly: true })).toBeNull();
  expect(trial.all("client.refused")).toMatchObject([{ name: "writer", reason: "read-only" }]);
});

test("a local session of a read-only server that is silent for too long ends there", () => {
  const { trial, sid } = leftAlone(["localSessionsEnabled=true"]);
  const { session } = readOnly(trial, sid);
  trial.until(session.isClosed);
  expect(trial.all("session.expired")).toMatchObject([{ sid: session.sessionId }]);
});

test("when the server finds its ensemble again, its read-only clients are hung up on", () => {
  const { trial, sid } = leftAlone(["localSessionsEnabled=true"]);
  const { session } = readOnly(trial, sid);
  trial.world = closeService(trial.world, sid, 0);
  trial.until(session.isClosed);
  expect(serverOf(trial.world, sid).process?.service.mode).toBeNull();
});
