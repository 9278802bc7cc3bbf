import { useEffect, useRef } from "react";
import {
  currentEpochOf,
  leaderOf,
  majorityOf,
  quorumOf,
  roleOf,
  type Server,
  serverOf,
  votersOf,
  type World,
} from "../../engine/index";
import { fill, useLabWords } from "../i18n/text";
import { formatFactor, formatSeconds } from "./format";
import { Icon } from "./icons";
import type { Hand } from "./store";
import styles from "./StageBar.module.css";
import { useLab, useLabStore } from "./useLab";

/** The line above the stage: what a click does, how the ensemble stands, how fast time runs, and what time it is. */
export function StageBar() {
  const words = useLabWords().controls;
  return (
    <div className={styles["bar"]} role="group" aria-label={words.bar}>
      <Hands />
      <Standing />
      <span className={styles["space"]} />
      <PacePill />
      <Clock />
    </div>
  );
}

const HANDS: readonly Hand[] = ["look", "break"];

function Hands() {
  const words = useLabWords().controls;
  const store = useLabStore();
  const hand = useLab((state) => state.hand);
  return (
    <div className={styles["hands"]} role="group" aria-label={words.hand}>
      {HANDS.map((one) => (
        <button
          key={one}
          type="button"
          className={styles[one]}
          aria-pressed={hand === one}
          title={one === "look" ? words.lookHint : words.breakHint}
          onClick={() => store.setHand(one)}
        >
          <Icon name={one} />
          <span>{words[one]}</span>
        </button>
      ))}
    </div>
  );
}

function Standing() {
  const words = useLabWords().controls;
  const all = useLab((state) => votersOf(state.history.now).length);
  const isAlone = useLab(({ history }) => history.now.servers.some(isAloneNow));
  const up = useLab((state) => upOf(state.history.now));
  const need = useLab((state) => majorityOf(state.history.now));
  const groups = useLab((state) => groupsNeeded(state.history.now));
  const epoch = useLab((state) => epochNow(state.history.now));
  const leader = useLab((state) => servingLeader(state.history.now));
  return (
    <p className={styles["standing"]}>
      <span>
        <b>{fill(words.upCount, { n: up, all })}</b> {words.upWord}
      </span>
      <span className={styles["quorum"]}>
        {words.quorum} <b>{groups === null ? need : fill(words.groups, { n: groups })}</b>
      </span>
      <span className={styles["epoch"]}>
        {words.epoch} <b>{epoch}</b>
      </span>
      {isAlone ? (
        <span className={styles["leader"]}>{words.alone}</span>
      ) : leader === null ? (
        <strong className={styles["refused"]}>{words.notServing}</strong>
      ) : (
        <span className={styles["leader"]}>
          {words.leader} <b>{fill(words.server, { n: leader })}</b>
        </span>
      )}
    </p>
  );
}

function PacePill() {
  const words = useLabWords().controls;
  const pace = useLab((state) => state.pace);
  return (
    <span className={styles["pill"]}>
      <Icon name="gauge" />
      <b>{fill(words.factor, { n: formatFactor(pace.factor) })}</b>
      <span className={styles["reason"]}>{words.reasons[pace.reason]}</span>
    </span>
  );
}

/** Written by hand with every frame; React would draw the bar sixty times a second. */
function Clock() {
  const words = useLabWords().controls;
  const store = useLabStore();
  const digits = useRef<HTMLElement>(null);
  useEffect(() => {
    const draw = () => {
      if (digits.current !== null)
        digits.current.textContent = formatSeconds(store.get().history.now.nowUs);
    };
    draw();
    return store.subscribe(draw);
  }, [store]);
  return (
    <span className={styles["clock"]} role="timer" aria-live="off" aria-label={words.clock}>
      <i>t</i> <b ref={digits}>0.000</b> s
    </span>
  );
}

function upOf(world: World): number {
  const voters = votersOf(world);
  return world.servers.filter(
    // As in the gauge: a server that stands still counts for no quorum.
    ({ sid, process, paused }) => process !== null && paused === null && voters.includes(sid),
  ).length;
}

/** Of how many groups a quorum consists; null where votes have none. */
function groupsNeeded(world: World): number | null {
  const { hierarchy } = quorumOf(world);
  if (hierarchy === null) return null;
  const weighty = Object.entries(hierarchy.groupOf).filter(
    ([sid]) => (hierarchy.weightOf[Number(sid)] ?? 1) > 0,
  );
  return Math.floor(new Set(weighty.map(([, group]) => group)).size / 2) + 1;
}

/** Does it serve without an ensemble? */
function isAloneNow(server: Server): boolean {
  return roleOf(server) === "STANDALONE" && server.paused === null;
}

/** The highest epoch that a server's disk knows of. */
function epochNow(world: World): number {
  return Math.max(0, ...world.servers.map(currentEpochOf));
}

/** Who leads and runs; a leader that stands still serves nobody. */
function servingLeader(world: World): number | null {
  const leader = leaderOf(world);
  return leader === null || serverOf(world, leader).paused !== null ? null : leader;
}
