import { assert } from "../assert";
import type { ClientPacket, Operation, Reply, WatchEvent } from "../net/request";
import { bareOf } from "../sim/bareConnection";
import { closeBare, openBare, sendBare } from "../sim/command";
import type { World } from "../sim/world";
import type { SessionId } from "../tree/txn";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";
import type { Trial } from "./trial";

type ConnectResponse = Extract<ClientPacket, { type: "ConnectResponse" }>;

/** What a client says of itself when it connects. */
export interface Greeting {
  readonly timeoutMs?: number;
  readonly sessionId?: SessionId | null;
  readonly password?: string;
  readonly lastZxidSeen?: Zxid;
  readonly readOnly?: boolean;
}

/**
 * A session spoken word by word over a bare connection, for tests: it sends what it is told, whether or not a client
 * library would, never pings by itself, and knows what has come.
 */
export class BareSession {
  server: Sid | null = null;
  sessionId: SessionId | null = null;
  password = "";
  private cxid = 0;

  constructor(
    readonly trial: Trial,
    readonly name: string,
  ) {}

  private get state() {
    return bareOf(this.trial.world, this.name)?.state ?? "refused";
  }

  get isOpen(): boolean {
    return this.state === "open";
  }

  /** All that has come on the present connection, oldest first. */
  get received(): readonly ClientPacket[] {
    return (bareOf(this.trial.world, this.name)?.received ?? []).map(({ packet }) => packet);
  }

  get replies(): readonly Reply[] {
    return this.received.filter((packet) => packet.type === "response");
  }

  get events(): readonly WatchEvent[] {
    return this.received.filter((packet) => packet.type === "watchEvent");
  }

  /** Dials a server, and no more. An older connection is hung up first. */
  dial(server: Sid): this {
    this.server = server;
    this.drop();
    this.trial.do(openBare(this.name, server)).until(() => this.state !== "dialing");
    return this;
  }

  /** Sends a packet as it is. */
  say(packet: ClientPacket): this {
    this.trial.do(sendBare(this.name, packet));
    return this;
  }

  /** Sends who it is: nobody yet, or what it was before. */
  greet(greeting: Greeting = {}): this {
    return this.say({
      type: "ConnectRequest",
      timeoutMs: 10_000,
      sessionId: this.sessionId,
      password: this.password,
      lastZxidSeen: 0,
      readOnly: false,
      ...greeting,
    });
  }

  /** Dials, greets, and waits for the answer; null when the server hung up without one. */
  connect(server: Sid, greeting: Greeting = {}): ConnectResponse | null {
    this.dial(server).greet(greeting);
    const answer = () => this.received.find((packet) => packet.type === "ConnectResponse");
    this.trial.until(() => answer() !== undefined || !this.isOpen);
    const come = answer();
    if (come !== undefined && come.timeoutMs > 0) {
      this.sessionId = come.sessionId;
      this.password = come.password;
    }
    return come ?? null;
  }

  /** Asks without waiting; the number of the request. */
  send(op: Operation, cxid = (this.cxid += 1)): number {
    this.say({ type: "request", cxid, op });
    return cxid;
  }

  ping(): this {
    return this.say({ type: "ping" });
  }

  replyTo(cxid: number): Reply | null {
    return this.replies.findLast((reply) => reply.cxid === cxid) ?? null;
  }

  /** Asks and waits; null when the server hung up instead of answering. */
  ask(op: Operation, cxid?: number): Reply | null {
    const number = this.send(op, cxid);
    this.trial.until(() => this.replyTo(number) !== null || !this.isOpen);
    return this.replyTo(number);
  }

  /** Asks, and insists on an answer. */
  asked(op: Operation): Reply {
    const reply = this.ask(op);
    assert(reply !== null, `${op.type} was answered`);
    return reply;
  }

  /** Hangs up without a word; the session lives on. */
  drop(): this {
    this.trial.do(closeBare(this.name));
    return this;
  }

  /** Has the server hung up? */
  readonly isClosed = (_world: World): boolean => this.state === "closed by server";
}
