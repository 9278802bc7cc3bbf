import type { Fact, Sid, VirtualUs } from "../../engine/index";

/** What the ensemble as a whole was in the middle of. */
export type Band = { readonly fromUs: VirtualUs; readonly toUs: VirtualUs } & (
  | { readonly kind: "election"; readonly round: number }
  | { readonly kind: "sync"; readonly leader: Sid }
  | { readonly kind: "epoch"; readonly epoch: number; readonly leader: Sid }
);

/** One sign in the row above the bands. `id` is the server it is about, when there is one. */
export interface Mark {
  readonly kind: "kill" | "start" | "elected" | "commit" | "cut" | "own";
  readonly atUs: VirtualUs;
  readonly id: Sid | null;
}

/** A moment at which something happened, with the phase it belongs to; many of them make the density. */
export interface Stir {
  readonly atUs: VirtualUs;
  readonly phase: "election" | "sync" | "broadcast" | "other";
}

export interface Lanes {
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly stirs: readonly Stir[];
}

type OpenBand =
  | { readonly kind: "election"; readonly fromUs: VirtualUs; readonly round: number }
  | { readonly kind: "sync"; readonly fromUs: VirtualUs; readonly leader: Sid }
  | {
      readonly kind: "epoch";
      readonly fromUs: VirtualUs;
      readonly epoch: number;
      readonly leader: Sid;
    };

/**
 * Facts, oldest first, to the rows of the timeline. `endUs` closes the band that is still open. When most of the
 * `voters` look for a leader the ensemble elects, though an old leader may not have noticed.
 */
export function lanesOf(facts: readonly Fact[], endUs: VirtualUs, voters: readonly Sid[]): Lanes {
  const bands: Band[] = [];
  const marks: Mark[] = [];
  const stirs: Stir[] = [];
  const looking = new Map<Sid, number>();
  let band: OpenBand | null = null;

  function turn(atUs: VirtualUs, to: OpenBand | null): void {
    if (band !== null && atUs > band.fromUs) bands.push({ ...band, toUs: atUs });
    band = to;
  }
  function beginElection(atUs: VirtualUs): void {
    const round = Math.max(0, ...looking.values());
    turn(atUs, looking.size > 0 ? { kind: "election", fromUs: atUs, round } : null);
  }
  /** The server that led, or was about to, does so no longer. */
  function drop(id: Sid, atUs: VirtualUs): void {
    const led = band as OpenBand | null;
    if (led !== null && led.kind !== "election" && led.leader === id) beginElection(atUs);
    else if (led?.kind === "election" && looking.size === 0) turn(atUs, null);
  }

  for (const fact of facts) {
    const { atUs } = fact;
    const open = band as OpenBand | null;
    stirs.push({ atUs, phase: phaseOfFact(fact) });
    switch (fact.type) {
      case "srv.start":
        marks.push({ kind: "start", atUs, id: fact.id });
        break;
      case "srv.kill":
      case "srv.exit":
        marks.push({ kind: "kill", atUs, id: fact.id });
        looking.delete(fact.id);
        drop(fact.id, atUs);
        break;
      case "srv.looking":
        looking.set(fact.id, fact.round);
        if (open === null) beginElection(atUs);
        else if (open.kind === "election")
          band = { ...open, round: Math.max(open.round, fact.round) };
        else if (isMost(looking, voters)) beginElection(atUs);
        else drop(fact.id, atUs);
        break;
      case "vote.decided":
        looking.delete(fact.id);
        if (fact.state === "LEADING") turn(atUs, { kind: "sync", fromUs: atUs, leader: fact.id });
        break;
      case "leader.elected":
        marks.push({ kind: "elected", atUs, id: fact.id });
        turn(atUs, { kind: "epoch", fromUs: atUs, epoch: fact.epoch, leader: fact.id });
        break;
      case "leader.lost":
        drop(fact.id, atUs);
        break;
      case "txn.committed":
        marks.push({ kind: "commit", atUs, id: null });
        break;
      case "net.cut":
        marks.push({ kind: "cut", atUs, id: null });
        break;
      case "srv.pause":
      case "srv.resume":
      case "disk.slow":
      case "disk.full":
      case "disk.freed":
      case "port.block":
      case "port.open":
        marks.push({ kind: "own", atUs, id: fact.id });
        break;
      case "net.heal":
        marks.push({ kind: "own", atUs, id: null });
        break;
      default:
        break;
    }
  }
  turn(endUs, null);
  return { bands, marks, stirs };
}

function isMost(looking: ReadonlyMap<Sid, number>, voters: readonly Sid[]): boolean {
  return voters.filter((sid) => looking.has(sid)).length > voters.length / 2;
}

/** The band at a moment, or null when nobody leads and nobody looks. */
export function bandAt(bands: readonly Band[], us: VirtualUs): Band | null {
  return bands.findLast((band) => band.fromUs <= us && us <= band.toUs) ?? null;
}

function phaseOfFact(fact: Fact): Stir["phase"] {
  switch (fact.type) {
    case "srv.looking":
    case "vote.changed":
    case "vote.decided":
    case "leader.lost":
      return "election";
    case "sync.diff":
    case "sync.snap":
    case "sync.trunc":
    case "srv.serving":
    case "leader.elected":
      return "sync";
    case "txn.proposed":
    case "txn.logged":
    case "txn.committed":
    case "txn.discarded":
    case "write.ack":
      return "broadcast";
    default:
      return "other";
  }
}
