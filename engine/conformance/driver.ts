import {
  apply,
  type BareConnection,
  bareOf,
  type ClientPacket,
  closeBare,
  type Command,
  type Connection,
  nextEventUs,
  openBare,
  type Operation,
  type Reply,
  rest,
  sendBare,
  serverOf,
  type Sid,
  takeStep,
  US_PER_MS,
  type VirtualUs,
  type WatchEvent,
  type World,
} from "../index";

/** No answer takes longer than this. */
export const PATIENCE_MS = 60_000;
/** More events than any vector needs; beyond that the world runs in circles. */
const MOST_EVENTS = 5_000_000;

/** Why a vector cannot be played on: what the engine or the runner does not have. Never leaves this room. */
export class CannotPlay extends Error {}

/** A session as the recorder had it: raw requests on a bare connection, and pings by itself. */
export interface RawSession {
  readonly name: string;
  /** The name of its connection in the world. */
  readonly bare: string;
  readonly server: Sid;
  readonly sessionId: string;
  readonly password: string;
  readonly negotiatedMs: number;
  readonly readOnly: boolean;
  readonly heartbeats: boolean;
  nextCxid: number;
  lastSentUs: VirtualUs;
  lastZxidSeen: number;
  /** How much of what came was looked at for replies and events. */
  read: number;
  /** Has it said closeSession? */
  isOver: boolean;
}

/** What a server said to a ConnectRequest: a session (timeout 0: refused), an odd reply, or nothing at all. */
export type Greeting =
  | { readonly type: "session"; readonly session: RawSession }
  | {
      readonly type: "refused";
      readonly response: Extract<ClientPacket, { type: "ConnectResponse" }>;
    }
  | { readonly type: "reply"; readonly reply: Reply }
  | { readonly type: "closed" };

/** What tells something: an event, or the answer to a request. */
export type Heard = WatchEvent | Extract<ClientPacket, { type: "response" }>;

/** The answer to a request, or "closed" when the connection ended before one came. */
export type Answered = Reply | "closed";

/**
 * Plays a world as the recorder played a real ensemble: gives commands, holds raw sessions that ping by themselves,
 * and lets virtual time pass.
 */
export class Driver {
  private connections = 0;
  private events = 0;
  readonly sessions: RawSession[] = [];
  /** Looks at each world on the way. */
  watch: (world: World) => void = () => {};

  constructor(public world: World) {}

  private came(world: World): void {
    this.world = world;
    if (world.facts.length > 0) this.watch(world);
  }

  do(command: Command): void {
    this.came(apply(this.world, command));
  }

  /** The next thing before this moment: an event of the world, or a ping that is due. False: there is none. */
  private next(limitUs: VirtualUs): boolean {
    const pinging = this.nextPing();
    const due = nextEventUs(this.world);
    const pingUs = pinging === null ? null : pingDueUs(pinging);
    if (
      pinging !== null &&
      pingUs !== null &&
      pingUs <= limitUs &&
      (due === null || pingUs <= due)
    ) {
      this.came(rest(this.world, pingUs > this.world.nowUs ? pingUs : this.world.nowUs));
      this.send(pinging, { type: "ping" });
      return true;
    }
    if (due === null || due > limitUs) return false;
    this.events += 1;
    if (this.events > MOST_EVENTS) throw new CannotPlay(`more than ${MOST_EVENTS} events`);
    this.came(takeStep(this.world));
    return true;
  }

  private nextPing(): RawSession | null {
    let first: RawSession | null = null;
    for (const session of this.sessions) {
      if (!session.heartbeats || session.isOver || !this.isOpen(session)) continue;
      if (first === null || pingDueUs(session) < pingDueUs(first)) first = session;
    }
    return first;
  }

  /** Lets so much time pass. */
  advance(ms: number): void {
    const endUs = this.world.nowUs + Math.floor(ms * US_PER_MS);
    while (this.next(endUs));
    this.world = rest(this.world, endUs);
  }

