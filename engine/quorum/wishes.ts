import type { QuorumPacket } from "../net/packet";
import { assert } from "../assert";
import type { QuorumRules } from "./quorumRules";
import { makeZxid, type Zxid } from "../zxid";
import { committable, inTouch } from "./broadcast";
import type { AloneMemory, LearnerMemory, LearnerRecord, ServerContext } from "./context";
import { leaderMemory, learnersIn, ownSummary } from "./discovery";
import type { ServerEffect } from "./effects";
import { notificationOf, voteOf } from "./election";
import type { Received, ServerEvent } from "./events";
import { isVoter } from "./quorumVerifier";
import { compareVotes } from "./vote";
import type { DecidedBy } from "./decidedBy";

/** An event of the type that the transition was taken for. */
export function heard<T extends ServerEvent["type"]>(
  event: ServerEvent,
  ...types: readonly T[]
): Extract<ServerEvent, { type: T }> {
  assert(
    types.includes(event.type as T),
    `an action for ${types.join(" or ")} runs on that event, not on ${event.type}`,
  );
  return event as Extract<ServerEvent, { type: T }>;
}

/** What a learner remembers; only a learner asks. */
export function learnerMemory(context: ServerContext): LearnerMemory {
  assert(context.following !== null, "a server that follows remembers its leader");
  return context.following;
}

/** What a server without an ensemble remembers. */
export function aloneMemory(context: ServerContext): AloneMemory {
  assert(context.alone !== null, "a server alone knows its last zxid");
  return context.alone;
}

interface Moment {
  readonly context: ServerContext;
  readonly event: ServerEvent;
  readonly rules: QuorumRules;
}

const toLeader = ({ context }: Moment, packet: QuorumPacket): ServerEffect[] => {
  const { connection } = learnerMemory(context);
  return connection === null ? [] : [{ type: "send", connection, packet }];
};

const state = (context: ServerContext) =>
  context.leading !== null ? "LEADING" : context.following !== null ? "FOLLOWING" : "LOOKING";

const others = (context: ServerContext) => context.quorum.voters;

/** Connections of the learners that get every proposal. Source: Leader.forwardingFollowers. */
const forwarding = (context: ServerContext): readonly number[] =>
  learnersIn(leaderMemory(context), "syncing", "synced", "up to date").map(
    (learner) => learner.connection,
  );

const leaderInfo = (context: ServerContext, learners: readonly LearnerRecord[]): ServerEffect[] =>
  learners.map((learner) => ({
    type: "send",
    connection: learner.connection,
    packet: { type: "LEADERINFO", epoch: leaderMemory(context).epoch ?? 0 },
  }));

const synchronize = (context: ServerContext, learners: readonly LearnerRecord[]): ServerEffect[] =>
  learners.map((learner) => ({
    type: "synchronize",
    sid: learner.sid,
    connection: learner.connection,
    peerLastZxid: learner.summary?.lastZxid ?? 0,
    epoch: leaderMemory(context).epoch ?? 0,
    proposals: leaderMemory(context).proposals,
  }));

/**
 * What each named action of a server's chart wants done, from the context as it is at that point of the transition
 * and the event. Pure: the effects are data, performed by sim/perform.ts.
 */
