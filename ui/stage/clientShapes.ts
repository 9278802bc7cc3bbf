import { type Client, heldFor, lockOf, type Sid, US_PER_MS, type World } from "../../engine/index";
import { tenths } from "../lab/format";
import { edge } from "./geometry";
import type { Layout, Point } from "./layout";
import { slowMsOf } from "./linkShapes";

export type ClientState =
  | "starting"
  | "connecting"
  | "dialing"
  | "handshake"
  | "connected"
  | "readOnly"
  | "closed"
  | "authFailed"
  | "paused"
  | "down";

export interface ClientShape {
  readonly name: string;
  readonly at: Point;
  readonly radius: number;
  readonly state: ClientState;
  /** The server it is on, or tries. */
  readonly server: Sid | null;
  readonly line: { readonly from: Point; readonly to: Point } | null;
  /** Silenced towards all servers. */
  readonly isCut: boolean;
  readonly slowMs: number;
  /** The application above the handle, by its name; null when only the learner uses it. */
  readonly program: string | null;
  /** What is left of the session as the client sees it: 1 at each answer heard, 0 when the timeout has passed. */
  readonly share: number;
  readonly tone: "ink" | "low" | "last";
  /** Past the timeout; the leader ends the session at the end of its bucket. */
  readonly overdue: boolean;
  readonly leftS: string;
  readonly timeoutS: string;
  /** Held for it where it is connected. */
  readonly ephemerals: number;
  readonly watches: number;
  /** What its program takes itself for. */
  readonly lock: "owner" | "waiting" | null;
}

const TALKING: ReadonlySet<ClientState> = new Set<ClientState>([
  "dialing",
  "handshake",
  "connected",
  "readOnly",
]);

/** Without a session to lose. */
const OVER: ReadonlySet<ClientState> = new Set<ClientState>(["closed", "authFailed", "down"]);

/** A server's dial, as far as a line to it goes. */
export interface Dial {
  readonly at: Point;
  readonly trim: number;
}

export function clientShape(
  world: World,
  client: Client,
  index: number,
  layout: Layout,
  dialOf: (sid: Sid) => Dial | null,
): ClientShape {
  const at = layout.clientSlots[index % layout.clientSlots.length] ?? { x: 40, y: 40 };
  const { context } = client.chart;
  const state =
    client.down !== null ? "down" : client.paused !== null ? "paused" : libraryState(client);
  const server = TALKING.has(libraryState(client)) && state !== "down" ? context.server : null;
  const dial = server === null ? null : dialOf(server);
  const leftMs = context.timeoutMs - (world.nowUs - client.lastHeardUs) / US_PER_MS;
  const has = context.sessionId !== null && !OVER.has(state);
  const share = has ? Math.min(1, Math.max(0, leftMs / context.timeoutMs)) : 0;
  return {
    name: client.name,
    at,
    radius: layout.clientRadius,
    state,
    server,
    line:
      dial === null
        ? null
        : { from: edge(at, dial.at, layout.clientRadius + 5), to: edge(dial.at, at, dial.trim) },
    isCut: world.network.clientCuts.some(({ name }) => name === client.name),
    slowMs: server === null ? 0 : slowMsOf(world, client.name, server),
    program: client.behaviour?.type ?? null,
    // Sixty steps a session: the ring is drawn again when it has moved, not with every frame.
    share: Math.ceil(share * 60) / 60,
    tone: share > 1 / 3 ? "ink" : share > 1 / 10 ? "low" : "last",
    overdue: has && leftMs <= 0,
    leftS: tenths(Math.max(0, leftMs) / 1000),
    timeoutS: String(context.timeoutMs / 1000),
    ...heldFor(world, client, server),
    lock: state === "down" ? null : lockOf(client),
  };
}

/** What the client library is about. */
function libraryState(client: Client): ClientState {
  const { value, context } = client.chart;
  const top = typeof value === "string" ? value : (Object.keys(value)[0] ?? "closed");
  switch (top) {
    case "connected":
      return context.readOnly ? "readOnly" : "connected";
    case "starting":
    case "connecting":
    case "dialing":
    case "handshake":
    case "authFailed":
      return top;
    default:
      return "closed";
  }
}