  /** Until this holds, asked after each event; false when so much time has passed first. */
  until(holds: () => boolean, withinMs: number = PATIENCE_MS): boolean {
    const endUs = this.world.nowUs + Math.floor(withinMs * US_PER_MS);
    while (!holds()) {
      if (!this.next(endUs)) {
        this.world = rest(this.world, endUs);
        return holds();
      }
    }
    return true;
  }

  /** Until `state` has been the same, and `ready`, for so long; false when that does not come. */
  steady(ms: number, state: () => string, ready: () => boolean, withinMs = PATIENCE_MS): boolean {
    const limitUs = this.world.nowUs + withinMs * US_PER_MS;
    let seen = state();
    let sinceUs = this.world.nowUs;
    for (;;) {
      const endUs = sinceUs + ms * US_PER_MS;
      if (!ready()) sinceUs = this.world.nowUs;
      if (this.world.nowUs >= limitUs) return false;
      if (this.next(endUs < limitUs ? endUs : limitUs)) {
        const now = state();
        if (now !== seen) {
          seen = now;
          sinceUs = this.world.nowUs;
        }
      } else {
        this.world = rest(this.world, endUs < limitUs ? endUs : limitUs);
        if (ready() && this.world.nowUs >= sinceUs + ms * US_PER_MS) return true;
      }
    }
  }

  /** Until nothing is on the way but pings and their replies, nor on its way to a disk. */
  quiet(withinMs = 5_000): void {
    this.until(() => this.isQuiet(), withinMs);
  }

  private isQuiet(): boolean {
    const { network, nowUs, queue } = this.world;
    const soonUs = nowUs + 100 * US_PER_MS;
    return (
      !network.connections.some((one) => carriesMore(one, nowUs)) &&
      !queue.some((event) => !ALARMS.includes(event.type) && event.atUs < soonUs)
    );
  }

  private isOpen(session: RawSession): boolean {
    return bareOf(this.world, session.bare)?.state === "open";
  }

  private send(session: RawSession, packet: ClientPacket): void {
    session.lastSentUs = this.world.nowUs;
    this.do(sendBare(session.bare, packet));
  }

  /** Opens a connection and says a ConnectRequest. */
  connect(
    name: string,
    server: Sid,
    request: {
      readonly timeoutMs: number;
      readonly heartbeats?: boolean;
      readonly lastZxidSeen?: number;
      readonly readOnly?: boolean;
      readonly again?: RawSession;
      readonly password?: string;
    },
  ): Greeting {
    this.connections += 1;
    const bare = `${name} (${this.connections})`;
    this.do(openBare(bare, server));
    this.until(() => bareOf(this.world, bare)?.state !== "dialing");
    const { again } = request;
    this.do(
      sendBare(bare, {
        type: "ConnectRequest",
        lastZxidSeen: request.lastZxidSeen ?? again?.lastZxidSeen ?? 0,
        timeoutMs: request.timeoutMs,
        sessionId: again?.sessionId ?? null,
        password: request.password ?? again?.password ?? "",
        readOnly: request.readOnly ?? false,
      }),
    );
    const of = () => bareOf(this.world, bare);
    this.until(() => (of()?.received.length ?? 0) > 0 || of()?.state !== "open");
    const first = of()?.received[0]?.packet;
    if (first === undefined) return { type: "closed" };
    if (first.type === "response") return { type: "reply", reply: first };
    if (first.type !== "ConnectResponse") throw new CannotPlay(`a ${first.type} as first word`);
    if (first.timeoutMs === 0) return { type: "refused", response: first };
    const session: RawSession = {
      name,
      bare,
      server,
      sessionId: first.sessionId,
      password: first.password,
      negotiatedMs: first.timeoutMs,
      readOnly: first.readOnly,
      heartbeats: request.heartbeats ?? true,
      nextCxid: again?.nextCxid ?? 1,
      lastSentUs: this.world.nowUs,
      lastZxidSeen: request.lastZxidSeen ?? again?.lastZxidSeen ?? 0,
      read: 1,
      isOver: false,
    };
    this.sessions.push(session);
    return { type: "session", session };
  }

  /** Cuts the socket; the session may live on. */
  disconnect(session: RawSession): void {
    session.isOver = true;
    this.do(closeBare(session.bare));
  }