export const wishes = {
  // looking
  "load the database": () => [{ type: "load database" }],
  "send my vote to all": ({ context }) => [
    {
      type: "send vote",
      to: others(context),
      notification: notificationOf(context, context.proposal, "LOOKING"),
    },
  ],
  "send my vote again": ({ context }) => [
    {
      type: "send vote again",
      to: others(context),
      notification: notificationOf(context, context.proposal, "LOOKING"),
    },
  ],
  /** Its round is over; it learns the present one. Source: FastLeaderElection.WorkerReceiver. */
  "answer with my vote": ({ context, event }) => [
    {
      type: "send vote",
      to: [heard(event, "NOTIFICATION").sid],
      notification: notificationOf(context, context.proposal, "LOOKING"),
    },
  ],
  "answer with the decided vote": ({ context, event }) => [
    {
      type: "send vote",
      to: [heard(event, "NOTIFICATION").sid],
      notification: notificationOf(context, context.currentVote, state(context)),
    },
  ],
  "await a notification": ({ context }) => [
    {
      type: "start timer",
      name: "notification",
      ms: context.notificationTimeoutMs,
      event: { type: "notification timeout" },
    },
  ],
  "stop awaiting notifications": () => [{ type: "stop timer", name: "notification" }],
  "tell that it looks": ({ context }) => [
    { type: "tell", fact: { type: "srv.looking", id: context.sid, round: context.round } },
  ],
  /** Before the vote is taken over, so that both are known. */
  "tell the change of vote": ({ context, event, rules }) => {
    const n = heard(event, "NOTIFICATION");
    const base = n.round > context.round ? context.ownVote : context.proposal;
    const next = rules.betterVote(voteOf(n), base, context.quorum) ? voteOf(n) : base;
    const { decidedBy } = compareVotes(next, context.proposal);
    if (decidedBy === null) return [];
    return [{ type: "tell", fact: { type: "vote.changed", id: context.sid, ...next, decidedBy } }];
  },
  "tell the decision": ({ context }) => [
    {
      type: "tell",
      fact: {
        type: "vote.decided",
        id: context.sid,
        leader: context.proposal.leader,
        round: context.round,
        state: state(context),
      },
    },
  ],

  // following: discovery
  "connect to the leader": ({ context }) => [
    { type: "connect to leader", leader: learnerMemory(context).leader },
  ],
  "bound the time to connect": ({ context }) => [
    {
      type: "start timer",
      name: "connect",
      ms: context.initLimitTicks * context.tickTimeMs,
      event: { type: "connect limit" },
    },
  ],
  "stop bounding the time to connect": () => [{ type: "stop timer", name: "connect" }],
  /** Source: Learner.connectToLeader, leaderConnectDelayDuringRetryMs. */
  "try again in 100 ms": () => [
    { type: "start timer", name: "retry", ms: 100, event: { type: "retry to connect" } },
  ],
  "read within initLimit": ({ context }) => {
    const { connection } = learnerMemory(context);
    return connection === null
      ? []
      : [{ type: "set read timeout", connection, ms: context.initLimitTicks * context.tickTimeMs }];
  },
  "read within syncLimit": ({ context }) => {
    const { connection } = learnerMemory(context);
    return connection === null
      ? []
      : [{ type: "set read timeout", connection, ms: context.syncLimitTicks * context.tickTimeMs }];
  },
  "send FOLLOWERINFO": (moment) =>
    toLeader(moment, {
      type: "FOLLOWERINFO",
      sid: moment.context.sid,
      acceptedEpoch: moment.context.acceptedEpoch,
      configVersion: 0,
    }),
  "write acceptedEpoch": ({ context }) => [
    { type: "write acceptedEpoch", epoch: context.acceptedEpoch },
  ],
  "send ACKEPOCH": (moment) =>
    toLeader(moment, {
      type: "ACKEPOCH",
      currentEpoch: moment.context.currentEpoch,
      lastZxid: moment.context.ownVote.zxid,
    }),
  /** This epoch was accepted before: no acknowledgement, but it may be synchronized. Source: Learner.registerWithLeader. */
  "send ACKEPOCH that does not count": (moment) =>
    toLeader(moment, { type: "ACKEPOCH", currentEpoch: -1, lastZxid: moment.context.ownVote.zxid }),
  "tell that joining took too long": ({ context }) => [
    { type: "tell", fact: { type: "join.timeout", id: context.sid, side: "learner" } },
  ],

  // following: synchronization
  "truncate the log": ({ event }) => [{ type: "truncate log", zxid: heard(event, "TRUNC").zxid }],
  "load the snapshot": ({ event }) => [
    { type: "load snapshot", snapshot: heard(event, "SNAP").snapshot },
  ],
  "save a snapshot if the tree was replaced": ({ context }) => {
    const mode = learnerMemory(context).syncMode;
    return mode === "SNAP" || mode === "TRUNC" ? [{ type: "save snapshot" }] : [];
  },
  /** After SNAP or TRUNC, what is committed before NEWLEADER goes straight into the tree. Source: Learner.syncWithLeader. */
  "apply the committed proposal": ({ context, event }) => {
    const { zxid } = heard(event, "COMMIT");
    const txn = learnerMemory(context).collected.find((one) => one.zxid === zxid);
    return txn === undefined ? [] : [{ type: "apply collected", txn }];
  },
  "persist what is committed": ({ context }) => {
    const { collected, committed } = learnerMemory(context);
    return [{ type: "persist", txns: collected.filter((txn) => committed.includes(txn.zxid)) }];
  },
  "write currentEpoch": ({ context }) => [
    { type: "write currentEpoch", epoch: context.currentEpoch },
  ],
  "acknowledge NEWLEADER": (moment) =>
    toLeader(moment, { type: "ACK", zxid: makeZxid(learnerMemory(moment.context).epoch ?? 0, 0) }),
  "log what was collected": ({ context }) => [
    { type: "log", txns: learnerMemory(context).collected },
  ],
  "apply what was committed": ({ context }) =>
    learnerMemory(context).committed.map((zxid): ServerEffect => ({ type: "apply", zxid })),
  "serve clients": ({ context }) => [
    { type: "start serving", lastProcessed: null },
    { type: "tell", fact: { type: "srv.serving", id: context.sid } },
  ],

  // following: broadcast
  "log the proposal": ({ event }) => [{ type: "log", txns: [heard(event, "PROPOSAL").txn] }],
  "apply the commit": ({ event }) => [{ type: "apply", zxid: heard(event, "COMMIT").zxid }],
  "acknowledge what is logged": (moment) =>
    heard(moment.event, "disk synced").zxids.flatMap((zxid) =>
      toLeader(moment, { type: "ACK", zxid }),
    ),
  "answer the ping": ({ event }) => {
    const ping = heard(event, "PING");
    return [{ type: "answer ping", connection: ping.connection, zxid: ping.zxid }];
  },
  "take the answer about a session": ({ event }) => {
    const { sessionId, timeoutMs, valid } = heard(event, "REVALIDATE");
    return [{ type: "revalidated", sessionId, timeoutMs, valid: valid === true }];
  },

  // leading: discovery
  /** Source: Leader.lead, which loads and saves its data first. */
  "save snapshot": () => [{ type: "save snapshot" }],
  "read from the learner within initLimit": ({ context, event }) => [
    {
      type: "set read timeout",
      connection: heard(event, "FOLLOWERINFO", "OBSERVERINFO").connection,
      ms: context.initLimitTicks * context.tickTimeMs,
    },
  ],
  "send LEADERINFO": ({ context, event }) =>
    leaderInfo(
      context,
      learnersIn(leaderMemory(context), "discovery").filter(
        (learner) => learner.connection === heard(event, "FOLLOWERINFO", "OBSERVERINFO").connection,
      ),
    ),
  "send LEADERINFO to all who wait": ({ context }) =>
    leaderInfo(context, learnersIn(leaderMemory(context), "discovery")),
  "send the learner away": ({ event }) => [
    { type: "close", connection: (event as Received<QuorumPacket>).connection },
  ],
  "tell that no quorum came": ({ context }) => [
    { type: "tell", fact: { type: "join.timeout", id: context.sid, side: "leader" } },
  ],

  // leading: synchronization
  "synchronize all who wait": ({ context }) =>
    synchronize(context, learnersIn(leaderMemory(context), "epoch acked")),
  "synchronize the learner": ({ context, event }) =>
    synchronize(
      context,
      learnersIn(leaderMemory(context), "epoch acked").filter(
        (learner) => learner.sid === heard(event, "ACKEPOCH").from,
      ),
    ),
  "read from the learner within syncLimit": ({ context, event }) => [
    {
      type: "set read timeout",
      connection: heard(event, "ACK").connection,
      ms: context.syncLimitTicks * context.tickTimeMs,
    },
  ],
  "tell how it was synchronized": ({ event }) => {
    const ack = heard(event, "ACK");
    return [{ type: "tell sync", sid: ack.from, connection: ack.connection }];
  },
  "send UPTODATE": ({ event }) => [
    { type: "send", connection: heard(event, "ACK").connection, packet: { type: "UPTODATE" } },
  ],
  "send UPTODATE to all who acknowledged": ({ context }) =>
    learnersIn(leaderMemory(context), "synced").map((learner): ServerEffect => ({
      type: "send",
      connection: learner.connection,
      packet: { type: "UPTODATE" },
    })),
  "serve as leader": ({ context }) => [
    { type: "start serving", lastProcessed: leaderMemory(context).lastCommitted },
  ],
  "tell that it leads": ({ context }) => [
    {
      type: "tell",
      fact: {
        type: "leader.elected",
        id: context.sid,
        epoch: leaderMemory(context).epoch ?? 0,
        wonBy: wonBy(context),
      },
    },
  ],
  "tell that it leads no more": ({ context }) => [
    {
      type: "tell",
      fact: { type: "leader.lost", id: context.sid, epoch: leaderMemory(context).epoch ?? 0 },
    },
  ],

  // leading: broadcast
  "propose it": ({ context, event }) => {
    const asked = heard(event, "REQUEST", "own request");
    const { sessionId, request } = asked;
    return [
      {
        type: "propose",
        zxid: leaderMemory(context).lastProposed,
        sessionId,
        request,
        from: asked.type === "REQUEST" ? asked.connection : null,
        to: forwarding(context),
      },
    ];
  },
  "commit what a quorum has logged": ({ context, rules }) => {
    const proposals = committable(context, rules);
    return proposals.length === 0 ? [] : [{ type: "commit", proposals, to: forwarding(context) }];
  },
  "wake in half a tick": ({ context }) => [
    {
      type: "start timer",
      name: "half tick",
      ms: context.tickTimeMs / 2,
      event: { type: "half tick" },
    },
  ],
  "ping the learners": ({ context }) => [
    { type: "send pings", to: forwarding(context), zxid: leaderMemory(context).lastProposed },
  ],
  "touch the sessions it heard": ({ event }) => [
    { type: "touch sessions", sessions: heard(event, "PING").touched },
  ],
  "look the session up": ({ event }) => {
    const { connection, sessionId, timeoutMs, from } = heard(event, "REVALIDATE");
    return [{ type: "revalidate", connection, sessionId, timeoutMs, from }];
  },
  "expire the bucket": () => [{ type: "expire sessions" }],
  /** It goes the way of a read, behind this session's own requests; no other server is asked. Source: ProposalRequestProcessor. */
  "answer the sync": ({ event }) => {
    const { sessionId, request } = heard(event, "own request");
    return [{ type: "answer sync", sessionId, cxid: request.cxid }];
  },

  // standalone
  "serve alone": ({ context }) => [
    { type: "start serving", lastProcessed: aloneMemory(context).lastProposed },
  ],
  "log it alone": ({ context, event }) => {
    const { sessionId, request } = heard(event, "own request");
    return [
      {
        type: "propose",
        zxid: aloneMemory(context).lastProposed,
        sessionId,
        request,
        from: null,
        to: [],
      },
    ];
  },
  /** Source: SyncRequestProcessor.flush, which hands on to FinalRequestProcessor. */
  "commit what is synced": ({ context, event }) => [
    {
      type: "commit",
      proposals: heard(event, "disk synced").zxids.map((zxid) => ({ zxid, acks: [context.sid] })),
      to: [],
    },
  ],
} satisfies Record<string, (moment: Moment) => readonly ServerEffect[]>;

