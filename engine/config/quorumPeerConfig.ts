import {
  addressText,
  ANY_HOST,
  hostOf,
  isAnyHost,
  isSameAddress,
  javaAddressText,
  type SocketAddress,
} from "./addresses";
import type { MemberRole } from "./ensemble";
import {
  fail,
  illegal,
  type JavaException,
  parseInteger,
  parseLong,
  processing,
  refuse,
  splitAt,
  Thrown,
  trimmed,
  hexOf,
} from "./java";
import { KEYS, keyNamed } from "./keys";
import { numbersInOrderOfJava, type Properties, propertiesIn } from "./properties";
import { checkedPort, type QuorumServer, quorumServerOf, quorumServerText } from "./quorumServer";

/** Who the members are and how their votes count. Source: QuorumMaj, QuorumHierarchical. */
export interface Verifier {
  /** All members in the order of Java's hash table, as are the ids of the voters and the others. */
  readonly members: readonly QuorumServer[];
  readonly voting: readonly number[];
  readonly observing: readonly number[];
  readonly version: number;
  /** Null: the majority. Else the groups and weights; every participant has a weight. */
  readonly hierarchy: {
    readonly groupOf: ReadonlyMap<number, number>;
    readonly weightOf: ReadonlyMap<number, number>;
    /** The weights that the file itself gives. */
    readonly written: ReadonlyMap<number, number>;
  } | null;
}

/** What one server makes of its files. Source: QuorumPeerConfig. */
export interface PeerConfig {
  /** The value of every key that the parser knows, where the file has one. */
  readonly values: Readonly<Record<string, string>>;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Null: it serves no client. */
  readonly clientPortAddress: SocketAddress | null;
  readonly secureClientPortAddress: SocketAddress | null;
  /** 0: it is not an observers' master. */
  readonly observerMasterPort: number;
  readonly snapRetainCount: number;
  readonly dataDir: string;
  readonly dataLogDir: string;
  /** What myid says; -1: it says nothing. */
  readonly serverId: number;
  readonly peerType: MemberRole;
  readonly verifier: Verifier;
  /** What `zoo.cfg.dynamic.next` says: seen, not committed. */
  readonly lastSeen: Verifier | null;
  /** Does it need others? Else it serves alone. Source: QuorumPeerConfig.isDistributed. */
  readonly isDistributed: boolean;
}

