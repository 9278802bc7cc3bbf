/** A host with its port as Java keeps it. */
export interface SocketAddress {
  /** As it stands in the file. */
  readonly written: string;
  /** The name it was asked by; null for an address in digits. */
  readonly hostName: string | null;
  /** In digits; null: the name is not known. */
  readonly ip: string | null;
  readonly port: number;
}

/** Bound to every address of the host. */
export const ANY_HOST = { written: "0.0.0.0", hostName: "0.0.0.0", ip: "0.0.0.0" } as const;

/**
 * What a name stands for. Source: java.net.InetAddress.getByName.
 * Simpler than real: every name is known but those under `invalid` and what cannot be one; but for localhost, its
 * address is the name itself.
 */
export function hostOf(written: string): Omit<SocketAddress, "port"> {
  if (written === "" || written === "localhost")
    return { written, hostName: "localhost", ip: "127.0.0.1" };
  if (/^\d+(\.\d+){0,3}$/.test(written)) {
    const ip = fullIp4(written.split(".").map(Number));
    return { written, hostName: ip === null ? written : null, ip };
  }
  if (written.includes(":")) {
    const ip = longIp6(/^\[(.*)\]$/.exec(written)?.[1] ?? written);
    return { written, hostName: ip === null ? written : null, ip };
  }
  const isName = /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$/.test(written);
  const isKnown = isName && !written.endsWith(".invalid") && written !== "invalid";
  return { written, hostName: written, ip: isKnown ? written : null };
}

/** All four numbers; the last of fewer fills what they leave. Null: none. Source: IPAddressUtil.textToNumericFormatV4. */
function fullIp4(parts: readonly number[]): string | null {
  const front = parts.slice(0, -1);
  const last = parts.at(-1) ?? 0;
  const bytesLeft = 4 - front.length;
  if (front.some((one) => one > 255) || last >= 256 ** bytesLeft) return null;
  const rest = Array.from({ length: bytesLeft }, (_, at) => {
    const shifted = Math.floor(last / 256 ** (bytesLeft - 1 - at));
    return shifted % 256;
  });
  return [...front, ...rest].join(".");
}

/** All eight groups without leading zeros; null: none. Source: java.net.Inet6Address.getHostAddress. */
function longIp6(text: string): string | null {
  const [front = "", back, ...more] = text.split("::");
  const groups = (side: string) => (side === "" ? [] : side.split(":"));
  const left = groups(front);
  const right = groups(back ?? "");
  const missing = 8 - left.length - right.length;
  const all = [
    ...left,
    ...(back === undefined ? [] : Array(missing < 0 ? 0 : missing).fill("0")),
    ...right,
  ];
  if (more.length > 0 || all.length !== 8) return null;
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return all.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}

/** Source: InetSocketAddress.getHostString. */
export function hostString({ written, hostName, ip }: SocketAddress): string {
  return hostName ?? ip ?? written;
}

/** An IPv6 address stands in brackets before its port. Source: QuorumServer.delimitedHostString. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Source: NetUtils.formatInetAddr. */
export function addressText(address: SocketAddress): string {
  return `${bracketed(address.ip ?? hostString(address))}:${address.port}`;
}

/** Source: java.net.InetSocketAddress.toString. */
export function javaAddressText({ hostName, ip, port }: SocketAddress): string {
  return `${hostName ?? ""}/${ip === null ? "<unresolved>" : bracketed(ip)}:${port}`;
}

/** Source: java.net.InetSocketAddress.equals. */
export function isSameAddress(one: SocketAddress, other: SocketAddress): boolean {
  if (one.port !== other.port || (one.ip === null) !== (other.ip === null)) return false;
  if (one.ip !== null) return one.ip === other.ip;
  return one.hostName?.toLowerCase() === other.hostName?.toLowerCase();
}

/** Source: java.net.InetAddress.isAnyLocalAddress. */
export function isAnyHost({ ip }: SocketAddress): boolean {
  return ip === "0.0.0.0" || ip === "0:0:0:0:0:0:0:0";
}
