import { createOf } from "../net/request";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  initialTransition,
  transition,
} from "xstate";
import { sampleConfig } from "../config/sample";
import type { Notification, QuorumPacket, ServerState } from "../net/packet";
import type { Received, ServerEvent } from "../quorum/events";
import { serverChart } from "../quorum/server.chart";
import type { ServerInput } from "../quorum/setup";
import { rulesOf } from "../rules/rules";
import { newHandle } from "../session/client";
import { clientChart } from "../session/client.chart";
import type { ClientContext } from "../session/context";
import type { ClientEvent } from "../session/events";
import type { Txn } from "../tree/txn";
import { makeZxid } from "../zxid";
import { beginClient, beginServer, stepClient, stepper, stepServer } from "./chart";
import type { ChartState, World } from "./world";

// What a chart may hear. "delay" stands for the oldest `after` that was started and not stopped.
type Heard<E> = E | "delay";

const txn = (zxid: number): Txn => {
  return { zxid, sessionId: "0x1", cxid: 0, timeMs: 0, body: { type: "error", code: "NONODE" } };
};

const vote = (sid: number, state: ServerState, leader: number, round = 1): Notification => {
  const zxid = 0;
  return {
    type: "NOTIFICATION",
    sid,
    state,
    leader,
    zxid,
    peerEpoch: 0,
    round,
    configVersion: 0,
  };
};

const from = <P extends QuorumPacket>(sid: number, packet: P): Received<P> => {
  return { ...packet, connection: 10 + sid, from: sid };
};

const servers: ServerInput = {
  config: sampleConfig(2, [1, 2, 3]),
  acceptedEpoch: 0,
  currentEpoch: 0,
};
const watching: ServerInput = {
  ...servers,
  config: sampleConfig(4, [1, 2, 3], ["server.4=zk4:2888:3888:observer"]),
};
const lastCounters: ServerInput = {
  ...servers,
  config: sampleConfig(2, [1, 2, 3], ["testingonly.initialZxid=4294967293"]),
};
const single: ServerInput = {
  config: sampleConfig(2, [2], ["standaloneEnabled=true"]),
  acceptedEpoch: 0,
  currentEpoch: 0,
};

const looks: Heard<ServerEvent>[] = [{ type: "database loaded", lastZxid: 0 }];
const agrees = (leader: number): Heard<ServerEvent>[] => [
  vote(leader === 2 ? 1 : leader, "LOOKING", leader),
  vote(2, "LOOKING", leader),
  "delay",
];
const follows: Heard<ServerEvent>[] = [
  ...looks,
  ...agrees(3),
  { type: "leader connected", connection: 13 },
  from(3, { type: "LEADERINFO", epoch: 1 }),
  from(3, { type: "DIFF", zxid: 0 }),
  from(3, { type: "PROPOSAL", txn: txn(1) }),
  from(3, { type: "COMMIT", zxid: 1 }),
  from(3, { type: "PROPOSAL", txn: txn(2) }),
  from(3, { type: "NEWLEADER", epoch: 1 }),
  { type: "history persisted" },
  from(3, { type: "COMMIT", zxid: 2 }),
  from(3, { type: "UPTODATE" }),
  { type: "disk synced", zxids: [2] },
];
const leads: Heard<ServerEvent>[] = [
  ...looks,
  ...agrees(2),
  from(1, { type: "FOLLOWERINFO", sid: 1, acceptedEpoch: 0, configVersion: 0 }),
  from(1, { type: "ACKEPOCH", currentEpoch: 0, lastZxid: 0 }),
  from(1, { type: "ACK", zxid: makeZxid(1, 0) }),
  { type: "half tick" },
  {
    type: "own request",
    sessionId: "0x1",
    request: { cxid: 0, authInfo: [], op: { type: "closeSession" } },
  },
  { type: "disk synced", zxids: [makeZxid(1, 1)] },
  from(1, { type: "ACK", zxid: makeZxid(1, 1) }),
];
const handsOver: Heard<ServerEvent>[] = [
  ...follows.slice(0, -4),
  { type: "disk synced", zxids: [1] },
  { type: "handed over" },
  from(3, { type: "UPTODATE" }),
];
const failsToLog: Heard<ServerEvent>[] = [...follows, { type: "disk failed" }];
const observes: Heard<ServerEvent>[] = [
  ...looks,
  vote(1, "FOLLOWING", 3),
  vote(3, "LEADING", 3),
  { type: "leader connected", connection: 13 },
  from(3, { type: "LEADERINFO", epoch: 1 }),
  from(3, { type: "DIFF", zxid: 0 }),
  from(3, { type: "INFORM", txn: txn(1) }),
  from(3, { type: "NEWLEADER", epoch: 1 }),
  { type: "history persisted" },
  from(3, { type: "UPTODATE" }),
  from(3, { type: "INFORM", txn: txn(2) }),
  { type: "disk failed" },
  from(3, { type: "INFORM", txn: txn(3) }),
  { type: "delay over" },
];
const observesIn380: Heard<ServerEvent>[] = observes.map((heard) =>
  heard !== "delay" && heard.type === "history persisted" ? { type: "handed over" } : heard,
);
const rollsOver: Heard<ServerEvent>[] = [
  ...leads,
  {
    type: "own request",
    sessionId: "0x1",
    request: { cxid: 2, authInfo: [], op: { type: "closeSession" } },
  },
];
const aloneServes: Heard<ServerEvent>[] = [
  { type: "database loaded", lastZxid: 5 },
  {
    type: "own request",
    sessionId: "0x1",
    request: { cxid: 1, authInfo: [], op: { type: "closeSession" } },
  },
  { type: "disk synced", zxids: [6] },
];
const gaveUp: Heard<ServerEvent>[] = [...leads.slice(0, 4), "delay"];

