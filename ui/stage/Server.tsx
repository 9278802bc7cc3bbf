import { memo } from "react";
import { fill, useLabWords } from "../i18n/text";
import type { LabWords } from "../i18n/en.lab";
import { arcPath, type Point, RING_OFFSET, ringSegments } from "./layout";
import type { Ring, ServerShape } from "./scene";
import type { Cell } from "./strips";
import { ringsOf } from "./tally";
import styles from "./Server.module.css";

const ORIGIN: Point = { x: 0, y: 0 };
/** The hexagon's corners stand out a little, so that it looks as large as the circle. */
const HEXAGON = 1.14;
const STAR = "M0-5.2 1.5-1.7 5.2-1.4 2.4 1.1 3.3 4.8 0 2.8-3.3 4.8-2.4 1.1-5.2-1.4-1.5-1.7Z";
/** From the ring of one group to that of the next. */
const GROUP_STEP = 5.5;

/** A server's name for those who do not see it: number first, then all that the dial and plate show. */
export function serverName(words: LabWords, shape: ServerShape): string {
  const { stage } = words;
  const name = fill(stage.server, {
    sid: shape.sid,
    role:
      shape.votes || shape.look === "observing"
        ? stage.roles[shape.look]
        : fill(stage.observerRole, { role: stage.roles[shape.look] }),
    epoch: shape.epoch,
    state: shape.paused ? stage.paused : shape.look === "down" ? stage.down : stage.running,
    zxid: shape.zxid,
    count: shape.connected,
    all: shape.all,
  });
  const more = [
    ...(shape.disk === "full" ? [stage.phase.diskFull] : []),
    ...(shape.disk === "slow" ? [stage.phase.diskSlow] : []),
    ...(shape.watches > 0 ? [fill(stage.watches, { n: shape.watches })] : []),
  ];
  return [name, ...more].join(stage.comma);
}

/** The dial: a button. Its clicks and keys are read by the stage around it. */
export const Dial = memo(function Dial({
  shape,
  selected,
  tabStop,
  menuOpen,
}: {
  shape: ServerShape;
  selected: boolean;
  tabStop: boolean;
  menuOpen: boolean;
}) {
  const words = useLabWords();
  const { look, paused, radius: r, seat } = shape;
  const classes = [styles.server, styles[look]];
  if (paused) classes.push(styles.paused);
  const badge = Math.round(r * 0.72);
  return (
    <g
      className={classes.join(" ")}
      transform={`translate(${seat.at.x} ${seat.at.y})`}
      role="button"
      tabIndex={tabStop ? 0 : -1}
      aria-label={serverName(words, shape)}
      aria-haspopup="menu"
      aria-expanded={menuOpen}
      data-sid={shape.sid}
    >
      <circle className={styles.hit} r={r + 8} />
      <circle className={styles.focus} r={r + 21} />
      {selected && <circle className={styles.selected} r={r + RING_OFFSET + 7} />}
      {shape.ring !== null && <QuorumRing ring={shape.ring} radius={r + RING_OFFSET} />}
      <g data-drift={look === "looking" && !paused ? "on" : "off"}>
        <path
          className={styles.dial}
          d={dialPath(shapeName(shape), r)}
          pathLength={look === "looking" ? 160 : undefined}
        />
      </g>
      {shape.syncShare !== null && (
        <path
          className={styles.sync}
          d={arcPath(ORIGIN, r - 6, 0, Math.max(0.02, shape.syncShare))}
        />
      )}
      {look === "down" && <path className={styles.cross} d={crossPath(r)} />}
      {paused && (
        <>
          <path className={styles.hatch} d={dialPath(shapeName(shape), r - 1.5)} />
          <circle className={styles.disc} r={r * 0.55} />
        </>
      )}
      <text
        className={r < 28 ? styles.numeralSmall : styles.numeral}
        y={(r < 28 ? 7 : 8.5) - (look === "observing" ? 5 : 0)}
      >
        {shape.sid}
      </text>
      {look === "observing" && (
        <path
          className={styles.eye}
          d="M-8 15Q0 7.5 8 15Q0 22.5-8 15ZM0 13.4a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2Z"
        />
      )}
      {paused && (
        <g transform={`translate(${badge} ${-badge})`}>
          <circle className={styles.badge} r="9.5" />
          <path className={styles.badgeMark} d="M-2.6-3.8V3.8M2.6-3.8V3.8" />
        </g>
      )}
      {shape.disk !== null && (
        <g transform={`translate(${-badge - 2} ${badge + 2})`}>
          <circle className={shape.disk === "full" ? styles.badgeBad : styles.badgeSoft} r="10" />
          <path
            className={shape.disk === "full" ? styles.diskFull : styles.diskSlow}
            d="M-4.6-3.2A4.6 1.9 0 0 0 4.6-3.2 4.6 1.9 0 0 0-4.6-3.2V3.2A4.6 1.9 0 0 0 4.6 3.2V-3.2"
          />
        </g>
      )}
      {shape.watches > 0 && (
        <g transform={`translate(${-badge - 2} ${-badge})`}>
          <rect className={styles.badgeSoft} x="-15" y="-8.5" width="30" height="17" rx="8.5" />
          <path className={styles.star} d={STAR} transform="translate(-6 0)" />
          <text className={styles.starCount} x="6.5" y="4">
            {shape.watches}
          </text>
        </g>
      )}
      {shape.waiting > 0 && (
        <g transform={`translate(${badge} ${badge + 2})`}>
          <rect className={styles.badge} x="-11" y="-8.5" width="22" height="17" rx="8.5" />
          <text className={styles.badgeCount} y="4">
            {shape.waiting}
          </text>
        </g>
      )}
    </g>
  );
});

