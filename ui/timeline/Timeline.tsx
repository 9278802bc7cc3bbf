import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
} from "react";
import { US_PER_MS, US_PER_SECOND, type VirtualUs, votersOf } from "../../engine/index";
import { useLiveWords } from "../i18n/packs";
import { fill } from "../i18n/text";
import type { LabState } from "../lab/store";
import { useLab, useLabStore } from "../lab/useLab";
import { type Band, bandAt, lanesOf, type Mark } from "./lanes";
import { columnsOf, placeMarks, type PlacedMark, type TimeScale, timeScaleOf } from "./timeline";
import styles from "./Timeline.module.css";

/** Heights of the rows, in px: the whole one, and the one on a phone without density and axis. */
const WHOLE = {
  height: 101,
  marks: 31,
  bandTop: 41,
  bandHeight: 20,
  foot: 79,
  axis: 82,
  compact: false,
} as const;
const COMPACT = {
  height: 60,
  marks: 13,
  bandTop: 22,
  bandHeight: 20,
  foot: 44,
  axis: 44,
  compact: true,
} as const;
/** At the end of the axis it says that it is not to scale. */
const NOTE_PX = 204;
/** One arrow key moves the playhead so far on the screen: fine where much happened, coarse where nothing did. */
const ARROW_PX = 4;
/** The slider's spoken value follows at most so often while time runs. */
const SPOKEN_EVERY_MS = 300;

