import { assign, raise, setup } from "xstate";
import type { EnsembleConfig } from "../config/ensemble";
import type { QuorumPacket } from "../net/packet";
import type { Sid } from "../units";
import {
  advanceTick,
  beginBroadcast,
  countAcks,
  dropCommitted,
  endsFullTick,
  forgetLearner,
  hearFrom,
  keepSync,
  noteAck,
  rollsOver,
  takeNextZxid,
} from "./broadcast";
import type { LeaderMemory, LearnerMemory, ServerContext } from "./context";
import {
  chooseEpoch,
  leaderMemory,
  learnersIn,
  newLeaderMemory,
  noteEpochAck,
  noteFollowerInfo,
  ownSummary,
} from "./discovery";
import {
  adoptVote,
  beginRound,
  confirmsLeader,
  firstVote,
  joinEnsemble,
  joinRound,
  lacksDatabase,
  namesVoters,
  recordVote,
  rememberOutside,
  voteOf,
} from "./election";
import type { Received, ServerEvent } from "./events";
import type { QuorumRules } from "./quorumRules";
import { isVoter } from "./quorumVerifier";
import { committedOf, countNewLeaderAck, noteSyncBegan, replacesTree } from "./synchronization";
import {
  acked,
  aloneMemory,
  hasQuorumInTouch,
  heard,
  laggards,
  learnerMemory,
  type Wish,
  wishes,
} from "./wishes";

/** What a server's process knows when its chart begins. */
export interface ServerInput {
  readonly config: EnsembleConfig;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
}

/** A chart at its very beginning: round 0, nothing heard. */
export function contextFrom({ config, acceptedEpoch, currentEpoch }: ServerInput): ServerContext {
  const vote = firstVote(config, 0, currentEpoch);
  return {
    sid: config.sid,
    role: config.role,
    quorum: config.quorum,
    standalone: config.standalone,
    tickTimeMs: config.tickTimeMs,
    initLimitTicks: config.initLimitTicks,
    syncLimitTicks: config.syncLimitTicks,
    connectLimitTicks: config.connectLimitTicks,
    syncEnabled: config.syncEnabled,
    version: config.version,
    settings: config.settings,
    lastZxid: 0,
    acceptedEpoch,
    currentEpoch,
    round: 0,
    ownVote: vote,
    proposal: vote,
    currentVote: vote,
    recvset: {},
    outOfElection: {},
    agreed: false,
    voteSet: [],
    notificationTimeoutMs: 0,
    leading: null,
    following: null,
    alone: null,
  };
}

const learner = (
  context: ServerContext,
  change: Partial<LearnerMemory>,
): Partial<ServerContext> => ({
  following: { ...learnerMemory(context), ...change },
});

const leader = (context: ServerContext, change: Partial<LeaderMemory>): Partial<ServerContext> => ({
  leading: { ...leaderMemory(context), ...change },
});

const markUpToDate = (memory: LeaderMemory, sids: readonly Sid[]): LeaderMemory => {
  const learners = { ...memory.learners };
  for (const sid of sids) {
    const one = learners[sid];
    if (one !== undefined) learners[sid] = { ...one, phase: "up to date" };
  }
  return { ...memory, learners };
};

const collect = (
  context: ServerContext,
  packet: Received<QuorumPacket>,
): Partial<ServerContext> => {
  if (packet.type !== "PROPOSAL" && packet.type !== "INFORM") return {};
  const { collected, committed } = learnerMemory(context);
  const { zxid } = packet.txn;
  return learner(context, {
    collected: [...collected, packet.txn],
    committed: packet.type === "INFORM" ? [...committed, zxid] : committed,
    lastQueued: zxid,
  });
};

/** Wishes are named in the chart and carried out elsewhere; to XState they do nothing. */
const named = Object.fromEntries(Object.keys(wishes).map((name) => [name, () => {}])) as Record<
  Wish,
  () => void
>;

