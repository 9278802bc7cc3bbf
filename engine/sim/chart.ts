import {
  type AnyStateMachine,
  createActor,
  type ActorScope,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from "xstate";
import { serverChart } from "../quorum/server.chart";
import { effectsOf } from "../quorum/wishes";
import type { ServerEffect } from "../quorum/effects";
import type { ServerEvent } from "../quorum/events";
import type { ServerContext } from "../quorum/context";
import type { ServerInput } from "../quorum/setup";
import { type Rules, rulesOf } from "../rules/rules";
import { type ClientEffect, clientChart, clientEffectsOf } from "../session/client.chart";
import type { ClientContext } from "../session/context";
import type { ClientEvent } from "../session/events";
import type { ChartState, ChartValue, World } from "./world";

/** An action of XState's as it would be executed: its name, its params, and what it saw. */
export interface Action {
  readonly type: string;
  readonly params: unknown;
  readonly info: { readonly context: unknown; readonly event: unknown };
}

/** A delayed event of a chart (`after`), run by the interpreter in virtual time. */
export type Delayed<E> =
  | { readonly type: "start delay"; readonly id: string; readonly ms: number; readonly event: E }
  | { readonly type: "stop delay"; readonly id: string };

/**
 * Uses a machine as a pure function of (state, event). One inert actor lends XState the scope it asks for; it is never
 * started, so there is no clock and no mailbox. The oracle test holds it against XState's own `transition`.
 */
export function stepper<M extends AnyStateMachine>(machine: M, probe: InputFrom<M>) {
  let actions: Action[] = [];
  const self = createActor(machine, { input: probe } as never);
  const scope = {
    self,
    id: "",
    sessionId: "",
    system: self.system,
    logger: () => {},
    defer: () => {},
    stopChild: () => {},
    emit: () => {},
    actionExecutor: (action: Action) => {
      actions.push(action);
    },
  } as unknown as ActorScope<never, never>;
  const take = (make: () => unknown): readonly [SnapshotFrom<M>, readonly Action[]] => {
    actions = [];
    const snapshot = make() as SnapshotFrom<M>;
    return [snapshot, actions];
  };
  return {
    init: (input: InputFrom<M>) =>
      take(() => machine.getInitialSnapshot(scope as never, input as never)),
    step: (snapshot: SnapshotFrom<M>, event: EventFromLogic<M>) =>
      take(() => machine.transition(snapshot as never, event as never, scope as never)),
  };
}

/** A machine with the memory that spares XState the work of making a snapshot from plain data at every step. */
class Charts<M extends AnyStateMachine, Context, Event, Effect> {
  private readonly live = new WeakMap<ChartState<Context>, SnapshotFrom<M>>();
  private readonly step: ReturnType<typeof stepper<M>>;

  constructor(
    private readonly machine: M,
    probe: InputFrom<M>,
    private readonly effects: (
      name: string,
      moment: { context: Context; event: Event },
    ) => readonly Effect[],
  ) {
    this.step = stepper(machine, probe);
  }

  begin(input: InputFrom<M>) {
    return this.plain(this.step.init(input));
  }

  next(state: ChartState<Context>, event: Event) {
    const snapshot =
      this.live.get(state) ?? (this.machine.resolveState(state as never) as SnapshotFrom<M>);
    return this.plain(this.step.step(snapshot, event as EventFromLogic<M>));
  }

  private plain([snapshot, actions]: readonly [SnapshotFrom<M>, readonly Action[]]) {
    const { value, context } = snapshot as { value: ChartValue; context: Context };
    const state: ChartState<Context> = { value, context };
    this.live.set(state, snapshot);
    const effects: (Effect | Delayed<Event>)[] = [];
    for (const action of actions) {
      if (action.type === "xstate.raise") {
        const { event, id, delay } = action.params as {
          event: Event;
          id: string;
          delay: number | undefined;
        };
        if (delay !== undefined) effects.push({ type: "start delay", id, ms: delay, event });
      } else if (action.type === "xstate.cancel") {
        effects.push({ type: "stop delay", id: (action.params as { sendId: string }).sendId });
      } else {
        effects.push(
          ...this.effects(action.type, action.info as { context: Context; event: Event }),
        );
      }
    }
    return { state, effects: effects as readonly (Effect | Delayed<Event>)[] };
  }
}

const serverCharts = new Map<
  Rules,
  Charts<ReturnType<typeof serverChart>, ServerContext, ServerEvent, ServerEffect>
>();

/** The chart of servers that play by these rules; built once. */
function chartsOf(rules: Rules) {
  const known = serverCharts.get(rules);
  if (known !== undefined) return known;
  const probe: ServerInput = {
    sid: 1,
    voters: [1],
    tickTimeMs: 2000,
    initLimitTicks: 10,
    syncLimitTicks: 5,
    acceptedEpoch: 0,
    currentEpoch: 0,
  };
  const charts = new Charts<
    ReturnType<typeof serverChart>,
    ServerContext,
    ServerEvent,
    ServerEffect
  >(serverChart(rules), probe, (name, moment) => effectsOf(name, { ...moment, rules }));
  serverCharts.set(rules, charts);
  return charts;
}

/** What a server's step yields: its chart afterwards, and what it wants done, in order. */
export interface ServerStep {
  readonly state: ChartState<ServerContext>;
  readonly effects: readonly (ServerEffect | Delayed<ServerEvent>)[];
}

export function beginServer(world: World, input: ServerInput): ServerStep {
  return chartsOf(rulesOf(world.variant)).begin(input);
}

export function stepServer(
  world: World,
  state: ChartState<ServerContext>,
  event: ServerEvent,
): ServerStep {
  return chartsOf(rulesOf(world.variant)).next(state, event);
}

export interface ClientStep {
  readonly state: ChartState<ClientContext>;
  readonly effects: readonly (ClientEffect | Delayed<ClientEvent>)[];
}

const probeClient: ClientContext = {
  name: "probe",
  servers: [1],
  at: 0,
  connection: null,
  requestedTimeoutMs: 4000,
  timeoutMs: 4000,
  sessionId: null,
  password: "",
  lastZxidSeen: 0,
  nextCxid: 1,
  pending: [],
  replies: [],
};

const clientCharts = new Charts<typeof clientChart, ClientContext, ClientEvent, ClientEffect>(
  clientChart,
  probeClient,
  clientEffectsOf,
);

export function beginClient(context: ClientContext): ClientStep {
  return clientCharts.begin(context);
}

export function stepClient(state: ChartState<ClientContext>, event: ClientEvent): ClientStep {
  return clientCharts.next(state, event);
}