export type Wish = keyof typeof wishes;

/** What a named action wants done, or nothing when it is no wish but a change of memory. */
export function effectsOf(name: string, moment: Moment): readonly ServerEffect[] {
  const wish = (wishes as Readonly<Record<string, (moment: Moment) => readonly ServerEffect[]>>)[
    name
  ];
  return wish === undefined ? [] : wish(moment);
}

/** The first field in which the leader beats the second best of those that joined it. */
function wonBy(context: ServerContext): DecidedBy {
  const own = ownSummary(context);
  const rivals = learnersIn(leaderMemory(context), "synced", "syncing", "epoch acked")
    .filter((learner) => isVoter(learner.sid, context.quorum))
    .map(({ sid, summary }) => ({
      leader: sid,
      zxid: summary?.lastZxid ?? 0,
      // -1 only says that the new epoch had been accepted before; nothing says that it is behind.
      peerEpoch:
        summary === null || summary.currentEpoch === -1 ? own.currentEpoch : summary.currentEpoch,
    }));
  const [first, ...rest] = rivals;
  if (first === undefined) return "sid";
  const second = rest.reduce(
    (best, rival) => (compareVotes(rival, best).better === "a" ? rival : best),
    first,
  );
  return compareVotes(context.ownVote, second).decidedBy ?? "sid";
}

/** Is a quorum still in touch? Asked at each full tick. Source: Leader.lead, syncedAckSet. */
export function hasQuorumInTouch(context: ServerContext, rules: QuorumRules): boolean {
  return rules.containsQuorum(inTouch(context), context.quorum);
}

/** The zxid that acknowledges NEWLEADER of an epoch. */
export function newLeaderZxid(epoch: number): Zxid {
  return makeZxid(epoch, 0);
}
