import type { QuorumPacket } from "../net/packet";
import type { ClientPacket, Operation } from "../net/request";
import type { Behaviour } from "../programs/programs";
import type { Sid } from "../units";
import type { ClientSetup } from "./clients";

/** Like `kill -9`: the process and what it had not handed to the operating system are gone, its files stay. */
export type Kill = { readonly type: "kill"; readonly sid: Sid };
/** Like `kill` and `zkServer.sh stop`: ZooKeeper has no shutdown of its own, so only the signal is another. */
export type Stop = { readonly type: "stop"; readonly sid: Sid };
/** The machine is gone at once: what no fsync has confirmed is lost, and nobody is told that its connections are over. */
export type PowerLoss = { readonly type: "powerLoss"; readonly sid: Sid };
/** Starts the server process of a machine whose process is down. */
export type Start = { readonly type: "start"; readonly sid: Sid };
/** Like `kill -STOP`: the process stands still, its connections stay open, what arrives waits. */
export type Pause = { readonly type: "pause"; readonly sid: Sid };
/** Like `kill -CONT`. */
export type Resume = { readonly type: "resume"; readonly sid: Sid };
/** Silences the link between two servers in both directions, on every port; nothing is closed. */
export type Cut = { readonly type: "cut"; readonly a: Sid; readonly b: Sid };
export type Heal = { readonly type: "heal"; readonly a: Sid; readonly b: Sid };
/** Silences one direction only. */
export type CutOneWay = { readonly type: "cutOneWay"; readonly from: Sid; readonly to: Sid };
export type HealOneWay = { readonly type: "healOneWay"; readonly from: Sid; readonly to: Sid };
/** Silences a client's ways to all servers. */
export type CutClient = { readonly type: "cutClient"; readonly name: string };
export type HealClient = { readonly type: "healClient"; readonly name: string };
/** Every packet between these two takes so much longer, both ways; 0 is as usual. `a` may be a client. */
export type SlowLink = {
  readonly type: "slowLink";
  readonly a: Sid | string;
  readonly b: Sid;
  readonly extraMs: number;
};
/** This packet, and all that is behind it on its connection, takes so much longer. */
export type DelayFlight = {
  readonly type: "delayFlight";
  readonly flight: number;
  readonly ms: number;
};
/** Packets of this type between servers stay on their way; what follows on their connections waits behind them. */
export type Hold = { readonly type: "hold"; readonly packet: QuorumPacket["type"] };
/** Those on their way to one server go on, and it gets those that come later. */
export type Deliver = {
  readonly type: "deliver";
  readonly packet: QuorumPacket["type"];
  readonly to: Sid;
};
/** Nothing is held any more. */
export type Release = { readonly type: "release" };
/** Silences what goes to this port of the server, and what this server sends to that port elsewhere. */
export type BlockPort = { readonly type: "blockPort"; readonly sid: Sid; readonly port: number };
export type OpenPort = { readonly type: "openPort"; readonly sid: Sid; readonly port: number };
/** Breaks one connection, as a firewall that sends a reset to both ends: what is on the way is lost, both notice at once. */
export type Break = { readonly type: "break"; readonly connection: number };
/** From now on each fsync of this server takes about so long; a short time is as usual. */
export type SlowDisk = { readonly type: "slowDisk"; readonly sid: Sid; readonly fsyncMs: number };
/** Nothing more can be written to this server's disk, until something is freed. */
export type FullDisk = { readonly type: "fullDisk"; readonly sid: Sid };
export type FreeDisk = { readonly type: "freeDisk"; readonly sid: Sid };
/** Removes version-2 of a server that is down; myid and zoo.cfg stay. */
export type Wipe = { readonly type: "wipe"; readonly sid: Sid };
/** Removes all snapshots of a server that is down, and keeps its logs. */
export type RemoveSnapshots = { readonly type: "removeSnapshots"; readonly sid: Sid };
/** Cuts the last 7 bytes off the newest log of a server that is down: its final record is torn. */
export type TearLog = { readonly type: "tearLog"; readonly sid: Sid };
/** Puts a file `initialize` into dataDir, as zkServer-initialize.sh does: an empty database is meant. */
export type Initialize = { readonly type: "initialize"; readonly sid: Sid };
/** `zkCleanup.sh -n keep`: keeps that many snapshots and the logs they need. It may run beside the server. */
export type Purge = { readonly type: "purge"; readonly sid: Sid; readonly keep: number };
/** Other files and flags for a server; they count when it starts next. What is left out stays as it is. */
export type EditConfig = {
  readonly type: "editConfig";
  readonly sid: Sid;
  readonly zooCfg?: string;
  readonly myid?: string;
  readonly jvmFlags?: readonly string[];
};
/** A client's application asks its ZooKeeper handle for one operation. */
export type ClientOperation = {
  readonly type: "operate";
  readonly client: string;
  readonly op: Operation;
};

