import type { Sid } from "../units";
import { KEYS, keyNamed } from "./keys";
import { propertiesOf, type Settings, settingsOf } from "./settings";
import { parseZooCfg } from "./zooCfg";

/** Votes and acknowledges, or only learns. Source: QuorumPeer.LearnerType. */
export type MemberRole = "participant" | "observer";

/** One `server.N` line. Source: QuorumPeer.QuorumServer. */
export interface Member {
  readonly sid: Sid;
  readonly host: string;
  /** Where its learners connect when it leads; usually 2888. */
  readonly quorumPort: number;
  /** Where votes are exchanged; usually 3888. */
  readonly electionPort: number;
  readonly role: MemberRole;
  /** From the part after `;`; of this server itself also from `clientPort`. Null when the file does not say. */
  readonly clientPort: number | null;
  /** The part after `;` as ZooKeeper prints it, or null. */
  readonly clientAddress: string | null;
}

/**
 * How the votes of servers are counted: by the majority of the voters, or, where a file has groups or weights, by a
 * majority of groups, each won by more than half of its weight. Source: QuorumMaj, QuorumHierarchical.
 */
export interface QuorumVerifier {
  /** The sids of the participants, ascending. */
  readonly voters: readonly Sid[];
  /** Null: the majority. Else the group of each server that has one, and the weights that are given; others weigh 1. */
  readonly hierarchy: {
    readonly groupOf: Readonly<Record<Sid, number>>;
    readonly weightOf: Readonly<Record<Sid, number>>;
  } | null;
}

/** What one server knows of itself and its ensemble from its own files. */
export interface EnsembleConfig {
  readonly sid: Sid;
  readonly tickTimeMs: number;
  readonly initLimitTicks: number;
  readonly syncLimitTicks: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly dataDir: string;
  /** Null: it runs and serves no client. */
  readonly clientPort: number | null;
  /** By sid. */
  readonly members: readonly Member[];
  /** The sids of the participants, ascending. */
  readonly voters: readonly Sid[];
  readonly quorum: QuorumVerifier;
  /** One server that needs nobody: no election, no quorum port. Source: QuorumPeerConfig.isDistributed. */
  readonly standalone: boolean;
  /** What it is by its own file: an observer learns and does not vote. */
  readonly role: MemberRole;
  readonly localSessionsEnabled: boolean;
  readonly localSessionsUpgradingEnabled: boolean;
  /** Ticks a learner may take to connect; initLimit where the file does not say. Source: Learner.connectToLeader. */
  readonly connectLimitTicks: number;
  /** Does an observer keep a log? */
  readonly syncEnabled: boolean;
  readonly maxClientCnxns: number;
  /** Old snapshots and logs are removed at the start and every so many hours; 0: never. Source: DatadirCleanupManager. */
  readonly purgeIntervalHours: number;
  /** How many snapshots that leaves; at least 3. Source: QuorumPeerConfig.MIN_SNAP_RETAIN_COUNT. */
  readonly snapRetainCount: number;
  readonly settings: Settings;
  /** What `version=` says, in hexadecimal; 0 until the first reconfiguration. */
  readonly version: number;
}

/** Why a server ends before it runs: the text of the exception it logs, and its exit code. Source: ExitCode. */
export interface Fatal {
  readonly text: string;
  readonly exitCode: number;
}

/** How many of so many voters make a majority. Source: QuorumMaj.containsQuorum. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * Reads a server's zoo.cfg and myid as it does when it starts, with the checks in its order: the first that fails ends
 * the process. An empty `myid` is a missing file.
 * Source: QuorumPeerMain.main; QuorumPeerConfig.parse, parseProperties, setupQuorumPeerConfig; QuorumPeer.start.
 * Simpler than real: the keys are read in the order of the file (Java's order is that of a hash table), and server ids
 * fit 32 bits.
 */
export function ensembleOf(
  zooCfg: string,
  myid: string,
  jvmFlags: readonly string[] = [],
): { readonly config: EnsembleConfig } | { readonly fatal: Fatal } {
  try {
    return { config: readEnsemble(zooCfg, myid, jvmFlags) };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { fatal: thrown.fatal };
    throw thrown;
  }
}

/** Leaves the reading at the first check that fails. Never leaves this file. */
class Refusal extends Error {
  readonly fatal: Fatal;

  constructor(text: string, exitCode: number) {
    super(text);
    this.fatal = { text, exitCode };
  }
}

/** Invalid configuration. Source: ExitCode.INVALID_INVOCATION. */
const INVALID_CONFIG = 2;
/** Any exception that nobody expected. Source: ExitCode.UNEXPECTED_ERROR. */
const UNEXPECTED_ERROR = 1;

function refuse(text: string): never {
  throw new Refusal(text, INVALID_CONFIG);
}

