/**
 * Numbers and text packed into few bytes: an adaptive binary range coder. Every bit is foretold from the bits before it
 * in its context; a context that has seen much costs little. Source: the range coder of LZMA (its specification).
 */
const ONE = 2 ** 32;
const TOP = 2 ** 24;
const PARTS = 4_096;
const EVEN = PARTS / 2;

/** How likely a 0 is, in 4096ths, for each node of a byte's tree; and how often it has been asked, up to the slowest. */
interface Model {
  readonly chances: Uint16Array;
  readonly seen: Uint8Array;
}

/** The first bits teach most: how far a chance moves, as a shift, by how often it was asked before. */
const SHIFTS = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6];
const SLOWEST = SHIFTS.length - 1;
const LEAST = 32;

class Models {
  private readonly byContext = new Map<number, Model>();

  of(context: number): Model {
    const known = this.byContext.get(context);
    if (known !== undefined) return known;
    const model = {
      chances: new Uint16Array(256).fill(EVEN),
      seen: new Uint8Array(256),
    };
    this.byContext.set(context, model);
    return model;
  }
}

function learn({ chances, seen }: Model, node: number, bit: number): void {
  const chance = chances[node] ?? EVEN;
  const times = seen[node] ?? 0;
  const shift = SHIFTS[times] ?? 6;
  const moved = bit === 0 ? chance + ((PARTS - chance) >>> shift) : chance - (chance >>> shift);
  chances[node] = Math.max(LEAST, Math.min(PARTS - LEAST, moved));
  if (times < SLOWEST) seen[node] = times + 1;
}

/** Text is foretold from the two characters before it: contexts above those that callers number. */
const textContext = (before: number, last: number) => 65_536 + (before % 256) * 256 + (last % 256);

/** What a text has seen before it begins: the words of zoo.cfg, twice, so that they count. */
const USUAL = [
  "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\n",
  "server.1=zk1:2888:3888\nserver.2=zk2:2888:3888\nserver.3=zk3:2888:3888\n",
  "server.4=zk4:2888:3888\nserver.5=zk5:2888:3888:observer\n/locks/",
].join("");

export class BitWriter {
  private readonly models = new Models();
  private readonly bytes: number[] = [];
  private low = 0;
  private range = ONE - 1;
  private held = 0;
  private pending = 1;

  constructor() {
    prime(this.models);
  }

  byte(context: number, value: number): void {
    const model = this.models.of(context);
    let node = 1;
    for (let place = 7; place >= 0; place -= 1) {
      const bit = (value >>> place) & 1;
      this.bit(model, node, bit);
      node = node * 2 + bit;
    }
  }

  private bit(model: Model, node: number, bit: number): void {
    const bound = Math.floor(this.range / PARTS) * (model.chances[node] ?? EVEN);
    if (bit === 0) this.range = bound;
    else {
      this.low += bound;
      this.range -= bound;
    }
    learn(model, node, bit);
    while (this.range < TOP) {
      this.range *= 256;
      this.shift();
    }
  }

  private shift(): void {
    if (this.low < 0xff000000 || this.low >= ONE) {
      const carry = this.low >= ONE ? 1 : 0;
      for (let value = this.held; this.pending > 0; this.pending -= 1, value = 0xff)
        this.bytes.push((value + carry) % 256);
      this.held = Math.floor(this.low / TOP) % 256;
    }
    this.pending += 1;
    this.low = (this.low % TOP) * 256;
  }

  /** A whole number, 0 or more, in groups of seven bits. */
  whole(context: number, value: number): void {
    let left = value;
    for (let place = 0; ; place += 1) {
      const more = left >= 128;
      this.byte(context * 8 + Math.min(place, 7), (left % 128) + (more ? 128 : 0));
      if (!more) return;
      left = Math.floor(left / 128);
    }
  }

  text(context: number, text: string): void {
    this.whole(context, text.length);
    writeText(text, (at, value) => this.byte(at, value));
  }

  finish(): readonly number[] {
    for (let count = 0; count < 5; count += 1) this.shift();
    // The first byte is always 0; zeros at the end are what a reader finds behind the end.
    let end = this.bytes.length;
    while (end > 1 && this.bytes[end - 1] === 0) end -= 1;
    return this.bytes.slice(1, end);
  }
}

function writeText(text: string, put: (context: number, value: number) => void): void {
  let before = 0;
  let last = 10;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const context = textContext(before, last);
    if (code < 128) put(context, code);
    else {
      put(context, 128 + (code >>> 12));
      put(textContext(0, 1), (code >>> 6) & 63);
      put(textContext(0, 2), code & 63);
    }
    before = last;
    last = code;
  }
}

function prime(models: Models): void {
  for (let times = 0; times < 2; times += 1)
    writeText(USUAL, (context, value) => {
      const model = models.of(context);
      let node = 1;
      for (let place = 7; place >= 0; place -= 1) {
        const bit = (value >>> place) & 1;
        learn(model, node, bit);
        node = node * 2 + bit;
      }
    });
}

/** What stands in the bytes is not what a writer writes. Never leaves the codec. */
export class Unreadable extends Error {}

/** Nothing that people share has more; a hostile code ends here. */
const MOST_BYTES = 2_000_000;

export class BitReader {
  private readonly models = new Models();
  private at = 0;
  private code = 0;
  private range = ONE - 1;
  private taken = 0;

  constructor(private readonly bytes: readonly number[]) {
    prime(this.models);
    for (let count = 0; count < 4; count += 1) this.code = this.code * 256 + this.next();
  }

  private next(): number {
    const value = this.bytes[this.at] ?? 0;
    this.at += 1;
    if (this.at > this.bytes.length + 16) throw new Unreadable("ends too soon");
    return value;
  }

  byte(context: number): number {
    this.taken += 1;
    if (this.taken > MOST_BYTES) throw new Unreadable("too much");
    const model = this.models.of(context);
    let node = 1;
    while (node < 256) node = node * 2 + this.bit(model, node);
    return node - 256;
  }

  private bit(model: Model, node: number): number {
    const bound = Math.floor(this.range / PARTS) * (model.chances[node] ?? EVEN);
    const bit = this.code < bound ? 0 : 1;
    if (bit === 0) this.range = bound;
    else {
      this.code -= bound;
      this.range -= bound;
    }
    learn(model, node, bit);
    while (this.range < TOP) {
      this.range *= 256;
      this.code = (this.code * 256 + this.next()) % ONE;
    }
    return bit;
  }

  whole(context: number, most = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    let unit = 1;
    for (let place = 0; ; place += 1) {
      const group = this.byte(context * 8 + Math.min(place, 7));
      value += (group % 128) * unit;
      if (value > most || place > 7) throw new Unreadable("too large");
      if (group < 128) return value;
      unit *= 128;
    }
  }

  text(context: number, most: number): string {
    const length = this.whole(context, most);
    let text = "";
    let before = 0;
    let last = 10;
    for (let at = 0; at < length; at += 1) {
      const first = this.byte(textContext(before, last));
      const code =
        first < 128
          ? first
          : (first % 16) * 4_096 +
            (this.byte(textContext(0, 1)) % 64) * 64 +
            (this.byte(textContext(0, 2)) % 64);
      text += String.fromCharCode(code);
      before = last;
      last = code;
    }
    return text;
  }
}
