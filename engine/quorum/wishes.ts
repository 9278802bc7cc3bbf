import type { QuorumPacket, ServerState } from "../net/packet";
import { assert } from "../assert";
import type { QuorumRules } from "./quorumRules";
import { makeZxid, type Zxid } from "../zxid";
import { advanceTick, committable, inTouch, pinged } from "./broadcast";
import type { AloneMemory, LearnerMemory, LearnerRecord, ServerContext } from "./context";
import { leaderMemory, learnersIn, ownSummary } from "./discovery";
import type { ServerEffect } from "./effects";
import { notificationOf, voteOf } from "./election";
import type { Received, ServerEvent } from "./events";
import { committedOf, informedOf, replacesTree } from "./synchronization";
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

/** What a server says of itself. Source: QuorumPeer.getPeerState. */
export function stateOf({ leading, following, role }: ServerContext): ServerState {
  if (leading !== null) return "LEADING";
  if (following === null) return "LOOKING";
  return role === "observer" ? "OBSERVING" : "FOLLOWING";
}

/** To all voters, itself included; observers get replies only. Source: FastLeaderElection.sendNotifications. */
const ownVote = (context: ServerContext) => ({
  to: context.quorum.voters,
  notification: notificationOf(context, context.proposal, "LOOKING"),
});

/** Connections of the learners that get every PROPOSAL and COMMIT. Source: Leader.forwardingFollowers. */
const forwarding = (context: ServerContext): readonly number[] =>
  pinged(leaderMemory(context)).flatMap(({ observer, connection }) => (observer ? [] : connection));

/** Connections of those that get INFORM. Source: Leader.observingLearners. */
const observing = (context: ServerContext): readonly number[] =>
  pinged(leaderMemory(context)).flatMap(({ observer, connection }) => (observer ? connection : []));

const leaderInfo = (context: ServerContext, learners: readonly LearnerRecord[]): ServerEffect[] =>
  learners.flatMap(({ connection }): ServerEffect[] => [
    {
      type: "send",
      connection,
      packet: { type: "LEADERINFO", epoch: leaderMemory(context).epoch ?? 0 },
    },
    readsWithin(context.initLimitTicks, connection, context),
  ]);

/** Its answer is awaited behind all that is sent to it. */
const synchronize = (context: ServerContext, learners: readonly LearnerRecord[]): ServerEffect[] =>
  learners.flatMap(({ sid, connection, observer, summary }): ServerEffect[] => [
    readsWithin(context.initLimitTicks, connection, context),
    {
      type: "synchronize",
      sid,
      connection,
      observer,
      peerLastZxid: summary?.lastZxid ?? 0,
      epoch: leaderMemory(context).epoch ?? 0,
    },
  ]);

const upToDate = (context: ServerContext, learners: readonly LearnerRecord[]): ServerEffect[] =>
  learners.flatMap(({ connection }): ServerEffect[] => [
    { type: "send", connection, packet: { type: "UPTODATE" } },
    readsWithin(context.syncLimitTicks, connection, context),
  ]);

const readsWithin = (
  ticks: number,
  connection: number,
  { tickTimeMs }: ServerContext,
): ServerEffect => ({ type: "set read timeout", connection, ms: ticks * tickTimeMs });

const fromLeaderWithin = (ticks: number, context: ServerContext): ServerEffect[] => {
  const { connection } = learnerMemory(context);
  return connection === null ? [] : [readsWithin(ticks, connection, context)];
};

/** The learner whose packet this is. */
const senders = (context: ServerContext, event: ServerEvent): readonly LearnerRecord[] => {
  const { connection } = event as Received<QuorumPacket>;
  return Object.values(leaderMemory(context).learners).filter(
    (learner) => learner.connection === connection,
  );
};

/** The zxids that this event acknowledges. */
export function acked(event: ServerEvent): readonly Zxid[] {
  return event.type === "disk synced" ? event.zxids : [heard(event, "ACK").zxid];
}