function readEnsemble(zooCfg: string, myid: string, jvmFlags: readonly string[]): EnsembleConfig {
  const { values, problems } = parseZooCfg(zooCfg);
  if (problems.some((problem) => problem.code === "malformedEscape"))
    refuse("Malformed \\uxxxx encoding.");
  for (const [name, value] of Object.entries(values)) checkValue(name, value);

  const dataDir = valueOf(values, "dataDir") ?? refuse("dataDir is not set");
  const staticClientPort = wholeNumber(values, "clientPort");
  if (staticClientPort === 0 && valueOf(values, "clientPortAddress") !== null) {
    refuse("clientPortAddress is set but clientPort is not set");
  }
  if (
    wholeNumber(values, "secureClientPort") === 0 &&
    valueOf(values, "secureClientPortAddress") !== null
  ) {
    refuse("secureClientPortAddress is set but secureClientPort is not set");
  }
  const tickTimeMs = wholeNumber(values, "tickTime");
  if (tickTimeMs === 0) refuse("tickTime is not set");
  const minSessionTimeoutMs = orTicks(wholeNumber(values, "minSessionTimeout"), 2, tickTimeMs);
  const maxSessionTimeoutMs = orTicks(wholeNumber(values, "maxSessionTimeout"), 20, tickTimeMs);
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    refuse("minSessionTimeout must not be larger than maxSessionTimeout");
  }

  const listed = membersOf(values);
  const hierarchy = hierarchyOf(values, listed);
  const standaloneEnabled = valueOf(values, "standaloneEnabled")?.toLowerCase() !== "false";
  checkShape(listed, standaloneEnabled);
  const participants = listed.filter((member) => member.role === "participant");
  const isDistributed = !standaloneEnabled || participants.length > 1;
  const writtenSid = sidOf(myid);
  const sid = isDistributed ? writtenSid : (participants[0]?.sid ?? STANDALONE.sid);
  if (writtenSid !== null) checkClientPort(listed, writtenSid, staticClientPort);

  const initLimitTicks = wholeNumber(values, "initLimit");
  const syncLimitTicks = wholeNumber(values, "syncLimit");
  if (isDistributed && initLimitTicks === 0) refuse("initLimit is not set");
  if (isDistributed && syncLimitTicks === 0) refuse("syncLimit is not set");
  if (sid === null) refuse("myid file is missing");
  const members = (listed.length === 0 ? [STANDALONE] : listed).map((member) =>
    member.sid === sid && member.clientPort === null
      ? { ...member, clientPort: staticClientPort || null }
      : member,
  );
  const own = members.find((member) => member.sid === sid);
  if (own === undefined) throw new Refusal(`My id ${sid} not in the peer list`, UNEXPECTED_ERROR);

  const voters = members.filter((member) => member.role === "participant").map((one) => one.sid);
  return {
    sid,
    tickTimeMs,
    initLimitTicks,
    syncLimitTicks,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    dataDir,
    clientPort: own.clientPort,
    members,
    voters,
    quorum: { voters, hierarchy },
    standalone: !isDistributed,
    role: own.role,
    localSessionsEnabled: isTrue(values, "localSessionsEnabled"),
    localSessionsUpgradingEnabled: isTrue(values, "localSessionsUpgradingEnabled"),
    connectLimitTicks: wholeNumber(values, "connectToLearnerMasterLimit") || initLimitTicks,
    syncEnabled: isTrue(values, "syncEnabled"),
    maxClientCnxns: wholeNumber(values, "maxClientCnxns"),
    purgeIntervalHours: wholeNumber(values, "autopurge.purgeInterval"),
    snapRetainCount: Math.max(wholeNumber(values, "autopurge.snapRetainCount"), 3),
    settings: settingsOf({ ...propertiesOf(jvmFlags), ...unknownKeys(values) }),
    version: Number.parseInt(valueOf(values, "version") ?? "0", 16),
  };
}

/** What the parser does not know becomes a system property. Source: QuorumPeerConfig.parseProperties. */
function unknownKeys(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => keyNamed(name) === null && !/^(server|group|weight)\./.test(name))
      .map(([name, value]) => [`zookeeper.${name}`, value]),
  );
}

function isTrue(values: Readonly<Record<string, string>>, name: string): boolean {
  return valueOf(values, name)?.toLowerCase() === "true";
}

/** A server without any `server.N` line. */
const STANDALONE: Member = {
  sid: 1,
  host: "localhost",
  quorumPort: 2888,
  electionPort: 3888,
  role: "participant",
  clientPort: null,
  clientAddress: null,
};

