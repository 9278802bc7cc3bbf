import {
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Sid, World } from "../../engine/index";
import { fill, useLabWords } from "../i18n/text";
import type { LabWords } from "../i18n/en.lab";
import type { LabStore } from "../lab/store";
import { LabContext, useLab, useLabStore, whenUsed } from "../lab/useLab";
import { Clients } from "./Clients";
import { useRipple } from "./effects";
import { type Effect, startGestures } from "./gestures";
import type { Point, Size } from "./layout";
import { BlockedPorts, Links } from "./Links";
import { ClusterGauge, Islands, Seams } from "./Middle";
import type * as Live from "./live";
import type { PacketLoop } from "./packets";
import { reuse, type Scene, sceneOf } from "./scene";
import { BesideStrip, Dial, Label, Plate } from "./Server";
import styles from "./Stage.module.css";

export interface StageProps {
  /** Without it the stage draws the lab around it. */
  readonly store?: LabStore;
  /** As on the home page: small, with log strips instead of plates. */
  readonly card?: boolean;
  /** What it is drawn at before it can be measured. */
  readonly size?: Size;
}

const CANVAS: Size = { width: 700, height: 660 };
const CARD: Size = { width: 616, height: 352 };

/** The ring view: fills what it stands in. All of it is read from the world at the playhead. */
export function Stage({ store, card = false, size = card ? CARD : CANVAS }: StageProps) {
  const canvas = <Canvas card={card} size={size} />;
  return store === undefined ? canvas : <LabContext value={store}>{canvas}</LabContext>;
}

/** What lies open over the canvas. */
type Overlay =
  | { readonly type: "menu"; readonly sid: Sid }
  | { readonly type: "server"; readonly sid: Sid }
  | {
      readonly type: "message";
      readonly flight: number;
      readonly at: Point;
      readonly back: Sid;
      readonly play: boolean;
    };

