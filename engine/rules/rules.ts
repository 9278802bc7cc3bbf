import type { DiskRules } from "../disk/recover";
import { LAST_COUNTER, lagsBehind } from "../quorum/broadcast";
import { answerToEpoch, isMoreRecent, newEpoch } from "../quorum/discovery";
import { FINALIZE_WAIT_MS, sameEnsemble, saysItLeads } from "../quorum/election";
import type { QuorumRules } from "../quorum/quorumRules";
import { containsQuorum } from "../quorum/quorumVerifier";
import {
  anyMayFollow,
  followsWithoutGap,
  isNewLeaderAck,
  planSync,
} from "../quorum/synchronization";
import { betterVote } from "../quorum/vote";
import { expiryTimeUs, negotiateTimeoutMs, type SessionRules } from "../session/sessionTracker";
import type { WatchRules } from "../tree/watches";
import type { VariantName } from "./variants";

/**
 * Every protocol rule that could be different, by name. A release is one such record, and a deliberate fault is
 * another; charts and effects look up here and nowhere else.
 */
export interface Rules extends QuorumRules, SessionRules, WatchRules, DiskRules {}

const common: Rules = {
  betterVote,
  containsQuorum,
  newEpoch,
  answerToEpoch,
  isMoreRecent,
  planSync,
  sameEnsemble,
  saysItLeads,
  finalizeWaitMs: FINALIZE_WAIT_MS,
  isNewLeaderAck,
  newLeaderOrder: "data first",
  commitOfNothing: "is passed over",
  appliedBeforeSaved: "kept for others",
  mayFollow: followsWithoutGap,
  // An interrupted TRUNC is a bug of its own that is not modelled (ZOOKEEPER-5094): its tree goes too.
  dropsUnsaved: ["SNAP", "TRUNC"],
  isCommitted: containsQuorum,
  ackWhen: "synced",
  lastCounter: LAST_COUNTER,
  lagsBehind,
  negotiateTimeoutMs,
  expiryTimeUs,
  watchEventsTellZxid: true,
  watchModes: "each",
  watchesAskAcl: true,
  staleCurrentEpoch: "refuse",
  snapshotsAboveTrunc: "kept",
  logAcrossSnap: "read",
  treeAfterDiskFailed: "kept",
};

const variants: Readonly<Record<VariantName, Rules>> = {
  "3.8.0": {
    ...common,
    newLeaderOrder: "epoch first",
    commitOfNothing: "fails",
    appliedBeforeSaved: "only applied",
    mayFollow: anyMayFollow,
    watchEventsTellZxid: false,
    watchModes: "one",
  },
  "3.9.5": common,
  repaired: {
    ...common,
    staleCurrentEpoch: "raise",
    snapshotsAboveTrunc: "dropped",
    logAcrossSnap: "refused",
    treeAfterDiskFailed: "read again",
  },
};

/** The rules of one variant: always the same record, so that charts built from it can be kept. */
export function rulesOf(variant: VariantName): Rules {
  return variants[variant];
}
