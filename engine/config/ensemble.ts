import type { Sid } from "../units";
import { bracketed, hostString } from "./addresses";
import { exitCodeOf } from "./java";
import { isTrue, numberOf, type PeerConfig, readConfig } from "./quorumPeerConfig";
import { propertiesOf, type Settings, settingsOf } from "./settings";

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
 * Reads a server's zoo.cfg and myid as it does when it starts: the first check that fails ends the process. An empty
 * `myid` is a missing file.
 * Source: QuorumPeerMain.main; QuorumPeerConfig.parse; QuorumPeer.start.
 * Simpler than real: a server has no other files, so a dynamicConfigFile is missing; of several addresses of a server
 * only the first is used.
 */
export function ensembleOf(
  zooCfg: string,
  myid: string,
  jvmFlags: readonly string[] = [],
): { readonly config: EnsembleConfig } | { readonly fatal: Fatal } {
  const flags = propertiesOf(jvmFlags);
  const fileAt = (path: string) => {
    if (path === ZOO_CFG) return zooCfg;
    return path.endsWith("/myid") && myid !== "" ? myid : null;
  };
  const { outcome, properties } = readConfig(ZOO_CFG, { fileAt, systemProperties: flags });
  if ("chain" in outcome) {
    const text = outcome.chain.at(-1)?.message ?? "";
    return { fatal: { text, exitCode: exitCodeOf(outcome.chain) } };
  }
  const { config } = outcome;
  const sid = config.isDistributed
    ? config.serverId
    : (config.verifier.members[0]?.sid ?? STANDALONE.sid);
  const members = membersOf(config, sid);
  const own = members.find((member) => member.sid === sid);
  if (own === undefined)
    return { fatal: { text: `My id ${sid} not in the peer list`, exitCode: 1 } };
  return { config: ensembleConfigOf(config, members, own, { ...flags, ...properties }) };
}

const ZOO_CFG = "/conf/zoo.cfg";

function ensembleConfigOf(
  config: PeerConfig,
  members: readonly Member[],
  own: Member,
  properties: Readonly<Record<string, string>>,
): EnsembleConfig {
  const { values, verifier } = config;
  const initLimitTicks = numberOf(values, "initLimit");
  const voters = members.filter((member) => member.role === "participant").map((one) => one.sid);
  const { hierarchy } = verifier;
  return {
    sid: own.sid,
    tickTimeMs: numberOf(values, "tickTime"),
    initLimitTicks,
    syncLimitTicks: numberOf(values, "syncLimit"),
    minSessionTimeoutMs: config.minSessionTimeoutMs,
    maxSessionTimeoutMs: config.maxSessionTimeoutMs,
    dataDir: config.dataDir,
    clientPort: own.clientPort,
    members,
    voters,
    quorum: {
      voters,
      hierarchy:
        hierarchy === null
          ? null
          : {
              groupOf: Object.fromEntries(hierarchy.groupOf),
              weightOf: Object.fromEntries(hierarchy.written),
            },
    },
    standalone: !config.isDistributed,
    role: own.role,
    localSessionsEnabled: isTrue(values, "localSessionsEnabled"),
    localSessionsUpgradingEnabled: isTrue(values, "localSessionsUpgradingEnabled"),
    connectLimitTicks: numberOf(values, "connectToLearnerMasterLimit") || initLimitTicks,
    syncEnabled: isTrue(values, "syncEnabled"),
    maxClientCnxns: numberOf(values, "maxClientCnxns"),
    purgeIntervalHours: numberOf(values, "autopurge.purgeInterval"),
    snapRetainCount: config.snapRetainCount,
    settings: settingsOf(properties),
    version: verifier.version,
  };
}

/** All members by sid; the client port of this one may stand in `clientPort`. */
function membersOf(config: PeerConfig, sid: Sid): readonly Member[] {
  const clientPort = config.clientPortAddress?.port ?? null;
  const listed = config.verifier.members.flatMap((server): readonly Member[] => {
    const [address] = server.addresses;
    if (address === undefined) return [];
    const { clientAddress, isClientAddressFromStatic } = server;
    return [
      {
        sid: server.sid,
        host: address.quorum.written,
        quorumPort: address.quorum.port,
        electionPort: address.election.port,
        role: server.role,
        clientPort: clientAddress?.port ?? (server.sid === sid ? clientPort : null),
        clientAddress:
          clientAddress === null || isClientAddressFromStatic
            ? null
            : `${bracketed(hostString(clientAddress))}:${clientAddress.port}`,
      },
    ];
  });
  if (listed.length === 0) return [{ ...STANDALONE, clientPort }];
  return listed.toSorted((a, b) => a.sid - b.sid);
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