function Canvas({ card, size: drawnAt }: { card: boolean; size: Size }) {
  const words = useLabWords();
  const store = useLabStore();
  const canvas = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const layer = useRef<SVGGElement>(null);
  const label = useRef<HTMLDivElement>(null);
  const swipe = useRef<SVGPolylineElement>(null);
  const loop = useRef<PacketLoop | null>(null);
  const size = useSize(canvas, drawnAt);
  const scene = useScene(size, card);
  const hand = useLab((state) => state.hand);
  const selected = useLab((state) => state.selected);
  const slow = useLab((state) => state.pace.factor < 0.3);
  const ripple = useRipple(store);
  const [hovered, setHovered] = useState<Sid | null>(null);
  const [tabStop, setTabStop] = useState<Sid | null>(null);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  // What the listeners, bound once, look at.
  const live = useLive(store, overlay !== null);
  const now = useRef({ scene, words, overlay, live });
  useLayoutEffect(() => {
    now.current = { scene, words, overlay, live };
  });

  const close = useCallback(() => {
    const open = now.current.overlay;
    setOverlay(null);
    if (open === null) return;
    if (open.type === "message" && open.play) store.play();
    const back =
      open.type === "message"
        ? (loop.current?.elementOf(open.flight) ?? dialOf(svg.current, open.back))
        : dialOf(svg.current, open.sid);
    back?.focus({ preventScroll: true });
    if (open.type === "server") store.select(null);
  }, [store]);

  useEffect(() => {
    if (layer.current === null || live === null) return undefined;
    const packets = live.startPackets({
      store,
      layer: layer.current,
      layout: () => now.current.scene.layout,
      nameOf: (shape) => live.packetLabel(now.current.words, shape, store.get().history.now.nowUs),
      onFocusLost: ({ to, from }) => {
        const end = to.kind === "server" ? to : from;
        if (end.kind === "server") dialOf(svg.current, end.sid)?.focus({ preventScroll: true });
      },
    });
    loop.current = packets;
    return () => {
      packets.stop();
      loop.current = null;
    };
  }, [store, live]);

  useEffect(() => {
    if (svg.current === null || canvas.current === null) return undefined;
    return startGestures(canvas.current, svg.current, store, {
      scene: () => now.current.scene,
      loop: () => loop.current,
      openMenu: (sid) => setOverlay({ type: "menu", sid }),
      openServer: (sid) => setOverlay({ type: "server", sid }),
      openMessage: (shape) => {
        // Nobody can read it while it flies on.
        const { playing } = store.get();
        if (playing) store.pause();
        setOverlay({
          type: "message",
          flight: shape.flight.number,
          at: shape.at,
          back: now.current.live?.serverNear(shape) ?? 1,
          play: playing,
        });
      },
      close: () => {
        const open = now.current.overlay;
        if (open?.type === "message" && open.play) store.play();
        setOverlay(null);
      },
      hover: setHovered,
      focused: setTabStop,
      name: (effect, at) => {
        label.current?.toggleAttribute("data-message", effect?.type === "look");
        nameEffect(
          label.current,
          effect === null ? null : effectWords(now.current.words, now.current.live, effect),
          at,
        );
      },
      swipe: (points) =>
        swipe.current?.setAttribute("points", points.map(({ x, y }) => `${x},${y}`).join(" ")),
      awaitDigit: (sid) => {
        const at = now.current.scene.servers.find((shape) => shape.sid === sid)?.seat.at;
        nameEffect(
          label.current,
          sid === null ? null : fill(now.current.words.stage.effect.link, { sid }),
          at ?? { x: 0, y: 0 },
        );
      },
    });
  }, [store]);

  useEffect(() => loop.current?.ask(), [scene]);

  const stop = scene.servers.some((shape) => shape.sid === tabStop)
    ? tabStop
    : (scene.servers[0]?.sid ?? null);
  const anchor = overlay === null ? null : anchorOf(scene, overlay);
  return (
    // Its listeners are bound in gestures.ts.
    <div
      ref={canvas}
      className={`${styles.canvas} ${scene.gauge.lost ? styles.sunken : ""} ${card ? styles.card : ""}`}
      role="group"
      aria-label={words.stage.group}
      data-hand={hand}
    >
      <svg
        ref={svg}
        className={styles.svg}
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="presentation"
        preserveAspectRatio="xMidYMid meet"
      >
        <Definitions />
        <Links
          links={scene.links}
          hovered={hovered}
          strands={hand === "look" && scene.layout.detail === "plates"}
        />
        <Seams seams={scene.seams} />
        <Clients
          clients={scene.clients}
          named={scene.layout.detail === "plates"}
          roomy={size.height >= 560}
          serving={!scene.gauge.lost}
        />
        <ClusterGauge gauge={scene.gauge} layout={scene.layout} slow={slow} />
        {ripple !== null && (
          <Rings key={ripple.number} scene={scene} sid={ripple.sid} kind={ripple.kind} />
        )}
        {scene.servers.map((shape) => (
          <Dial
            key={shape.sid}
            shape={shape}
            selected={selected === shape.sid}
            tabStop={shape.sid === stop}
            menuOpen={overlay?.type === "menu" && overlay.sid === shape.sid}
          />
        ))}
        {scene.servers.map((shape) => (
          <Beside key={shape.sid} scene={scene} shape={shape} selected={selected === shape.sid} />
        ))}
        {scene.servers.map(
          (shape) =>
            shape.blockedPorts.length > 0 && (
              <BlockedPorts
                key={shape.sid}
                at={shape.seat.at}
                outward={shape.seat.outward}
                radius={shape.radius}
                ports={shape.blockedPorts}
              />
            ),
        )}
        <Islands islands={scene.islands} />
        <g ref={layer} className={styles.packets} />
        <polyline ref={swipe} className={styles.swipe} />
      </svg>
      <div ref={label} className={styles.label} aria-hidden="true" hidden>
        <svg className={styles.bolt} viewBox="0 0 12 16" width="10" height="13">
          <path d="M7 0 0 9h4.4L3.4 16 12 6H7.2Z" />
        </svg>
        <span />
      </div>
      {overlay !== null && anchor !== null && live !== null && (
        <Placed
          at={anchor}
          size={size}
          key={`${overlay.type} ${overlay.type === "message" ? overlay.flight : overlay.sid}`}
        >
          <Suspense>
            {overlay.type === "menu" && (
              <live.ServerMenu
                store={store}
                sid={overlay.sid}
                onClose={close}
                onInspect={() => {
                  store.select(overlay.sid);
                  setOverlay({ type: "server", sid: overlay.sid });
                }}
              />
            )}
            {overlay.type === "server" && (
              <live.ServerPopover store={store} sid={overlay.sid} onClose={close} />
            )}
            {overlay.type === "message" && (
              <live.MessagePopover store={store} flight={overlay.flight} onClose={close} />
            )}
          </Suspense>
        </Placed>
      )}
    </div>
  );
}