/** What came of reading: values or the chain of exceptions, outermost first; and what happens either way. */
export interface Reading {
  readonly outcome: { readonly config: PeerConfig } | { readonly chain: readonly JavaException[] };
  /** "LEVEL logger - message". */
  readonly log: readonly string[];
  /** System properties that the file set: every key that the parser does not know. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What there is on the server's disk, and what its command line says. */
export interface Surroundings {
  /** The text of a file, or null where there is none. */
  readonly fileAt: (path: string) => string | null;
  readonly systemProperties: Readonly<Record<string, string>>;
}

/** Reads a server's files as it does when it starts. Source: QuorumPeerConfig.parse. */
export function readConfig(path: string, surroundings: Surroundings): Reading {
  const log: string[] = [];
  const properties = new Map<string, string>();
  const reader: Reader = { ...surroundings, path, log, properties };
  const done = (outcome: Reading["outcome"]): Reading => ({
    outcome,
    log,
    properties: Object.fromEntries(properties),
  });
  try {
    return done({ config: parse(reader) });
  } catch (thrown) {
    if (thrown instanceof Thrown) return done({ chain: thrown.chain });
    throw thrown;
  }
}

interface Reader extends Surroundings {
  readonly path: string;
  readonly log: string[];
  readonly properties: Map<string, string>;
}

const LOGGER = "org.apache.zookeeper.server.quorum.QuorumPeerConfig";
const HIERARCHICAL_LOGGER = "org.apache.zookeeper.server.quorum.flexible.QuorumHierarchical";

function say(
  reader: Reader,
  level: "INFO" | "WARN" | "ERROR",
  text: string,
  logger = LOGGER,
): void {
  reader.log.push(`${level} ${logger} - ${text}`);
}

/** What parseProperties leaves for the members' part. */
type StaticConfig = Omit<
  PeerConfig,
  "serverId" | "peerType" | "verifier" | "lastSeen" | "isDistributed"
>;

function parse(reader: Reader): PeerConfig {
  const { path } = reader;
  let own: PeerConfig | null = null;
  const fixed = processing(path, () => {
    const file = fileNamed(reader, path);
    const text = reader.fileAt(file) ?? illegal(`${file} file is missing`);
    const entries = entriesOf(text);
    const read = parseProperties(reader, entries);
    if (read.values.dynamicConfigFile === undefined)
      own = setupQuorumPeerConfig(reader, read, entries, true);
    return read;
  });
  return own ?? parseDynamicFile(reader, fixed);
}

function entriesOf(text: string): Properties {
  return propertiesIn(text) ?? illegal("Malformed \\uxxxx encoding.");
}

function parseDynamicFile(reader: Reader, fixed: StaticConfig): PeerConfig {
  const path = fixed.values.dynamicConfigFile ?? "";
  const config = processing(path, () => {
    const text =
      reader.fileAt(path) ??
      fail("java.io.FileNotFoundException", `${path} (No such file or directory)`);
    const entries = entriesOf(text);
    if (entries.some(([key]) => key === "version"))
      refuse("dynamic file shouldn't have version inside");
    const version = versionInName(path);
    const all: Properties = version === null ? entries : [...entries, ["version", version]];
    return setupQuorumPeerConfig(reader, fixed, all, false);
  });
  const next = reader.fileAt(`${reader.path}.dynamic.next`);
  return next === null
    ? config
    : { ...config, lastSeen: verifierOf(reader, fixed, entriesOf(next)) };
}

/** The hexadecimal number behind the last point. Source: QuorumPeerConfig.getVersionFromFilename. */
function versionInName(path: string): string | null {
  const at = path.lastIndexOf(".");
  const suffix = path.slice(at + 1);
  return at >= 0 && /^[+-]?[0-9a-fA-F]{1,15}$/.test(suffix) ? hexOf(parseLong(suffix, 16)) : null;
}

/** A path as Java keeps it; one that is neither absolute nor begins with `./` is warned of. Source: VerifyingFileFactory. */
function fileNamed(reader: Reader, path: string): string {
  const file = path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
  if (file.startsWith("/")) return file;
  if (file.length < 2) {
    fail("java.lang.StringIndexOutOfBoundsException", `begin 0, end 2, length ${file.length}`);
  }
  if (!file.startsWith("./"))
    say(reader, "WARN", `${file} is relative. Prepend ./ to indicate that you're sure!`);
  return file;
}

/** Source: QuorumPeerConfig.parseProperties. */
function parseProperties(reader: Reader, entries: Properties): StaticConfig {
  const values: Record<string, string> = {};
  const isDynamic = entries.some(([key]) => key === "dynamicConfigFile");
  for (const [rawKey, rawValue] of entries) {
    const key = trimmed(rawKey);
    const value = trimmed(rawValue);
    if (keyNamed(key) !== null) values[key] = checkedValue(reader, key, value);
    else if (isDynamic && /^(server\.|group|weight)/.test(key))
      refuse(`parameter: ${key} must be in a separate dynamic config file`);
    else if (!key.startsWith("metricsProvider.")) reader.properties.set(`zookeeper.${key}`, value);
  }
  checkSasl(values);
  const retained = numberOf(values, "autopurge.snapRetainCount");
  if (retained < 3)
    say(reader, "WARN", `Invalid autopurge.snapRetainCount: ${retained}. Defaulting to 3`);
  const dataDir = values.dataDir ?? illegal("dataDir is not set");
  const clientPortAddress = boundAddress(reader, values, "clientPort");
  const secureClientPortAddress = boundAddress(reader, values, "secureClientPort");
  if (secureClientPortAddress !== null) configureSslAuth(reader);
  const observerMasterPort = Math.max(numberOf(values, "observerMasterPort"), 0);
  const observers = observerMasterPort === 0 ? "not set" : `${observerMasterPort}`;
  say(reader, "INFO", `observerMasterPort is ${observers}`);
  const tickTime = numberOf(values, "tickTime");
  if (tickTime === 0) illegal("tickTime is not set");
  const minSessionTimeoutMs = orTicks(numberOf(values, "minSessionTimeout"), 2, tickTime);
  const maxSessionTimeoutMs = orTicks(numberOf(values, "maxSessionTimeout"), 20, tickTime);
  if (minSessionTimeoutMs > maxSessionTimeoutMs)
    illegal("minSessionTimeout must not be larger than maxSessionTimeout");
  checkMetrics(reader, valueOf(values, "metricsProvider.className") ?? "");
  return {
    values,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    clientPortAddress,
    secureClientPortAddress,
    observerMasterPort,
    snapRetainCount: Math.max(retained, 3),
    dataDir,
    dataLogDir: values.dataLogDir ?? dataDir,
  };
}

/** Is the value one that the parser takes for this key? A path comes back as Java keeps it. */
function checkedValue(reader: Reader, key: string, value: string): string {
  const kind = keyNamed(key)?.kind;
  if (kind === "whole number") parseInteger(value);
  if (kind === "long number") parseLong(value);
  if (kind === "true or false" && !/^(true|false)$/i.test(value))
    refuse(`Invalid option ${value} for ${key}. Choose 'true' or 'false.'`);
  if (key === "electionAlg" && Number(value) !== 3)
    refuse("Invalid electionAlg value. Only 3 is supported.");
  if (key === "peerType" && !/^(observer|participant)$/i.test(value))
    refuse(`Unrecognised peertype: ${value}`);
  return key === "dataDir" || key === "dataLogDir" ? fileNamed(reader, value) : value;
}

/** What a key says, or what holds when it says nothing. */
export function valueOf(values: Readonly<Record<string, string>>, key: string): string | null {
  return values[key] ?? KEYS[key]?.fallback ?? null;
}
export function numberOf(values: Readonly<Record<string, string>>, key: string): number {
  return parseInteger(valueOf(values, key) ?? "0");
}
export function isTrue(values: Readonly<Record<string, string>>, key: string): boolean {
  return valueOf(values, key)?.toLowerCase() === "true";
}

/** -1 stands for the default, which is so many ticks. As in Java, what is beyond 32 bits begins again below. */
function orTicks(limitMs: number, ticks: number, tickTimeMs: number): number {
  return limitMs === -1 ? Math.imul(ticks, tickTimeMs) : limitMs;
}

function checkSasl(values: Readonly<Record<string, string>>): void {
  const [enable, server, learner] = ["enableSasl", "serverRequireSasl", "learnerRequireSasl"].map(
    (name) => `quorum.auth.${name}`,
  ) as [string, string, string];
  const without = (missing: string, wanted: string) => {
    if (!isTrue(values, missing) && isTrue(values, wanted))
      illegal(`${missing} is disabled, so cannot enable ${wanted}`);
  };
  without(enable, server);
  without(enable, learner);
  without(learner, server);
}

/** `clientPort` or `secureClientPort` with its address. Port 0 is none. */
function boundAddress(
  reader: Reader,
  values: Readonly<Record<string, string>>,
  key: "clientPort" | "secureClientPort",
): SocketAddress | null {
  const port = numberOf(values, key);
  const host = valueOf(values, `${key}Address`);
  if (port === 0) {
    say(reader, "INFO", `${key} is not set`);
    return host === null ? null : illegal(`${key}Address is set but ${key} is not set`);
  }
  const known = host === null ? ANY_HOST : hostOf(host);
  if (known.ip === null)
    fail("java.net.UnknownHostException", `${known.written}: Name or service not known`);
  const address = { ...known, port: checkedPort(port) };
  say(reader, "INFO", `${key}Address is ${addressText(address)}`);
  return address;
}

const AUTH_PROVIDER = "zookeeper.authProvider.";

/** Source: QuorumPeerConfig.configureSSLAuth. */
function configureSslAuth(reader: Reader): void {
  const propertyOf = (name: string) => reader.properties.get(name) ?? reader.systemProperties[name];
  const scheme = propertyOf("zookeeper.ssl.authProvider") ?? "x509";
  if (propertyOf(AUTH_PROVIDER + scheme) !== undefined) return;
  if (scheme !== "x509")
    refuse(`No auth provider configured for the SSL authentication scheme '${scheme}'.`);
  const provider = "org.apache.zookeeper.server.auth.X509AuthenticationProvider";
  reader.properties.set(`${AUTH_PROVIDER}x509`, provider);
}

/** The providers that Debian's package has. */
const METRICS_PROVIDERS = ["DefaultMetricsProvider", "NullMetricsProvider"].map(
  (name) => `org.apache.zookeeper.metrics.impl.${name}`,
);

function checkMetrics(reader: Reader, name: string): void {
  say(reader, "INFO", `metricsProvider.className is ${name}`);
  if (METRICS_PROVIDERS.includes(name)) return;
  illegal("metrics provider class was not found", {
    class: "java.lang.ClassNotFoundException",
    message: name,
  });
}

/** Source: QuorumPeerConfig.setupQuorumPeerConfig. */
function setupQuorumPeerConfig(
  reader: Reader,
  fixed: StaticConfig,
  entries: Properties,
  isInStaticFile: boolean,
): PeerConfig {
  const { values } = fixed;
  const read = parseDynamicConfig(reader, fixed, entries, isInStaticFile);
  const serverId = myidIn(reader, fixed.dataDir);
  const { clientPortAddress, verifier } = withClientPort(fixed, read, serverId);
  const listed: MemberRole = verifier.observing.includes(serverId) ? "observer" : "participant";
  const told = (valueOf(values, "peerType") ?? "").toLowerCase();
  if (listed !== told) {
    const types = `(${listed.toUpperCase()}) doesn't match peerType (${told.toUpperCase()})`;
    say(reader, "WARN", `Peer type from servers list ${types}. Defaulting to servers list.`);
  }
  const isDistributed = !isTrue(values, "standaloneEnabled") || verifier.voting.length > 1;
  if (isDistributed) {
    if (numberOf(values, "initLimit") === 0) illegal("initLimit is not set");
    if (numberOf(values, "syncLimit") === 0) illegal("syncLimit is not set");
    if (serverId === UNSET_SERVER_ID) illegal("myid file is missing");
  }
  return {
    ...fixed,
    clientPortAddress,
    serverId,
    peerType: listed,
    verifier,
    lastSeen: null,
    isDistributed,
  };
}

/** Can these be an ensemble? Source: QuorumPeerConfig.parseDynamicConfig. */
function parseDynamicConfig(
  reader: Reader,
  fixed: StaticConfig,
  entries: Properties,
  isInStaticFile: boolean,
): Verifier {
  for (const [rawKey] of entries) {
    const key = trimmed(rawKey);
    if (isInStaticFile || /^(server\.|group|weight)/.test(key) || key === "version") continue;
    say(reader, "INFO", `{${entries.map((entry) => entry.join("=")).join(", ")}}`);
    refuse(`Unrecognised parameter: ${key}`);
  }
  const verifier = verifierOf(reader, fixed, entries);
  const participants = verifier.voting.length;
  const observers = verifier.observing.length;
  const isStandaloneEnabled = isTrue(fixed.values, "standaloneEnabled");
  if (participants === 0) {
    if (!isStandaloneEnabled)
      illegal("standaloneEnabled = false then number of participants should be >0");
    if (observers > 0) illegal("Observers w/o participants is an invalid configuration");
  } else if (participants === 1 && isStandaloneEnabled) {
    say(reader, "ERROR", "Invalid configuration, only one server specified (ignoring)");
    if (observers > 0) illegal("Observers w/o quorum is an invalid configuration");
  } else if (participants <= 2) {
    say(reader, "WARN", "No server failure will be tolerated. You need at least 3 servers.");
  } else if (participants % 2 === 0) {
    say(reader, "WARN", "Non-optimal configuration, consider an odd number of servers.");
  }
  return verifier;
}

/**
 * The members, groups and weights of a file, in the order of its keys.
 * Source: QuorumMaj and QuorumHierarchical, the constructors from Properties; QuorumHierarchical.parse.
 * Simpler than real: with oraclePath votes count as without.
 */
function verifierOf(reader: Reader, fixed: StaticConfig, entries: Properties): Verifier {
  const hasOracle = fixed.values.oraclePath !== undefined;
  const isHierarchical =
    !hasOracle && entries.some(([key]) => /^(group|weight)/.test(trimmed(key)));
  const multiAddress = reader.systemProperties["zookeeper.multiAddress.enabled"];
  const members = new Map<number, QuorumServer>();
  const voting = new Set<number>();
  const observing = new Set<number>();
  const groupOf = new Map<number, number>();
  const weightOf = new Map<number, number>();
  let version = 0;
  for (const [key, value] of entries) {
    const number = () => parseLong(key.slice(key.indexOf(".") + 1));
    if (key.startsWith("server.")) {
      const sid = number();
      const server = quorumServerOf(sid, value, multiAddress?.toLowerCase() === "true");
      members.set(sid, server);
      (server.role === "participant" ? voting : observing).add(sid);
    } else if (isHierarchical && key.startsWith("group")) {
      const group = number();
      for (const part of splitAt(value, ":")) {
        const sid = parseLong(part);
        if (groupOf.has(sid)) refuse(`Server ${sid}is in multiple groups`);
        groupOf.set(sid, group);
      }
    } else if (isHierarchical && key.startsWith("weight")) {
      weightOf.set(number(), parseLong(value));
    } else if (key === "version") {
      version = parseLong(value, 16);
    }
  }
  const ordered = numbersInOrderOfJava(members.keys()).flatMap((sid) => members.get(sid) ?? []);
  const written = new Map(weightOf);
  if (isHierarchical) {
    const voters = ordered.filter(({ role }) => role === "participant");
    for (const { sid } of voters) {
      if (!groupOf.has(sid)) refuse(`Server ${sid}is not in a group`);
      if (!weightOf.has(sid)) weightOf.set(sid, 1);
    }
    for (const sid of groupOf.keys())
      if (!weightOf.has(sid)) fail("java.lang.NullPointerException", NULL_WEIGHT);
    const groups = new Set(groupOf.values()).size;
    const sizes = `${weightOf.size}, ${groupOf.size}, ${groups}`;
    say(reader, "INFO", sizes, HIERARCHICAL_LOGGER);
  }
  return {
    members: ordered,
    voting: numbersInOrderOfJava(voting),
    observing: numbersInOrderOfJava(observing),
    version,
    hierarchy: isHierarchical ? { groupOf, weightOf, written } : null,
  };
}

const NULL_WEIGHT =
  'Cannot invoke "java.lang.Long.longValue()" because the return value of "java.util.HashMap.get(Object)" is null';

const UNSET_SERVER_ID = -1;

/** The first line of myid; no such file is no fault here. Source: QuorumPeerConfig.setupMyId. */
function myidIn(reader: Reader, dataDir: string): number {
  const text = reader.fileAt(dataDir === "/" ? "/myid" : `${dataDir}/myid`);
  if (text === null) return UNSET_SERVER_ID;
  const line = text === "" ? "null" : (text.split(/\r\n|\r|\n/)[0] ?? "");
  try {
    return parseLong(line);
  } catch (thrown) {
    if (thrown instanceof Thrown) return illegal(`serverid ${line} is not a number`);
    throw thrown;
  }
}

/** `clientPort` and what stands after `;` must agree. Source: QuorumPeerConfig.setupClientPort. */
function withClientPort(
  { clientPortAddress: own }: StaticConfig,
  verifier: Verifier,
  serverId: number,
): Pick<PeerConfig, "clientPortAddress" | "verifier"> {
  const server = verifier.members.find(({ sid }) => sid === serverId);
  if (serverId === UNSET_SERVER_ID || server === undefined)
    return { clientPortAddress: own, verifier };
  const { clientAddress } = server;
  if (clientAddress !== null) {
    const differs =
      own !== null &&
      (isAnyHost(own) ? own.port !== clientAddress.port : !isSameAddress(own, clientAddress));
    if (differs) {
      refuse(
        `client address for this server (id = ${serverId}) in static config file is ${javaAddressText(own)}` +
          ` is different from client address found in dynamic file: ${javaAddressText(clientAddress)}`,
      );
    }
    return { clientPortAddress: clientAddress, verifier };
  }
  const members = verifier.members.map((member) =>
    member === server ? { ...member, clientAddress: own, isClientAddressFromStatic: true } : member,
  );
  return { clientPortAddress: own, verifier: { ...verifier, members } };
}

/** The membership as lines. Source: QuorumMaj.toString, QuorumHierarchical.toString. */
export function verifierText({ members, hierarchy, version }: Verifier): string {
  const lines = members.map((member) => `server.${member.sid}=${quorumServerText(member)}`);
  if (hierarchy !== null) {
    const { groupOf, weightOf } = hierarchy;
    const sids = numbersInOrderOfJava(groupOf.keys());
    for (const group of numbersInOrderOfJava(sids.map((sid) => groupOf.get(sid) ?? 0))) {
      const inGroup = sids.filter((sid) => groupOf.get(sid) === group);
      lines.push(`group.${group}=${inGroup.join(":")}`);
    }
    for (const sid of numbersInOrderOfJava(weightOf.keys()))
      lines.push(`weight.${sid}=${weightOf.get(sid)}`);
  }
  return [...lines, `version=${hexOf(version)}`].join("\n");
}
