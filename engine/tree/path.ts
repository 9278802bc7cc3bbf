/** Built in; nobody may delete them. Source: ZKDatabase.isSpecialPath. */
export const SPECIAL_PATHS: readonly string[] = [
  "/",
  "/zookeeper",
  "/zookeeper/quota",
  "/zookeeper/config",
];

/**
 * Null when a znode may have this path, else the text of the exception; `@i` is the index of the character.
 * Source: PathUtils.validatePath.
 */
export function validatePath(path: string): string | null {
  if (path.length === 0) return "Path length must be > 0";
  if (!path.startsWith("/")) return "Path must start with / character";
  if (path.length === 1) return null;
  if (path.endsWith("/")) return "Path must not end with / character";
  for (let at = 1; at < path.length; at += 1) {
    const reason = faultAt(path, at);
    if (reason !== null)
      return `Invalid path string "${printable(path)}" caused by ${reason} @${at}`;
  }
  return null;
}

/** Half of a pair of surrogates cannot be printed: Java writes a question mark. */
function printable(text: string): string {
  return Array.from(text, (char) =>
    char.length === 1 && char >= "\ud800" && char <= "\udfff" ? "?" : char,
  ).join("");
}

/** What is wrong with the character at this index, or null. */
function faultAt(path: string, at: number): string | null {
  const char = path.charAt(at);
  const code = path.charCodeAt(at);
  const before = path.charAt(at - 1);
  const endsName = at + 1 === path.length || path.charAt(at + 1) === "/";
  if (code === 0) return "null character not allowed";
  if (char === "/" && before === "/") return "empty node name specified";
  if (char === "." && endsName) {
    const isDot = before === "/";
    const isDotDot = before === "." && path.charAt(at - 2) === "/";
    if (isDot || isDotDot) return "relative paths not allowed";
  }
  const isRefused =
    code <= 0x1f ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0xd800 && code <= 0xf8ff) ||
    (code >= 0xfff0 && code <= 0xffff);
  return isRefused ? "invalid character" : null;
}

/** The path of the parent; null for the root and for what has no slash. */
export function parentOf(path: string): string | null {
  const slash = path.lastIndexOf("/");
  if (slash < 0 || path === "/") return null;
  return slash === 0 ? "/" : path.slice(0, slash);
}

/** The last part of the path: the name among its siblings. Empty for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
