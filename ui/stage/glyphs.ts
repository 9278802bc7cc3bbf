import { counterOf, type Packet } from "../../engine/index";

/**
 * The shape of each message, as data: React draws it in texts, menus and tables, the packet loop on the stage.
 * Hue is protocol phase, shape is type, fill is durability: hollow asks, solid is settled.
 */

/** Every packet type; an ACK of NEWLEADER is a kind of its own, and so is a PING on its way back. */
export type GlyphName =
  | Exclude<Packet["type"], "FIN">
  | "ACKNEWLEADER"
  | "PINGBACK"
  | "closeSession";
export type Family = "election" | "handshake" | "broadcast" | "upkeep" | "client";

/** `solid`: filled with the hue. `hollow`: outlined, over the ground. `line`: outlined only. `cut`: drawn into a solid shape. */
export interface Mark {
  readonly paint: "solid" | "hollow" | "line" | "cut" | "dash" | "thin";
  readonly d: string;
}

export interface Glyph {
  readonly family: Family;
  readonly marks: readonly Mark[];
  /** A letter in the middle. */
  readonly letter?: string;
  /** Points where it goes. */
  readonly turns?: true;
  /** Small and quiet: no trail, no halo on the ground. */
  readonly quiet?: true;
}

/** A circle as a path, so that every mark is one. */
function circle(r: number): string {
  return `M0 ${-r}A${r} ${r} 0 1 1 0 ${r}A${r} ${r} 0 1 1 0 ${-r}Z`;
}

function box(x: number, y: number, width: number, height: number, r: number): string {
  return (
    `M${x + r} ${y}H${x + width - r}A${r} ${r} 0 0 1 ${x + width} ${y + r}V${y + height - r}` +
    `A${r} ${r} 0 0 1 ${x + width - r} ${y + height}H${x + r}A${r} ${r} 0 0 1 ${x} ${y + height - r}` +
    `V${y + r}A${r} ${r} 0 0 1 ${x + r} ${y}Z`
  );
}

const DIAMOND =
  "M-2-11.2a2.8 2.8 0 0 1 4 0l9.2 9.2a2.8 2.8 0 0 1 0 4l-9.2 9.2a2.8 2.8 0 0 1-4 0l-9.2-9.2a2.8 2.8 0 0 1 0-4Z";
const HOUSE_UP = "M0-9.2 8.6-2V8.6H-8.6V-2Z";
const HOUSE_DOWN = "M-9.4-8.6A1 1 0 0 1-8.4-9.6H8.4A1 1 0 0 1 9.4-8.6V2.2L0 9.8-9.4 2.2Z";
const TICK = "M-4.2 0.4-1.2 3.4 4.4-3";
/** What an observer gets or says bears an eye. */
const eye = (y: number, width: number) =>
  `M${-width} ${y}Q0 ${y - width} ${width} ${y}Q0 ${y + width} ${-width} ${y}Z`;
const pupil = (y: number) => `M0 ${y - 1.5}A1.5 1.5 0 1 1 0 ${y + 1.5} 1.5 1.5 0 1 1 0 ${y - 1.5}Z`;
const STAR = "M0-11.2 3.2-3.7 11.3-3 5.2 2.4 7 10.3 0 6.1-7 10.3-5.2 2.4-11.3-3-3.2-3.7Z";
const TRIANGLE = "M-7.4-8.8 9.6 0-7.4 8.8Z";