/** The application closes its handle, and with it its session; it waits for the answer. */
export type CloseClient = { readonly type: "closeClient"; readonly client: string };
/** Like `kill -9` of an application: its socket is closed, its session is not. */
export type KillClient = { readonly type: "killClient"; readonly client: string };
/** Like `kill -STOP` and `kill -CONT` of an application: no pings, its socket stays open. */
export type PauseClient = { readonly type: "pauseClient"; readonly client: string };
export type ResumeClient = { readonly type: "resumeClient"; readonly client: string };
/** A new process of the application, with a new handle; of another program, if one is given. */
export type RestartClient = {
  readonly type: "restartClient";
  readonly client: string;
  readonly behaviour?: Behaviour;
};
/** A machine more, or several; a machine less. */
export type AddClient = { readonly type: "addClient"; readonly setup: ClientSetup };
export type RemoveClient = { readonly type: "removeClient"; readonly client: string };
/** The application takes another list of servers. */
export type UpdateServerList = {
  readonly type: "updateServerList";
  readonly client: string;
  readonly servers: readonly Sid[];
};
/** A running application does something differently from now on. */
export type ConfigureClient = {
  readonly type: "configureClient";
  readonly client: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
};
/** Who owns this lock lets it go. */
export type ReleaseLock = { readonly type: "releaseLock"; readonly lock: string };
/** What this lock protects refuses tokens lower than the highest it has seen; or accepts all. */
export type Fence = { readonly type: "fence"; readonly lock: string; readonly fenced: boolean };

/** Dials a client port with nothing behind it; says one packet; hangs up. What comes back stands in `World.bare`. */
export type OpenBare = { readonly type: "openBare"; readonly name: string; readonly sid: Sid };
export type SendBare = {
  readonly type: "sendBare";
  readonly name: string;
  readonly packet: ClientPacket;
};
export type CloseBare = { readonly type: "closeBare"; readonly name: string };

/** All that a learner can do. Every hand, key and script goes through one of these. */
export type Command =
  | Kill
  | Stop
  | PowerLoss
  | Start
  | Pause
  | Resume
  | Cut
  | Heal
  | CutOneWay
  | HealOneWay
  | CutClient
  | HealClient
  | SlowLink
  | DelayFlight
  | Hold
  | Deliver
  | Release
  | BlockPort
  | OpenPort
  | Break
  | SlowDisk
  | FullDisk
  | FreeDisk
  | Wipe
  | RemoveSnapshots
  | TearLog
  | Initialize
  | Purge
  | EditConfig
  | ClientOperation
  | CloseClient
  | KillClient
  | PauseClient
  | ResumeClient
  | RestartClient
  | AddClient
  | RemoveClient
  | UpdateServerList
  | ConfigureClient
  | ReleaseLock
  | Fence
  | OpenBare
  | SendBare
  | CloseBare;

