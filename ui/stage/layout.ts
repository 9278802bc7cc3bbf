/** Where things stand on the canvas: seats by hand for one to nine servers. Pure geometry, no world. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Point, Size {}

/**
 * How much stands beside a dial: a plate; on a small canvas only a zxid label; on the home card only a log strip.
 */
export type Detail = "plates" | "labels" | "strips";

/** One server's place: its dial, and what stands beside it on the outer side. */
export interface Seat {
  readonly at: Point;
  /** The plate as high as it gets (with its vote). It grows away from the dial. */
  readonly plate: Box;
  readonly plateSide: "above" | "below" | "left" | "right";
  readonly label: Point;
  readonly labelAnchor: "start" | "middle" | "end";
  /** Outward from the middle; where a server's badges and client lines may go. */
  readonly outward: Point;
}

export interface Layout {
  readonly size: Size;
  readonly detail: Detail;
  readonly dialRadius: number;
  readonly seats: readonly Seat[];
  /** The middle of the ring, and the room the gauge has there; no room on small canvases. */
  readonly middle: Point;
  readonly gaugeRadius: number;
  /** Where the card of a waiting write stands while there is one. */
  readonly writeAt: Point;
  readonly clientRadius: number;
  readonly clientSlots: readonly Point[];
}

export const PLATE_WIDTH = 168;
export const PLATE_HEIGHT = 54;
export const PLATE_HEIGHT_VOTE = 74;
/** From a dial's edge to the middle of its quorum ring. */
export const RING_OFFSET = 12;
/** From a dial's middle to the near edge of its plate, above or below. */
const PLATE_DISTANCE = 57;
const PLATE_DISTANCE_SIDE = 54;
const MARGIN = 8;

/** x from -1 (left) to 1, y from 0 (top) to 1 of the room that dials may use; the plate's side, and its shift in px. */
type Place = readonly [
  x: number,
  y: number,
  side: "above" | "below" | "left" | "right",
  shift: number,
];

interface Table {
  readonly places: readonly Place[];
  readonly middle: number;
  /** y of the two client slots at the left and right edge. */
  readonly client: number;
}

/** Server 1 on top, then clockwise. Plates on the outer side, so that links never cross text. */
const TABLES: readonly Table[] = [
  { places: [[0, 0.1, "above", 0]], middle: 0.75, client: 0.4 },
  {
    places: [
      [-0.8, 0.5, "above", 0],
      [0.8, 0.5, "above", 0],
    ],
    middle: 0.5,
    client: 0.95,
  },
  {
    places: [
      [0, 0, "above", 0],
      [0.84, 1, "below", 20],
      [-0.84, 1, "below", -20],
    ],
    middle: 0.6,
    client: 0.42,
  },
  {
    places: [
      [0, 0, "above", 0],
      [1, 0.5, "above", 20],
      [0, 1, "below", 0],
      [-1, 0.5, "above", -20],
    ],
    middle: 0.5,
    client: 1,
  },
  {
    places: [
      [0, 0, "above", 0],
      [1, 0.38, "above", 20],
      [0.616, 1, "below", 40],
      [-0.616, 1, "below", -40],
      [-1, 0.38, "above", -20],
    ],
    middle: 0.553,
    client: 0.8,
  },
  {
    places: [
      [0, 0, "above", 0],
      [0.98, 0.25, "above", 20],
      [0.98, 0.75, "below", 20],
      [0, 1, "below", 0],
      [-0.98, 0.75, "below", -20],
      [-0.98, 0.25, "above", -20],
    ],
    middle: 0.5,
    client: 0.5,
  },
  {
    places: [
      [0, 0, "above", 0],
      [0.72, 0.14, "above", 30],
      [1, 0.62, "below", 34],
      [0.36, 1, "below", 5],
      [-0.36, 1, "below", -5],
      [-1, 0.62, "below", -34],
      [-0.72, 0.14, "above", -30],
    ],
    middle: 0.5,
    client: 0.34,
  },
  {
    places: [
      [0, 0, "above", 0],
      [0.8, 0.2, "right", 0],
      [1, 0.5, "right", 0],
      [0.8, 0.8, "right", 0],
      [0, 1, "below", 0],
      [-0.8, 0.8, "left", 0],
      [-1, 0.5, "left", 0],
      [-0.8, 0.2, "left", 0],
    ],
    middle: 0.5,
    client: 1,
  },
  {
    places: [
      [0, 0, "above", 0],
      [0.78, 0.16, "right", 0],
      [1, 0.44, "right", 0],
      [0.95, 0.72, "right", 0],
      [0.6, 1, "right", 0],
      [-0.6, 1, "left", 0],
      [-0.95, 0.72, "left", 0],
      [-1, 0.44, "left", 0],
      [-0.78, 0.16, "left", 0],
    ],
    middle: 0.5,
    client: 0,
  },
];

