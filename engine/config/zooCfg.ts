/** A learner's slip in a file that ZooKeeper itself may pass over in silence. Lines count from 1. */
export type Problem =
  /** An earlier line gave this key too; the last one wins. */
  | {
      readonly code: "duplicateKey";
      readonly line: number;
      readonly key: string;
      readonly firstLine: number;
    }
  /** A `\u` without four hexadecimal digits: Java refuses the whole file. */
  | { readonly code: "malformedEscape"; readonly line: number };

/** What stands in a zoo.cfg: every key with its value, blanks around both dropped. */
export interface ZooCfg {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/**
 * Reads a zoo.cfg as Java reads a properties file: `key=value`, `key:value` or `key value`; lines that begin with
 * `#` or `!` are comments; a backslash at the end continues the line; a repeated key overwrites.
 * Source: java.util.Properties.load; QuorumPeerConfig.parseProperties trims keys and values.
 */
export function parseZooCfg(text: string): ZooCfg {
  const values: Record<string, string> = {};
  const problems: Problem[] = [];
  const lineOf = new Map<string, number>();
  for (const { content, line } of logicalLines(text)) {
    const entry = entryOf(content);
    if (entry === null) {
      problems.push({ code: "malformedEscape", line });
      continue;
    }
    const name = entry[0].trim();
    const firstLine = lineOf.get(name);
    if (firstLine === undefined) lineOf.set(name, line);
    else problems.push({ code: "duplicateKey", line, key: name, firstLine });
    // A file may well name a key "__proto__"; an assignment would not store it.
    Object.defineProperty(values, name, {
      value: entry[1].trim(),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return { values, problems };
}

/** Key and value of a logical line, nothing trimmed behind them. Null when a `\u` is malformed. */
export function entryOf(content: string): readonly [string, string] | null {
  const { rawKey, rawValue } = splitLine(content);
  const key = resolveEscapes(rawKey);
  const value = resolveEscapes(rawValue);
  return key === null || value === null ? null : [key, value];
}

interface LogicalLine {
  readonly content: string;
  /** Where it begins. */
  readonly line: number;
}

/** Lines joined at their backslashes, without comments, empty lines and leading blanks. */
export function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let open: LogicalLine | null = null;
  for (const [index, natural] of text.split(/\r\n|\r|\n/).entries()) {
    const bare = natural.replace(/^[ \t\f]+/, "");
    if (open === null && (bare === "" || bare.startsWith("#") || bare.startsWith("!"))) continue;
    const continues = endsWithOpenBackslash(bare);
    const content: string = (open?.content ?? "") + (continues ? bare.slice(0, -1) : bare);
    const line: number = open?.line ?? index + 1;
    if (continues) {
      open = { content, line };
    } else {
      lines.push({ content, line });
      open = null;
    }
  }
  if (open !== null && open.content !== "") lines.push(open);
  return lines;
}

/** Is the last backslash itself not escaped? */
function endsWithOpenBackslash(text: string): boolean {
  const backslashes = /\\*$/.exec(text)?.[0].length ?? 0;
  return backslashes % 2 === 1;
}

/** Key up to the first unescaped `=`, `:` or blank; then one such sign and the blanks around it are dropped. */
function splitLine(content: string): { rawKey: string; rawValue: string } {
  let at = 0;
  while (at < content.length && !"=: \t\f".includes(content.charAt(at)))
    at += content.charAt(at) === "\\" ? 2 : 1;
  const rawKey = content.slice(0, at);
  const rawValue = content.slice(at).replace(/^[ \t\f]*[=:]?[ \t\f]*/, "");
  return { rawKey, rawValue };
}

/** Resolves `\t`, `\n`, `\r`, `\f`, `\uXXXX`; drops any other backslash. Null when a `\u` is malformed. */
function resolveEscapes(text: string): string | null {
  let malformed = false;
  const plain = text.replace(/\\(u[0-9a-fA-F]{4}|[^]|$)/g, (_, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    switch (escape) {
      case "t":
        return "\t";
      case "n":
        return "\n";
      case "r":
        return "\r";
      case "f":
        return "\f";
      case "u":
        malformed = true;
        return "";
      default:
        return escape;
    }
  });
  return malformed ? null : plain;
}
