import {
  breakConnection,
  type Command,
  cut,
  heal,
  isCut,
  kill,
  leaderOf,
  pause,
  resume,
  serverOf,
  type Sid,
  start,
  type World,
} from "../../engine/index";
import type { LabStore } from "../lab/store";
import type { Point } from "./layout";
import type { PacketLoop } from "./packets";
import type { PacketShape } from "./flights";
import type { LinkShape } from "./linkShapes";
import type { Scene } from "./scene";

/** What the pointer would do now, to be named beside it. */
export type Effect =
  | { readonly type: "kill" | "start" | "pause" | "resume"; readonly sid: Sid }
  | { readonly type: "drop" | "look"; readonly packet: PacketShape }
  | { readonly type: "cut" | "heal"; readonly a: Sid; readonly b: Sid };

export interface StageHands {
  /** What the stage shows now. */
  readonly scene: () => Scene;
  readonly loop: () => PacketLoop | null;
  readonly openMenu: (sid: Sid) => void;
  readonly openServer: (sid: Sid) => void;
  readonly openMessage: (shape: PacketShape) => void;
  readonly close: () => void;
  readonly hover: (sid: Sid | null) => void;
  /** The server that Tab comes back to. */
  readonly focused: (sid: Sid) => void;
  /** Named beside the pointer; null hides it. */
  readonly name: (effect: Effect | null, at: Point) => void;
  /** The line that a drag draws; empty when it has ended. */
  readonly swipe: (points: readonly Point[]) => void;
  /** Waits for the digit after `L`. */
  readonly awaitDigit: (sid: Sid | null) => void;
}

const SNAP_PX = 18;
const LONG_PRESS_MS = 450;
const STILL_PX = 8;
const DIGIT_MS = 2500;

/** Kills what runs, starts what is down. */
export function toggleRun(world: World, sid: Sid): Command {
  return serverOf(world, sid).process === null ? start(sid) : kill(sid);
}

/** Stops what moves, lets go on what stands; nothing for a server that is down. */
export function togglePause(world: World, sid: Sid): Command | null {
  const server = serverOf(world, sid);
  if (server.process === null) return null;
  return server.paused === null ? pause(sid) : resume(sid);
}

export function toggleLink(world: World, a: Sid, b: Sid): Command {
  return isCut(world, a, b) || isCut(world, b, a) ? heal(a, b) : cut(a, b);
}

/** Does the stretch from p to q cross the stretch from a to b? */
export function crosses(p: Point, q: Point, a: Point, b: Point): boolean {
  const side = (one: Point, two: Point, three: Point) =>
    Math.sign((two.x - one.x) * (three.y - one.y) - (two.y - one.y) * (three.x - one.x));
  return side(p, q, a) !== side(p, q, b) && side(a, b, p) !== side(a, b, q);
}

/** The nearest server in the direction of an arrow key, or null. */
export function neighbourOf(scene: Scene, from: Sid, key: string): Sid | null {
  const here = scene.servers.find((shape) => shape.sid === from)?.seat.at;
  const way = ARROWS[key];
  if (here === undefined || way === undefined) return null;
  let best: { sid: Sid; cost: number } | null = null;
  for (const { sid, seat } of scene.servers) {
    if (sid === from) continue;
    const dx = seat.at.x - here.x;
    const dy = seat.at.y - here.y;
    const along = dx * way.x + dy * way.y;
    const aside = Math.abs(dx * way.y - dy * way.x);
    if (along <= 4) continue;
    const cost = along + 2 * aside;
    if (best === null || cost < best.cost) best = { sid, cost };
  }
  return best?.sid ?? null;
}

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
};