/** Events, guards and actions of a server's chart, by the names the charts use. */
export function serverSetup(rules: QuorumRules) {
  return setup({
    types: {
      context: {} as ServerContext,
      events: {} as ServerEvent,
      input: {} as ServerInput,
    },
    delays: {
      finalizeWait: rules.finalizeWaitMs,
      initLimit: ({ context }) => context.initLimitTicks * context.tickTimeMs,
    },
    guards: {
      "it is alone": ({ context }) => context.standalone,
      "it observes": ({ context }) => context.role === "observer",
      // looking
      "from outside the ensemble": ({ context, event }) =>
        !isVoter(heard(event, "NOTIFICATION").sid, context.quorum),
      "of an earlier round": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        return n.state === "LOOKING" && n.round < context.round;
      },
      "not to be counted": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        return n.state === "OBSERVING" || !namesVoters(context, n) || lacksDatabase(context, n);
      },
      "proves that there is a leader": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        return n.state !== "LOOKING" && confirmsLeader(context, n, rules);
      },
      "from a server that no longer looks": ({ event }) =>
        heard(event, "NOTIFICATION").state !== "LOOKING",
      "of a later round": ({ context, event }) =>
        heard(event, "NOTIFICATION").round > context.round,
      "a better vote": ({ context, event }) =>
        rules.betterVote(voteOf(heard(event, "NOTIFICATION")), context.proposal, context.quorum),
      "a quorum votes as I do": ({ context }) => context.agreed,
      "I am the one voted for": ({ context }) => context.proposal.leader === context.sid,
      "another server looks": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        if (n.sid === context.sid) return false;
        return n.state === "LOOKING" || !isVoter(n.sid, context.quorum);
      },
      // following and observing
      "from my leader": ({ context, event }) =>
        (event as { connection: number }).connection === learnerMemory(context).connection,
      "a try is left": ({ context }) => learnerMemory(context).tries < 5,
      "a new epoch": ({ context, event }) =>
        rules.answerToEpoch(heard(event, "LEADERINFO").epoch, context.acceptedEpoch) === "accept",
      "an epoch accepted before": ({ context, event }) =>
        rules.answerToEpoch(heard(event, "LEADERINFO").epoch, context.acceptedEpoch) ===
        "join without ack",
      "a gap in the DIFF": ({ context, event }) => {
        const { syncMode, lastQueued } = learnerMemory(context);
        const { zxid } = heard(event, "PROPOSAL", "INFORM").txn;
        return syncMode === "DIFF" && !rules.mayFollow(zxid, lastQueued);
      },
      "nothing is collected, and it fails": ({ context }) =>
        learnerMemory(context).collected.length === 0 && rules.commitOfNothing === "fails",
      "nothing is collected": ({ context }) => learnerMemory(context).collected.length === 0,
      "the tree was replaced": ({ context }) => replacesTree(learnerMemory(context).syncMode),
      "the epoch is written first": () => rules.newLeaderOrder === "epoch first",
      // leading
      "its membership is newer": ({ context, event }) =>
        heard(event, "FOLLOWERINFO", "OBSERVERINFO").configVersion > context.version,
      "a quorum told its accepted epoch": ({ context }) =>
        rules.containsQuorum(leaderMemory(context).connecting, context.quorum),
      "the learner knows more": ({ context, event }) => {
        const { currentEpoch, lastZxid } = heard(event, "ACKEPOCH");
        return (
          currentEpoch !== -1 && rules.isMoreRecent({ currentEpoch, lastZxid }, ownSummary(context))
        );
      },
      "a quorum acknowledged the epoch": ({ context }) =>
        rules.containsQuorum(leaderMemory(context).epochAcks, context.quorum),
      "one that voted for it looks again, after too long": ({ context, event }) => {
        const { impatient, voteSet } = leaderMemory(context);
        const n = heard(event, "NOTIFICATION");
        return impatient && n.state === "LOOKING" && voteSet.includes(n.sid);
      },
      "its first ACK": ({ context, event }) =>
        leaderMemory(context).learners[heard(event, "ACK").from]?.phase === "syncing",
      "a quorum acknowledged NEWLEADER": ({ context }) =>
        rules.containsQuorum(leaderMemory(context).newLeaderAcks, context.quorum),
      "the counter would roll over": ({ context }) => rollsOver(context, rules),
      "a sync": ({ event }) => heard(event, "REQUEST").request.op.type === "sync",
      "a sync while proposals are outstanding": ({ context, event }) =>
        heard(event, "REQUEST").request.op.type === "sync" &&
        leaderMemory(context).proposals.length > 0,
      "it cannot lead any more": ({ context }) => {
        const memory = leaderMemory(context);
        return memory.failed || (endsFullTick(memory) && !hasQuorumInTouch(context, rules));
      },
    },
    actions: {
      ...named,
      // looking
      "begin a round": assign(({ context, event }) =>
        beginRound(context, heard(event, "database loaded").lastZxid),
      ),
      "join its round": assign(({ context, event }) =>
        joinRound(context, heard(event, "NOTIFICATION"), rules),
      ),
      "take over its vote": assign(({ context, event }) =>
        adoptVote(context, heard(event, "NOTIFICATION"), rules),
      ),
      "record its vote": assign(({ context, event }) =>
        recordVote(context, heard(event, "NOTIFICATION"), rules),
      ),
      "remember its vote": assign(({ context, event }) =>
        rememberOutside(context, heard(event, "NOTIFICATION")),
      ),
      "join its ensemble": assign(({ context, event }) =>
        joinEnsemble(context, heard(event, "NOTIFICATION"), rules),
      ),
      "count anew": assign({ agreed: false }),
      "put it back": raise(({ event }) => event),
      "wait twice as long": assign(({ context }) => ({
        notificationTimeoutMs: Math.min(
          context.notificationTimeoutMs * 2,
          context.settings.maxNotificationIntervalMs,
        ),
      })),
      // following and observing
      "begin to follow": assign(({ context }) => ({
        currentVote: context.proposal,
        leading: null,
        following: {
          leader: context.proposal.leader,
          connection: null,
          tries: 1,
          epoch: null,
          syncMode: null,
          lastQueued: 0,
          collected: [],
          committed: [],
        },
      })),
      "count the try": assign(({ context }) =>
        learner(context, { tries: learnerMemory(context).tries + 1 }),
      ),
      "note the connection": assign(({ context, event }) =>
        learner(context, { connection: heard(event, "leader connected").connection }),
      ),
      "accept the epoch": assign(({ context, event }) => {
        const { epoch } = heard(event, "LEADERINFO");
        return { acceptedEpoch: epoch, ...learner(context, { epoch }) };
      }),
      "note the epoch": assign(({ context, event }) =>
        learner(context, { epoch: heard(event, "LEADERINFO").epoch }),
      ),
      "note how it is synchronized": assign(({ context, event }) =>
        learner(context, { syncMode: heard(event, "DIFF", "TRUNC", "SNAP").type }),
      ),
      "collect the proposal": assign(({ context, event }) =>
        collect(context, heard(event, "PROPOSAL", "INFORM")),
      ),
      "remember the commit": assign(({ context, event }) =>
        learner(context, {
          committed: [...learnerMemory(context).committed, heard(event, "COMMIT").zxid],
        }),
      ),
      "drop the applied proposal": assign(({ context, event }) => {
        const { collected } = learnerMemory(context);
        return collected[0]?.zxid === heard(event, "COMMIT").zxid
          ? learner(context, { collected: collected.slice(1) })
          : {};
      }),
      "note the informed zxid": assign(({ context, event }) =>
        learner(context, { lastQueued: heard(event, "INFORM").txn.zxid }),
      ),
      "drop what is persisted": assign(({ context }) =>
        context.role === "observer"
          ? {}
          : learner(context, {
              collected: committedOf(learnerMemory(context)).rest,
              committed: [],
            }),
      ),
      "drop what was handed over": assign(({ context }) =>
        context.role === "observer" ? {} : learner(context, { collected: [] }),
      ),
      "enter the epoch": assign(({ context }) => ({
        currentEpoch: learnerMemory(context).epoch ?? context.currentEpoch,
      })),
      "vote for the established epoch": assign(({ context }) => ({
        currentVote: {
          ...context.currentVote,
          peerEpoch: learnerMemory(context).epoch ?? context.currentVote.peerEpoch,
        },
        ...learner(context, { collected: [], committed: [] }),
      })),
      // leading
      "begin to lead": assign(({ context }) => ({
        currentVote: context.proposal,
        following: null,
        leading: newLeaderMemory(context),
      })),
      "lose patience": assign(({ context }) => leader(context, { impatient: true })),
      "note its accepted epoch": assign(({ context, event }) => ({
        leading: noteFollowerInfo(context, heard(event, "FOLLOWERINFO", "OBSERVERINFO")),
      })),
      "choose the epoch": assign(({ context }) => chooseEpoch(context, rules)),
      "note its epoch ack": assign(({ context, event }) => ({
        leading: noteEpochAck(context, heard(event, "ACKEPOCH")),
      })),
      "enter its own epoch": assign(({ context }) => ({
        currentEpoch: leaderMemory(context).epoch ?? context.currentEpoch,
      })),
      "acknowledge NEWLEADER itself": assign(({ context }) => ({
        leading: countNewLeaderAck(
          context,
          context.sid,
          { zxid: leaderMemory(context).lastProposed },
          rules,
        ),
      })),
      "note that all are being synchronized": assign(({ context }) => {
        let memory = leaderMemory(context);
        for (const one of Object.values(memory.learners)) {
          if (one.phase === "epoch acked")
            memory = noteSyncBegan({ ...context, leading: memory }, one.sid);
        }
        return { leading: memory };
      }),
      "note that it is being synchronized": assign(({ context, event }) => ({
        leading: noteSyncBegan(context, heard(event, "ACKEPOCH").from),
      })),
      "count the ACK of NEWLEADER": assign(({ context, event }) => {
        const ack = heard(event, "ACK");
        return { leading: countNewLeaderAck(context, ack.from, ack, rules) };
      }),
      "note that it is up to date": assign(({ context, event }) => {
        const ack = heard(event, "ACK");
        return { leading: markUpToDate(leaderMemory(context), [ack.from]) };
      }),
      "note that all are up to date": assign(({ context }) => ({
        leading: markUpToDate(
          leaderMemory(context),
          learnersIn(leaderMemory(context), "synced").map((one) => one.sid),
        ),
      })),
      "begin broadcast": assign(({ context }) => beginBroadcast(context)),
      "take the next zxid": assign(({ context }) => ({ leading: takeNextZxid(context) })),
      "count the ACK": assign(({ context, event }) => {
        const { from, zxid } = heard(event, "ACK");
        const heardOf = { ...context, leading: hearFrom(context, from) };
        const noted = { ...context, leading: noteAck(heardOf, from, zxid) };
        return { leading: countAcks(noted, from, [zxid]) };
      }),
      "count its own ACKs": assign(({ context, event }) => ({
        leading: countAcks(context, context.sid, heard(event, "disk synced").zxids),
      })),
      "drop what is committed": assign(({ context, event }) => ({
        leading: dropCommitted(context, acked(event), rules),
      })),
      "keep the sync": assign(({ context, event }) => {
        const { connection, sessionId, request } = heard(event, "REQUEST");
        return { leading: keepSync(context, { connection, sessionId, cxid: request.cxid }) };
      }),
      "hear from the learner": assign(({ context, event }) => ({
        leading: hearFrom(context, (event as Received<QuorumPacket>).from),
      })),
      "advance the tick": assign(({ context }) => ({ leading: advanceTick(context) })),
      "forget who lags behind": assign(({ context }) => {
        let memory = leaderMemory(context);
        for (const { connection } of laggards(context, rules))
          memory = forgetLearner({ ...context, leading: memory }, connection);
        return { leading: memory };
      }),
      "forget the learner": assign(({ context, event }) => ({
        leading: forgetLearner(context, (event as { connection: number }).connection),
      })),
      "note that its disk failed": assign(({ context }) => leader(context, { failed: true })),
      // standalone
      "go on from the last zxid": assign(({ event }) => ({
        alone: { lastGiven: heard(event, "database loaded").lastZxid },
      })),
      "take the next zxid alone": assign(({ context }) => ({
        alone: { lastGiven: aloneMemory(context).lastGiven + 1 },
      })),
    },
  });
}

export type ServerSetup = ReturnType<typeof serverSetup>;