const sid = fc.integer({ min: 1, max: 3 });
const epoch = fc.integer({ min: 0, max: 2 });
const zxid = fc.tuple(epoch, epoch).map(([high, low]) => makeZxid(high, low));
const anyServerEvent: fc.Arbitrary<Heard<ServerEvent>> = fc.oneof(
  fc.constant("delay" as const),
  fc
    .record({
      sid: fc.integer({ min: 1, max: 4 }),
      state: fc.constantFrom<ServerState>("LOOKING", "FOLLOWING", "LEADING", "OBSERVING"),
      leader: fc.integer({ min: 1, max: 4 }),
      zxid,
      peerEpoch: epoch,
      round: fc.integer({ min: 0, max: 3 }),
    })
    .map((fields) => ({ type: "NOTIFICATION" as const, ...fields, configVersion: 0 })),
  fc.tuple(sid, zxid, epoch).chain(([peer, z, e]) =>
    fc.constantFrom<Heard<ServerEvent>>(
      from(peer, { type: "FOLLOWERINFO", sid: peer, acceptedEpoch: e, configVersion: 0 }),
      from(peer, { type: "LEADERINFO", epoch: e }),
      from(peer, { type: "ACKEPOCH", currentEpoch: e - 1, lastZxid: z }),
      from(peer, { type: "DIFF", zxid: z }),
      from(peer, { type: "TRUNC", zxid: z }),
      from(peer, { type: "NEWLEADER", epoch: e }),
      from(peer, { type: "UPTODATE" }),
      from(peer, { type: "OBSERVERINFO", sid: peer, acceptedEpoch: e, configVersion: 0 }),
      from(peer, { type: "INFORM", txn: txn(z) }),
      from(peer, { type: "SYNC", sessionId: "0x1", cxid: e }),
      { type: "handed over" },
      { type: "disk failed" },
      { type: "delay over" },
      { type: "read-only due" },
      { type: "patience over" },
      from(peer, { type: "PROPOSAL", txn: txn(z) }),
      from(peer, { type: "COMMIT", zxid: z }),
      from(peer, { type: "ACK", zxid: z }),
      from(peer, {
        type: "PING",
        zxid: z,
        touched: [{ sessionId: "0x1", timeoutMs: 4_000 }],
        reply: false,
      }),
      from(peer, { type: "REVALIDATE", sessionId: "0x1", timeoutMs: 4_000, valid: null }),
      { type: "database loaded", lastZxid: z },
      { type: "notification timeout" },
      { type: "leader connected", connection: 10 + peer },
      { type: "leader refused" },
      { type: "retry to connect" },
      { type: "connect limit" },
      { type: "connection closed", connection: 10 + peer, from: peer },
      { type: "read timeout", connection: 10 + peer, from: peer },
      { type: "disk synced", zxids: [z] },
      { type: "history persisted" },
      { type: "half tick" },
      { type: "session bucket due" },
    ),
  ),
);

