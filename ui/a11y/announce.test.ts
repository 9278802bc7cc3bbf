import { describe, expect, test } from "vitest";
import type { Fact, FactBody, QuorumVerifier } from "../../engine/index";
import { makeZxid } from "../../engine/zxid";
import { enLive } from "../i18n/en.live";
import { fill } from "../i18n/text";
import { zhLive } from "../i18n/zh.live";
import { hear, join, next, type Saying, sentenceOf, tellingOf } from "./announce";

let count = 0;
function fact(body: FactBody, atMs = 0, cause = 1): Fact {
  count += 1;
  return { ...body, t: atMs, atUs: atMs * 1_000, number: count, cause };
}

/** All that a run of facts gives to tell, in an ensemble of five that all run. */
function told(...facts: readonly Fact[]): readonly Saying[] {
  return toldBy(five, [1, 2, 3, 4, 5], facts);
}

const five = { voters: [1, 2, 3, 4, 5], hierarchy: null };

function toldBy(quorum: QuorumVerifier, up: readonly number[], facts: readonly Fact[]) {
  let telling = tellingOf(quorum, up);
  return facts.flatMap((one) => {
    const heard = hear(telling, one);
    telling = heard.telling;
    return heard.sayings;
  });
}

const english = (saying: Saying | undefined) =>
  saying === undefined ? "" : sentenceOf(saying, enLive.say, fill);
const chinese = (saying: Saying | undefined) =>
  saying === undefined ? "" : sentenceOf(saying, zhLive.say, fill);

describe("who is left", () => {
  const kill = (id: number, by: "kill" | "stop" = "kill") => fact({ type: "srv.kill", id, by });

  test("an observer that goes takes no quorum along, a voter may", () => {
    const quorum = { voters: [1, 2, 3], hierarchy: null };
    const sayings = toldBy(quorum, [1, 2, 3, 4, 5], [kill(4), kill(5), kill(1), kill(2)]);
    expect(sayings.map(english).at(-1)).toBe("No quorum: 1 of 3 up, 2 needed.");
    expect(sayings).toHaveLength(5);
  });

  test("where votes have groups, what counts are the groups", () => {
    const quorum = {
      voters: [1, 2, 3],
      hierarchy: { groupOf: { 1: 1, 2: 2, 3: 3 }, weightOf: {} },
    };
    const sayings = toldBy(quorum, [1, 2, 3], [kill(1), kill(2)]);
    expect(sayings.map(({ kind }) => kind)).toEqual(["killed", "killed", "noQuorumGroups"]);
  });

  test("a server that was asked to stop did not crash", () => {
    expect(told(kill(2, "stop")).map(english)).toEqual(["Server 2 was stopped."]);
    expect(told(kill(2, "stop")).map(chinese)).toEqual(["服务器 2 被正常停止。"]);
  });
});

describe("what an operator and a cable can do", () => {
  test("a power loss, a disk and a one-way cut are told as what they are", () => {
    const sayings = told(
      fact({ type: "disk.slow", id: 2, fsyncMs: 500 }),
      fact({ type: "disk.slow", id: 2, fsyncMs: 0 }),
      fact({ type: "disk.full", id: 2 }),
      fact({ type: "net.cut", sides: [[1], [3]], oneWay: true }),
      fact({ type: "net.cut", sides: [], client: "A" }),
      fact({ type: "srv.kill", id: 4, by: "kill", power: true }),
    );
    expect(sayings.map(english)).toEqual([
      "The disk of server 2 is slow: about 500 ms for each fsync.",
      "The disk of server 2 is as fast as before.",
      "The disk of server 2 is full.",
      "Nothing that server 1 sends reaches server 3 any more.",
      "Client A is cut off from all servers.",
      "Server 4 lost its power.",
    ]);
    expect(sayings.map(chinese)[3]).toBe("服务器 1 发出的消息不再到达服务器 3。");
  });

  test("a client hears of what it watches, and two owners at once are named", () => {
    const sayings = told(
      fact({ type: "watch.fired", client: "B", path: "/lock", kind: "NodeDeleted" }),
      fact({ type: "app.doubleRun", names: ["A", "B"], fenced: false }),
    );
    expect(sayings.map(english)).toEqual([
      "Client B is told: NodeDeleted /lock.",
      "Two act as the owner at once: A, B.",
    ]);
  });
});