/**
 * Seats for so many servers, in their order. Those whose place is among `outside` (observers) stand on an arc outside the
 * ring. Plates are given up for labels where they would touch something.
 */
export function layoutOf(
  count: number,
  size: Size,
  card: boolean,
  outside: readonly number[] = [],
): Layout {
  const inside = count - outside.length;
  if (!card && size.width >= 560) {
    const plates = withArc(platesLayout, inside, size, outside);
    if (isClear(plates, outside)) return plates;
  }
  const detail = card ? "strips" : "labels";
  return withArc((ring, room) => ringLayout(ring, room, detail), inside, size, outside);
}

/** From this width on the arc stands at the right, else below. */
const WIDE = 860;
const ARC_WIDTH = 216;
const ARC_HEIGHT = 190;
const ARC_HEIGHT_LABELS = 66;
const ARC_BEND = 16;

/** The ring in the room that the arc leaves, and the arc's seats between its own, in the order of the servers. */
function withArc(
  ringIn: (count: number, room: Size) => Layout,
  inside: number,
  size: Size,
  outside: readonly number[],
): Layout {
  if (outside.length === 0) return ringIn(inside, size);
  const hasPlates = ringIn(inside, size).detail === "plates";
  const atRight = hasPlates && size.width >= WIDE;
  const below = hasPlates ? ARC_HEIGHT : ARC_HEIGHT_LABELS;
  const room = atRight
    ? { width: size.width - ARC_WIDTH, height: size.height }
    : { width: size.width, height: size.height - below };
  const ring = ringIn(Math.max(1, inside), room);
  const arc = arcSeats(outside.length, size, ring, atRight);
  const seats: Seat[] = [];
  for (let index = 0, on = 0, off = 0; index < inside + outside.length; index += 1) {
    const seat = outside.includes(index) ? arc[off++] : ring.seats[on++];
    if (seat !== undefined) seats.push(seat);
  }
  return { ...ring, size, seats };
}

function arcSeats(count: number, size: Size, ring: Layout, atRight: boolean): readonly Seat[] {
  const hasPlates = ring.detail === "plates";
  return Array.from({ length: count }, (_, index): Seat => {
    const place = count === 1 ? 0 : (2 * index) / (count - 1) - 1;
    const bend = ARC_BEND * place * place;
    let at: Point;
    if (atRight) {
      const step = Math.min(178, (size.height - 2 * MARGIN - 162) / Math.max(1, count - 1));
      const middle = size.height / 2 - 44;
      at = { x: size.width - 100 - bend, y: middle + (place * step * (count - 1)) / 2 };
    } else {
      const step = Math.min(hasPlates ? 190 : 120, (size.width - 180) / Math.max(1, count - 1));
      const y = size.height - (hasPlates ? PLATE_DISTANCE + PLATE_HEIGHT_VOTE + MARGIN : 46);
      at = { x: size.width / 2 + (place * step * (count - 1)) / 2, y: y - (hasPlates ? bend : 0) };
    }
    at = { x: Math.round(at.x), y: Math.round(at.y) };
    return {
      at,
      plate: hasPlates ? plateBox(at, "below", 0, size) : { x: at.x, y: at.y, width: 0, height: 0 },
      plateSide: hasPlates ? "below" : "right",
      label: { x: at.x + ring.dialRadius + 9, y: at.y + 4 },
      labelAnchor: "start",
      outward: outwardOf(at, ring.middle),
    };
  });
}

function platesLayout(count: number, size: Size): Layout {
  const table = TABLES[Math.min(Math.max(count, 1), TABLES.length) - 1] ?? TABLES[4]!;
  const flat = size.height < 560;
  const sides = new Set(table.places.map((place) => place[2]));
  const besides = sides.has("right");
  const lowest = table.places.reduce((low, place) => (place[1] > low[1] ? place : low));
  const top = MARGIN + PLATE_HEIGHT_VOTE + PLATE_DISTANCE;
  const bottom = size.height - (lowest[2] === "below" ? top : 62);
  const halfWidth = besides
    ? Math.min(size.width / 2 - MARGIN - PLATE_WIDTH - PLATE_DISTANCE_SIDE, 250)
    : Math.min(size.width / 2 - 114 - 12, 270);
  const centre = size.width / 2;
  const y = (share: number) => Math.round(top + share * (bottom - top));
  const middle = { x: centre, y: y(table.middle) };
  const seats = table.places.map(([shareX, shareY, side, shift]): Seat => {
    const at = { x: Math.round(centre + shareX * halfWidth), y: y(shareY) };
    // On a low canvas the lower plates move inwards, to leave the corners to clients.
    const moved = flat && side === "below" && count === 5 ? -shift / 4 : shift;
    const plate = plateBox(at, side, moved, size);
    return {
      at,
      plate,
      plateSide: side,
      ...labelAt(at, shareX, shareY, 31),
      outward: outwardOf(at, middle),
    };
  });
  return {
    size,
    detail: "plates",
    dialRadius: 31,
    seats,
    middle,
    gaugeRadius: flat ? 40 : 46,
    // A flat pentagon has its free place between the two lower dials.
    writeAt: flat && count === 5 ? { x: centre, y: bottom - 22 } : middle,
    clientRadius: 22,
    clientSlots: clientSlots(count, size, flat, y(table.client)),
  };
}

