import type { Zxid } from "../zxid";

/** What applications of ours tell. */
export type AppFact =
  /** `after`: what made it the owner (`cause` is every fact's); `afterFix`: the learner has set the program right. */
  | {
      type: "lock.acquired";
      name: string;
      kind: "lock" | "overseer";
      afterFix?: boolean;
      after?: "start" | "restart" | "death";
    }
  | { type: "app.registered"; name: string; afterFix: boolean; newSession: boolean };

/** What happens outside ZooKeeper because of them. */
export type OutsideFact =
  /** Two acted as owner at once: one whose lock had passed to the other; `fenced`: though tokens were asked for. */
  | { type: "app.doubleRun"; names: string[]; fenced: boolean }
  /** What an old owner did was refused. */
  | { type: "app.fenced"; name: string; token: Zxid }
  | { type: "app.call.ok" | "app.call.fail"; service: string; leaderless: boolean }
  /** A program was told to do something differently. */
  | { type: "cfg.saved"; app: string; key: string };