describe("sentences", () => {
  test("the death of a leader is told as that", () => {
    const sayings = told(
      fact({ type: "leader.elected", id: 5, epoch: 1, wonBy: "sid" }),
      fact({ type: "srv.kill", id: 5, by: "kill" }),
    );
    expect(sayings.map(english)).toEqual([
      "Server 5 leads epoch 1.",
      "Server 5, the leader, went down.",
    ]);
    expect(sayings.map(chinese)).toEqual([
      "服务器 5 成为纪元 1 的领导者。",
      "领导者服务器 5 停机了。",
    ]);
  });

  test("a changed vote says which field decided", () => {
    const changed = {
      type: "vote.changed",
      id: 2,
      leader: 3,
      zxid: makeZxid(1, 8),
      peerEpoch: 1,
    } as const;
    expect(english(told(fact({ ...changed, decidedBy: "zxid" }))[0])).toBe(
      "Server 2 changed its vote to server 3: higher zxid.",
    );
    expect(chinese(told(fact({ ...changed, decidedBy: "sid" }))[0])).toBe(
      "服务器 2 改投服务器 3：编号更大。",
    );
  });

  test("a restart names the end of the log that the server had synced", () => {
    const sayings = told(
      fact({ type: "txn.logged", id: 5, zxid: makeZxid(1, 8) }),
      fact({ type: "srv.kill", id: 5, by: "kill" }),
      fact({ type: "srv.start", id: 5, dataEmpty: false }),
    );
    expect(english(sayings.at(-1))).toBe("Server 5 restarted with log up to e1·8.");
  });

  test("the kill that breaks the majority says that there is no quorum, once", () => {
    const sayings = told(
      ...[1, 2, 3, 4].map((id) => fact({ type: "srv.kill", id, by: "kill" } as const)),
    );
    expect(sayings.map(english)).toEqual([
      "Server 1 went down.",
      "Server 2 went down.",
      "Server 3 went down.",
      "No quorum: 2 of 5 up, 3 needed.",
      "Server 4 went down.",
    ]);
  });

  test("connections that break because a server died are not told beside its death", () => {
    const broken = { type: "connection.broken", connection: 7, purpose: "quorum" } as const;
    expect(
      told(fact({ type: "srv.kill", id: 1, by: "kill" }, 0, 9), fact(broken, 0, 9)),
    ).toHaveLength(1);
    expect(told(fact(broken, 0, 12)).map(english)).toEqual(["A connection broke."]);
  });

  test("the side without a majority is the one that is cut off", () => {
    expect(
      english(
        told(
          fact({
            type: "net.cut",
            sides: [
              [1, 2, 3],
              [4, 5],
            ],
          }),
        )[0],
      ),
    ).toBe("Servers 4 and 5 are cut off. They cannot form a quorum.");
    expect(chinese(told(fact({ type: "net.cut", sides: [[1], [4]] }))[0])).toBe(
      "服务器 1 与 4 之间的链路被切断。",
    );
  });

  test("a commit says how many had it on disk", () => {
    const committed = { votersDown: 0, carriedOver: false, minority: false };
    const sayings = told(
      fact({ type: "txn.committed", zxid: makeZxid(2, 4), acks: 3, ...committed }),
    );
    expect(english(sayings[0])).toBe("e2·4 committed with 3 of 5.");
  });

  test("no sentence of either language keeps a gap", () => {
    const sayings = told(
      fact({ type: "srv.exit", id: 1, code: 1, reason: "x" }),
      fact({ type: "srv.pause", id: 2 }),
      fact({ type: "srv.resume", id: 2, pausedMs: 3_210 }),
      fact({ type: "net.heal", sides: [[1], [2]], cutMs: 10 }),
      fact({ type: "port.block", id: 2, port: 3_888 }),
      fact({ type: "srv.looking", id: 2, round: 4 }),
      fact({ type: "vote.decided", id: 3, leader: 3, round: 4, state: "LEADING" }),
      fact({ type: "join.timeout", id: 3, side: "leader" }),
      fact({ type: "srv.serving", id: 2 }),
      fact({ type: "client.connected", name: "A", server: 2, sid: "1", newSession: true }),
      fact({ type: "client.disconnected", name: "A", server: 2 }),
      fact({ type: "session.expired", sid: "1", name: "A", during: "led" }),
      fact({ type: "write.fail", client: "A", server: 2, path: "/a", code: "CONNECTIONLOSS" }),
    );
    expect(sayings).toHaveLength(13);
    for (const saying of sayings) {
      expect(english(saying)).not.toMatch(/[{}]|undefined/);
      expect(chinese(saying)).not.toMatch(/[{}]|undefined/);
    }
  });
});

describe("what waits to be told", () => {
  const changed = {
    type: "vote.changed",
    leader: 3,
    zxid: 0,
    peerEpoch: 0,
    decidedBy: "sid",
  } as const;

  test("votes that change to the same server are told as a number", () => {
    const sayings = told(...[1, 2, 4, 5].map((id) => fact({ ...changed, id })));
    const waiting = sayings.reduce<readonly Saying[]>(join, []);
    expect(waiting.map(english)).toEqual(["4 votes changed to server 3."]);
    expect(waiting.map(chinese)).toEqual(["4 票改投服务器 3。"]);
  });

  test("servers that become up to date together share a sentence", () => {
    const sayings = told(...[4, 1, 2].map((id) => fact({ type: "srv.serving", id } as const)));
    expect(english(sayings.reduce<readonly Saying[]>(join, [])[0])).toBe(
      "Servers 1, 2 and 4 are up to date.",
    );
  });

  test("when too much waits, votes give way to who leads", () => {
    const sayings = told(
      ...[1, 2, 3, 4, 5].map((leader) => fact({ ...changed, id: 1, leader })),
      fact({ type: "leader.elected", id: 5, epoch: 1, wonBy: "sid" }),
    );
    let waiting = sayings.reduce<readonly Saying[]>(join, []);
    const heard: string[] = [];
    while (waiting.length > 0) {
      const turn = next(waiting);
      heard.push(english(turn.saying ?? undefined));
      waiting = turn.rest;
    }
    expect(heard).toHaveLength(3);
    expect(heard.at(-1)).toBe("Server 5 leads epoch 1.");
  });
});