/** Stable places outside the ring; the first one sees every server past the others' dials. */
function clientSlots(count: number, size: Size, flat: boolean, y: number): readonly Point[] {
  const edge = 60;
  const corners = [
    { x: edge, y: 56 },
    { x: size.width - edge, y: 56 },
  ];
  if (count > 7) return corners;
  const side = flat && count < 6 ? size.height - 92 : Math.min(y, size.height - 92);
  const sides = [{ x: edge, y: side }, { x: size.width - edge, y: side }, ...corners];
  const between = count === 3 || count === 5;
  return flat && between ? [{ x: size.width / 2, y: size.height - 64 }, ...sides] : sides;
}

/** The same ring without plates: on phones, and on the home card. */
function ringLayout(count: number, size: Size, detail: "labels" | "strips"): Layout {
  const small = size.width < 480;
  const strips = detail === "strips";
  const dialRadius = small ? 25 : 31;
  const top = strips ? 70 : small ? 91 : 90;
  // A small card has the transport and its caption below the ring, a wide one beside it.
  const bottom = size.height - (strips ? (small ? 112 : 64) : 66);
  const halfWidth = strips
    ? Math.min(Math.max(size.width / 2 - (small ? 106 : 112), 70), 190)
    : size.width / 2 - (small ? 62 : 90);
  const centre = size.width / 2;
  const lowestShare = Math.cos((Math.PI / count) * (count % 2));
  const depth = count > 1 ? 1 + lowestShare : 2;
  const widest = Math.max(...angles(count).map((angle) => Math.abs(Math.sin(angle))), 0.001);
  const middle = { x: centre, y: Math.round(top + (bottom - top) / depth) };
  const seats = angles(count).map((angle): Seat => {
    const shareX = count === 1 ? 0 : Math.sin(angle) / widest;
    const shareY = (1 - Math.cos(angle)) / depth;
    const at =
      count === 1
        ? { x: centre, y: Math.round((top + bottom) / 2) }
        : {
            x: Math.round(centre + shareX * halfWidth),
            y: Math.round(top + shareY * (bottom - top)),
          };
    const beside = shareX > -0.01 ? "right" : "left";
    return {
      at,
      plate: { x: at.x, y: at.y, width: 0, height: 0 },
      plateSide: beside,
      ...labelAt(at, shareX, shareY, dialRadius),
      outward: outwardOf(at, middle),
    };
  });
  return {
    size,
    detail,
    dialRadius,
    seats,
    middle,
    gaugeRadius: 0,
    writeAt: middle,
    clientRadius: 15,
    clientSlots: [
      // Odd ensembles leave the place between their two lower dials.
      {
        x: count % 2 === 1 && count > 1 ? centre : 28,
        y: strips && small ? bottom + 50 : size.height - 32,
      },
      { x: 28, y: Math.round(top + 0.74 * (bottom - top)) },
      { x: size.width - 28, y: Math.round(top + 0.74 * (bottom - top)) },
    ],
  };
}

function angles(count: number): number[] {
  // Two stand side by side, all others begin on top.
  if (count === 2) return [-Math.PI / 2, Math.PI / 2];
  return Array.from({ length: count }, (_, index) => (2 * Math.PI * index) / count);
}

function plateBox(at: Point, side: Place[2], shift: number, size: Size): Box {
  const width = PLATE_WIDTH;
  const height = PLATE_HEIGHT_VOTE;
  const inside = (x: number) => Math.min(Math.max(x, MARGIN), size.width - MARGIN - width);
  switch (side) {
    case "above":
      return {
        x: inside(at.x - width / 2 + shift),
        y: at.y - PLATE_DISTANCE - height,
        width,
        height,
      };
    case "below":
      return { x: inside(at.x - width / 2 + shift), y: at.y + PLATE_DISTANCE, width, height };
    case "left":
      return { x: at.x - PLATE_DISTANCE_SIDE - width, y: at.y - height / 2, width, height };
    case "right":
      return { x: at.x + PLATE_DISTANCE_SIDE, y: at.y - height / 2, width, height };
  }
}