/** What stands beside a dial, by the room there is. */
function Beside({
  scene,
  shape,
  selected,
}: {
  scene: Scene;
  shape: Scene["servers"][number];
  selected: boolean;
}) {
  switch (scene.layout.detail) {
    case "plates":
      return <Plate shape={shape} selected={selected} />;
    case "labels":
      return <Label shape={shape} />;
    case "strips":
      return <BesideStrip shape={shape} />;
  }
}

/** One moment rings once around a dial. */
function Rings({ scene, sid, kind }: { scene: Scene; sid: Sid; kind: "killed" | "elected" }) {
  const shape = scene.servers.find((one) => one.sid === sid);
  if (shape === undefined) return null;
  const { x, y } = shape.seat.at;
  return (
    <g className={styles[kind]} aria-hidden="true">
      <circle className={styles.ringOne} cx={x} cy={y} r={shape.radius + 14} />
      <circle className={styles.ringTwo} cx={x} cy={y} r={shape.radius + 14} />
    </g>
  );
}

const FAMILIES = ["election", "handshake", "broadcast", "client"] as const;

function Definitions() {
  return (
    <defs>
      <pattern
        id="stage-hatch"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line className={styles.hatch} x1="0" y1="0" x2="0" y2="6" />
      </pattern>
      {FAMILIES.map((family) => (
        <linearGradient key={family} id={`stage-trail-${family}`}>
          <stop offset="0" className={styles[`${family}Far`]} />
          <stop offset="1" className={styles[`${family}Near`]} />
        </linearGradient>
      ))}
    </defs>
  );
}

/** Puts what it holds beside a point of the canvas, inside it; on a narrow canvas at its lower edge. */
function Placed({
  at,
  size,
  children,
}: {
  at: { x: number; y: number; clear: number };
  size: Size;
  children: ReactNode;
}) {
  const self = useRef<HTMLDivElement>(null);
  const narrow = size.width < 480;
  useLayoutEffect(() => {
    const element = self.current;
    if (element === null || narrow) return undefined;
    element.style.setProperty("--room", `${size.height - 16}px`);
    const place = () => {
      const { offsetWidth: width, offsetHeight: height } = element;
      const right = at.x + at.clear;
      const left = at.x - at.clear - width;
      const x = right + width <= size.width - 8 ? right : left >= 8 ? left : size.width - width - 8;
      const y = Math.min(Math.max(8, at.y - 40), Math.max(8, size.height - height - 8));
      element.style.left = `${Math.round(x)}px`;
      element.style.top = `${Math.round(y)}px`;
    };
    place();
    // A menu may open more of itself.
    const observer = new ResizeObserver(place);
    observer.observe(element);
    return () => observer.disconnect();
  }, [at.x, at.y, at.clear, size, narrow]);
  return (
    <div ref={self} data-overlay="" className={narrow ? styles.sheet : styles.placed}>
      {children}
    </div>
  );
}