/** Is the value one that the parser takes for this key? Source: QuorumPeerConfig.parseProperties, parseBoolean. */
function checkValue(name: string, value: string): void {
  const key = keyNamed(name);
  if (key?.kind === "whole number") parseInteger(value);
  if (key?.kind === "true or false" && !/^(true|false)$/i.test(value)) {
    refuse(`Invalid option ${value} for ${name}. Choose 'true' or 'false.'`);
  }
  if (name === "electionAlg" && Number(value) !== 3)
    refuse("Invalid electionAlg value. Only 3 is supported.");
  if (name === "peerType") parseRole(value);
}

function valueOf(values: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : (KEYS[name]?.fallback ?? null);
}

function wholeNumber(values: Readonly<Record<string, string>>, name: string): number {
  return parseInteger(valueOf(values, name) ?? "");
}

/** -1 stands for the default, which is so many ticks. */
function orTicks(limitMs: number, ticks: number, tickTimeMs: number): number {
  return limitMs === -1 ? ticks * tickTimeMs : limitMs;
}

const MAX_INT = 2 ** 31 - 1;

function isInteger(text: string): boolean {
  const value = Number(text);
  return /^[+-]?[0-9]+$/.test(text) && value <= MAX_INT && value >= -MAX_INT - 1;
}

/** Source: java.lang.Integer.parseInt. */
function parseInteger(text: string): number {
  return isInteger(text) ? Number(text) : refuse(`For input string: "${text}"`);
}

/** Source: LearnerType, QuorumServer.setType. */
function parseRole(text: string): MemberRole {
  const role = text.toLowerCase();
  return role === "observer" || role === "participant"
    ? role
    : refuse(`Unrecognised peertype: ${text}`);
}

/** An IPv6 address stands in brackets before its port. Source: NetUtils.formatInetAddr. */
function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * The membership as servers tell it each other, and as `/zookeeper/config` holds it.
 * Source: QuorumMaj.toString, QuorumHierarchical.toString, QuorumServer.toString.
 */
export function membershipText({ members, quorum, version }: EnsembleConfig): string {
  const lines = members.map((member) => {
    const { sid, host, quorumPort, electionPort, role, clientAddress } = member;
    const client = clientAddress === null ? "" : `;${clientAddress}`;
    return `server.${sid}=${bracketed(host)}:${quorumPort}:${electionPort}:${role}${client}`;
  });
  if (quorum.hierarchy !== null) {
    const { groupOf, weightOf } = quorum.hierarchy;
    const groups: Record<number, string[]> = {};
    for (const [sid, group] of Object.entries(groupOf)) (groups[group] ??= []).push(sid);
    const weights: Record<Sid, number> = { ...weightOf };
    for (const sid of quorum.voters) weights[sid] ??= 1;
    lines.push(
      ...Object.entries(groups).map(([group, sids]) => `group.${group}=${sids.join(":")}`),
    );
    lines.push(...Object.entries(weights).map(([sid, weight]) => `weight.${sid}=${weight}`));
  }
  return [...lines, `version=${version.toString(16)}`].join("\n");
}

/** All `server.N` lines, by sid. Source: QuorumMaj, the constructor from Properties. */
function membersOf(values: Readonly<Record<string, string>>): readonly Member[] {
  const members = new Map<Sid, Member>();
  for (const [name, value] of Object.entries(values)) {
    if (!name.startsWith("server.")) continue;
    const sid = parseInteger(name.slice("server.".length));
    members.set(
      sid,
      memberOf(sid, value, valueOf(values, "multiAddress.enabled")?.toLowerCase() === "true"),
    );
  }
  return [...members.values()].toSorted((a, b) => a.sid - b.sid);
}

/**
 * All `group` and `weight` lines; null when there are none, and the majority decides. Every participant must be in one
 * group, and whoever else stands in a group must have a weight: else Java meets a null.
 * Source: QuorumHierarchical.parse, computeGroupWeight; QuorumPeerConfig.parseDynamicConfig.
 */
function hierarchyOf(
  values: Readonly<Record<string, string>>,
  members: readonly Member[],
): QuorumVerifier["hierarchy"] {
  const groupOf: Record<Sid, number> = {};
  const weightOf: Record<Sid, number> = {};
  let found = false;
  for (const [name, value] of Object.entries(values)) {
    const isGroup = name.startsWith("group");
    if (!isGroup && !name.startsWith("weight")) continue;
    found = true;
    const number = parseInteger(name.slice(name.indexOf(".") + 1));
    if (!isGroup) {
      weightOf[number] = parseInteger(value);
      continue;
    }
    for (const text of value.replace(/:+$/, "").split(":")) {
      const sid = parseInteger(text);
      if (Object.hasOwn(groupOf, sid)) refuse(`Server ${sid}is in multiple groups`);
      groupOf[sid] = number;
    }
  }
  if (!found) return null;
  const voters = members.filter((member) => member.role === "participant").map(({ sid }) => sid);
  for (const sid of voters)
    if (!Object.hasOwn(groupOf, sid)) refuse(`Server ${sid}is not in a group`);
  for (const sid of Object.keys(groupOf).map(Number))
    if (!voters.includes(sid) && !Object.hasOwn(weightOf, sid))
      throw new Refusal(NULL_WEIGHT, UNEXPECTED_ERROR);
  return { groupOf, weightOf };
}

