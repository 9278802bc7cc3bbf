import { assign, raise, setup } from "xstate";
import type { QuorumRules } from "./quorumRules";
import type { Sid } from "../units";
import {
  advanceTick,
  beginBroadcast,
  countAcks,
  dropCommitted,
  forgetLearner,
  hearFrom,
  rollsOver,
  takeNextZxid,
} from "./broadcast";
import type { EnsembleConfig } from "../config/ensemble";
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
  FINALIZE_WAIT_MS,
  joinEnsemble,
  joinRound,
  MAX_NOTIFICATION_MS,
  recordVote,
  rememberOutside,
  voteOf,
} from "./election";
import type { Received, ServerEvent } from "./events";
import type { QuorumPacket } from "../net/packet";
import { isVoter } from "./quorumVerifier";
import { countNewLeaderAck, noteSyncBegan } from "./synchronization";
import { aloneMemory, hasQuorumInTouch, heard, learnerMemory, type Wish, wishes } from "./wishes";

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
    acceptedEpoch,
    currentEpoch,
    round: 0,
    ownVote: vote,
    proposal: vote,
    currentVote: vote,
    recvset: {},
    outOfElection: {},
    agreed: false,
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

const markUpToDate = (memory: LeaderMemory, sids: readonly Sid[]): LeaderMemory => {
  const learners = { ...memory.learners };
  for (const sid of sids) {
    const one = learners[sid];
    if (one !== undefined) learners[sid] = { ...one, phase: "up to date" };
  }
  return { ...memory, learners };
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
      finalizeWait: FINALIZE_WAIT_MS,
      initLimit: ({ context }) => context.initLimitTicks * context.tickTimeMs,
    },
    guards: {
      "it is alone": ({ context }) => context.standalone,
      // looking
      "from outside the ensemble": ({ context, event }) =>
        !isVoter(heard(event, "NOTIFICATION").sid, context.quorum),
      "for a stranger": ({ context, event }) =>
        !isVoter(heard(event, "NOTIFICATION").leader, context.quorum),
      "from a server that no longer looks": ({ event }) =>
        heard(event, "NOTIFICATION").state !== "LOOKING",
      "proves that I lead": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        return (
          n.state !== "LOOKING" &&
          n.state !== "OBSERVING" &&
          n.leader === context.sid &&
          confirmsLeader(context, n, rules)
        );
      },
      "proves that there is a leader": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        return (
          n.state !== "LOOKING" && n.state !== "OBSERVING" && confirmsLeader(context, n, rules)
        );
      },
      "of a later round": ({ context, event }) =>
        heard(event, "NOTIFICATION").round > context.round,
      "of an earlier round": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        return n.state === "LOOKING" && n.round < context.round;
      },
      "a better vote": ({ context, event }) =>
        rules.betterVote(voteOf(heard(event, "NOTIFICATION")), context.proposal, context.quorum),
      "a quorum votes as I do": ({ context }) => context.agreed,
      "I am the one voted for": ({ context }) => context.proposal.leader === context.sid,
      "another server looks": ({ context, event }) => {
        const n = heard(event, "NOTIFICATION");
        return n.state === "LOOKING" && n.sid !== context.sid;
      },
      // following
      "from my leader": ({ context, event }) =>
        (event as { connection: number }).connection === learnerMemory(context).connection,
      "a try is left": ({ context }) => learnerMemory(context).tries < 5,
      "a new epoch": ({ context, event }) =>
        rules.answerToEpoch(heard(event, "LEADERINFO").epoch, context.acceptedEpoch) === "accept",
      "an epoch accepted before": ({ context, event }) =>
        rules.answerToEpoch(heard(event, "LEADERINFO").epoch, context.acceptedEpoch) ===
        "join without ack",
      "the tree was replaced": ({ context }) => {
        const mode = learnerMemory(context).syncMode;
        return mode === "SNAP" || mode === "TRUNC";
      },
      "the epoch is written first": () => rules.newLeaderOrder === "epoch first",
      // leading
      "the epoch is chosen": ({ context }) => leaderMemory(context).epoch !== null,
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
      "an ACK of NEWLEADER": ({ context, event }) =>
        rules.isNewLeaderAck(heard(event, "ACK"), leaderMemory(context).epoch ?? 0),
      "its first ACK of NEWLEADER": ({ context, event }) => {
        const ack = heard(event, "ACK");
        return (
          rules.isNewLeaderAck(ack, leaderMemory(context).epoch ?? 0) &&
          leaderMemory(context).learners[ack.from]?.phase === "syncing"
        );
      },
      "a quorum acknowledged NEWLEADER": ({ context }) =>
        rules.containsQuorum(leaderMemory(context).newLeaderAcks, context.quorum),
      "the counter would roll over": ({ context }) => rollsOver(context),
      "a quorum is out of touch at a full tick": ({ context }) =>
        leaderMemory(context).halfTick &&
        !hasQuorumInTouch({ ...context, leading: advanceTick(context) }, rules),
      "an answer": ({ event }) => heard(event, "PING").reply,
      "a sync": ({ event }) => heard(event, "REQUEST", "own request").request.op.type === "sync",
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
        joinEnsemble(context, heard(event, "NOTIFICATION")),
      ),
      "count anew": assign({ agreed: false }),
      "put it back": raise(({ event }) => event),
      "wait twice as long": assign(({ context }) => ({
        notificationTimeoutMs: Math.min(context.notificationTimeoutMs * 2, MAX_NOTIFICATION_MS),
      })),
      // following
      "begin to follow": assign(({ context }) => ({
        currentVote: context.proposal,
        leading: null,
        following: {
          leader: context.proposal.leader,
          connection: null,
          tries: 1,
          epoch: null,
          syncMode: null,
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
        learner(context, {
          collected: [...learnerMemory(context).collected, heard(event, "PROPOSAL").txn],
        }),
      ),
      "remember the commit": assign(({ context, event }) =>
        learner(context, {
          committed: [...learnerMemory(context).committed, heard(event, "COMMIT").zxid],
        }),
      ),
      "drop the applied proposal": assign(({ context, event }) => {
        const { zxid } = heard(event, "COMMIT");
        return learner(context, {
          collected: learnerMemory(context).collected.filter((txn) => txn.zxid !== zxid),
        });
      }),
      "drop what is persisted": assign(({ context }) => {
        const { collected, committed } = learnerMemory(context);
        return learner(context, {
          collected: collected.filter((txn) => !committed.includes(txn.zxid)),
          committed: [],
        });
      }),
      "drop what was collected": assign(({ context }) => learner(context, { collected: [] })),
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
        leading: countNewLeaderAck(context, context.sid),
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
      "count the ACK of NEWLEADER": assign(({ context, event }) => ({
        leading: countNewLeaderAck(context, heard(event, "ACK").from),
      })),
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
        const ack = heard(event, "ACK");
        return {
          leading: countAcks({ ...context, leading: hearFrom(context, ack.from) }, ack.from, [
            ack.zxid,
          ]),
        };
      }),
      "count its own ACKs": assign(({ context, event }) => ({
        leading: countAcks(context, context.sid, heard(event, "disk synced").zxids),
      })),
      "drop what is committed": assign(({ context }) => ({
        leading: dropCommitted(context, rules),
      })),
      "hear from the learner": assign(({ context, event }) => ({
        leading: hearFrom(context, (event as Received<QuorumPacket>).from),
      })),
      // standalone
      "go on from the last zxid": assign(({ event }) => ({
        alone: { lastProposed: heard(event, "database loaded").lastZxid },
      })),
      "take the next zxid alone": assign(({ context }) => ({
        alone: { lastProposed: aloneMemory(context).lastProposed + 1 },
      })),
      "advance the tick": assign(({ context }) => ({ leading: advanceTick(context) })),
      "forget the learner": assign(({ context, event }) => ({
        leading: forgetLearner(context, (event as { connection: number }).connection),
      })),
    },
  });
}

export type ServerSetup = ReturnType<typeof serverSetup>;
