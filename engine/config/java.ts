/** One exception of Java as a log names it. */
export interface JavaException {
  readonly class: string;
  readonly message: string;
}

/** Leaves a reading at the first fault; the chain begins outermost. Never leaves this room. */
export class Thrown extends Error {
  readonly chain: readonly JavaException[];

  constructor(...chain: readonly JavaException[]) {
    super(chain[0]?.message ?? "");
    this.chain = chain;
  }
}

const CONFIG_EXCEPTION = "org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException";

/** Source: QuorumPeerConfig.ConfigException. */
export function refuse(message: string, ...causes: readonly JavaException[]): never {
  throw new Thrown({ class: CONFIG_EXCEPTION, message }, ...causes);
}

/** Source: java.lang.IllegalArgumentException. */
export function illegal(message: string, ...causes: readonly JavaException[]): never {
  throw new Thrown({ class: "java.lang.IllegalArgumentException", message }, ...causes);
}

/** Any other exception. */
export function fail(name: string, message: string): never {
  throw new Thrown({ class: name, message });
}

/** How the process ends: 2 for a bad file, 1 for what nobody expected. Source: QuorumPeerMain.main, ExitCode. */
export function exitCodeOf(chain: readonly JavaException[]): number {
  return chain[0]?.class === CONFIG_EXCEPTION ? 2 : 1;
}

/** What the parser wraps: every IOException and every IllegalArgumentException. */
const WRAPPED: readonly string[] = [
  "java.lang.IllegalArgumentException",
  "java.lang.NumberFormatException",
  "java.net.UnknownHostException",
  "java.io.FileNotFoundException",
];

/** Reads something of a file; what goes wrong is told with the name of the file. Source: QuorumPeerConfig.parse. */
export function processing<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Thrown)) throw thrown;
    const [first] = thrown.chain;
    if (first === undefined || !WRAPPED.includes(first.class)) throw thrown;
    return refuse(`Error processing ${path}`, ...thrown.chain);
  }
}

/** Without the signs up to the blank at both ends; others that look blank stay. Source: java.lang.String.trim. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return text.slice(start, end);
}

/** Parts between separators; empty ones at the end are left out. Source: java.lang.String.split. */
export function splitAt(text: string, separator: string): readonly string[] {
  if (text === "") return [""];
  const parts = text.split(separator);
  while (parts.length > 0 && parts.at(-1) === "") parts.pop();
  return parts;
}

function noNumber(text: string, radix: number): never {
  const under = radix === 10 ? "" : ` under radix ${radix}`;
  return fail("java.lang.NumberFormatException", `For input string: "${text}"${under}`);
}

/** Is it written as a whole number and within 32 bits? */
export function isInteger(text: string): boolean {
  const value = Number(text);
  return /^[+-]?[0-9]+$/.test(text) && value <= 2 ** 31 - 1 && value >= -(2 ** 31);
}

/** Source: java.lang.Integer.parseInt. */
export function parseInteger(text: string): number {
  return isInteger(text) ? Number(text) + 0 : noNumber(text, 10);
}

/**
 * Source: java.lang.Long.parseLong.
 * Simpler than real: beyond 2^53 the last digits are lost.
 */
export function parseLong(text: string, radix: 10 | 16 = 10): number {
  const [, sign = "", digits = ""] = /^([+-]?)0*([0-9a-fA-F]*)$/.exec(text) ?? [];
  const isNumber = radix === 16 ? /^[+-]?[0-9a-fA-F]+$/.test(text) : /^[+-]?[0-9]+$/.test(text);
  const most = radix === 16 ? `7${"f".repeat(15)}` : "9223372036854775807";
  const lowest = radix === 16 ? `8${"0".repeat(15)}` : "9223372036854775808";
  const limit = sign === "-" ? lowest : most;
  const fits =
    digits.length < limit.length ||
    (digits.length === limit.length && digits.toLowerCase() <= limit);
  if (!isNumber || !fits) return noNumber(text, radix);
  const value = digits === "" ? 0 : Number.parseInt(digits, radix);
  return sign === "-" && value !== 0 ? -value : value;
}

/** Source: java.lang.Long.toHexString. */
export function hexOf(value: number): string {
  return (value < 0 ? BigInt.asUintN(64, BigInt(value)) : value).toString(16);
}