const NULL_WEIGHT =
  'Cannot invoke "java.lang.Long.longValue()" because the return value of "java.util.HashMap.get(Object)" is null';

const WRONG_FORMAT =
  " does not have the form server_config or server_config;client_config where server_config is the pipe separated list" +
  " of host:port:port or host:port:port:type and client_config is port or host:port";

/**
 * Reads `host:quorumPort:electionPort[:role][;[host:]clientPort]`.
 * Source: QuorumPeer.QuorumServer.initializeWithAddressString.
 * Simpler than real: of several addresses between `|` only the first is used.
 */
function memberOf(sid: Sid, text: string, multiAddressEnabled: boolean): Member {
  const [servers = "", client, ...rest] = text.split(";");
  const addresses = servers.split("|");
  let clientPort: number | null = null;
  let clientAddress: string | null = null;
  if (client !== undefined && rest.length === 0) {
    const parts = hostAndPorts(client);
    if (parts.length > 2) refuse(text + WRONG_FORMAT);
    const clientHost = parts.length === 2 ? (parts[0] ?? "") : "0.0.0.0";
    clientPort = portOf(clientHost, parts[parts.length - 1] ?? "");
    clientAddress = `${bracketed(clientHost)}:${clientPort}`;
  }
  if (addresses.length > 1 && !multiAddressEnabled) {
    refuse(
      `Multiple address feature is disabled, but multiple addresses were specified for sid ${sid}`,
    );
  }
  const read = addresses.map((address) => {
    const parts = hostAndPorts(address);
    if (rest.length > 0 || parts.length < 3 || parts.length > 4) refuse(text + WRONG_FORMAT);
    const [host = "", quorum = "", election = "", role = "participant"] = parts;
    const quorumPort = portOf(host, quorum);
    const electionPort = portOf(host, election);
    if (quorumPort === electionPort) {
      refuse(
        `Client and election port must be different! Please update the configuration file on server.${sid}`,
      );
    }
    return {
      sid,
      host,
      quorumPort,
      electionPort,
      role: parseRole(role),
      clientPort,
      clientAddress,
    };
  });
  return read[0] ?? refuse(text + WRONG_FORMAT);
}

/** Splits at colons; an IPv6 address stands in brackets. Source: ConfigUtils.getHostAndPort. */
function hostAndPorts(text: string): readonly string[] {
  if (!text.startsWith("[")) return text.split(":");
  const end = text.lastIndexOf("]");
  if (end < 0) refuse(`${text} starts with '[' but has no matching ']'`);
  const after = text.slice(end + 1);
  return [text.slice(1, end), ...(after.startsWith(":") ? after.slice(1).split(":") : [])];
}

function portOf(host: string, text: string): number {
  return isInteger(text) ? Number(text) : refuse(`Address unresolved: ${host}:${text}`);
}

/** Can this many participants and observers be an ensemble? Source: QuorumPeerConfig.parseDynamicConfig. */
function checkShape(members: readonly Member[], standaloneEnabled: boolean): void {
  const participants = members.filter((member) => member.role === "participant").length;
  const observers = members.length - participants;
  if (participants === 0 && !standaloneEnabled) {
    refuse("standaloneEnabled = false then number of participants should be >0");
  }
  if (participants === 0 && observers > 0)
    refuse("Observers w/o participants is an invalid configuration");
  if (participants === 1 && standaloneEnabled && observers > 0) {
    refuse("Observers w/o quorum is an invalid configuration");
  }
}

/** The first line of myid; null when there is no such file. Source: QuorumPeerConfig.setupMyId. */
function sidOf(myid: string): Sid | null {
  if (myid === "") return null;
  const [line = ""] = myid.split(/\r\n|\r|\n/);
  return isInteger(line) ? Number(line) : refuse(`serverid ${line} is not a number`);
}

/**
 * `clientPort` and the port after `;` must agree. Source: QuorumPeerConfig.setupClientPort.
 * Simpler than real: `clientPortAddress` is not compared.
 */
function checkClientPort(members: readonly Member[], sid: Sid, staticClientPort: number): void {
  const listed = members.find((member) => member.sid === sid)?.clientPort ?? null;
  if (staticClientPort === 0 || listed === null || listed === staticClientPort) return;
  refuse(
    `client address for this server (id = ${sid}) in static config file is 0.0.0.0/0.0.0.0:${staticClientPort}` +
      ` is different from client address found in dynamic file: /0.0.0.0:${listed}`,
  );
}