/** The whole run as rows of signs, with the playhead on it. Reads facts only; moving it is `store.seek`. */
export function Timeline({ compact = false }: { readonly compact?: boolean }) {
  const words = useLiveWords().time;
  const store = useLabStore();
  const rows = compact ? COMPACT : WHOLE;
  const start = useLab((state) => state.history.start);
  const voters = useMemo(() => votersOf(start), [start]);
  const facts = useLab((state) => state.history.facts);
  const branches = useLab((state) => state.history.branches);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [, grow] = useState(0);

  const endUs = store.get().history.endUs;
  const moments = useMemo(() => facts.map((fact) => fact.atUs), [facts]);
  const scale = timeScaleOf(moments, endUs, width);
  const lanes = useMemo(() => lanesOf(facts, Number.MAX_SAFE_INTEGER, voters), [facts, voters]);
  const marks = placeMarks(lanes.marks, scale.xOf, width);

  const head = useRef<SVGGElement>(null);
  const time = useRef<SVGTextElement>(null);
  const future = useRef<SVGRectElement>(null);
  const unplayed = useRef<SVGRectElement>(null);
  const slider = useRef<HTMLDivElement>(null);

  // The playhead moves with every frame, so it is put there by hand; the rest is drawn when something happened.
  useLayoutEffect(() => {
    let spokenMs = 0;
    const draw = () => {
      const { history, playing } = store.get();
      const x = Math.min(width, scale.xOf(history.now.nowUs));
      const endX = Math.min(width, scale.xOf(history.endUs));
      if (width > 0 && endX > width * 0.95) grow((times) => times + 1);
      head.current?.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
      time.current?.setAttribute("x", String(Math.max(31 - x, Math.min(width - 31 - x, 0))));
      time.current?.previousElementSibling?.setAttribute(
        "x",
        String(Math.max(31 - x, Math.min(width - 31 - x, 0)) - 31),
      );
      if (time.current !== null) time.current.textContent = secondsOf(history.now.nowUs);
      // Over the names of marks too, which may reach beyond the end.
      span(future.current, x, width);
      span(unplayed.current, endX, width);
      const nowMs = performance.now();
      if (slider.current !== null && (!playing || nowMs - spokenMs > SPOKEN_EVERY_MS)) {
        spokenMs = nowMs;
        const nowMsVirtual = Math.round(history.now.nowUs / US_PER_MS);
        slider.current.ariaValueNow = String(nowMsVirtual);
        slider.current.ariaValueMax = String(Math.round(history.endUs / US_PER_MS));
        slider.current.ariaValueText = spokenTime(
          history.now.nowUs,
          bandAt(lanes.bands, history.now.nowUs),
          words,
        );
      }
    };
    draw();
    return store.subscribe(draw);
  });

  const scrub = useScrub(frame, scale, store.seek, store.get);

  function onKeyDown(event: KeyboardEvent): void {
    const { history } = store.get();
    const nowUs = history.now.nowUs;
    const toUs = keyTarget(event, nowUs, history.endUs, scale);
    if (toUs === null) return;
    event.preventDefault();
    event.stopPropagation();
    store.seek(Math.min(history.endUs, toUs));
  }

  return (
    <section className={compact ? styles["compact"] : styles["timeline"]} aria-label={words.region}>
      <div className={styles["frame"]} ref={frame}>
        <svg className={styles["picture"]} width={width} height={rows.height} aria-hidden="true">
          {lanes.bands.map((band) => (
            <BandShape
              key={`${band.kind} ${band.fromUs}`}
              band={band}
              scale={scale}
              width={width}
              rows={rows}
            />
          ))}
          {!rows.compact &&
            columnsOf(lanes.stirs, scale.xOf).map(({ x, height, phase }) => (
              <rect
                key={x}
                className={styles[`stir-${phase}`]}
                x={x}
                y={rows.foot - 2 - 14 * height}
                width={2}
                height={14 * height + 2}
              />
            ))}
          <rect ref={unplayed} className={styles["unplayed"]} y={0} height={rows.axis + 1} />
          {!rows.compact && (
            <line className={styles["axis"]} x1={0} x2={width} y1={rows.axis} y2={rows.axis} />
          )}
          {!rows.compact &&
            scale.ticks
              .filter(({ x }) => x < width - NOTE_PX)
              .map(({ us, x }) => (
                <g key={us} transform={`translate(${x.toFixed(1)} ${rows.axis})`}>
                  <line className={styles["axis"]} y2={4} />
                  <text
                    className={styles["tick"]}
                    y={15}
                    textAnchor={us === 0 ? "start" : "middle"}
                  >
                    {fill(words.second, { t: us / US_PER_SECOND })}
                  </text>
                </g>
              ))}
          {!rows.compact && (
            <text className={styles["tick"]} x={width} y={rows.axis + 15} textAnchor="end">
              {words.shortened}
            </text>
          )}
          {marks.map((placed) => (
            <MarkShape
              key={`${placed.mark.kind} ${placed.mark.atUs} ${placed.mark.id}`}
              placed={placed}
              y={rows.marks}
              compact={compact}
            />
          ))}
          <rect ref={future} className={styles["future"]} y={1} height={rows.axis - 1} />
          <g ref={head} className={styles["head"]}>
            <line y1={rows.compact ? rows.bandTop - 6 : 21} y2={rows.axis} />
            {rows.compact ? (
              <circle cy={rows.bandTop + rows.bandHeight / 2} r={9} />
            ) : (
              <rect x={-31} y={5} width={62} height={17} rx={5} />
            )}
            <text
              ref={time}
              y={17.5}
              textAnchor="middle"
              visibility={rows.compact ? "hidden" : "visible"}
            />
          </g>
        </svg>
        <div
          ref={slider}
          className={styles["slider"]}
          role="slider"
          tabIndex={0}
          aria-label={words.slider}
          aria-valuemin={0}
          aria-valuemax={0}
          aria-valuenow={0}
          onKeyDown={onKeyDown}
          {...scrub}
        />
        {branches.length > 0 && (
          <svg className={styles["branches"]} width={width} height={12}>
            {branches.map((branch, at) => {
              const from = scale.xOf(branch.forkedAtUs);
              const to = Math.max(from + 12, Math.min(width, scale.xOf(branch.endUs)));
              const label = fill(words.branch, { t: secondsOf(branch.forkedAtUs) });
              return (
                <g
                  key={`${branch.forkedAtUs} ${branch.endUs} ${branch.commands.length}`}
                  className={styles["branch"]}
                  role="button"
                  tabIndex={0}
                  aria-label={label}
                  onClick={() => store.switchBranch(at)}
                  onKeyDown={(event) => {
                    if (event.key !== "Enter" && event.key !== " ") return;
                    event.preventDefault();
                    event.stopPropagation();
                    store.switchBranch(at);
                  }}
                >
                  <title>{label}</title>
                  <line
                    className={styles["grip"]}
                    x1={from}
                    x2={to}
                    y1={2 + at * 2.5}
                    y2={2 + at * 2.5}
                  />
                  <line x1={from} x2={to} y1={2 + at * 2.5} y2={2 + at * 2.5} />
                </g>
              );
            })}
          </svg>
        )}
      </div>
    </section>
  );
}

type Rows = typeof WHOLE | typeof COMPACT;

function BandShape(props: {
  readonly band: Band;
  readonly scale: TimeScale;
  readonly width: number;
  readonly rows: Rows;
}) {
  const { band, scale, rows } = props;
  const words = useLiveWords().time;
  const x = scale.xOf(band.fromUs);
  const toX = Math.min(props.width, scale.xOf(band.toUs));
  const breadth = Math.max(2, toX - x - 1);
  const label = rows.compact ? null : bandLabel(band, breadth, words);
  return (
    <g>
      <rect
        className={styles[`band-${band.kind}`]}
        x={x + 0.5}
        y={rows.bandTop + 0.5}
        width={breadth}
        height={rows.bandHeight - 1}
        rx={Math.min(4, breadth / 2)}
      />
      {label !== null && (
        <text className={styles[`label-${band.kind}`]} x={x + 8} y={rows.bandTop + 14}>
          {label}
        </text>
      )}
    </g>
  );
}

type TimeWords = ReturnType<typeof useLiveWords>["time"];