/** Turns pointer and keys into commands. The hand decides for the pointer only; keys mean the same in both. */
export function startGestures(
  canvas: HTMLElement,
  svg: SVGSVGElement,
  store: LabStore,
  hands: StageHands,
): () => void {
  const world = () => store.get().history.now;
  /** Since the last pointerdown: a click without one was made by assistive technology. */
  let pointerDown = false;
  let handled = false;
  let press: { from: Point; client: Point; packet: number | null; swipe: Point[] | null } | null =
    null;
  let crossed = new Set<string>();
  let longPress: ReturnType<typeof setTimeout> | null = null;
  let digitFor: { sid: Sid; timer: ReturnType<typeof setTimeout> } | null = null;
  let lastMove: PointerEvent | null = null;

  function pointOf(event: { clientX: number; clientY: number }): Point {
    const box = svg.getBoundingClientRect();
    const { width, height } = hands.scene().layout.size;
    return {
      x: ((event.clientX - box.left) * width) / (box.width || 1),
      y: ((event.clientY - box.top) * height) / (box.height || 1),
    };
  }

  function sidAt(target: EventTarget | null): Sid | null {
    if (!(target instanceof Element)) return null;
    const marked = target.closest<SVGGElement>("[data-sid], [data-plate]");
    const sid = marked?.dataset.sid ?? marked?.dataset.plate;
    return sid === undefined ? null : Number(sid);
  }

  function isOverlay(target: EventTarget | null): boolean {
    return target instanceof Element && target.closest("[data-overlay]") !== null;
  }

  /** A packet under the pointer; a dial under it goes first, and quiet heartbeats need a closer aim. */
  function packetAt(point: Point, sid: Sid | null): PacketShape | null {
    if (sid !== null) return null;
    return hands.loop()?.nearest(point, SNAP_PX) ?? null;
  }

  function linkNear(point: Point): LinkShape | null {
    let best: { link: LinkShape; away: number } | null = null;
    for (const link of hands.scene().links) {
      const away = distanceTo(point, link.from, link.to);
      if (away < 9 && (best === null || away < best.away)) best = { link, away };
    }
    return best?.link ?? null;
  }

  function effectAt(event: {
    target: EventTarget | null;
    clientX: number;
    clientY: number;
    shiftKey: boolean;
  }): Effect | null {
    const point = pointOf(event);
    const sid = sidAt(event.target);
    if (store.get().hand === "look") {
      const packet = packetAt(point, sid);
      return packet === null ? null : { type: "look", packet };
    }
    if (sid !== null) {
      const server = serverOf(world(), sid);
      if (event.shiftKey && server.process !== null)
        return { type: server.paused === null ? "pause" : "resume", sid };
      return { type: server.process === null ? "start" : "kill", sid };
    }
    const packet = packetAt(point, sid);
    if (packet !== null) return { type: "drop", packet };
    const link = linkNear(point);
    return link === null
      ? null
      : { type: link.look === "cut" ? "heal" : "cut", a: link.a, b: link.b };
  }

  function stopLongPress(): void {
    if (longPress !== null) clearTimeout(longPress);
    longPress = null;
  }

  function onPointerDown(event: PointerEvent): void {
    pointerDown = true;
    handled = false;
    if (isOverlay(event.target) || event.button !== 0) return;
    hands.close();
    const point = pointOf(event);
    const sid = sidAt(event.target);
    const packet = packetAt(point, sid);
    press = {
      from: point,
      client: { x: event.clientX, y: event.clientY },
      packet: packet?.flight.number ?? null,
      swipe: null,
    };
    crossed = new Set();
    stopLongPress();
    if (sid !== null || packet !== null) {
      longPress = setTimeout(() => {
        handled = true;
        press = null;
        if (sid !== null) hands.openMenu(sid);
        else if (packet !== null) hands.openMessage(packet);
      }, LONG_PRESS_MS);
    } else if (store.get().hand === "break") press.swipe = [point];
  }

  function onPointerMove(event: PointerEvent): void {
    lastMove = event;
    if (isOverlay(event.target)) {
      hands.name(null, { x: 0, y: 0 });
      return;
    }
    const point = pointOf(event);
    if (
      press !== null &&
      Math.hypot(event.clientX - press.client.x, event.clientY - press.client.y) > STILL_PX
    )
      stopLongPress();
    if (press?.swipe !== null && press?.swipe !== undefined) {
      const last = press.swipe[press.swipe.length - 1]!;
      press.swipe.push(point);
      hands.name(null, point);
      hands.swipe(press.swipe);
      for (const link of hands.scene().links) {
        const key = `${link.a}-${link.b}`;
        if (crossed.has(key) || !crosses(last, point, link.from, link.to)) continue;
        crossed.add(key);
        store.dispatch(toggleLink(world(), link.a, link.b));
      }
      return;
    }
    hands.hover(sidAt(event.target));
    if (event.pointerType === "mouse") showName(event);
  }

  function showName(event: {
    target: EventTarget | null;
    clientX: number;
    clientY: number;
    shiftKey: boolean;
  }): void {
    const box = canvas.getBoundingClientRect();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    hands.name(effectAt(event), at);
  }

  function onPointerUp(event: PointerEvent): void {
    stopLongPress();
    const ended = press;
    press = null;
    hands.swipe([]);
    if (ended === null || isOverlay(event.target)) return;
    const moved =
      Math.hypot(event.clientX - ended.client.x, event.clientY - ended.client.y) > STILL_PX;
    if (ended.swipe !== null && moved) handled = true;
    if (moved || handled || ended.packet === null) return;
    const shape = hands
      .loop()
      ?.inOrder()
      .find((one) => one.flight.number === ended.packet);
    if (shape === undefined) return;
    handled = true;
    if (store.get().hand === "break") store.dispatch(breakConnection(shape.connection.number));
    else hands.openMessage(shape);
  }

  function onPointerLeave(): void {
    lastMove = null;
    hands.hover(null);
    hands.name(null, { x: 0, y: 0 });
  }

  function onPointerCancel(): void {
    stopLongPress();
    press = null;
    hands.swipe([]);
  }

  function onClick(event: MouseEvent): void {
    const byPointer = pointerDown && event.detail !== 0;
    pointerDown = false;
    if (handled || isOverlay(event.target)) {
      handled = false;
      return;
    }
    const sid = sidAt(event.target);
    if (!byPointer) {
      const flight = flightOf(event.target);
      if (sid !== null) hands.openMenu(sid);
      else if (flight !== null) hands.openMessage(flight);
      return;
    }
    if (sid === null) {
      if (store.get().hand === "look") store.select(null);
      return;
    }
    focus(sid);
    if (store.get().hand === "look") {
      store.select(sid);
      hands.openServer(sid);
      return;
    }
    const command = event.shiftKey ? togglePause(world(), sid) : toggleRun(world(), sid);
    if (command !== null) store.dispatch(command);
    if (lastMove !== null)
      showName({
        target: event.target,
        clientX: event.clientX,
        clientY: event.clientY,
        shiftKey: event.shiftKey,
      });
  }

  function onContextMenu(event: MouseEvent): void {
    if (isOverlay(event.target)) return;
    const sid = sidAt(event.target);
    const packet = packetAt(pointOf(event), sid);
    if (sid === null && packet === null) return;
    event.preventDefault();
    handled = true;
    if (sid !== null) hands.openMenu(sid);
    else if (packet !== null) hands.openMessage(packet);
  }

  function flightOf(target: EventTarget | null): PacketShape | null {
    const number =
      target instanceof Element
        ? target.closest<SVGGElement>("[data-flight]")?.dataset.flight
        : undefined;
    if (number === undefined) return null;
    return (
      hands
        .loop()
        ?.inOrder()
        .find((shape) => shape.flight.number === Number(number)) ?? null
    );
  }

  function focus(sid: Sid): void {
    svg.querySelector<SVGGElement>(`[data-sid="${sid}"]`)?.focus({ preventScroll: true });
  }

  function focusPacket(step: 1 | -1, from: PacketShape | null): void {
    const order = hands.loop()?.inOrder() ?? [];
    if (order.length === 0) return;
    const index =
      from === null ? -1 : order.findIndex((shape) => shape.flight.number === from.flight.number);
    const next = order[from === null ? 0 : (index + step + order.length) % order.length];
    if (next !== undefined)
      hands.loop()?.elementOf(next.flight.number)?.focus({ preventScroll: true });
  }

  function forgetDigit(): void {
    if (digitFor !== null) clearTimeout(digitFor.timer);
    digitFor = null;
    hands.awaitDigit(null);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isOverlay(event.target)) return;
    const sid = sidAt(event.target);
    const packet = flightOf(event.target);
    if (keyPressed(event, sid, packet)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  function keyPressed(event: KeyboardEvent, sid: Sid | null, packet: PacketShape | null): boolean {
    if (digitFor !== null) {
      const { sid: from } = digitFor;
      forgetDigit();
      const to = Number(event.key);
      if (
        Number.isInteger(to) &&
        to !== from &&
        world().servers.some((server) => server.sid === to)
      ) {
        store.dispatch(toggleLink(world(), from, to));
        return true;
      }
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "m") {
      focusPacket(1, null);
      return true;
    }
    if (packet !== null) {
      switch (key) {
        case "x":
          store.dispatch(breakConnection(packet.connection.number));
          return true;
        case "Enter":
          hands.openMessage(packet);
          return true;
        case "ArrowRight":
        case "ArrowDown":
          focusPacket(1, packet);
          return true;
        case "ArrowLeft":
        case "ArrowUp":
          focusPacket(-1, packet);
          return true;
        case "Escape": {
          const { to } = packet.flight;
          if (to.kind === "server") focus(to.sid);
          return true;
        }
        case "Home":
          focusLeader();
          return true;
        default:
          return false;
      }
    }
    if (sid === null) return false;
    switch (key) {
      case "k":
        store.dispatch(toggleRun(world(), sid));
        return true;
      case "p": {
        const command = togglePause(world(), sid);
        if (command !== null) store.dispatch(command);
        return true;
      }
      case "Enter":
        hands.openMenu(sid);
        return true;
      case "l":
        digitFor = { sid, timer: setTimeout(forgetDigit, DIGIT_MS) };
        hands.awaitDigit(sid);
        return true;
      case "Home":
        focusLeader();
        return true;
      case "Escape":
        hands.close();
        store.select(null);
        return true;
      default: {
        const next = neighbourOf(hands.scene(), sid, key);
        if (next !== null) focus(next);
        return next !== null || key in ARROWS;
      }
    }
  }

  function focusLeader(): void {
    const leader = leaderOf(world());
    if (leader !== null) focus(leader);
  }

  /** A focused message is named, like one under the pointer. */
  function onFocusIn(event: FocusEvent): void {
    const sid = sidAt(event.target);
    if (sid !== null) hands.focused(sid);
    const packet = flightOf(event.target);
    hands.name(packet === null ? null : { type: "look", packet }, packet?.at ?? { x: 0, y: 0 });
  }

  /** Shift changes what the pointer would do. */
  function onShift(event: KeyboardEvent): void {
    if (event.key !== "Shift" || lastMove === null) return;
    showName({
      target: lastMove.target,
      clientX: lastMove.clientX,
      clientY: lastMove.clientY,
      shiftKey: event.type === "keydown",
    });
  }

  const listeners: readonly [EventTarget, string, (event: never) => void][] = [
    [canvas, "pointerdown", onPointerDown],
    [canvas, "pointermove", onPointerMove],
    [canvas, "pointerleave", onPointerLeave],
    [window, "pointerup", onPointerUp],
    [window, "pointercancel", onPointerCancel],
    [canvas, "click", onClick],
    [canvas, "contextmenu", onContextMenu],
    [canvas, "keydown", onKeyDown],
    [canvas, "focusin", onFocusIn],
    [window, "keydown", onShift],
    [window, "keyup", onShift],
  ];
  for (const [target, type, listener] of listeners)
    target.addEventListener(type, listener as EventListener);
  // Says that a click counts from now on; the walks in the browser wait for it.
  canvas.dataset["listening"] = "";
  return () => {
    delete canvas.dataset["listening"];
    stopLongPress();
    forgetDigit();
    for (const [target, type, listener] of listeners)
      target.removeEventListener(type, listener as EventListener);
  };
}

function distanceTo(point: Point, a: Point, b: Point): number {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2 || 1;
  const share = Math.min(
    1,
    Math.max(0, ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length),
  );
  return Math.hypot(a.x + share * (b.x - a.x) - point.x, a.y + share * (b.y - a.y) - point.y);
}
