/** `user:base64(sha1("user:password"))`. Source: DigestAuthenticationProvider.generateDigest. */
export function digestOf(userAndPassword: string): string {
  const colon = userAndPassword.indexOf(":");
  const user = colon < 0 ? userAndPassword : userAndPassword.slice(0, colon);
  return `${user}:${base64(sha1(utf8(userAndPassword)))}`;
}

/** The text's bytes in UTF-8; half of a pair alone is U+FFFD. */
export function utf8(text: string): readonly number[] {
  const bytes: number[] = [];
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 + (code >> 6), tail(code, 0));
    else if (code < 0x10000) bytes.push(0xe0 + (code >> 12), tail(code, 6), tail(code, 0));
    else bytes.push(0xf0 + (code >> 18), tail(code, 12), tail(code, 6), tail(code, 0));
  }
  return bytes;
}

function tail(code: number, shift: number): number {
  return 0x80 + ((code >> shift) & 0x3f);
}

/** FIPS 180-4, section 6.1. */
export function sha1(message: readonly number[]): readonly number[] {
  const words = paddedWords(message);
  let [h0, h1, h2, h3, h4] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let block = 0; block < words.length; block += 16) {
    const w = words.slice(block, block + 16);
    for (let t = 16; t < 80; t += 1)
      w.push(rotated((w[t - 3] ?? 0) ^ (w[t - 8] ?? 0) ^ (w[t - 14] ?? 0) ^ (w[t - 16] ?? 0), 1));
    let [a, b, c, d, e] = [h0, h1, h2, h3, h4];
    for (let t = 0; t < 80; t += 1) {
      const [f, k] = roundOf(t, b, c, d);
      const next = (rotated(a, 5) + f + e + k + (w[t] ?? 0)) | 0;
      [a, b, c, d, e] = [next, a, rotated(b, 30), c, d];
    }
    [h0, h1, h2, h3, h4] = [(h0 + a) | 0, (h1 + b) | 0, (h2 + c) | 0, (h3 + d) | 0, (h4 + e) | 0];
  }
  return [h0, h1, h2, h3, h4].flatMap(bytesOfWord);
}

/** The message, a one, zeros, and its length in bits: whole blocks of 16 words. */
function paddedWords(message: readonly number[]): number[] {
  const blocks = Math.floor((message.length + 8) / 64) + 1;
  const words: number[] = Array.from({ length: blocks * 16 }, () => 0);
  const put = (at: number, byte: number) => {
    const index = Math.floor(at / 4);
    words[index] = (words[index] ?? 0) | (byte << (24 - (at % 4) * 8));
  };
  for (const [at, byte] of message.entries()) put(at, byte);
  put(message.length, 0x80);
  words[words.length - 2] = Math.floor(message.length / 2 ** 29);
  words[words.length - 1] = (message.length << 3) | 0;
  return words;
}

function roundOf(t: number, b: number, c: number, d: number): readonly [number, number] {
  if (t < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (t < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (t < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function bytesOfWord(word: number): number[] {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648, section 4. */
export function base64(bytes: readonly number[]): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two = 0, three = 0] = bytes.slice(at, at + 3);
    const group = one * 65_536 + two * 256 + three;
    const letters = [18, 12, 6, 0].map((shift) => LETTERS.charAt((group >> shift) & 63)).join("");
    const used = Math.min(bytes.length - at, 3) + 1;
    text += letters.slice(0, used) + "=".repeat(4 - used);
  }
  return text;
}