/** Have against need: the filled segments come nearer to the ink tick. One ring for each group, the first one innermost. */
function QuorumRing({ ring, radius }: { ring: Ring; radius: number }) {
  return (
    <g className={styles[`ring-${ring.tone}`]}>
      {ringsOf(ring).map(({ weights, filled, turn }, index) => (
        <OneRing
          key={index}
          weights={weights}
          filled={filled}
          turn={turn}
          radius={radius + index * GROUP_STEP}
          reach={ring.groups === null ? 6 : 3.4}
        />
      ))}
    </g>
  );
}

function OneRing({
  weights,
  filled,
  turn,
  radius,
  reach,
}: {
  weights: readonly number[];
  filled: number;
  turn: number;
  radius: number;
  reach: number;
}) {
  const [sin, cos] = [Math.sin(turn * 2 * Math.PI), -Math.cos(turn * 2 * Math.PI)];
  return (
    <>
      {ringSegments(ORIGIN, radius, weights).map((d, index) => (
        <path key={d} d={d} className={index < filled ? styles.segmentFilled : styles.segment} />
      ))}
      <line
        className={styles.tick}
        x1={fixed(sin * (radius - reach))}
        y1={fixed(cos * (radius - reach))}
        x2={fixed(sin * (radius + reach))}
        y2={fixed(cos * (radius + reach))}
      />
    </>
  );
}

/** Role, phase, log strip and vote, on the outer side of the ring. The dial's name tells the same, so it is hidden there. */
export const Plate = memo(function Plate({
  shape,
  selected,
}: {
  shape: ServerShape;
  selected: boolean;
}) {
  const words = useLabWords().stage;
  const { plate, look, paused } = shape;
  const { box, vote } = plate;
  return (
    <g
      className={`${styles.plate} ${styles[paused ? "paused" : look]} ${selected ? styles.plateSelected : ""}`}
      transform={`translate(${box.x} ${box.y})`}
      data-plate={shape.sid}
      aria-hidden="true"
    >
      <rect className={styles.card} width={box.width} height={box.height} rx="9" />
      <text className={styles.role} x="10.5" y="19">
        {words.words[paused ? "paused" : look]}
      </text>
      <text className={styles.phase} x={box.width - 10.5} y="19">
        {fill(words.phase[plate.phase.key], plate.phase.values)}
      </text>
      <Strip shape={shape} x={10.5} y={30.5} />
      <text className={styles.zxid} x={box.width - 10.5} y="39.6">
        <title>{shape.zxidLong}</title>
        {shape.zxid}
      </text>
      {vote !== null && (
        <g key={vote.leader} className={styles.vote}>
          <line className={styles.rule} x1="10.5" y1="50.5" x2={box.width - 10.5} y2="50.5" />
          <text className={styles.voteText} x="10.5" y="65.5">
            {words.votesFor}
            <tspan
              dx="7"
              className={vote.decidedBy === "sid" ? styles.voteNameDecided : styles.voteName}
            >
              {vote.own ? words.itself : fill(words.serverName, { sid: vote.leader })}
            </tspan>
          </text>
          {vote.decidedBy === "epoch" ? (
            <text className={styles.voteDecided} x={box.width - 10.5} y="65.5">
              {fill(words.epochShort, { n: vote.peerEpoch })}
            </text>
          ) : (
            <text
              className={vote.decidedBy === "zxid" ? styles.voteDecided : styles.voteZxid}
              x={box.width - 10.5}
              y="65.5"
            >
              {vote.zxid}
            </text>
          )}
        </g>
      )}
    </g>
  );
});

/** Without room for a plate: the last zxid beside the dial. */
export const Label = memo(function Label({ shape }: { shape: ServerShape }) {
  const words = useLabWords().stage;
  const { label, labelAnchor } = shape.seat;
  return (
    <text
      className={styles.label}
      x={label.x}
      y={label.y}
      textAnchor={labelAnchor}
      aria-hidden="true"
    >
      {shape.look === "down" ? words.down : shape.zxid}
    </text>
  );
});

