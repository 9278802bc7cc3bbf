import type { BroadcastRules } from "./broadcast";
import type { DiscoveryRules } from "./discovery";
import type { ElectionRules } from "./election";
import type { SynchronizationRules } from "./synchronization";

/** All the rules that the servers' chart asks. */
export interface QuorumRules
  extends ElectionRules, DiscoveryRules, SynchronizationRules, BroadcastRules {}
