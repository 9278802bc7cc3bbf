import type { Acl, Data } from "../index";
import { isList, isMap, type Json, type JsonMap, wordIn } from "./schema";

/** What a vector says about a znode's data, as the engine keeps it. */
export function dataOf(data: Json | undefined): Data {
  if (typeof data === "string") return data;
  if (!isMap(data)) return null;
  if (typeof data.repeat === "string") return data.repeat.repeat(Number(data.times));
  if (typeof data.base64 === "string") return textOf(bytesOfBase64(data.base64));
  return null;
}

/** What a step sends: bytes may stand as `hex:00ff10` as well. */
export function sentDataOf(data: Json | undefined): Data {
  const [, hex] = typeof data === "string" ? (/^hex:((?:[0-9a-f]{2})*)$/.exec(data) ?? []) : [];
  if (hex === undefined) return dataOf(data);
  return textOf((hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)));
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function bytesOfBase64(text: string): readonly number[] {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    const value = BASE64.indexOf(letter);
    if (value < 0) continue;
    bits = bits * 64 + value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const unit = 2 ** held;
    bytes.push(Math.floor(bits / unit));
    bits -= Math.floor(bits / unit) * unit;
  }
  return bytes;
}

/** Bytes as text: UTF-8, and each byte that is none as a lone surrogate U+DC80 to U+DCFF. */
function textOf(bytes: readonly number[]): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const size = sequenceAt(bytes, at);
    const first = bytes[at] ?? 0;
    if (size === 0) {
      text += String.fromCharCode(0xdc00 + first);
      at += 1;
      continue;
    }
    let code = size === 1 ? first : first % 2 ** (7 - size);
    for (let next = at + 1; next < at + size; next += 1)
      code = code * 64 + ((bytes[next] ?? 0) % 64);
    text += String.fromCodePoint(code);
    at += size;
  }
  return text;
}

/** How many bytes the character here has, or 0 when there is none. */
function sequenceAt(bytes: readonly number[], at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const size = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : 2;
  if (first < 0xc2 || first >= 0xf5) return 0;
  for (let next = at + 1; next < at + size; next += 1) {
    const byte = bytes[next] ?? 0;
    if (byte < 0x80 || byte > 0xbf) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  const isOverlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const isBeyond = (first === 0xed && second > 0x9f) || (first === 0xf4 && second > 0x8f);
  return isOverlong || isBeyond ? 0 : size;
}

/** How many bytes the engine's text stands for. */
export function sizeOf(data: string): number {
  let size = 0;
  for (const letter of data) {
    const code = letter.codePointAt(0) ?? 0;
    const isByte = code >= 0xdc80 && code <= 0xdcff;
    size += isByte || code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return size;
}

/** Permissions in the order in which vectors write them. */
const LETTERS = { c: 4, d: 8, r: 1, w: 2, a: 16 } as const;

export function permsOf(perms: Json | undefined): number {
  if (typeof perms === "number") return perms;
  let sum = 0;
  for (const letter of typeof perms === "string" ? perms : "")
    sum += LETTERS[letter as keyof typeof LETTERS];
  return sum;
}

/** Letters, or the number where it is outside 0..31. */
export function permsInLetters(perms: number): string | number {
  if (perms < 0 || perms > 31) return perms;
  return Object.entries(LETTERS)
    .filter(([, bit]) => Math.floor(perms / bit) % 2 === 1)
    .map(([letter]) => letter)
    .join("");
}

export function aclOf(acl: Json | undefined): readonly Acl[] | null {
  if (!isList(acl)) return null;
  return acl.filter(isMap).map((entry: JsonMap) => ({
    scheme: wordIn(entry, "scheme"),
    id: wordIn(entry, "id"),
    perms: permsOf(entry.perms),
  }));
}

export function aclInWords(acl: readonly Acl[]) {
  return acl.map(({ scheme, id, perms }) => ({ scheme, id, perms: permsInLetters(perms) }));
}
