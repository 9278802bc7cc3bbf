import {
  type AnyStateMachine,
  createActor,
  type ActorScope,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from "xstate";
import { sampleConfig } from "../config/sample";
import { changed, type Copy } from "../copy";
import { copyOfServerContext } from "../quorum/copy";
import { copyOfClientContext } from "../session/copy";
import { serverChart } from "../quorum/server.chart";
import { effectsOf } from "../quorum/wishes";
import type { ServerEffect } from "../quorum/effects";
import type { ServerEvent } from "../quorum/events";
import type { ServerContext } from "../quorum/context";
import type { ServerInput } from "../quorum/setup";
import { type Rules, rulesOf } from "../rules/rules";
import { type ClientEffect, clientChart, clientEffectsOf } from "../session/client.chart";
import { newHandle } from "../session/client";
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

/** XState's own `assign`, as it stands in a machine. */
interface Assign<Context> {
  readonly type: "xstate.assign";
  readonly assignment: (moment: { context: Context; event: unknown }) => Partial<Context>;
  resolve(scope: unknown, snapshot: Snapshot<Context>, moment: { event: unknown }): unknown;
}
type Snapshot<Context> = Copy<SnapshotFrom<AnyStateMachine>> & { readonly context: Context };

/**
 * The machine with each `assign` of its own replaced by one that does the same faster: it changes the context and
 * nothing else of the snapshot, which XState makes anew, tags and value included. The machines spawn no actors. The
 * oracle test holds the two against each other.
 */
function withQuickAssigns<M extends AnyStateMachine, Context extends object>(
  machine: M,
  copyOf: (context: Context) => Context,
): M {
  const actions: Record<string, unknown> = {};
  for (const [name, action] of Object.entries<unknown>(machine.implementations.actions)) {
    const { type, assignment } = action as Assign<Context>;
    actions[name] =
      type === "xstate.assign" && typeof assignment === "function"
        ? Object.assign(() => {}, { type, assignment, resolve: quickly(assignment, copyOf) })
        : action;
  }
  return machine.provide({ actions } as never) as M;
}

function quickly<Context extends object>(
  assignment: Assign<Context>["assignment"],
  copyOf: (context: Context) => Context,
): Assign<Context>["resolve"] {
  return (_, snapshot, { event }) => {
    const { context } = snapshot;
    const after = changed(copyOf(context), assignment({ context, event }));
    return [withContext(snapshot, after), undefined, undefined];
  };
}

/** Written out: see ../copy.ts. */
function withContext<Context>(snapshot: Snapshot<Context>, context: Context): Snapshot<Context> {
  return {
    status: snapshot.status,
    output: snapshot.output,
    error: snapshot.error,
    machine: snapshot.machine,
    context,
    _nodes: snapshot._nodes,
    value: snapshot.value,
    tags: snapshot.tags,
    children: snapshot.children,
    historyValue: snapshot.historyValue,
    matches: snapshot.matches,
    hasTag: snapshot.hasTag,
    can: snapshot.can,
    getMeta: snapshot.getMeta,
    toJSON: snapshot.toJSON,
  } as never;
}

/** A chart as the world uses it: plain data in, plain data and effects out. */
interface Chart<Input, Context, Event, Effect> {
  begin(input: Input): ChartStep<Context, Event, Effect>;
  next(state: ChartState<Context>, event: Event): ChartStep<Context, Event, Effect>;
}

/** The chart afterwards, and what it wants done, in order. */
interface ChartStep<Context, Event, Effect> {
  readonly state: ChartState<Context>;
  readonly effects: readonly (Effect | Delayed<Event>)[];
}

/**
 * Runs a machine on plain data. What a live snapshot has beside its context depends on its value alone: the machines
 * have no history states and no actors. So one snapshot for each value that was met spares XState the work of making
 * one at every step; a value that comes from elsewhere (a link) is resolved once.
 */
function chartOf<M extends AnyStateMachine, Context, Event, Effect>(
  machine: M,
  probe: InputFrom<M>,
  effectsOfAction: (name: string, moment: { context: Context; event: Event }) => readonly Effect[],
): Chart<InputFrom<M>, Context, Event, Effect> {
  const named = new Map<string, SnapshotFrom<M>>();
  const nested = new WeakMap<object, SnapshotFrom<M>>();
  const { init, step } = stepper(machine, probe);

  const known = (value: ChartValue) =>
    typeof value === "string" ? named.get(value) : nested.get(value);

  function keep(value: ChartValue, snapshot: SnapshotFrom<M>): void {
    if (known(value) !== undefined) return;
    if (typeof value === "string") named.set(value, snapshot);
    else nested.set(value, snapshot);
  }

  /** The live snapshot of a state. */
  function live(state: ChartState<Context>): SnapshotFrom<M> {
    const alike = known(state.value);
    if (alike !== undefined) return withContext(alike as never, state.context) as never;
    const snapshot = machine.resolveState(state as never) as SnapshotFrom<M>;
    keep(state.value, snapshot);
    return snapshot;
  }

  function plain([snapshot, actions]: readonly [SnapshotFrom<M>, readonly Action[]]) {
    const { value, context } = snapshot as { value: ChartValue; context: Context };
    const state: ChartState<Context> = { value, context };
    keep(value, snapshot);
    const effects: (Effect | Delayed<Event>)[] = [];
    for (const { type, params, info } of actions) {
      if (type === "xstate.raise") {
        const { event, id, delay } = params as { event: Event; id: string; delay?: number };
        // Without a delay XState has taken the event already.
        if (delay !== undefined) effects.push({ type: "start delay", id, ms: delay, event });
      } else if (type === "xstate.cancel") {
        effects.push({ type: "stop delay", id: (params as { sendId: string }).sendId });
      } else {
        const wanted = effectsOfAction(type, info as { context: Context; event: Event });
        for (const effect of wanted) effects.push(effect);
      }
    }
    return { state, effects };
  }

  return {
    begin: (input) => plain(init(input)),
    next: (state, event) => plain(step(live(state), event as EventFromLogic<M>)),
  };
}

type ServerChartOnData = Chart<ServerInput, ServerContext, ServerEvent, ServerEffect>;

const serverCharts = new Map<Rules, ServerChartOnData>();

/** The chart of servers that play by these rules; built once. */
function serverChartOf(rules: Rules): ServerChartOnData {
  const known = serverCharts.get(rules);
  if (known !== undefined) return known;
  const probe: ServerInput = { config: sampleConfig(1, [1]), acceptedEpoch: 0, currentEpoch: 0 };
  const machine = withQuickAssigns(serverChart(rules), copyOfServerContext);
  const chart: ServerChartOnData = chartOf(machine, probe, (name, moment) =>
    effectsOf(name, { ...moment, rules }),
  );
  serverCharts.set(rules, chart);
  return chart;
}

export type ServerStep = ChartStep<ServerContext, ServerEvent, ServerEffect>;
export type ClientStep = ChartStep<ClientContext, ClientEvent, ClientEffect>;

export function beginServer(world: World, input: ServerInput): ServerStep {
  return serverChartOf(rulesOf(world.variant)).begin(input);
}

export function stepServer(
  world: World,
  state: ChartState<ServerContext>,
  event: ServerEvent,
): ServerStep {
  return serverChartOf(rulesOf(world.variant)).next(state, event);
}

const probeClient = newHandle({
  name: "probe",
  library: "3.9.5",
  servers: [1],
  timeoutMs: 4_000,
});

const clients: Chart<ClientContext, ClientContext, ClientEvent, ClientEffect> = chartOf(
  withQuickAssigns(clientChart, copyOfClientContext),
  probeClient,
  clientEffectsOf,
);

export function beginClient(context: ClientContext): ClientStep {
  return clients.begin(context);
}

export function stepClient(state: ChartState<ClientContext>, event: ClientEvent): ClientStep {
  return clients.next(state, event);
}
