import type { Flight } from "../../engine/index";
import { prefersLessMotion } from "../a11y/motion";
import type { LabStore } from "../lab/store";
import { GLYPHS, glyphNameOf, letterOf } from "./glyphs";
import glyphStyles from "./Glyph.module.css";
import type { Layout, Point } from "./layout";
import styles from "./Packets.module.css";
import { packetsOf, type PacketShape } from "./flights";

/**
 * The stage's one animation loop. Where a packet is follows from the world and virtual time alone, so the loop only
 * looks when the store has changed; it keeps a glyph for each flight and moves it. It rests when nothing changes, when
 * the stage is out of view and when the tab is hidden.
 */
export interface PacketLoop {
  /** Draws soon: the size changed, or the stage was drawn anew. */
  ask(): void;
  /** The packet nearest to a point of the canvas, within so many pixels. */
  nearest(point: Point, px: number): PacketShape | null;
  /** All packets in the order in which they will arrive. */
  inOrder(): readonly PacketShape[];
  elementOf(flight: number): SVGGElement | null;
  stop(): void;
}

export interface PacketLoopSetup {
  readonly store: LabStore;
  readonly layer: SVGGElement;
  readonly layout: () => Layout;
  /** A packet's name for those who do not see it. */
  readonly nameOf: (shape: PacketShape) => string;
  /** A packet that had the focus has arrived, or is lost. */
  readonly onFocusLost: (flight: Flight) => void;
}

const SVG = "http://www.w3.org/2000/svg";
const TRAIL_PX = 66;
/** How long a lost message falls, and its cross stays. */
const LOST_MS = 800;

interface Drawn {
  readonly group: SVGGElement;
  readonly move: SVGTransform;
  readonly trail: { readonly turn: SVGTransform; readonly stretch: SVGTransform } | null;
  readonly turn: SVGTransform | null;
  shape: PacketShape;
}

export function startPackets({
  store,
  layer,
  layout,
  nameOf,
  onFocusLost,
}: PacketLoopSetup): PacketLoop {
  const svg = layer.ownerSVGElement!;
  const drawn = new Map<number, Drawn>();
  let handle: number | null = null;
  let inView = true;
  let lastUs = store.get().history.now.nowUs;
  let lastJumps = store.get().jumps;

  function ask(): void {
    if (handle === null && inView && !document.hidden) handle = requestAnimationFrame(draw);
  }

  function draw(): void {
    handle = null;
    const { history, jumps } = store.get();
    const world = history.now;
    const lessMotion = prefersLessMotion();
    const shapes = packetsOf(world, layout(), lessMotion);
    const present = new Set(shapes.map((shape) => shape.flight.number));
    const played = jumps === lastJumps && world.nowUs >= lastUs;
    for (const [number, one] of drawn) {
      if (present.has(number)) continue;
      drawn.delete(number);
      if (one.group === document.activeElement) onFocusLost(one.shape.flight);
      // It did not get there in time: its connection broke, or one end is gone.
      if (played && one.shape.flight.arriveUs > world.nowUs) letFall(one, lessMotion);
      else one.group.remove();
    }
    for (const shape of shapes) place(shape, lessMotion);
    drift(world.nowUs, lessMotion);
    lastUs = world.nowUs;
    lastJumps = jumps;
  }

  function place(shape: PacketShape, lessMotion: boolean): void {
    let one = drawn.get(shape.flight.number);
    if (one === undefined) {
      one = create(svg, shape, nameOf(shape));
      drawn.set(shape.flight.number, one);
      layer.append(one.group);
    }
    const before = one.shape;
    one.shape = shape;
    one.move.setTranslate(shape.at.x, shape.at.y);
    one.turn?.setRotate(shape.heading, 0, 0);
    if (one.trail !== null) {
      const length =
        shape.state === "flying" && !lessMotion ? Math.min(1, shape.travelled / TRAIL_PX) : 0.001;
      one.trail.turn.setRotate(shape.heading, 0, 0);
      one.trail.stretch.setScale(length, 1);
    }
    if (before.state !== shape.state) one.group.setAttribute("aria-label", nameOf(shape));
  }

  /** The dashes of a server that looks drift: 6 degrees each virtual 100 ms. */
  function drift(nowUs: number, lessMotion: boolean): void {
    for (const element of svg.querySelectorAll<SVGGElement>("[data-drift]")) {
      const turns = element.transform.baseVal;
      // One that looks no longer stands upright again.
      const drifts = element.dataset.drift === "on" && !lessMotion;
      if (!drifts && turns.numberOfItems === 0) continue;
      if (turns.numberOfItems === 0) turns.appendItem(svg.createSVGTransform());
      turns.getItem(0).setRotate(drifts ? ((nowUs / 100_000) * 6) % 360 : 0, 0, 0);
    }
  }

  const seen = new IntersectionObserver((entries) => {
    inView = entries[entries.length - 1]?.isIntersecting ?? true;
    ask();
  });
  seen.observe(svg);
  const unsubscribe = store.subscribe(ask);
  document.addEventListener("visibilitychange", ask);
  ask();

  const shapesNow = () => [...drawn.values()].map((one) => one.shape);
  return {
    ask,
    nearest(point, px) {
      let best: { shape: PacketShape; away: number } | null = null;
      for (const shape of shapesNow()) {
        const away = Math.hypot(shape.at.x - point.x, shape.at.y - point.y);
        if (away <= px && (best === null || away < best.away)) best = { shape, away };
      }
      return best?.shape ?? null;
    },
    inOrder: () =>
      shapesNow().sort(
        (a, b) => a.flight.arriveUs - b.flight.arriveUs || a.flight.number - b.flight.number,
      ),
    elementOf(flight) {
      const one = drawn.get(flight);
      // Who asks is about to put the focus there: the name tells the time that is left.
      one?.group.setAttribute("aria-label", nameOf(one.shape));
      return one?.group ?? null;
    },
    stop() {
      unsubscribe();
      seen.disconnect();
      document.removeEventListener("visibilitychange", ask);
      if (handle !== null) cancelAnimationFrame(handle);
      for (const one of drawn.values()) one.group.remove();
      drawn.clear();
    },
  };
}

