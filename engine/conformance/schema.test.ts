import { expect, test } from "vitest";
import { faultsOf, type JsonMap, templateOf } from "./schema";

const vector: JsonMap = {
  id: "x-001",
  family: "election",
  topic: "t",
  title: "t",
  zookeeper_version: "3.8.0",
  given: { servers: { "1": "participant" }, tickTime: 200 },
  steps: [{ n: 1, do: "settle" }],
  expect: [{ n: 1, leader: null, servers: { "1": { state: "down" } }, settled_ms: null }],
};

test("a vector of the schema has no faults", () => {
  expect(faultsOf(vector)).toEqual([]);
});

test.each([
  [{ ...vector, family: "elections" }, 'family "elections" is not in the schema'],
  [{ ...vector, secret: 1 }, 'vector: the schema has no field "secret"'],
  [{ ...vector, title: 5 }, "title: 5 is no string"],
  [{ ...vector, given: { servers: {}, quorum: 3 } }, 'given: the schema has no field "quorum"'],
  [{ ...vector, given: { tickTime: "200" } }, 'given.tickTime: "200" is no int'],
  [{ ...vector, steps: [{ n: 1, do: "dance" }] }, 'step 1: the schema has no verb "dance"'],
  [{ ...vector, steps: [{ n: 1, do: "settle", ms: 5 }] }, 'step 1: the schema has no field "ms"'],
  [{ ...vector, steps: [{ n: 1, do: "wait" }] }, "step 1: no ms"],
  [
    { ...vector, expect: [{ n: 1, leader: null, servers: {}, settled_ms: null, err: 0 }] },
    'step 1, observed: the schema has no field "err"',
  ],
  [
    { ...vector, expect: [{ n: 1, leader: null, settled_ms: null }] },
    "step 1, observed: no servers",
  ],
  [
    {
      ...vector,
      expect: [{ n: 1, leader: null, servers: { "1": { mood: "bad" } }, settled_ms: null }],
    },
    'step 1, observed servers: a serverState has no "mood"',
  ],
  [{ ...vector, expect: [{ n: 2 }] }, "an observation of step 2, which there is not"],
])("a vector %# that the schema does not name is refused with the reason", (faulty, reason) => {
  expect(faultsOf(faulty)).toContain(reason);
});

test("sentences are known by their pattern, and only as a whole", () => {
  expect(templateOf("replication", "count children of /w")).toBe("count children of <path>");
  expect(templateOf("replication", "exists /a")).toBe("exists <path>");
  expect(templateOf("replication", "exists")).toBe("exists");
  expect(templateOf("replication", "please count children of /w")).toBeNull();
  expect(templateOf("election", "exists /a")).toBeNull();
});