export const kill = (sid: Sid): Kill => ({ type: "kill", sid });
export const stop = (sid: Sid): Stop => ({ type: "stop", sid });
export const powerLoss = (sid: Sid): PowerLoss => ({ type: "powerLoss", sid });
export const start = (sid: Sid): Start => ({ type: "start", sid });
export const pause = (sid: Sid): Pause => ({ type: "pause", sid });
export const resume = (sid: Sid): Resume => ({ type: "resume", sid });
export const cut = (a: Sid, b: Sid): Cut => ({ type: "cut", a, b });
export const heal = (a: Sid, b: Sid): Heal => ({ type: "heal", a, b });
export const cutOneWay = (from: Sid, to: Sid): CutOneWay => ({ type: "cutOneWay", from, to });
export const healOneWay = (from: Sid, to: Sid): HealOneWay => ({ type: "healOneWay", from, to });
export const cutClient = (name: string): CutClient => ({ type: "cutClient", name });
export const healClient = (name: string): HealClient => ({ type: "healClient", name });
export const slowLink = (a: Sid | string, b: Sid, extraMs: number): SlowLink => ({
  type: "slowLink",
  a,
  b,
  extraMs,
});
export const delayFlight = (flight: number, ms: number): DelayFlight => ({
  type: "delayFlight",
  flight,
  ms,
});
export const hold = (packet: Hold["packet"]): Hold => ({ type: "hold", packet });
export const deliver = (packet: Deliver["packet"], to: Sid): Deliver => ({
  type: "deliver",
  packet,
  to,
});
export const release = (): Release => ({ type: "release" });
export const slowDisk = (sid: Sid, fsyncMs: number): SlowDisk => ({
  type: "slowDisk",
  sid,
  fsyncMs,
});
export const fullDisk = (sid: Sid): FullDisk => ({ type: "fullDisk", sid });
export const freeDisk = (sid: Sid): FreeDisk => ({ type: "freeDisk", sid });
export const wipe = (sid: Sid): Wipe => ({ type: "wipe", sid });
export const removeSnapshots = (sid: Sid): RemoveSnapshots => ({ type: "removeSnapshots", sid });
export const tearLog = (sid: Sid): TearLog => ({ type: "tearLog", sid });
export const initialize = (sid: Sid): Initialize => ({ type: "initialize", sid });
export const purge = (sid: Sid, keep: number): Purge => ({ type: "purge", sid, keep });
export const editConfig = (
  sid: Sid,
  change: Pick<EditConfig, "zooCfg" | "myid" | "jvmFlags">,
): EditConfig => ({ type: "editConfig", sid, ...change });
export const blockPort = (sid: Sid, port: number): BlockPort => ({ type: "blockPort", sid, port });
export const openPort = (sid: Sid, port: number): OpenPort => ({ type: "openPort", sid, port });
export const breakConnection = (connection: number): Break => ({ type: "break", connection });
export const operate = (client: string, op: Operation): ClientOperation => ({
  type: "operate",
  client,
  op,
});
export const closeClient = (client: string): CloseClient => ({ type: "closeClient", client });
export const killClient = (client: string): KillClient => ({ type: "killClient", client });
export const pauseClient = (client: string): PauseClient => ({ type: "pauseClient", client });
export const resumeClient = (client: string): ResumeClient => ({ type: "resumeClient", client });
export const restartClient = (client: string, behaviour?: Behaviour): RestartClient =>
  behaviour === undefined
    ? { type: "restartClient", client }
    : { type: "restartClient", client, behaviour };
export const addClient = (setup: ClientSetup): AddClient => ({ type: "addClient", setup });
export const removeClient = (client: string): RemoveClient => ({ type: "removeClient", client });
export const updateServerList = (client: string, servers: readonly Sid[]): UpdateServerList => ({
  type: "updateServerList",
  client,
  servers,
});
export const configureClient = (
  client: string,
  options: ConfigureClient["options"],
): ConfigureClient => ({ type: "configureClient", client, options });
export const releaseLock = (lock: string): ReleaseLock => ({ type: "releaseLock", lock });
export const fence = (lock: string, fenced = true): Fence => ({ type: "fence", lock, fenced });
export const openBare = (name: string, sid: Sid): OpenBare => ({ type: "openBare", name, sid });
export const sendBare = (name: string, packet: ClientPacket): SendBare => ({
  type: "sendBare",
  name,
  packet,
});
export const closeBare = (name: string): CloseBare => ({ type: "closeBare", name });
