import type { Sid, VirtualUs } from "../index";
import { serverOf, US_PER_MS } from "../index";
import type { Problem } from "./compare";
import { CannotPlay, type Driver, PATIENCE_MS, type RawSession } from "./driver";

/** What an end of a session took, as seen from its server. */
export interface Gone {
  readonly ms: number;
  readonly ticks: number;
  readonly problems: readonly Problem[];
}

/** How much later than the expiry its effect is seen: the closing transaction, and the time between two looks. */
const SLACK_MS = 6;

/**
 * Waits until a session's ephemeral is gone and holds the rule for it: no earlier than the timeout after the last sign
 * of life, no later than one tick more, and on a tick. A learner tells its leader of signs of life with its answers to
 * pings, twice a tick, so what it serves may last half a tick longer.
 */
export function waitUntilGone(
  driver: Driver,
  step: number,
  reader: RawSession,
  path: string,
  session: { readonly server: Sid; readonly lastSignUs: VirtualUs; readonly negotiatedMs: number },
): Gone {
  const config = serverOf(driver.world, session.server).process?.config;
  if (config === undefined) throw new CannotPlay(`server ${session.server} is down`);
  const { tickTimeMs } = config;
  const from = session.lastSignUs;
  while (isThere(driver, reader, path)) {
    if (driver.world.nowUs - from > (session.negotiatedMs + PATIENCE_MS) * US_PER_MS)
      throw new CannotPlay(`${path} is still there`);
    driver.advance(1);
  }
  const ms = (driver.world.nowUs - from) / US_PER_MS;
  const sinceTickMs = (driver.world.nowUs % (tickTimeMs * US_PER_MS)) / US_PER_MS;
  const isServedByLearner = driver.world.servers.length > 1;
  const mostMs = session.negotiatedMs + tickTimeMs + (isServedByLearner ? tickTimeMs / 2 : 0);
  const problems: Problem[] = [];
  if (ms < session.negotiatedMs || ms > mostMs + SLACK_MS)
    problems.push({
      step,
      path: "gone after",
      expected: `${session.negotiatedMs} to ${mostMs} ms`,
      came: `${ms} ms`,
    });
  if (sinceTickMs > SLACK_MS)
    problems.push({
      step,
      path: "gone",
      expected: "on a tick",
      came: `${sinceTickMs} ms after one`,
    });
  return { ms: Math.floor(ms), ticks: Math.floor((100 * ms) / tickTimeMs) / 100, problems };
}

function isThere(driver: Driver, reader: RawSession, path: string): boolean {
  const answer = driver.ask(reader, { type: "exists", path });
  if (answer === "closed") throw new CannotPlay("the reader's connection was closed");
  return answer.code === "OK";
}
