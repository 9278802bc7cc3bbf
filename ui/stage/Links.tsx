import { memo } from "react";
import type { Sid } from "../../engine/index";
import { fill, useLabWords } from "../i18n/text";
import type { LinkShape } from "./linkShapes";
import styles from "./Links.module.css";

/** Hairlines between the servers; the leader's are heavier. All of them lie under the dials. */
export const Links = memo(function Links({
  links,
  hovered,
  strands,
}: {
  links: readonly LinkShape[];
  /** Its links go ink, the others step back. */
  hovered: Sid | null;
  /** May a link under the pointer show its two connections apart? */
  strands: boolean;
}) {
  return (
    <g aria-hidden="true">
      {links.map((link) => {
        const near = hovered === link.a || hovered === link.b;
        const tone = hovered === null ? "" : near ? styles.near : styles.far;
        return (
          <g key={`${link.a}-${link.b}`} className={`${styles.link} ${tone}`}>
            {strands && (link.election || link.quorum) && (
              <path className={styles.reach} d={link.path} />
            )}
            <path className={`${styles.line} ${styles[link.look]}`} d={link.path} />
            {link.slowMs > 0 && <Slower at={middleOf(link)} ms={link.slowMs} />}
            {link.silenced !== null && <CutMark link={link} way={link.silenced} />}
            {link.bars.map((bar) => (
              <line
                key={`${bar.at.x} ${bar.at.y}`}
                className={styles.bar}
                transform={`translate(${bar.at.x} ${bar.at.y}) rotate(${bar.turn})`}
                x1="0"
                y1="-7"
                x2="0"
                y2="7"
              />
            ))}
            {strands && (link.election || link.quorum) && <Strands link={link} />}
          </g>
        );
      })}
    </g>
  );
});

function middleOf({ from, to }: LinkShape): { x: number; y: number } {
  return { x: from.x + (to.x - from.x) * 0.5, y: from.y + (to.y - from.y) * 0.5 - 14 };
}

/** How much longer each packet takes here. */
export function Slower({ at, ms }: { at: { x: number; y: number }; ms: number }) {
  const words = useLabWords().stage;
  const text = fill(words.slower, { ms });
  const width = 14 + 6.6 * text.length;
  return (
    <g transform={`translate(${Math.round(at.x)} ${Math.round(at.y)})`}>
      <rect className={styles.slowGround} x={-width / 2} y="-9" width={width} height="18" rx="5" />
      <text className={styles.slow} y="4">
        {text}
      </text>
    </g>
  );
}

/** A cross where nothing passes; an arrow against a bar where nothing passes that way. */
function CutMark({ link, way }: { link: LinkShape; way: NonNullable<LinkShape["silenced"]> }) {
  const { from, to } = link;
  const x = (from.x + to.x) / 2;
  const y = (from.y + to.y) / 2;
  const heading = Math.round((Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI);
  const turn = way === "both" ? 0 : way === "there" ? heading : heading + 180;
  return (
    <g transform={`translate(${x} ${y}) rotate(${turn})`}>
      <circle className={styles.cutGround} r={way === "both" ? 7 : 9} />
      <path
        className={styles.cutMark}
        d={way === "both" ? "M-3.4-3.4 3.4 3.4M3.4-3.4-3.4 3.4" : "M-5.4 0H1M-2-3 1 0-2 3M4.2-4V4"}
      />
    </g>
  );
}

/** The two TCP connections of a link, drawn apart: election on one side, quorum on the other. */
function Strands({ link }: { link: LinkShape }) {
  const { from, to } = link;
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const side = { x: (-(to.y - from.y) / length) * 5, y: ((to.x - from.x) / length) * 5 };
  const upright = Math.abs(to.x - from.x) < 20;
  return (
    <g className={styles.strands}>
      {link.election && (
        <>
          <line
            className={styles.election}
            x1={from.x - side.x}
            y1={from.y - side.y}
            x2={to.x - side.x}
            y2={to.y - side.y}
          />
          <StrandName
            at={{ x: from.x + (to.x - from.x) * 0.36, y: from.y + (to.y - from.y) * 0.36 }}
            name="3888"
            upright={upright}
          />
        </>
      )}
      {link.quorum && (
        <>
          <line
            className={styles.quorum}
            x1={from.x + side.x}
            y1={from.y + side.y}
            x2={to.x + side.x}
            y2={to.y + side.y}
          />
          <StrandName
            at={{ x: from.x + (to.x - from.x) * 0.64, y: from.y + (to.y - from.y) * 0.64 }}
            name="2888"
            upright={upright}
          />
        </>
      )}
    </g>
  );
}

function StrandName({
  at,
  name,
  upright,
}: {
  at: { x: number; y: number };
  name: string;
  upright: boolean;
}) {
  return (
    <g transform={`translate(${at.x} ${at.y + (upright ? 0 : 0.5)})`}>
      <rect className={styles.nameGround} x="-17" y="-8" width="34" height="16" rx="5" />
      <text className={styles.name} y="4">
        {name}
      </text>
    </g>
  );
}

/** The ports of a server that let nothing through, named at the dial's inner side. */
export const BlockedPorts = memo(function BlockedPorts({
  at,
  outward,
  radius,
  ports,
}: {
  at: { x: number; y: number };
  outward: { x: number; y: number };
  radius: number;
  ports: readonly number[];
}) {
  return (
    <g aria-hidden="true">
      {ports.map((port, index) => (
        <g
          key={port}
          transform={`translate(${Math.round(at.x - outward.x * (radius + 32))} ${Math.round(at.y - outward.y * (radius + 32) + index * 19)})`}
        >
          <rect className={styles.portGround} x="-20" y="-9" width="40" height="18" rx="5" />
          <text className={styles.port} y="4">
            {port}
          </text>
        </g>
      ))}
    </g>
  );
});
