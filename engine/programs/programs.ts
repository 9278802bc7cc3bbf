import type { Zxid } from "../zxid";
import { idleWorker, type Worker, worker, type WorkerState } from "./lock";
import type { Happening, Step } from "./program";
import { type Candidate, idleQueue, queue, type QueueState, type SeqLock } from "./queue";
import {
  type Consumer,
  consumer,
  type ConsumerState,
  idleConsumer,
  idleProvider,
  type Provider,
  provider,
  type ProviderState,
} from "./registry";
import {
  idleReader,
  idleWriter,
  type Reader,
  reader,
  type ReaderState,
  type Writer,
  writer,
  type WriterState,
} from "./traffic";

/** What an application does with ZooKeeper: a small state machine above its handle. */
export type Behaviour = Reader | Writer | Worker | SeqLock | Provider | Consumer | Candidate;

/** An application and what it remembers; gone with its process. */
export type Program =
  | { readonly behaviour: Reader; readonly state: ReaderState }
  | { readonly behaviour: Writer; readonly state: WriterState }
  | { readonly behaviour: Worker; readonly state: WorkerState }
  | { readonly behaviour: SeqLock | Candidate; readonly state: QueueState }
  | { readonly behaviour: Provider; readonly state: ProviderState }
  | { readonly behaviour: Consumer; readonly state: ConsumerState };

const perSecond = (hz: number) => Math.floor(1_000 / hz);

export const readerOf = (hz: number, path: string): Reader => ({
  type: "reader",
  path,
  everyMs: perSecond(hz),
});
export const writerOf = (hz: number, path: string): Writer => ({
  type: "writer",
  path,
  everyMs: perSecond(hz),
});

/** An owner writes to what its lock protects this often. */
const WORK_MS = 500;

export const workerOf = (lock: string): Worker => ({ type: "worker", lock, workMs: WORK_MS });
export const seqlockOf = (lock: string): SeqLock => ({ type: "seqlock", lock, workMs: WORK_MS });
export const providerOf = (
  path: string,
  more: Partial<Pick<Provider, "reregister" | "onNodeExists">> = {},
): Provider => ({
  type: "provider",
  path,
  reregister: true,
  onNodeExists: "recreate-if-foreign",
  ...more,
});
export const consumerOf = (path: string, services: readonly string[] = []): Consumer => ({
  type: "consumer",
  path,
  services,
  callMs: 1_000,
});
export const candidateOf = (
  lock: string,
  more: Partial<Pick<Candidate, "onReconnect" | "onExpired">> = {},
): Candidate => ({
  type: "candidate",
  lock,
  workMs: WORK_MS,
  onReconnect: "none",
  onExpired: "rejoin",
  ...more,
});

/** A program before it has heard anything. */
export function newProgram(behaviour: Behaviour): Program {
  switch (behaviour.type) {
    case "reader":
      return { behaviour, state: idleReader };
    case "writer":
      return { behaviour, state: idleWriter };
    case "worker":
      return { behaviour, state: idleWorker };
    case "seqlock":
    case "candidate":
      return { behaviour, state: idleQueue };
    case "provider":
      return { behaviour, state: idleProvider };
    case "consumer":
      return { behaviour, state: idleConsumer };
  }
}

/** What a program makes of what it hears. */
export function hear(program: Program, happening: Happening, name: string): Step<Program> {
  const { behaviour } = program;
  switch (behaviour.type) {
    case "reader":
      return kept(behaviour, reader(behaviour, program.state as ReaderState, happening));
    case "writer":
      return kept(behaviour, writer(behaviour, program.state as WriterState, happening));
    case "worker":
      return kept(behaviour, worker(behaviour, program.state as WorkerState, happening, name));
    case "seqlock":
    case "candidate":
      return kept(behaviour, queue(behaviour, program.state as QueueState, happening, name));
    case "provider":
      return kept(behaviour, provider(behaviour, program.state as ProviderState, happening, name));
    case "consumer":
      return kept(behaviour, consumer(behaviour, program.state as ConsumerState, happening));
  }
}

function kept(behaviour: Behaviour, { state, acts }: Step<Program["state"]>): Step<Program> {
  return { state: { behaviour, state } as Program, acts };
}

/** What can be asked of a program from outside: by facts, by a lesson, by the stage. */
export interface Standing {
  /** Does it act as the owner of a lock, rightly or not? */
  readonly believesLock: boolean;
  /** Does it wait for a lock that another one has? */
  readonly waiting: boolean;
  readonly overseer: boolean;
  /** The czxid of the node with which it owns; 0 when it owns nothing. */
  readonly token: Zxid;
  readonly lock: string | null;
  readonly recipe: "simple" | "seq" | null;
  /** Who is listed, as a consumer knows it. */
  readonly cache: Readonly<Record<string, readonly string[]>>;
}

const NOBODY: Standing = {
  believesLock: false,
  waiting: false,
  overseer: false,
  token: 0,
  lock: null,
  recipe: null,
  cache: {},
};

export function standingOf(program: Program | null): Standing {
  if (program === null) return NOBODY;
  switch (program.behaviour.type) {
    case "worker":
    case "seqlock":
    case "candidate": {
      const { behaviour, state } = program as Extract<Program, { behaviour: Worker | SeqLock }>;
      const believesLock = state.phase === "owner";
      return {
        ...NOBODY,
        believesLock,
        waiting: state.phase === "waiting",
        overseer: believesLock && program.behaviour.type === "candidate",
        token: believesLock ? state.token : 0,
        lock: behaviour.lock,
        recipe: behaviour.type === "worker" ? "simple" : "seq",
      };
    }
    case "consumer":
      return { ...NOBODY, cache: (program.state as ConsumerState).cache };
    default:
      return NOBODY;
  }
}