function create(svg: SVGSVGElement, shape: PacketShape, name: string): Drawn {
  const glyphName = glyphNameOf(shape.flight.packet) ?? "PING";
  const glyph = GLYPHS[glyphName];
  const group = element("g", `${styles.packet} ${glyphStyles[glyph.family]}`);
  group.setAttribute("role", "button");
  group.setAttribute("tabindex", "-1");
  group.setAttribute("aria-label", name);
  group.dataset.flight = String(shape.flight.number);
  const move = added(svg, group);
  let trail: Drawn["trail"] = null;
  if (glyph.quiet === undefined) {
    const tail = element("rect", styles[`trail-${glyph.family}`]);
    tail.setAttribute("x", String(-TRAIL_PX));
    tail.setAttribute("y", "-1.8");
    tail.setAttribute("width", String(TRAIL_PX - 9));
    tail.setAttribute("height", "3.6");
    const turn = added(svg, tail);
    trail = { turn, stretch: added(svg, tail) };
    group.append(tail);
  }
  const halo = element("circle", styles.halo);
  halo.setAttribute("r", "16");
  const body = element("g", styles.body);
  for (const mark of glyph.marks) {
    const path = element("path", glyphStyles[mark.paint]);
    path.setAttribute("d", mark.d);
    body.append(path);
  }
  const letter = letterOf(shape.flight.packet);
  if (letter !== "") {
    const text = element(
      "text",
      glyph.family === "election" ? glyphStyles.letterOnHue : glyphStyles.letter,
    );
    text.setAttribute("y", "4.2");
    text.textContent = letter;
    body.append(text);
  }
  const turned = element("g");
  const turn = glyph.turns === true ? added(svg, turned) : null;
  turned.append(body);
  group.append(halo, turned);
  return { group, move, trail, turn, shape };
}

function element<Name extends "g" | "path" | "text" | "rect" | "circle">(
  name: Name,
  className = "",
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  if (className !== "") made.setAttribute("class", className);
  return made;
}

/** A transform of the element's own, to be set again each frame without parsing text. */
function added(svg: SVGSVGElement, target: SVGGraphicsElement): SVGTransform {
  return target.transform.baseVal.appendItem(svg.createSVGTransform());
}

/** It tilts, fades and leaves a small cross. The one thing here that lives in wall time: nothing of the world moves. */
function letFall(one: Drawn, lessMotion: boolean): void {
  const { group } = one;
  one.trail?.stretch.setScale(0.001, 1);
  group.removeAttribute("role");
  group.removeAttribute("tabindex");
  group.setAttribute("aria-hidden", "true");
  delete group.dataset.flight;
  const cross = element("path", styles.cross);
  cross.setAttribute("d", "M-4-4 4 4M4-4-4 4");
  group.append(cross);
  group.classList.add(lessMotion ? styles.lostStill! : styles.lost!);
  setTimeout(() => group.remove(), LOST_MS);
}
