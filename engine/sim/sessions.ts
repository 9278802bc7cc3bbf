import { rulesOf } from "../rules/rules";
import { nextBucketUs } from "../session/sessionTracker";
import type { SessionId, Txn } from "../tree/txn";
import type { Cause, Sid } from "../units";
import { tell, withProcess } from "./change";
import { schedule } from "./queue";
import { serverOf, takesWrites } from "./read";
import type { World } from "./world";

/** Only the leader keeps the times; a closed session is forgotten. Source: LeaderSessionTracker. */
export function trackSession(world: World, sid: Sid, txn: Txn): World {
  const server = serverOf(world, sid);
  if (!takesWrites(server)) return world;
  if (txn.body.type === "createSession") {
    const { timeoutMs } = txn.body;
    return withExpiry(world, sid, txn.sessionId, timeoutMs);
  }
  if (txn.body.type !== "closeSession") return world;
  return withProcess(world, sid, (process) => {
    const expiry = { ...process.client.expiry };
    delete expiry[txn.sessionId];
    return {
      client: {
        ...process.client,
        expiry,
        closing: process.client.closing.filter((one) => one !== txn.sessionId),
      },
    };
  });
}

/** Something was heard of a session: the leader notes it, a learner tells the leader with its next ping answer. */
export function touch(world: World, sid: Sid, sessionId: SessionId | null): World {
  if (sessionId === null) return world;
  if (takesWrites(serverOf(world, sid))) {
    const timeoutMs = serverOf(world, sid).process?.sessions[sessionId]?.timeoutMs;
    if (timeoutMs !== undefined) touchOnLeader(world, sid, sessionId, timeoutMs);
    return timeoutMs === undefined ? world : withExpiry(world, sid, sessionId, timeoutMs);
  }
  return withProcess(world, sid, (process) => ({
    client: process.client.touched.includes(sessionId)
      ? process.client
      : { ...process.client, touched: [...process.client.touched, sessionId] },
  }));
}

/** Does the leader know this session, and is it not closing? Source: LearnerHandler, case REVALIDATE. */
export function touchOnLeader(
  world: World,
  sid: Sid,
  sessionId: SessionId,
  timeoutMs: number,
): boolean {
  const process = serverOf(world, sid).process;
  return (
    process?.sessions[sessionId] !== undefined &&
    !process.client.closing.includes(sessionId) &&
    timeoutMs > 0
  );
}

/** A touch moves the expiry to a later bucket; once closing has begun it helps no more. Source: SessionTrackerImpl.touchSession. */
export function withExpiry(world: World, sid: Sid, sessionId: SessionId, timeoutMs: number): World {
  const { expiryTimeUs } = rulesOf(world.variant);
  return withProcess(world, sid, (process) => {
    if (process.client.closing.includes(sessionId)) return {};
    const atUs = expiryTimeUs(world.nowUs, timeoutMs, process.config.tickTimeMs);
    return {
      client: { ...process.client, expiry: { ...process.client.expiry, [sessionId]: atUs } },
    };
  });
}

/** The leader wakes at each tick boundary and closes the sessions of that bucket. Source: SessionTrackerImpl.run. */
export function expireSessions(world: World, sid: Sid, cause: Cause): World {
  const process = serverOf(world, sid).process;
  if (process === null) return world;
  const due = Object.entries(process.client.expiry)
    .filter(([, atUs]) => atUs <= world.nowUs)
    .map(([id]) => id)
    .toSorted();
  let next = world;
  for (const sessionId of due) {
    next = withProcess(next, sid, (one) => {
      const expiry = { ...one.client.expiry };
      delete expiry[sessionId];
      return { client: { ...one.client, expiry, closing: [...one.client.closing, sessionId] } };
    });
    const name =
      next.clients.find((client) => client.chart.context.sessionId === sessionId)?.name ??
      sessionId;
    next = tell(next, { type: "session.expired", sid: sessionId, name, during: "led" }, cause);
    const event = {
      type: "own request" as const,
      sessionId,
      request: { cxid: 0, authInfo: [], op: { type: "closeSession" as const } },
    };
    next = schedule(
      next,
      { type: "server", sid, process: process.number, event },
      next.nowUs,
      cause,
    );
  }
  return awaitNextBucket(next, sid, cause);
}

/** Sets the tracker's alarm to the next tick boundary. */
export function awaitNextBucket(world: World, sid: Sid, cause: Cause): World {
  const process = serverOf(world, sid).process;
  if (process === null) return world;
  const atUs = nextBucketUs(world.nowUs, process.config.tickTimeMs);
  const number = world.nextNumber;
  const event = { type: "session bucket due" as const };
  const next = schedule(
    world,
    { type: "timer", sid, process: process.number, name: "session bucket", event },
    atUs,
    cause,
  );
  return withProcess(next, sid, (one) => ({ timers: { ...one.timers, "session bucket": number } }));
}
