import { createOf, serverOf, type Sid, worldOfLab } from "../index";
import type { Answer, Played, Problem } from "./compare";
import { CannotPlay, Driver, type RawSession } from "./driver";
import { waitUntilGone } from "./expiry";
import { labOf, numberIn, serversIn } from "./lab";
import { leaderSeen, stateOf } from "./observe";
import { bringUp } from "./playClients";
import { type Step, type Vector, wordIn } from "./schema";

/** Plays a vector of the family session-timeout: what is negotiated, and when a silent session ends. */
export class SessionRun {
  private readonly driver: Driver;
  private readonly answers = new Map<number, Answer>();
  private readonly broken: Problem[] = [];
  private session: RawSession | null = null;

  constructor(
    private readonly vector: Vector,
    seed: number,
  ) {
    const { given } = vector;
    const standalone = given.server === "standalone";
    const three = { "1": "participant", "2": "participant", "3": "participant" };
    const lab = labOf({
      servers: serversIn(standalone ? undefined : three),
      standalone,
      tickTimeMs: numberIn(given, "tickTime", 2_000),
      initLimit: 10,
      syncLimit: 5,
      lines: ["minSessionTimeout", "maxSessionTimeout"]
        .filter((key) => typeof given[key] === "number")
        .map((key) => `${key}=${numberIn(given, key, 0)}`),
      jvmFlags: [],
    });
    this.driver = new Driver(worldOfLab(lab, seed, "3.8.0"));
  }

  played(): Played {
    const { answers, broken } = this;
    return { answers, finalTree: null, z: 0, openZxids: new Map(), broken };
  }

  play(): void {
    bringUp(
      this.driver,
      this.driver.world.servers.map(({ sid }) => sid),
    );
    for (const step of this.vector.steps) {
      const answer = this.take(step);
      if (answer !== null) this.answers.set(step.n, answer);
    }
  }

  private server(): Sid {
    const { world } = this.driver;
    const { server } = this.vector.given;
    if (server === "leader") return leaderSeen(world) ?? 1;
    return world.servers.find((one) => stateOf(one) === server)?.sid ?? 1;
  }

  private opened(): RawSession {
    if (this.session === null) throw new CannotPlay("no session was opened");
    return this.session;
  }

  private take(step: Step): Answer | null {
    const { driver } = this;
    switch (step.op) {
      case "connect":
        return this.connect(step);
      case "create": {
        const mode = step.mode === "EPHEMERAL" ? "EPHEMERAL" : "PERSISTENT";
        const answer = driver.ask(this.opened(), createOf(wordIn(step, "path"), "", mode));
        if (answer === "closed") throw new CannotPlay("the connection was closed");
        return null;
      }
      case "silence":
        return null;
      case "socket-closed":
        driver.disconnect(this.opened());
        return null;
      case "pings-then-silence":
        for (let count = 0; count < 4; count += 1) {
          driver.advance(this.opened().negotiatedMs / 3);
          driver.ping(this.opened());
        }
        return null;
      default:
        return this.waitUntilGone(step, wordIn(step, "op").split(" ")[2] ?? "");
    }
  }

  private connect(step: Step): Answer {
    const sid = this.server();
    const timeoutMs = numberIn(step, "timeout", 0);
    const greeting = this.driver.connect("S1", sid, { timeoutMs, heartbeats: false });
    const config = serverOf(this.driver.world, sid).process?.config;
    const effective = {
      tickTime: config?.tickTimeMs,
      minSessionTimeout: config?.minSessionTimeoutMs,
      maxSessionTimeout: config?.maxSessionTimeoutMs,
    };
    if (greeting.type === "refused") return { negotiated: 0, session_created: false, effective };
    if (greeting.type !== "session") return { session_created: false, effective };
    this.session = greeting.session;
    return { negotiated: greeting.session.negotiatedMs, session_created: true, effective };
  }

  private waitUntilGone(step: Step, path: string): Answer {
    const { driver } = this;
    const session = this.opened();
    const greeting = driver.connect("reader", session.server, { timeoutMs: 30_000 });
    if (greeting.type !== "session") throw new CannotPlay("the reader got no session");
    const gone = waitUntilGone(driver, step.n, greeting.session, path, {
      server: session.server,
      lastSignUs: session.lastSentUs,
      negotiatedMs: session.negotiatedMs,
    });
    driver.quiet();
    this.broken.push(...gone.problems);
    return {
      ms_observed: [gone.ms],
      ticks_observed: [gone.ticks],
      within_negotiated_plus_one_tick: gone.problems.length === 0,
      socket_closed_by_server: driver.connectionOf(session)?.state !== "open",
    };
  }
}
