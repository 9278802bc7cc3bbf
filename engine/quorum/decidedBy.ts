/** The first field in which one vote beats another. Source: FastLeaderElection.totalOrderPredicate. */
export type DecidedBy = "epoch" | "zxid" | "sid";
