import {
  contextOf,
  type Fact,
  roleOf,
  US_PER_SECOND,
  votersOf,
  type World,
} from "../../engine/index";
import type { Prediction } from "../../lessons/lesson";
import type { PredictionProgress } from "../progress/progress";

/** The voters that run, besides the one about to be killed. */
export function candidatesOf(world: World, killed: number): readonly number[] {
  const voters = votersOf(world);
  return world.servers
    .filter(
      (server) => server.sid !== killed && server.process !== null && voters.includes(server.sid),
    )
    .map((server) => server.sid);
}

/** How many servers vote for this one now, or follow it; itself counts. */
export function agreeingWith(world: World, sid: number): number {
  return world.servers.filter((server) => {
    if (roleOf(server) === "LEADING") return server.sid === sid;
    const context = contextOf(server);
    if (context === null) return false;
    return roleOf(server) === "LOOKING"
      ? context.proposal.leader === sid
      : context.currentVote.leader === sid;
  }).length;
}

/** What the run says about a locked prediction; the same record while it says nothing new. */
export function judged(
  prediction: Prediction,
  record: PredictionProgress,
  facts: readonly Fact[],
  world: World,
): PredictionProgress {
  if (record.held !== null) return record;
  return prediction.kind === "fixed"
    ? judgedByOrder(prediction.order, record, facts)
    : judgedByKill(record, facts, world);
}

/**
 * The first leader of a run tests it, when the servers were started in the order asked about. Who started a fourth
 * while three were still deciding has asked another question, unless it made no difference.
 */
function judgedByOrder(
  order: readonly number[],
  record: PredictionProgress,
  facts: readonly Fact[],
): PredictionProgress {
  const at = facts.findIndex((fact) => fact.type === "leader.elected");
  const elected = facts[at];
  if (elected?.type !== "leader.elected") return record;
  const started = facts
    .slice(0, at)
    .flatMap((fact) => (fact.type === "srv.start" ? [fact.id] : []));
  const majority = Math.floor(order.length / 2) + 1;
  const tested =
    started.every((sid, place) => sid === order[place]) &&
    (started.length === majority || elected.id === order[majority - 1]);
  const held = tested ? record.choice === String(elected.id) : null;
  if (held === null && record.outcome["leader"] === elected.id) return record;
  return { ...record, held, outcome: { ...record.outcome, leader: elected.id } };
}

/** Resolved when a leader is there again, or when it is clear that none will be. */
function judgedByKill(
  record: PredictionProgress,
  facts: readonly Fact[],
  world: World,
): PredictionProgress {
  const { killed, leader } = record.outcome;
  if (record.outcome["actual"] !== undefined) return record;
  const at = facts.findLastIndex((fact) => fact.type === "srv.kill" && fact.id === killed);
  const kill = facts[at];
  if (kill === undefined) return record;
  const elected = facts.slice(at).find((fact) => fact.type === "leader.elected");
  const isOver =
    elected !== undefined || (leader === null && world.nowUs - kill.atUs > US_PER_SECOND);
  if (!isOver) return record;
  const right = leader === null ? "none" : String(leader);
  return {
    ...record,
    held: record.choice === null ? null : record.choice === right,
    outcome: { ...record.outcome, actual: elected?.type === "leader.elected" ? elected.id : null },
  };
}