  /** Sends a request and does not wait; its number is what its answer will have. */
  submit(session: RawSession, op: Operation): number {
    let cxid = session.nextCxid;
    if (op.type === "auth") cxid = -4;
    else if (op.type === "setWatches" || op.type === "setWatches2") cxid = -8;
    else session.nextCxid += 1;
    if (op.type === "closeSession") session.isOver = true;
    this.send(session, { type: "request", cxid, op });
    return cxid;
  }

  /** Waits for the answer to a request. */
  answerTo(session: RawSession, cxid: number): Answered {
    let from = session.read;
    let found: Reply | null = null;
    const look = () => {
      const received = bareOf(this.world, session.bare)?.received ?? [];
      for (; from < received.length; from += 1) {
        const packet = received[from]?.packet;
        if (packet?.type !== "response" || packet.cxid !== cxid) continue;
        found = packet;
        return true;
      }
      return !this.isOpen(session);
    };
    if (!this.until(look)) throw new CannotPlay(`no answer within ${PATIENCE_MS} ms`);
    const reply = found as Reply | null;
    if (reply === null) return "closed";
    if (reply.zxid > session.lastZxidSeen) session.lastZxidSeen = reply.zxid;
    return reply;
  }

  ask(session: RawSession, op: Operation): Answered {
    return this.answerTo(session, this.submit(session, op));
  }

  /** Many requests, as many as this under way at a time; the answers in order. */
  askAll(session: RawSession, ops: readonly Operation[], atATime = 200): readonly Answered[] {
    const answers: Answered[] = [];
    for (let at = 0; at < ops.length; at += atATime) {
      const cxids = ops.slice(at, at + atATime).map((op) => this.submit(session, op));
      for (const cxid of cxids) {
        const answer = this.answerTo(session, cxid);
        answers.push(answer);
        // Answers come in the order of the requests: what came before this one need not be looked at again.
        if (answer !== "closed") this.skipTo(session, cxid);
      }
    }
    return answers;
  }

  private skipTo(session: RawSession, cxid: number): void {
    const received = bareOf(this.world, session.bare)?.received ?? [];
    for (; session.read < received.length; session.read += 1) {
      const packet = received[session.read]?.packet;
      if (packet?.type !== "response" || packet.cxid === cxid) return;
    }
  }

  /** What came on a session's connection since the last call: events, and the replies between them. */
  takeReceived(session: RawSession): readonly Heard[] {
    const received = bareOf(this.world, session.bare)?.received ?? [];
    const fresh = received.slice(session.read).map(({ packet }) => packet);
    session.read = received.length;
    return fresh.filter((packet) => packet.type === "watchEvent" || packet.type === "response");
  }

  ping(session: RawSession): void {
    this.send(session, { type: "ping" });
  }

  closeSession(session: RawSession): Answered {
    return this.ask(session, { type: "closeSession" });
  }

  connectionOf(session: RawSession): BareConnection | null {
    return bareOf(this.world, session.bare);
  }

  isConnected(session: RawSession): boolean {
    return !session.isOver && this.isOpen(session);
  }

  isUp(sid: Sid): boolean {
    return serverOf(this.world, sid).process !== null;
  }
}

/** A client pings when it has been silent for a third of its timeout. */
function pingDueUs(session: RawSession): VirtualUs {
  return session.lastSentUs + Math.floor((session.negotiatedMs * US_PER_MS) / 3);
}

const PINGS: readonly string[] = ["PING", "ping", "pong"];
/** Does a connection carry more than pings? What has arrived waits for a paused process and is not on its way. */
function carriesMore(connection: Connection, nowUs: VirtualUs): boolean {
  return [connection.toAcceptor, connection.toDialer].some((lane) =>
    lane.some(
      (flight) =>
        flight.heldUs === null && flight.arriveUs >= nowUs && !PINGS.includes(flight.packet.type),
    ),
  );
}

/** Events that are an alarm for later, or whose packet is looked at on its way; all others are under way. */
const ALARMS: readonly string[] = ["arrival", "timer", "client timer", "behaviour", "started"];