const clients: ClientContext = newHandle({
  name: "A",
  library: "3.9.5",
  servers: [1, 2],
  timeoutMs: 6_000,
});
const connects: Heard<ClientEvent>[] = [
  { type: "dial", silentMs: 0 },
  { type: "tcp connected", connection: 7 },
  { type: "ConnectResponse", timeoutMs: 6_000, sessionId: "0x1", password: "p", readOnly: false },
  { type: "operate", op: { type: "getData", path: "/a", watch: true }, tag: "" },
];
const expires: Heard<ClientEvent>[] = [...connects, { type: "read timeout", silentMs: 8_000 }];
const loses: Heard<ClientEvent>[] = [
  ...connects,
  { type: "connection closed", connection: 7 },
  "delay",
];
const failsToProve: Heard<ClientEvent>[] = [
  ...connects,
  { type: "response", cxid: -4, zxid: 1, code: "AUTHFAILED", data: null, stat: null },
];
const anyClientEvent: fc.Arbitrary<Heard<ClientEvent>> = fc
  .tuple(
    fc.integer({ min: 7, max: 8 }),
    fc.constantFrom(0, 6_000),
    epoch,
    fc.constantFrom(0, 8_000),
    fc.boolean(),
  )
  .chain(([connection, timeoutMs, nth, silentMs, readOnly]) =>
    fc.constantFrom<Heard<ClientEvent>>(
      "delay",
      { type: "dial", silentMs },
      { type: "tcp connected", connection },
      { type: "tcp refused" },
      { type: "attempt timeout", silentMs },
      { type: "ConnectResponse", timeoutMs, sessionId: "0x1", password: "p", readOnly },
      { type: "response", cxid: nth, zxid: nth, code: "OK", data: null, stat: null },
      { type: "response", cxid: -4, zxid: nth, code: "AUTHFAILED", data: null, stat: null },
      { type: "watchEvent", event: "NodeDataChanged", path: "/a", zxid: nth },
      { type: "pong", zxid: nth },
      { type: "ping due" },
      { type: "search due" },
      { type: "read/write server found", sid: 2 },
      { type: "read timeout", silentMs },
      { type: "connection closed", connection },
      { type: "operate", op: { type: "exists", path: "/a", watch: true }, tag: "" },
      { type: "operate", op: createOf("/a", ""), tag: "" },
      { type: "close", tag: "" },
      { type: "end" },
    ),
  );

/** A way into the chart, and from there anything. */
const runOf = <E>(ways: Heard<E>[][], any: fc.Arbitrary<Heard<E>>) =>
  fc
    .constantFrom(...ways)
    .chain((way) => fc.integer({ min: 0, max: way.length }).map((length) => way.slice(0, length)))
    .chain((way) => fc.array(any, { maxLength: 20 }).map((rest) => [...way, ...rest]));
const serverRun = runOf([follows, leads, gaveUp], anyServerEvent);
const observerRun = runOf([observes], anyServerEvent);
const aloneRun = runOf([aloneServes], anyServerEvent);
const clientRun = runOf([connects, expires, loses, failsToProve], anyClientEvent);

interface Seen {
  readonly type: string;
  readonly params: unknown;
}
const plain = (snapshot: AnyMachineSnapshot) =>
  JSON.stringify({ value: snapshot.value, context: snapshot.context });
const names = (actions: readonly Seen[]) =>
  JSON.stringify(actions.map(({ type, params }) => [type, params]));

/** The delays a run has started and not stopped, oldest first. */
class Delays {
  private readonly running = new Map<string, unknown>();
  note(actions: readonly Seen[]): void {
    for (const { type, params } of actions) {
      const { id, sendId, event, delay } = (params ?? {}) as Record<string, unknown>;
      if (type === "xstate.cancel") this.running.delete(String(sendId));
      if (type === "xstate.raise" && delay !== undefined) this.running.set(String(id), event);
    }
  }
  next<E>(heard: Heard<E>): E | null {
    if (heard !== "delay") return heard;
    const [first] = this.running;
    if (first === undefined) return null;
    this.running.delete(first[0]);
    return first[1] as E;
  }
}

const chartOf380 = serverChart(rulesOf("3.8.0")) as unknown as AnyStateMachine;

/** A run that begins with this input; of another machine with the same states where it is named. */
interface Way {
  readonly machine?: AnyStateMachine;
  readonly input: unknown;
  readonly heard: readonly Heard<{ type: string }>[];
}

