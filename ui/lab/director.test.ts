import { describe, expect, test } from "vitest";
import {
  type Client,
  type Connection,
  type Fact,
  type FactBody,
  type Flight,
  type Packet,
  type Purpose,
  type World,
  worldOfLab,
} from "../../engine/index";
import { pace, type Trail, trailAt, trailOn } from "./director";

let count = 0;
function flight(
  packet: Packet,
  fromMs: number,
  toMs: number,
  heldUs: number | null = null,
): Flight {
  count += 1;
  return {
    number: count,
    packet,
    from: { kind: "server", sid: 1 },
    to: { kind: "server", sid: 2 },
    sentUs: fromMs * 1_000,
    arriveUs: toMs * 1_000,
    heldUs,
    cause: 0,
  };
}

function connection(purpose: Purpose, ...flights: readonly Flight[]): Connection {
  count += 1;
  return {
    number: count,
    purpose,
    port: { election: 3888, quorum: 2888, client: 2181 }[purpose],
    dialer: { kind: "server", sid: 1 },
    acceptor: { kind: "server", sid: 2 },
    place: purpose,
    sentCount: flights.length,
    closed: { dialer: false, acceptor: false },
    ready: { dialer: true, acceptor: true },
    toAcceptor: flights,
    toDialer: [],
  };
}

/** A world of connections alone: what flies decides, whoever sent it. */
function worldAt(
  nowMs: number,
  connections: readonly Connection[] = [],
  rest: Partial<World> = {},
): World {
  const empty = worldOfLab({ servers: [], clients: [] }, 1);
  return {
    ...empty,
    nowUs: nowMs * 1_000,
    network: { ...empty.network, connections },
    ...rest,
  };
}

const uptodate: Packet = { type: "UPTODATE" };
const ping: Packet = { type: "PING", zxid: 0, touched: [], reply: false };
const vote: Packet = {
  type: "NOTIFICATION",
  sid: 1,
  state: "LOOKING",
  leader: 1,
  zxid: 0,
  peerEpoch: 0,
  round: 1,
  configVersion: 0,
};

/** A trail whose last step, sight and news lie so many ms back. */
function trail(sinceMs: number, busyMs = sinceMs, newsMs = busyMs): Trail {
  return { sinceUs: sinceMs * 1_000, steps: 0, busyUs: busyMs * 1_000, newsUs: newsMs * 1_000 };
}

describe("while something flies", () => {
  test("the median flight takes 650 ms of wall time", () => {
    const world = worldAt(100, [
      connection(
        "quorum",
        flight(uptodate, 100, 103),
        flight(uptodate, 100, 105),
        flight(uptodate, 99, 120),
      ),
    ]);
    const { factor, reason } = pace(world, 103_000, trail(100));
    expect(factor).toBeCloseTo(0.005 / 0.65);
    expect(reason).toBe("sync");
  });

  test("no flight is shown slower than 0.005", () => {
    const world = worldAt(100, [connection("election", flight(vote, 100, 101))]);
    expect(pace(world, 101_000, trail(100)).factor).toBe(0.005);
  });

  test("heartbeats and what a cut holds are no reason to slow down", () => {
    const held = flight(uptodate, 0, 5, 2_000);
    const world = worldAt(5_000, [connection("quorum", flight(ping, 5_000, 5_005), held)]);
    expect(pace(world, 5_005_000, trail(5_000, 1_000))).toEqual({ factor: 4, reason: "quiet" });
  });

  test("the reason is what most of the packets are about", () => {
    const world = worldAt(100, [
      connection("election", flight(vote, 100, 105), flight(vote, 100, 105)),
      connection(
        "client",
        flight({ type: "request", cxid: 1, op: { type: "getData", path: "/" } }, 100, 105),
      ),
    ]);
    expect(pace(world, 105_000, trail(100)).reason).toBe("election");
  });

  test("a client's write is followed even in a long quiet stretch", () => {
    const op = { type: "setData", path: "/", data: "1", version: -1 } as const;
    const world = worldAt(90_000, [
      connection("client", flight({ type: "request", cxid: 1, op }, 90_000, 90_005)),
    ]);
    expect(pace(world, 90_005_000, trail(90_000, 90_000, 10_000)).factor).toBeLessThan(0.01);
  });

  test("notifications that repeat themselves without news pass faster", () => {
    const world = worldAt(9_000, [connection("election", flight(vote, 9_000, 9_005))]);
    const fresh = pace(world, 9_005_000, trail(9_000, 9_000, 8_900)).factor;
    const stale = pace(world, 9_005_000, trail(9_000, 9_000, 5_000)).factor;
    expect(stale).toBeGreaterThan(3 * fresh);
  });
});