/** The longest wording of a band that fits into it. */
function bandLabel(band: Band, breadth: number, words: TimeWords): string | null {
  const labels =
    band.kind === "epoch"
      ? [
          fill(words.leads, { epoch: band.epoch, n: band.leader }),
          fill(words.leadsShort, { epoch: band.epoch }),
        ]
      : band.kind === "sync"
        ? [words.sync]
        : [fill(words.round, { n: band.round })];
  return labels.find((label) => breadth > 14 + widthOf(label)) ?? null;
}

/** Near enough: Han glyphs are square, the others half as wide. */
function widthOf(text: string): number {
  return Array.from(text).reduce(
    (sum, glyph) => sum + (glyph.charCodeAt(0) > 0x2e80 ? 11.5 : 6.1),
    0,
  );
}

const SIGNS: Readonly<Record<Mark["kind"], string>> = {
  kill: "M-4-4 4 4M4-4-4 4",
  start: "M0 5V-4M-4 0 0-5 4 0",
  elected: "M0-6 5.2-3V3L0 6-5.2 3V-3Z",
  commit: "M-4-4H4V4H-4Z",
  cut: "M-5-4 3 3M-5 4 3-3M4.5 4.5a1.6 1.6 0 1 0-.1.1ZM4.5-4.5a1.6 1.6 0 1 1-.1-.1Z",
  own: "M4 0A4 4 0 1 1 4-.01Z",
};

function MarkShape({
  placed,
  y,
  compact,
}: {
  readonly placed: PlacedMark;
  readonly y: number;
  readonly compact: boolean;
}) {
  const words = useLiveWords().time;
  const { mark, x, label } = placed;
  const isKill = mark.kind === "kill";
  return (
    <g transform={`translate(${x.toFixed(1)} ${y})`}>
      <path className={styles[`mark-${mark.kind}`]} d={SIGNS[mark.kind]} />
      {!compact && label !== "none" && mark.id !== null && (
        <text className={isKill ? styles["name-kill"] : styles["name"]} x={9} y={4}>
          {isKill && label === "long" ? fill(words.killed, { n: mark.id }) : mark.id}
        </text>
      )}
    </g>
  );
}

/** Pointer on the track: the playhead goes where it is, never beyond what was simulated. One seek a frame is enough. */
function useScrub(
  frame: { readonly current: HTMLDivElement | null },
  scale: TimeScale,
  seek: (us: VirtualUs) => void,
  get: () => LabState,
) {
  const wanted = useRef<number | null>(null);
  const latest = useRef(scale);
  useEffect(() => {
    latest.current = scale;
  });

  function want(event: PointerEvent): void {
    const isFirst = wanted.current === null;
    wanted.current = event.clientX;
    if (!isFirst) return;
    requestAnimationFrame(() => {
      const left = frame.current?.getBoundingClientRect().left ?? 0;
      const us = latest.current.usOf((wanted.current ?? 0) - left);
      wanted.current = null;
      seek(Math.max(0, Math.min(get().history.endUs, us)));
    });
  }

  return {
    onPointerDown(event: PointerEvent<HTMLDivElement>): void {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      want(event);
    },
    onPointerMove(event: PointerEvent<HTMLDivElement>): void {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) want(event);
    },
  };
}

function keyTarget(
  event: KeyboardEvent,
  nowUs: VirtualUs,
  endUs: VirtualUs,
  scale: TimeScale,
): VirtualUs | null {
  const x = scale.xOf(nowUs);
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowDown":
      return Math.min(nowUs - US_PER_MS, scale.usOf(x - ARROW_PX));
    case "ArrowRight":
    case "ArrowUp":
      return Math.max(nowUs + US_PER_MS, scale.usOf(x + ARROW_PX));
    case "PageDown":
      return nowUs - US_PER_SECOND;
    case "PageUp":
      return nowUs + US_PER_SECOND;
    case "Home":
      return 0;
    case "End":
      return endUs;
    default:
      return null;
  }
}

/** "12.480 seconds, election round 2" */
function spokenTime(us: VirtualUs, band: Band | null, words: TimeWords): string {
  const t = secondsOf(us);
  if (band === null) return fill(words.seconds, { t });
  const phase =
    band.kind === "election"
      ? fill(words.roundPhase, { n: band.round })
      : band.kind === "sync"
        ? words.syncPhase
        : fill(words.leadsPhase, { epoch: band.epoch, n: band.leader });
  return fill(words.at, { t, phase });
}

function secondsOf(us: VirtualUs): string {
  return (us / US_PER_SECOND).toFixed(3);
}

function span(rect: SVGRectElement | null, fromX: number, toX: number): void {
  rect?.setAttribute("x", fromX.toFixed(1));
  rect?.setAttribute("width", Math.max(0, toX - fromX).toFixed(1));
}

function useWidth(frame: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