const charts = [
  {
    name: "server",
    machine: serverChart(rulesOf("3.9.5")) as unknown as AnyStateMachine,
    input: servers as unknown,
    run: serverRun as fc.Arbitrary<Heard<{ type: string }>[]>,
    ways: [
      { input: servers, heard: follows },
      { input: servers, heard: failsToLog },
      { input: servers, heard: leads },
      { input: lastCounters, heard: rollsOver },
      { input: watching, heard: observes },
      { input: servers, heard: handsOver, machine: chartOf380 },
      { input: watching, heard: observesIn380, machine: chartOf380 },
      { input: single, heard: aloneServes },
    ] as Way[],
  },
  {
    name: "server of 3.8.0",
    machine: chartOf380,
    input: servers as unknown,
    run: serverRun as fc.Arbitrary<Heard<{ type: string }>[]>,
    ways: [] as Way[],
  },
  {
    name: "observer",
    machine: serverChart(rulesOf("3.9.5")) as unknown as AnyStateMachine,
    input: watching as unknown,
    run: observerRun as fc.Arbitrary<Heard<{ type: string }>[]>,
    ways: [] as Way[],
  },
  {
    name: "server alone",
    machine: serverChart(rulesOf("3.9.5")) as unknown as AnyStateMachine,
    input: single as unknown,
    run: aloneRun as fc.Arbitrary<Heard<{ type: string }>[]>,
    ways: [] as Way[],
  },
  {
    name: "client",
    machine: clientChart as unknown as AnyStateMachine,
    input: clients as unknown,
    run: clientRun as fc.Arbitrary<Heard<{ type: string }>[]>,
    ways: [connects, expires, loses, failsToProve, [{ type: "end" }]].map((heard) => ({
      input: clients,
      heard,
    })) as Way[],
  },
];

test.each(charts)(
  "the $name chart stepped by us equals XState's own transition, in states and actions",
  ({ machine, input, run }) => {
    const ours = stepper(machine, input as never);
    fc.assert(
      fc.property(run, (heard) => {
        const delays = new Delays();
        let [theirs, theirActions] = initialTransition(machine, input as never);
        let [mine, myActions] = ours.init(input as never);
        for (const one of [null, ...heard]) {
          if (one !== null) {
            const event = delays.next(one);
            if (event === null) continue;
            [theirs, theirActions] = transition(machine, theirs, event as never);
            [mine, myActions] = ours.step(mine, event as never);
          }
          expect(plain(mine)).toBe(plain(theirs));
          expect(names(myActions)).toBe(names(theirActions as readonly Seen[]));
          delays.note(myActions);
        }
      }),
      { numRuns: 80 },
    );
  },
);

test.each(charts)(
  "the $name chart stepped from plain values equals itself stepped from live snapshots",
  ({ machine, input, run }) => {
    const { init, step } = stepper(machine, input as never);
    fc.assert(
      fc.property(run, (heard) => {
        const delays = new Delays();
        let [live, actions] = init(input as never);
        delays.note(actions);
        for (const one of heard) {
          const event = delays.next(one);
          if (event === null) continue;
          const { value, context } = JSON.parse(plain(live)) as ChartState<never>;
          const [again, actionsAgain] = step(
            machine.resolveState({ value, context }) as never,
            event as never,
          );
          [live, actions] = step(live, event as never);
          expect(plain(again)).toBe(plain(live));
          expect(names(actionsAgain)).toBe(names(actions));
          delays.note(actions);
        }
      }),
      { numRuns: 80 },
    );
  },
);

test("what a server and a client want done is the same from a copy of their state", () => {
  const world = { variant: "3.9.5" } as World;
  const copied = <S>(state: S): S => JSON.parse(JSON.stringify(state)) as S;
  fc.assert(
    fc.property(serverRun, clientRun, (heardByServer, heardByClient) => {
      let server = beginServer(world, servers);
      for (const event of heardByServer) {
        if (event === "delay") continue;
        const again = stepServer(world, copied(server.state), event);
        server = stepServer(world, server.state, event);
        expect(JSON.stringify(again)).toBe(JSON.stringify(server));
      }
      let client = beginClient(clients);
      for (const event of heardByClient) {
        if (event === "delay") continue;
        const again = stepClient(copied(client.state), event);
        client = stepClient(client.state, event);
        expect(JSON.stringify(again)).toBe(JSON.stringify(client));
      }
    }),
    { numRuns: 100 },
  );
});

function leavesOf(node: AnyStateNode): string[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node.id] : children.flatMap(leavesOf);
}

test.each(charts.filter(({ ways }) => ways.length > 0))(
  "every state of the $name chart is reached in some run",
  ({ machine, input, ways }) => {
    const reached = new Set<string>();
    for (const way of ways) {
      const { init, step } = stepper(way.machine ?? machine, input as never);
      const delays = new Delays();
      let [snapshot, actions] = init(way.input as never);
      for (const one of [null, ...way.heard]) {
        if (one !== null) {
          const event = delays.next(one);
          expect(event).not.toBeNull();
          [snapshot, actions] = step(snapshot, event as never);
        }
        delays.note(actions);
        const { _nodes } = snapshot as unknown as { _nodes: readonly AnyStateNode[] };
        for (const { id } of _nodes) reached.add(id);
      }
    }
    // Where a server's chart only decides it stays for no time.
    const passed = new Set([...reached, "server.begin", "server.looking.decided"]);
    expect(leavesOf(machine.root).filter((id) => !passed.has(id))).toEqual([]);
  },
);