function labelAt(
  at: Point,
  shareX: number,
  shareY: number,
  r: number,
): { label: Point; labelAnchor: Seat["labelAnchor"] } {
  const ring = r + RING_OFFSET;
  if (Math.abs(shareX) < 0.1 && shareY < 0.5) {
    return { label: { x: at.x + ring + 14, y: at.y + 4 }, labelAnchor: "start" };
  }
  if (Math.abs(shareX) < 0.1)
    return { label: { x: at.x, y: at.y + ring + 20 }, labelAnchor: "middle" };
  if (shareY < 0.55) return { label: { x: at.x, y: at.y - ring - 10 }, labelAnchor: "middle" };
  return shareX > 0
    ? { label: { x: at.x + r - 2, y: at.y + ring + 10 }, labelAnchor: "start" }
    : { label: { x: at.x - r + 2, y: at.y + ring + 10 }, labelAnchor: "end" };
}

function outwardOf(at: Point, middle: Point): Point {
  const x = at.x - middle.x;
  const y = at.y - middle.y;
  const length = Math.hypot(x, y) || 1;
  return { x: x / length, y: y / length };
}

/**
 * Does no plate touch another plate, a dial with its ring, the first client or the edge of the canvas, does no link of
 * the ring run through a plate, and does no dial touch another or the gauge?
 */
function isClear(layout: Layout, outside: readonly number[]): boolean {
  const { size, seats, dialRadius, clientSlots, clientRadius, middle, gaugeRadius } = layout;
  const ring = dialRadius + RING_OFFSET + 3;
  const [client] = clientSlots;
  const inside = ({ x, y, width, height }: Box) =>
    x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height;
  return seats.every(({ plate, at }, index) => {
    if (!inside(plate)) return false;
    if (Math.hypot(middle.x - at.x, middle.y - at.y) < dialRadius + gaugeRadius) return false;
    if (client !== undefined && boxTouchesDisc(plate, client, clientRadius + 3)) return false;
    return seats.every((other, otherIndex) => {
      if (otherIndex === index) return true;
      if (Math.hypot(other.at.x - at.x, other.at.y - at.y) < 2 * ring) return false;
      if (boxesTouch(plate, other.plate) || boxTouchesDisc(plate, other.at, ring)) return false;
      // The links of the outer ones pass under the plates.
      if (outside.includes(index) || outside.includes(otherIndex)) return true;
      return seats.every((third) => !lineCrossesBox(at, other.at, third.plate));
    });
  });
}

export function boxesTouch(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function boxTouchesDisc(box: Box, at: Point, radius: number): boolean {
  const x = Math.min(Math.max(at.x, box.x), box.x + box.width);
  const y = Math.min(Math.max(at.y, box.y), box.y + box.height);
  return Math.hypot(x - at.x, y - at.y) < radius;
}

/** Does the stretch from a to b run through the box? */
export function lineCrossesBox(a: Point, b: Point, box: Box): boolean {
  let from = 0;
  let to = 1;
  const bounds: [number, number, number, number][] = [
    [a.x, b.x - a.x, box.x, box.x + box.width],
    [a.y, b.y - a.y, box.y, box.y + box.height],
  ];
  for (const [start, delta, low, high] of bounds) {
    if (delta === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const one = (low - start) / delta;
    const two = (high - start) / delta;
    from = Math.max(from, Math.min(one, two));
    to = Math.min(to, Math.max(one, two));
  }
  return from < to;
}

/** A ring segment as a path: angles in turns, 0 on top, clockwise. */
export function arcPath(at: Point, radius: number, fromTurn: number, toTurn: number): string {
  const point = (turn: number) => {
    const angle = turn * 2 * Math.PI;
    return `${round(at.x + radius * Math.sin(angle))} ${round(at.y - radius * Math.cos(angle))}`;
  };
  const large = toTurn - fromTurn > 0.5 ? 1 : 0;
  return `M${point(fromTurn)}A${radius} ${radius} 0 ${large} 1 ${point(toTurn)}`;
}

/** Paths of a ring's segments, as long as they weigh, with a small gap at each seam, the first beginning on top. */
export function ringSegments(
  at: Point,
  radius: number,
  weights: readonly number[],
): readonly string[] {
  if (weights.length <= 1) return [arcPath(at, radius, 0.0001, 0.9999)];
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const gap = 5.5 / (2 * Math.PI * radius);
  let before = 0;
  return weights.map((weight) => {
    const from = before / whole;
    before += weight;
    return arcPath(at, radius, from + gap / 2, before / whole - gap / 2);
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