/** On the home card: only the log strip, on the outer side. */
export const BesideStrip = memo(function BesideStrip({ shape }: { shape: ServerShape }) {
  const { seat, radius, plate, ring } = shape;
  const last = plate.cells[plate.cells.length - 1];
  const width = last === undefined ? 0 : last.x + 10;
  const gap = radius + (ring === null ? 14 : 25);
  const x = seat.plateSide === "left" ? seat.at.x - gap - width : seat.at.x + gap;
  return (
    <g className={styles[shape.paused ? "paused" : shape.look]} aria-hidden="true">
      <Cells cells={plate.cells} x={x} y={seat.at.y - 5} />
    </g>
  );
});

function Strip({ shape, x, y }: { shape: ServerShape; x: number; y: number }) {
  const words = useLabWords().stage;
  const { cells, earlier } = shape.plate;
  if (cells.length === 0) {
    return (
      <text className={styles.empty} x={x} y={y + 9}>
        {words.emptyLog}
      </text>
    );
  }
  return (
    <>
      {earlier > 0 && (
        <text className={styles.earlier} x={x} y={y + 9}>
          +{earlier}
        </text>
      )}
      <Cells cells={cells} x={x} y={y} />
    </>
  );
}

function Cells({ cells, x, y }: { cells: readonly Cell[]; x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      {cells.map((cell) => (
        <g key={cell.zxid} transform={`translate(${fixed(cell.x)} 0)`}>
          {cell.newEpoch && <line className={styles.epoch} x1="-4" y1="-1.5" x2="-4" y2="11.5" />}
          {cell.state === "committed" ? (
            <rect className={styles.committed} width="10" height="10" rx="2.5" />
          ) : (
            <rect className={styles[cell.state]} x="0.8" y="0.8" width="8.4" height="8.4" rx="2" />
          )}
          {cell.state === "doomed" && (
            <line className={styles.strike} x1="-1" y1="11" x2="11" y2="-1" />
          )}
        </g>
      ))}
    </g>
  );
}

/** A leader is a hexagon; who does not vote is a square with round corners as long as it runs; all others are circles. */
function shapeName({ look, votes }: ServerShape): "circle" | "hexagon" | "square" {
  if (look === "leading") return "hexagon";
  return look !== "down" && !votes ? "square" : "circle";
}

/** Circle and hexagon are made of six curves each, so that one can turn into the other. */
function dialPath(shape: ReturnType<typeof shapeName>, r: number): string {
  if (shape === "square") {
    const a = r - 1;
    return `M${-a + 9} ${-a}H${a - 9}Q${a} ${-a} ${a} ${-a + 9}V${a - 9}Q${a} ${a} ${a - 9} ${a}H${-a + 9}Q${-a} ${a} ${-a} ${a - 9}V${-a + 9}Q${-a} ${-a} ${-a + 9} ${-a}Z`;
  }
  const hexagon = shape === "hexagon";
  const radius = hexagon ? r * HEXAGON : r;
  const corner = (index: number): Point => ({
    x: radius * Math.sin((index * Math.PI) / 3),
    y: -radius * Math.cos((index * Math.PI) / 3),
  });
  const bulge = 0.35727 * radius;
  let path = `M${fixed(corner(0).x)} ${fixed(corner(0).y)}`;
  for (let index = 0; index < 6; index += 1) {
    const from = corner(index);
    const to = corner(index + 1);
    const turn = (index * Math.PI) / 3;
    const next = ((index + 1) * Math.PI) / 3;
    const one = hexagon
      ? { x: (2 * from.x + to.x) / 3, y: (2 * from.y + to.y) / 3 }
      : { x: from.x + bulge * Math.cos(turn), y: from.y + bulge * Math.sin(turn) };
    const two = hexagon
      ? { x: (from.x + 2 * to.x) / 3, y: (from.y + 2 * to.y) / 3 }
      : { x: to.x - bulge * Math.cos(next), y: to.y - bulge * Math.sin(next) };
    path += `C${fixed(one.x)} ${fixed(one.y)} ${fixed(two.x)} ${fixed(two.y)} ${fixed(to.x)} ${fixed(to.y)}`;
  }
  return `${path}Z`;
}

/** Four short strokes around the numeral. */
function crossPath(r: number): string {
  const near = fixed(r * 0.36);
  const far = fixed(r * 0.6);
  return `M${-far} ${-far}L${-near} ${-near}M${far} ${-far}L${near} ${-near}M${-far} ${far}L${-near} ${near}M${far} ${far}L${near} ${near}`;
}

function fixed(value: number): number {
  return Math.round(value * 100) / 100;
}
