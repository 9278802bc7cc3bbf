import type { ServerState } from "../net/packet";
import type { Sid } from "../units";
import type { Zxid } from "../zxid";
import type { DecidedBy } from "./decidedBy";

/** What a server's chart tells. */
export type QuorumFact =
  /** Established: a quorum has acknowledged NEWLEADER. `wonBy`: the first field in which it beats the second best. */
  | { type: "leader.elected"; id: Sid; epoch: number; wonBy: DecidedBy }
  | { type: "leader.lost"; id: Sid; epoch: number }
  | { type: "join.timeout"; id: Sid; side: "leader" | "learner" }
  /** Server `id` entered LOOKING and began this round. */
  | { type: "srv.looking"; id: Sid; round: number }
  /** Server `id` now votes for `leader`; `decidedBy` is the field in which that vote beat its former one. */
  | {
      type: "vote.changed";
      id: Sid;
      leader: Sid;
      zxid: Zxid;
      peerEpoch: number;
      decidedBy: DecidedBy;
    }
  /** Server `id` left LOOKING. LEADING means: it tries to lead. */
  | { type: "vote.decided"; id: Sid; leader: Sid; round: number; state: ServerState }
  /** A server that follows is up to date and serves clients. */
  | { type: "srv.serving"; id: Sid };