/**
 * What each named action of a server's chart wants done, from the context as it is at that point of the transition
 * and the event. Pure: the effects are data, performed by sim/perform.ts.
 */
export const wishes = {
  // looking
  "load the database": () => [{ type: "load database" }],
  /** Source: Observer.waitForObserverElectionDelay. */
  "wait a random while": ({ context }) => [
    {
      type: "start random timer",
      name: "delay",
      belowMs: Math.max(context.settings.observerElectionDelayMs, 1),
      event: { type: "delay over" },
    },
  ],
  /** Source: QuorumPeer.run, the thread roZkMgr. */
  "wait before serving read-only": ({ context }) =>
    context.settings.readOnlyModeEnabled
      ? [
          {
            type: "start timer",
            name: "read-only",
            ms: Math.max(2_000, context.tickTimeMs),
            event: { type: "read-only due" },
          },
        ]
      : [],
  "serve read-only": () => [{ type: "serve read-only" }],
  "serve read-only no more": ({ context }) =>
    context.settings.readOnlyModeEnabled
      ? [{ type: "stop timer", name: "read-only" }, { type: "stop read-only" }]
      : [],
  "send my vote to all": ({ context }) => [{ type: "send vote", ...ownVote(context) }],
  "send my vote again": ({ context }) => [{ type: "send vote again", ...ownVote(context) }],
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
      notification: notificationOf(context, context.currentVote, stateOf(context)),
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
        leader: context.currentVote.leader,
        round: context.round,
        state: stateOf(context),
      },
    },
  ],

  // following and observing: discovery
  "connect to the leader": ({ context }) => [
    { type: "connect to leader", leader: learnerMemory(context).leader },
  ],
  "bound the time to connect": ({ context }) => [
    {
      type: "start timer",
      name: "connect",
      ms: context.connectLimitTicks * context.tickTimeMs,
      event: { type: "connect limit" },
    },
  ],
  "stop bounding the time to connect": () => [
    { type: "stop timer", name: "connect" },
    { type: "stop timer", name: "retry" },
  ],
  /** Source: Learner.connectToLeader. */
  "try again in a moment": ({ context }) => [
    {
      type: "start timer",
      name: "retry",
      ms: context.settings.leaderConnectDelayMs,
      event: { type: "retry to connect" },
    },
  ],
  "read within initLimit": ({ context }) => fromLeaderWithin(context.initLimitTicks, context),
  "read within syncLimit": ({ context }) => fromLeaderWithin(context.syncLimitTicks, context),
  "send FOLLOWERINFO or OBSERVERINFO": (moment) =>
    toLeader(moment, {
      type: moment.context.role === "observer" ? "OBSERVERINFO" : "FOLLOWERINFO",
      sid: moment.context.sid,
      acceptedEpoch: moment.context.acceptedEpoch,
      configVersion: moment.context.version,
    }),
  "write acceptedEpoch": ({ context }) => [
    { type: "write acceptedEpoch", epoch: context.acceptedEpoch },
  ],
  "send ACKEPOCH": (moment) =>
    toLeader(moment, {
      type: "ACKEPOCH",
      currentEpoch: moment.context.currentEpoch,
      lastZxid: moment.context.lastZxid,
    }),
  /** This epoch was accepted before: no acknowledgement, but it may be synchronized. Source: Learner.registerWithLeader. */
  "send ACKEPOCH that does not count": (moment) =>
    toLeader(moment, {
      type: "ACKEPOCH",
      currentEpoch: -1,
      lastZxid: moment.context.lastZxid,
    }),
  "tell that joining took too long": ({ context }) => [
    { type: "tell", fact: { type: "join.timeout", id: context.sid, side: "learner" } },
  ],

  // following and observing: synchronization
  "truncate the log": ({ event }) => [{ type: "truncate log", zxid: heard(event, "TRUNC").zxid }],
  "load the snapshot": ({ event }) => [
    { type: "load snapshot", snapshot: heard(event, "SNAP").snapshot },
  ],
  "note the membership in the tree": () => [{ type: "note config" }],
  "save a snapshot if the tree was replaced": ({ context }) =>
    replacesTree(learnerMemory(context).syncMode) ? [{ type: "save snapshot" }] : [],
  /** Only the next one; after SNAP or TRUNC it goes straight into the tree. Source: Learner.syncWithLeader. */
  "apply the committed proposal": ({ context, event }) => {
    const [next] = learnerMemory(context).collected;
    return next?.zxid === heard(event, "COMMIT").zxid
      ? [{ type: "apply collected", txn: next }]
      : [];
  },
  "apply what it was informed of": ({ event }) => [
    { type: "apply collected", txn: heard(event, "INFORM").txn },
  ],
  /** An observer has nobody to vouch for: it logs all of it after UPTODATE. */
  "persist what is committed": ({ context }) => [
    {
      type: "persist",
      txns: context.role === "observer" ? [] : committedOf(learnerMemory(context)).ready,
    },
  ],
  "write currentEpoch": ({ context }) => [
    { type: "write currentEpoch", epoch: context.currentEpoch },
  ],
  "acknowledge NEWLEADER": (moment) =>
    toLeader(moment, { type: "ACK", zxid: makeZxid(learnerMemory(moment.context).epoch ?? 0, 0) }),
  "hand over what was collected": ({ context }) => [
    {
      type: "hand over",
      txns: context.role === "observer" ? [] : learnerMemory(context).collected,
    },
  ],
  "log what was collected": ({ context }) => [
    { type: "log", txns: learnerMemory(context).collected },
  ],
  "apply what was committed": ({ context }) =>
    learnerMemory(context).committed.map((zxid): ServerEffect => ({ type: "apply", zxid })),
  "take in what it was informed of": ({ context }) =>
    informedOf(learnerMemory(context)).map((txn): ServerEffect => inform(context, txn)),
  "serve clients": ({ context }) => [
    { type: "start serving", lastProcessed: null },
    { type: "tell", fact: { type: "srv.serving", id: context.sid } },
  ],

  // following and observing: broadcast
  "log the proposal": ({ event }) => [{ type: "log", txns: [heard(event, "PROPOSAL").txn] }],
  "apply the commit": ({ event }) => [{ type: "apply", zxid: heard(event, "COMMIT").zxid }],
  "take in the INFORM": ({ context, event }) => [inform(context, heard(event, "INFORM").txn)],
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
  "answer the sync": ({ event }) => {
    const { sessionId, cxid } = heard(event, "SYNC");
    return [{ type: "answer sync", sessionId, cxid }];
  },

  // leading: discovery
  /** Source: Leader.lead, which loads and saves its data first. */
  "save snapshot": () => [{ type: "save snapshot" }],
  /** Source: Leader.maxTimeToWaitForEpoch. */
  "wait with patience": ({ context }) =>
    context.settings.maxTimeToWaitForEpochMs < 0
      ? []
      : [
          {
            type: "start timer",
            name: "patience",
            ms: context.settings.maxTimeToWaitForEpochMs,
            event: { type: "patience over" },
          },
        ],
  /** While the leader waits for others it does not read from this one. */
  "read no more from the learner": ({ event }) => [
    {
      type: "set read timeout",
      connection: (event as Received<QuorumPacket>).connection,
      ms: null,
    },
  ],
  "send LEADERINFO": ({ context, event }) => leaderInfo(context, senders(context, event)),
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
  "synchronize the learner": ({ context, event }) => synchronize(context, senders(context, event)),
  /** Behind all that was proposed and committed while the SNAP was sent (ZOOKEEPER-3104). Source: LearnerHandler.run. */
  "send NEWLEADER": ({ context, event }) => [
    {
      type: "send",
      connection: heard(event, "snapshot sent").connection,
      packet: { type: "NEWLEADER", epoch: leaderMemory(context).epoch ?? 0 },
    },
  ],
  "end the synchronization": ({ event }) => {
    const { from, connection } = heard(event, "ACK");
    return [{ type: "end sync", sid: from, connection }];
  },
  "send UPTODATE": ({ context, event }) => upToDate(context, senders(context, event)),
  "send UPTODATE to all who acknowledged": ({ context }) =>
    upToDate(context, learnersIn(leaderMemory(context), "synced")),
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
  /** Source: Leader.sendSync. */
  "send SYNC": ({ event }) => {
    const { connection, sessionId, request } = heard(event, "REQUEST");
    return [{ type: "send", connection, packet: { type: "SYNC", sessionId, cxid: request.cxid } }];
  },
  "commit what a quorum has logged": ({ context, event, rules }) => {
    const proposals = committable(context, acked(event), rules);
    if (proposals.length === 0) return [];
    const { syncs } = leaderMemory(context);
    return [
      { type: "commit", proposals, to: forwarding(context), observers: observing(context), syncs },
    ];
  },
  "wake in half a tick": ({ context }) => [
    {
      type: "start timer",
      name: "half tick",
      ms: Math.floor(context.tickTimeMs / 2),
      event: { type: "half tick" },
    },
  ],
  "ping the learners": ({ context }) => [
    {
      type: "send pings",
      to: pinged(leaderMemory(context)).map(({ connection }) => connection),
      zxid: leaderMemory(context).lastProposed,
    },
  ],
  /** Source: LearnerHandler.ping. */
  "send away who lags behind": ({ context, rules }) =>
    laggards(context, rules).map(({ connection }): ServerEffect => ({ type: "close", connection })),
  "touch the sessions it heard": ({ event }) => [
    { type: "touch sessions", sessions: heard(event, "PING").touched },
  ],
  "look the session up": ({ event }) => {
    const { connection, sessionId, timeoutMs, from } = heard(event, "REVALIDATE");
    return [{ type: "revalidate", connection, sessionId, timeoutMs, from }];
  },
  "expire the bucket": () => [{ type: "expire sessions" }],
  "shut down": () => [{ type: "shut down" }],

  // standalone
  "serve alone": ({ context }) => [
    { type: "start serving", lastProcessed: aloneMemory(context).lastGiven },
  ],
  "log it alone": ({ context, event }) => {
    const { sessionId, request } = heard(event, "own request");
    const zxid = aloneMemory(context).lastGiven;
    return [{ type: "propose", zxid, sessionId, request, from: null, to: [] }];
  },
  /** Source: SyncRequestProcessor.flush, which hands on to FinalRequestProcessor. */
  "commit what is synced": ({ context, event }) => [
    {
      type: "commit",
      proposals: heard(event, "disk synced").zxids.map((zxid) => ({ zxid, acks: [context.sid] })),
      to: [],
      observers: [],
      syncs: [],
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

function inform({ syncEnabled }: ServerContext, txn: ReturnType<typeof informedOf>[number]) {
  return { type: "inform" as const, txn, log: syncEnabled };
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

/** Is a quorum still in touch, with the tick that ends now? Source: Leader.lead, syncedAckSet. */
export function hasQuorumInTouch(context: ServerContext, rules: QuorumRules): boolean {
  const next = { ...context, leading: advanceTick(context) };
  return rules.containsQuorum(inTouch(next), context.quorum);
}

/** Learners that have left a proposal unacknowledged for longer than syncLimit. */
export function laggards(context: ServerContext, rules: QuorumRules): readonly LearnerRecord[] {
  const memory = leaderMemory(context);
  return pinged(memory).filter((learner) =>
    rules.lagsBehind(learner, memory.halfTicks, context.syncLimitTicks),
  );
}
