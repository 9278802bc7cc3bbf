import { bracketed, hostOf, hostString, type SocketAddress } from "./addresses";
import { fail, illegal, isInteger, parseInteger, refuse, splitAt, trimmed } from "./java";
import type { MemberRole } from "./ensemble";

/** One `server.N` line. Source: QuorumPeer.QuorumServer. */
export interface QuorumServer {
  readonly sid: number;
  /** In the order of the line. Only with multiAddress.enabled more than one. */
  readonly addresses: readonly {
    readonly quorum: SocketAddress;
    readonly election: SocketAddress;
  }[];
  readonly role: MemberRole;
  readonly clientAddress: SocketAddress | null;
  /** Did `clientPort` say so, and not the line? */
  readonly isClientAddressFromStatic: boolean;
}

const WRONG_FORMAT =
  " does not have the form server_config or server_config;client_config where server_config is the pipe separated list" +
  " of host:port:port or host:port:port:type and client_config is port or host:port";

/**
 * Reads `host:quorumPort:electionPort[:role][|...][;[host:]clientPort]`.
 * Source: QuorumPeer.QuorumServer, the constructor from text.
 */
export function quorumServerOf(
  sid: number,
  text: string,
  isMultiAddressEnabled: boolean,
): QuorumServer {
  const parts = splitAt(text, ";");
  const [servers, client = ""] = parts;
  if (servers === undefined)
    fail("java.lang.ArrayIndexOutOfBoundsException", "Index 0 out of bounds for length 0");
  const written = splitAt(servers, "|");
  const clientAddress = parts.length === 2 ? clientAddressOf(client, text) : null;
  if (written.length > 1 && !isMultiAddressEnabled) {
    refuse(
      `Multiple address feature is disabled, but multiple addresses were specified for sid ${sid}`,
    );
  }
  let role: MemberRole | null = null;
  const addresses = written.map((address) => {
    const fields = hostAndPorts(address);
    if (parts.length > 2 || fields.length < 3 || fields.length > 4) refuse(text + WRONG_FORMAT);
    const [host = "", quorumPort = "", electionPort = "", type] = fields;
    const quorum = addressOf(host, quorumPort, host);
    const election = addressOf(host, electionPort, host);
    if (quorum.port === election.port) {
      refuse(
        `Client and election port must be different! Please update the configuration file on server.${sid}`,
      );
    }
    if (type !== undefined) {
      const one = roleOf(type);
      role ??= one;
      if (role !== one)
        refuse(`Multiple addresses should have similar roles: PARTICIPANT vs ${one.toUpperCase()}`);
    }
    return { quorum, election };
  });
  return {
    sid,
    addresses,
    role: role ?? "participant",
    clientAddress,
    isClientAddressFromStatic: false,
  };
}

function clientAddressOf(client: string, text: string): SocketAddress {
  const parts = hostAndPorts(client);
  if (parts.length > 2) refuse(text + WRONG_FORMAT);
  const port = parts.at(-1);
  if (port === undefined)
    fail("java.lang.ArrayIndexOutOfBoundsException", "Index -1 out of bounds for length 0");
  // The real one names a host that it has not read yet.
  return addressOf(parts.length === 2 ? (parts[0] ?? "") : "0.0.0.0", port, "null");
}

function addressOf(host: string, port: string, named: string): SocketAddress {
  if (!isInteger(port)) refuse(`Address unresolved: ${named}:${port}`);
  return { ...hostOf(host), port: checkedPort(parseInteger(port)) };
}

/** Source: java.net.InetSocketAddress.checkPort. */
export function checkedPort(port: number): number {
  return port < 0 || port > 65_535 ? illegal(`port out of range:${port}`) : port;
}

/** Source: QuorumPeer.QuorumServer.getType. */
function roleOf(text: string): MemberRole {
  const role = trimmed(text).toLowerCase();
  return role === "observer" || role === "participant"
    ? role
    : refuse(`Unrecognised peertype: ${text}`);
}

/** Splits at colons; an IPv6 address stands in brackets. Source: ConfigUtils.getHostAndPort. */
function hostAndPorts(text: string): readonly string[] {
  if (!text.startsWith("[")) return splitAt(text, ":");
  const end = text.indexOf("]");
  if (end < 0) refuse(`${text} starts with '[' but has no matching ']:'`);
  if (end + 2 === text.length) refuse(`${text} doesn't have a port after colon`);
  if (end + 2 > text.length) return [text.replace(/[[\]]/g, "")];
  return [text.slice(1, end), ...splitAt(text.slice(end + 2), ":")];
}

/** A member as servers tell it each other. Source: QuorumPeer.QuorumServer.toString. */
export function quorumServerText(server: QuorumServer): string {
  const { addresses, role, clientAddress, isClientAddressFromStatic } = server;
  const sorted = addresses.toSorted((a, b) => compareHosts(a.quorum, b.quorum));
  const hosts = sorted
    .map(
      ({ quorum, election }) => `${bracketed(hostString(quorum))}:${quorum.port}:${election.port}`,
    )
    .join("|");
  if (clientAddress === null || isClientAddressFromStatic) return `${hosts}:${role}`;
  return `${hosts}:${role};${bracketed(hostString(clientAddress))}:${clientAddress.port}`;
}

function compareHosts(one: SocketAddress, other: SocketAddress): number {
  if (hostString(one) === hostString(other)) return 0;
  return hostString(one) < hostString(other) ? -1 : 1;
}
