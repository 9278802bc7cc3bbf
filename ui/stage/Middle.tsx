import { memo } from "react";
import { fill, useLabWords } from "../i18n/text";
import { ringSegments } from "./layout";
import type { Island } from "./partition";
import type { Gauge, Scene } from "./scene";
import { ringsOf } from "./tally";
import styles from "./Middle.module.css";

/** The free disc in the middle: how many voters are up, how many are needed, who leads. */
export const ClusterGauge = memo(function ClusterGauge({
  gauge,
  layout,
  slow,
}: {
  gauge: Gauge;
  layout: Scene["layout"];
  /** Does time run so slowly that a single write can be followed? */
  slow: boolean;
}) {
  const words = useLabWords().stage;
  const { middle, gaugeRadius: r, writeAt } = layout;
  if (r === 0) return null;
  if (slow && gauge.write !== null) return <WriteCard write={gauge.write} at={writeAt} />;
  const { tally } = gauge;
  const ring = r - 4;
  const top = gauge.lost
    ? words.notServing
    : gauge.alone
      ? words.roles.standalone
      : gauge.leader === null
        ? words.noLeader
        : fill(words.gaugeLeader, { sid: gauge.leader });
  return (
    <g
      className={gauge.lost ? styles.lost : styles.gauge}
      transform={`translate(${middle.x} ${middle.y})`}
      aria-hidden="true"
    >
      <circle className={styles.disc} r={r + 1} />
      {ringsOf(tally).map(({ weights, filled, turn }, index) => (
        <GaugeRing
          key={index}
          weights={weights}
          filled={filled}
          turn={turn}
          radius={ring + index * 6}
          isThin={tally.groups !== null}
        />
      ))}
      <text className={styles.small} y="-11">
        {top}
      </text>
      <text className={styles.large} y="5">
        {fill(words.gaugeUp, { n: gauge.up, all: gauge.all })}
      </text>
      <text className={styles.small} y="20">
        {fill(tally.groups === null ? words.gaugeNeed : words.gaugeNeedGroups, { n: tally.need })}
      </text>
    </g>
  );
});

function GaugeRing({
  weights,
  filled,
  turn,
  radius,
  isThin,
}: {
  weights: readonly number[];
  filled: number;
  turn: number;
  radius: number;
  isThin: boolean;
}) {
  const at = (reach: number) => ({
    x: Math.round(Math.sin(turn * 2 * Math.PI) * reach * 100) / 100,
    y: Math.round(-Math.cos(turn * 2 * Math.PI) * reach * 100) / 100,
  });
  const [from, to] = [at(radius - 5), at(radius + 5)];
  return (
    <g className={isThin ? styles.thin : undefined}>
      {ringSegments({ x: 0, y: 0 }, radius, weights).map((d, index) => (
        <path key={d} d={d} className={index < filled ? styles.up : styles.missing} />
      ))}
      <line className={styles.tick} x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
    </g>
  );
}

const CARD = { width: 168, height: 62 };
const BAR = 148;

/** While a write waits for its quorum: which one, who has logged it, how many are needed. */
function WriteCard({
  write,
  at,
}: {
  write: NonNullable<Gauge["write"]>;
  at: { x: number; y: number };
}) {
  const words = useLabWords().stage;
  const { have, all, need } = write.tally;
  const part = (BAR - 4 * (all - 1)) / all;
  const tick = 10 + (part + 4) * need - 2;
  return (
    <g
      transform={`translate(${at.x - CARD.width / 2} ${at.y - CARD.height / 2})`}
      aria-hidden="true"
    >
      <rect className={styles.card} width={CARD.width} height={CARD.height} rx="9" />
      <rect className={styles.proposal} x="11.5" y="12" width="16" height="16" rx="3" />
      <text className={styles.zxid} x="37" y="19">
        {write.zxid}
      </text>
      <text className={styles.loggedBy} x="37" y="33.5">
        {fill(words.written, { list: write.acks.join(", ") })}
      </text>
      <text className={styles.count} x={CARD.width - 10} y="25">
        <tspan className={styles.countNow}>{have}</tspan>
        <tspan dx="3">{fill(words.writtenCount, { n: need })}</tspan>
      </text>
      {Array.from({ length: all }, (_, index) => (
        <rect
          key={index}
          className={index < have ? styles.barFilled : styles.bar}
          x={10 + index * (part + 4)}
          y="45"
          width={part}
          height="5.5"
          rx="2"
        />
      ))}
      <line className={styles.tick} x1={tick} y1="40" x2={tick} y2="55.5" />
    </g>
  );
}

/** Where a split runs: under the dials. */
export const Seams = memo(function Seams({ seams }: { seams: readonly string[] }) {
  return (
    <g aria-hidden="true">
      {seams.map((seam) => (
        <g key={seam}>
          <path className={styles.seamGround} d={seam} />
          <path className={styles.seam} d={seam} />
        </g>
      ))}
    </g>
  );
});

/** Each side of a split, against the same quorum. */
export const Islands = memo(function Islands({ islands }: { islands: readonly Island[] }) {
  const words = useLabWords().stage.island;
  return (
    <g aria-hidden="true">
      {islands.map((island) => {
        const text = fill(island.can ? words.can : words.cannot, {
          n: island.have,
          all: island.all,
        });
        const width = 26 + widthOf(text);
        return (
          <g
            key={island.sids.join()}
            className={island.can ? styles.can : styles.cannot}
            transform={`translate(${Math.round(island.at.x)} ${Math.round(island.at.y)})`}
          >
            <rect className={styles.pill} x={-width / 2} y="-12" width={width} height="24" rx="6" />
            <text className={styles.pillText} y="4.2">
              {text}
            </text>
          </g>
        );
      })}
    </g>
  );
});

/** About how wide a text of 12 px is: a Han character is as wide as it is high. */
function widthOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (character > "⺀" ? 12 : 6.1), 0);
}
