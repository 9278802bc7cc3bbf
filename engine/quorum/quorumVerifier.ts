import { majority } from "../config/ensemble";
import type { Sid } from "../units";

/** Do these servers make a majority of the voters? Others do not count. Source: QuorumMaj.containsQuorum. */
export function containsQuorum(servers: readonly Sid[], voters: readonly Sid[]): boolean {
  let count = 0;
  for (const voter of voters) if (servers.includes(voter)) count += 1;
  return count >= majority(voters.length);
}