function anchorOf(scene: Scene, overlay: Overlay): { x: number; y: number; clear: number } | null {
  if (overlay.type === "message") return { ...overlay.at, clear: 22 };
  const shape = scene.servers.find((one) => one.sid === overlay.sid);
  return shape === undefined ? null : { ...shape.seat.at, clear: shape.radius + 26 };
}

function dialOf(svg: SVGSVGElement | null, sid: Sid): SVGGElement | null {
  return svg?.querySelector<SVGGElement>(`[data-sid="${sid}"]`) ?? null;
}

/** What moves and what opens, once it is needed: at the lab's first use, or the first menu. */
function useLive(store: LabStore, isOpen: boolean): typeof Live | null {
  const [live, setLive] = useState<typeof Live | null>(null);
  useEffect(() => {
    let isGone = false;
    const fetch = () =>
      import("./live").then((module) => {
        if (!isGone) setLive(module);
      });
    void (isOpen ? fetch() : whenUsed(store).then(fetch));
    return () => {
      isGone = true;
    };
  }, [store, isOpen]);
  return live;
}

/** The next effect of the pointer, or what lies under it. */
function effectWords(words: LabWords, live: typeof Live | null, effect: Effect): string {
  const { effect: sentences } = words.stage;
  switch (effect.type) {
    case "look":
      return live?.packetTitle(effect.packet.flight.packet) ?? "";
    case "drop":
      return live === null
        ? ""
        : fill(sentences.drop, live.connectionWords(effect.packet.connection));
    case "cut":
    case "heal":
      return fill(sentences[effect.type], { a: effect.a, b: effect.b });
    case "kill":
    case "start":
    case "pause":
    case "resume":
      return fill(sentences[effect.type], { sid: effect.sid });
  }
}

function nameEffect(label: HTMLDivElement | null, text: string | null, at: Point): void {
  if (label === null) return;
  label.hidden = text === null;
  if (text === null) return;
  const words = label.querySelector("span");
  if (words !== null && words.textContent !== text) words.textContent = text;
  const room = (label.parentElement?.clientWidth ?? 0) - label.offsetWidth - 6;
  label.style.transform = `translate(${Math.round(Math.min(at.x + 16, room))}px, ${Math.round(at.y + 18)}px)`;
}

/** The scene of the world at the playhead; the same value again while nothing that is drawn has changed. */
function useScene(size: Size, card: boolean): Scene {
  const read = useMemo(() => sceneReader(size, card), [size, card]);
  return useLab((state) => read(state.history.now));
}

function sceneReader(size: Size, card: boolean): (world: World) => Scene {
  let last: { world: World; tick: number; scene: Scene } | null = null;
  return (world) => {
    // What counts virtual time (a pause, a session) moves in tenths of a second.
    const counts =
      world.clients.length > 0 || world.servers.some((server) => server.paused !== null);
    const tick = counts ? Math.floor(world.nowUs / 100_000) : 0;
    if (
      last !== null &&
      last.tick === tick &&
      last.world.servers === world.servers &&
      last.world.clients === world.clients &&
      last.world.network === world.network
    ) {
      return last.scene;
    }
    const scene = sceneOf(world, size, card);
    last = { world, tick, scene: last === null ? scene : reuse(last.scene, scene) };
    return last.scene;
  };
}

/** The canvas's own size in px, as soon as it is known. */
function useSize(canvas: { readonly current: HTMLElement | null }, drawnAt: Size): Size {
  const [size, setSize] = useState(drawnAt);
  useEffect(() => {
    if (canvas.current === null) return undefined;
    const observer = new ResizeObserver((entries) => {
      const box = entries[entries.length - 1]?.contentRect;
      if (box === undefined || box.width < 40 || box.height < 40) return;
      const next = { width: Math.round(box.width), height: Math.round(box.height) };
      setSize((before) =>
        before.width === next.width && before.height === next.height ? before : next,
      );
    });
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, [canvas]);
  return size;
}
