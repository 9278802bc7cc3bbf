import { entryOf, logicalLines } from "./zooCfg";

/** Keys and values of a properties file as Java hands them out: in the order of its hash table. */
export type Properties = readonly (readonly [key: string, value: string])[];

/**
 * Reads a properties file. Each byte is one letter, whatever the encoding of the file. Null: a malformed `\u`.
 * Source: java.util.Properties.load, ISO-8859-1.
 */
export function propertiesIn(text: string): Properties | null {
  const entries = new Map<string, string>();
  for (const { content } of logicalLines(lettersOfBytes(text))) {
    const entry = entryOf(content);
    if (entry === null) return null;
    entries.set(...entry);
  }
  return inOrderOfJava(entries);
}

/** A UTF-8 file read as ISO-8859-1. */
function lettersOfBytes(text: string): string {
  let letters = "";
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x80) letters += letter;
    else if (code < 0x800) letters += bytes(0xc0 + part(code, 6), tail(code, 0));
    else if (code < 0x10000) letters += bytes(0xe0 + part(code, 12), tail(code, 6), tail(code, 0));
    else letters += bytes(0xf0 + part(code, 18), tail(code, 12), tail(code, 6), tail(code, 0));
  }
  return letters;
}

const bytes = (...codes: readonly number[]) => String.fromCharCode(...codes);
const part = (code: number, bits: number) => code >>> bits;
const tail = (code: number, bits: number) => 0x80 + ((code >>> bits) & 0x3f);

interface Node {
  readonly key: string;
  readonly hash: number;
}

/**
 * Entries in the order in which Java 17 iterates Properties: by the bins of a ConcurrentHashMap that begins with 16 and
 * doubles when three quarters full; its way of splitting a bin turns part of it round.
 * Source: java.util.concurrent.ConcurrentHashMap.putVal, addCount, transfer.
 * Simpler than real: eight keys or more in one bin stay a list.
 */
export function inOrderOfJava(entries: ReadonlyMap<string, string>): Properties {
  let bins: Node[][] = Array.from({ length: 16 }, () => []);
  let size = 0;
  for (const key of entries.keys()) {
    const code = hashCode(key);
    const hash = (code ^ (code >>> 16)) & 0x7fffffff;
    bins[hash & (bins.length - 1)]?.push({ key, hash });
    size += 1;
    while (size >= bins.length - (bins.length >>> 2)) bins = doubled(bins);
  }
  return bins.flat().map(({ key }) => [key, entries.get(key) ?? ""]);
}

function doubled(bins: readonly Node[][]): Node[][] {
  const count = bins.length;
  const wider: Node[][] = Array.from({ length: 2 * count }, () => []);
  bins.forEach((bin, index) => {
    const goesUp = bin.map(({ hash }) => (hash & count) !== 0);
    // The last nodes that go the same way keep their order, each before them is put in front.
    let kept = bin.length - 1;
    while (kept > 0 && goesUp[kept - 1] === goesUp[kept]) kept -= 1;
    bin.forEach((node, at) => {
      const target = wider[goesUp[at] === true ? index + count : index];
      if (at >= kept) target?.push(node);
    });
    bin.slice(0, Math.max(kept, 0)).forEach((node, at) => {
      wider[goesUp[at] === true ? index + count : index]?.unshift(node);
    });
  });
  return wider;
}

/** Source: java.lang.String.hashCode. */
function hashCode(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1)
    hash = (Math.imul(31, hash) + text.charCodeAt(at)) | 0;
  return hash;
}

/** Numbers in the order in which a HashMap of Longs iterates. Source: java.util.HashMap, java.lang.Long.hashCode. */
export function numbersInOrderOfJava(numbers: Iterable<number>): readonly number[] {
  const all = [...new Set(numbers)];
  let length = 16;
  while (all.length > 0.75 * length) length *= 2;
  const binOf = (number: number) => {
    const high = Math.floor(number / 2 ** 32);
    const code = (number - high * 2 ** 32) ^ high;
    return (code ^ (code >>> 16)) & (length - 1);
  };
  return all
    .map((number, at) => ({ number, at, bin: binOf(number) }))
    .toSorted((a, b) => a.bin - b.bin || a.at - b.at)
    .map(({ number }) => number);
}