export const GLYPHS: Readonly<Record<GlyphName, Glyph>> = {
  HELLO: { family: "election", marks: [{ paint: "solid", d: circle(4.2) }], quiet: true },
  NOTIFICATION: { family: "election", marks: [{ paint: "solid", d: DIAMOND }], letter: "" },

  FOLLOWERINFO: { family: "handshake", marks: [{ paint: "hollow", d: HOUSE_UP }] },
  LEADERINFO: { family: "handshake", marks: [{ paint: "solid", d: HOUSE_DOWN }] },
  ACKEPOCH: {
    family: "handshake",
    marks: [
      { paint: "hollow", d: HOUSE_UP },
      { paint: "line", d: "M-3.8 2.4-1 5.2 4.2-0.8" },
    ],
  },
  OBSERVERINFO: {
    family: "handshake",
    marks: [
      { paint: "hollow", d: HOUSE_UP },
      { paint: "thin", d: eye(2.6, 5.4) },
      { paint: "solid", d: pupil(2.6) },
    ],
  },
  DIFF: {
    family: "handshake",
    marks: [
      { paint: "solid", d: box(-9.4, -3.4, 12.8, 12.8, 2.5) },
      { paint: "hollow", d: box(-3.6, -8.6, 12.2, 12.2, 2.5) },
      { paint: "thin", d: "M2.5-5.6V0.6M-0.6-2.5H5.6" },
    ],
  },
  TRUNC: {
    family: "handshake",
    marks: [
      { paint: "solid", d: "M-9.4-8.4A1 1 0 0 1-8.4-9.4H8.4A1 1 0 0 1 9.4-8.4V-2.2L-9.4 5Z" },
      { paint: "dash", d: "M-9 9.4 9.4 2.4" },
    ],
  },
  SNAP: {
    family: "handshake",
    marks: [
      { paint: "hollow", d: box(-8.8, -8.8, 17.6, 17.6, 3) },
      {
        paint: "solid",
        d: `${box(-4.6, -4.6, 4, 4, 0.6)}${box(0.6, -4.6, 4, 4, 0.6)}${box(-4.6, 0.6, 4, 4, 0.6)}${box(0.6, 0.6, 4, 4, 0.6)}`,
      },
    ],
  },
  NEWLEADER: {
    family: "handshake",
    marks: [
      { paint: "solid", d: "M-6.8-9H9.6L5.6-3.6 9.6 1.8H-6.8Z" },
      { paint: "line", d: "M-7.4-9.4V9.8" },
    ],
  },
  ACKNEWLEADER: {
    family: "handshake",
    marks: [
      { paint: "hollow", d: circle(9) },
      { paint: "line", d: TICK },
    ],
  },
  UPTODATE: {
    family: "handshake",
    marks: [
      { paint: "solid", d: circle(10) },
      { paint: "cut", d: "M-4.2 0.2 0-4 4.2 0.2M-4.2 5.2 0 1 4.2 5.2" },
    ],
  },

  REQUEST: {
    family: "broadcast",
    marks: [
      { paint: "hollow", d: "M-10-7.6H3L10.2 0 3 7.6H-10Z" },
      { paint: "line", d: "M-4.4 0H1.4" },
    ],
    turns: true,
  },
  PROPOSAL: {
    family: "broadcast",
    marks: [{ paint: "hollow", d: box(-8.6, -8.6, 17.2, 17.2, 3) }],
  },
  ACK: {
    family: "broadcast",
    marks: [
      { paint: "hollow", d: circle(9) },
      { paint: "line", d: TICK },
    ],
  },
  COMMIT: { family: "broadcast", marks: [{ paint: "solid", d: box(-9.6, -9.6, 19.2, 19.2, 3) }] },
  INFORM: {
    family: "broadcast",
    marks: [
      { paint: "solid", d: box(-9.6, -9.6, 19.2, 19.2, 3) },
      { paint: "cut", d: `${eye(0, 6.4)}${pupil(0)}` },
    ],
  },
  SYNC: { family: "upkeep", marks: [{ paint: "hollow", d: circle(8) }], letter: "S" },

  PING: {
    family: "upkeep",
    marks: [
      { paint: "thin", d: circle(4.6) },
      { paint: "solid", d: circle(1.5) },
    ],
    quiet: true,
  },
  PINGBACK: { family: "upkeep", marks: [{ paint: "thin", d: circle(4.6) }], quiet: true },
  REVALIDATE: { family: "upkeep", marks: [{ paint: "hollow", d: circle(8) }], letter: "R" },

  ConnectRequest: {
    family: "client",
    marks: [
      { paint: "solid", d: TRIANGLE },
      { paint: "cut", d: "M-3.6 0H2.2M-0.7-2.9V2.9" },
    ],
    turns: true,
  },
  ConnectResponse: {
    family: "client",
    marks: [
      { paint: "hollow", d: TRIANGLE },
      { paint: "solid", d: "M-4 0A2.2 2.2 0 1 1 0.4 0 2.2 2.2 0 1 1-4 0Z" },
    ],
    turns: true,
  },
  request: { family: "client", marks: [{ paint: "solid", d: TRIANGLE }], turns: true },
  watchEvent: { family: "client", marks: [{ paint: "solid", d: STAR }] },
  response: { family: "client", marks: [{ paint: "hollow", d: TRIANGLE }], turns: true },
  closeSession: {
    family: "client",
    marks: [
      { paint: "solid", d: TRIANGLE },
      { paint: "cut", d: "M-3.4-2.6 1.8 2.6M1.8-2.6-3.4 2.6" },
    ],
    turns: true,
  },
  ping: {
    family: "upkeep",
    marks: [
      { paint: "thin", d: circle(4.6) },
      { paint: "solid", d: circle(1.5) },
    ],
    quiet: true,
  },
  pong: { family: "upkeep", marks: [{ paint: "thin", d: circle(4.6) }], quiet: true },
};

/** Which glyph a packet wears; none when it is not shown. */
export function glyphNameOf(packet: Packet): GlyphName | null {
  switch (packet.type) {
    case "FIN":
      return null;
    case "ACK":
      // No packet is called "NEWLEADER ack": it is an ACK whose zxid is the first of the epoch, counter 0.
      return counterOf(packet.zxid) === 0 ? "ACKNEWLEADER" : "ACK";
    case "request":
      return packet.op.type === "closeSession" ? "closeSession" : "request";
    case "PING":
      return packet.reply ? "PINGBACK" : "PING";
    default:
      return packet.type;
  }
}

/** What stands in its middle: a notification carries the sid it votes for. */
export function letterOf(packet: Packet): string {
  if (packet.type === "NOTIFICATION") return String(packet.leader);
  const name = glyphNameOf(packet);
  return name === null ? "" : (GLYPHS[name].letter ?? "");
}

/** ZooKeeper's name of the message: both kinds of ACK are one packet. */
export function packetNameOf(packet: Packet): string {
  return packet.type;
}