describe("while nothing flies", () => {
  test("a quiet ensemble runs at four times the clock", () => {
    expect(pace(worldAt(1_000), 2_000_000, trail(1_000, 900))).toEqual({
      factor: 4,
      reason: "quiet",
    });
  });

  test("right after something changed, the next event is awaited with a held breath", () => {
    expect(pace(worldAt(1_000), 1_003_000, trail(1_000))).toEqual({ factor: 0.02, reason: "news" });
    expect(pace(worldAt(1_000), 1_350_000, trail(1_000)).factor).toBeCloseTo(0.35 / 0.7);
  });

  test("a minute without any event is shortened, but the clock can still be read", () => {
    expect(pace(worldAt(1_000), 61_000_000, trail(1_000)).factor).toBe(10);
    expect(pace(worldAt(1_000), 4_500_000, trail(1_000)).factor).toBeCloseTo(3.5 / 0.7);
  });

  test("when nothing will ever happen by itself there is no pace to choose", () => {
    expect(pace(worldAt(1_000), null, trail(1_000)).reason).toBe("none");
  });
});

describe("the end of a session", () => {
  /** A client that lost its server; it heard from it last at 0 and has 6 s. */
  const client = {
    name: "A",
    chart: { value: "connecting", context: { sessionId: "1", timeoutMs: 6_000 } },
    lastHeardUs: 0,
  } as unknown as Client;

  test("its last tenth passes at a quarter of the clock", () => {
    const at = (ms: number) =>
      pace(worldAt(ms, [], { clients: [client] }), (ms + 500) * 1_000, trail(ms, ms - 500));
    expect(at(5_300).reason).toBe("quiet");
    expect(at(5_500)).toEqual({ factor: 0.25, reason: "expiry" });
    expect(at(6_100).reason).toBe("quiet");
  });
});

describe("the trail", () => {
  const body: FactBody = { type: "srv.kill", id: 1, by: "kill" };
  const fact: Fact = { ...body, t: 5, atUs: 5_000, number: 1, cause: 1 };

  test("it remembers the last step, the last sight and the last news", () => {
    const start = trailAt(worldAt(0));
    const flying = trailOn(
      start,
      worldAt(10, [connection("quorum", flight(uptodate, 9, 12))], { steps: 1 }),
    );
    expect(flying).toEqual({ sinceUs: 10_000, steps: 1, busyUs: 10_000, newsUs: 0 });
    const told = trailOn(flying, worldAt(20, [], { steps: 2, facts: [fact] }));
    expect(told).toEqual({ sinceUs: 20_000, steps: 2, busyUs: 20_000, newsUs: 20_000 });
    expect(trailOn(told, worldAt(30, [], { steps: 2 }))).toBe(told);
  });

  test("a jump back in time begins a new one", () => {
    const later = trailOn(trailAt(worldAt(0)), worldAt(50, [], { steps: 9 }));
    expect(trailOn(later, worldAt(20, [], { steps: 4 }))).toEqual(
      trailAt(worldAt(20, [], { steps: 4 })),
    );
  });
});
