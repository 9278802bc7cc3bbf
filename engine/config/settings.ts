/**
 * What a server takes from system properties: `-D` on its command line, or a key of zoo.cfg that the parser does not
 * know, which becomes `zookeeper.<key>`. Source: named at each field.
 */
export interface Settings {
  /** A snapshot about every so many transactions. Source: ZooKeeperServer.getSnapCount. */
  readonly snapCount: number;
  /** And about every so many bytes of log, in KB; 0 or less is off. Source: ZooKeeperServer.getSnapSizeInBytes. */
  readonly snapSizeLimitInKb: number;
  /** A log file longer than this is left after the next fsync, in KB; 0 or less is off. Source: FileTxnLog.txnLogSizeLimit. */
  readonly txnLogSizeLimitInKb: number;
  /** Space that a log file takes ahead, in KB. Source: FilePadding.preAllocSize. */
  readonly preAllocSizeKb: number;
  /** Most transactions that one fsync is for. Source: SyncRequestProcessor, ZooKeeperServer.getMaxBatchSize. */
  readonly maxBatchSize: number;
  /** Transactions kept in memory for learners that come back. Source: ZKDatabase.commitLogCount. */
  readonly commitLogCount: number;
  /** How much log, in parts of the newest snapshot's size, a learner may be sent from disk. Source: ZKDatabase.snapshotSizeFactor. */
  readonly snapshotSizeFactor: number;
  /** A learner always gets a snapshot; for tests. Source: LearnerHandler.FORCE_SNAP_SYNC. */
  readonly forceSnapshotSync: boolean;
  /** Is the log synced at all? Source: FileTxnLog.forceSync. */
  readonly forceSync: boolean;
  /** May there be TTL nodes? Source: EphemeralType.extendedEphemeralTypesEnabled. */
  readonly extendedTypesEnabled: boolean;
  /** How often empty containers are looked for. Source: ContainerManager. */
  readonly containerCheckIntervalMs: number;
  readonly containerMaxPerMinute: number;
  /** A container that never had a child goes after so long; 0: never. */
  readonly containerMaxNeverUsedIntervalMs: number;
  /** Does a server without a quorum serve reads? Source: QuorumPeer.run, ReadOnlyZooKeeperServer. */
  readonly readOnlyModeEnabled: boolean;
  /** Does the leader take clients itself? Source: Leader.LEADER_SERVES, QuorumPeerConfig. */
  readonly leaderServes: boolean;
  readonly skipAcl: boolean;
  /** `super:<digest>`; null: there is none. Source: DigestAuthenticationProvider.superDigest. */
  readonly superDigest: string | null;
  readonly enforceQuota: boolean;
  /** Longest message of a client, in bytes. Source: BinaryInputArchive.maxBuffer. */
  readonly juteMaxBuffer: number;
  /** The counter a new leader begins with; null: 0. Source: Leader.startZkServer, zookeeper.testingonly.initialZxid. */
  readonly initialZxid: number | null;
  /** How long a server that looks for a leader waits for a vote before it sends its own again: first, and at most. Source: FastLeaderElection. */
  readonly minNotificationIntervalMs: number;
  readonly maxNotificationIntervalMs: number;
  /** An elected leader gives up after so long when one that voted for it looks again; negative: never. Source: Leader.reportLookingSid. */
  readonly maxTimeToWaitForEpochMs: number;
  /** How many learners a leader may bring to its state at once; voters always come in. Source: LearnerSyncThrottler. */
  readonly maxConcurrentSnapSyncs: number;
  readonly maxConcurrentDiffSyncs: number;
  /** The pause of a learner whose leader refused the connection. Source: Learner.leaderConnectDelayDuringRetryMs. */
  readonly leaderConnectDelayMs: number;
  /** How long a connection for an election may take. Source: QuorumCnxManager.cnxTO. */
  readonly cnxTimeoutMs: number;
  /** An observer that lost its leader waits up to this long. Source: QuorumPeer.getObserverElectionDelay. */
  readonly observerElectionDelayMs: number;
  /** Is an empty data directory taken for an empty database? Source: FileTxnSnapLog.autoCreateDB. */
  readonly dbAutocreate: boolean;
  /** May logs be read without a snapshot? Source: FileTxnSnapLog.trustEmptySnapshot. */
  readonly snapshotTrustEmpty: boolean;
  /** Writes that may be under way before a server stops reading from clients that have some. Source: ZooKeeperServer.getGlobalOutstandingLimit. */
  readonly globalOutstandingLimit: number;
  /** WARN for a slower fsync. Source: FileTxnLog.fsyncWarningThresholdMS. */
  readonly fsyncWarningThresholdMs: number;
}

type Reader<T> = (text: string) => T;
const whole: Reader<number> = (text) => (/^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN);
const decimal: Reader<number> = (text) => (text.trim() === "" ? Number.NaN : Number(text));
/** Source: Boolean.getBoolean, parseBoolean. */
const flag: Reader<boolean> = (text) => text.toLowerCase() === "true";
const yes: Reader<boolean> = (text) => text === "yes";
const notNo: Reader<boolean> = (text) => text !== "no";
const words: Reader<string | null> = (text) => text;

/** Each setting: its property, how its text is read, and what holds without it. A number that is none is as if it were not there. */
const KNOWN: {
  readonly [K in keyof Settings]: readonly [string, Reader<Settings[K]>, Settings[K]];
} = {
  snapCount: ["zookeeper.snapCount", (text) => Math.max(whole(text), 2), 100_000],
  snapSizeLimitInKb: ["zookeeper.snapSizeLimitInKb", whole, 4_194_304],
  txnLogSizeLimitInKb: ["zookeeper.txnLogSizeLimitInKb", whole, -1],
  preAllocSizeKb: ["zookeeper.preAllocSize", whole, 65_536],
  maxBatchSize: ["zookeeper.maxBatchSize", whole, 1_000],
  commitLogCount: ["zookeeper.commitLogCount", (text) => Math.max(whole(text), 500), 500],
  snapshotSizeFactor: ["zookeeper.snapshotSizeFactor", decimal, 0.33],
  forceSnapshotSync: ["zookeeper.forceSnapshotSync", flag, false],
  forceSync: ["zookeeper.forceSync", notNo, true],
  extendedTypesEnabled: ["zookeeper.extendedTypesEnabled", flag, false],
  containerCheckIntervalMs: ["znode.container.checkIntervalMs", whole, 60_000],
  containerMaxPerMinute: ["znode.container.maxPerMinute", whole, 10_000],
  containerMaxNeverUsedIntervalMs: ["znode.container.maxNeverUsedIntervalMs", whole, 0],
  readOnlyModeEnabled: ["readonlymode.enabled", flag, false],
  leaderServes: ["zookeeper.leaderServes", notNo, true],
  skipAcl: ["zookeeper.skipACL", yes, false],
  superDigest: ["zookeeper.DigestAuthenticationProvider.superDigest", words, null],
  enforceQuota: ["zookeeper.enforceQuota", flag, false],
  juteMaxBuffer: ["jute.maxbuffer", whole, 1_048_575],
  initialZxid: ["zookeeper.testingonly.initialZxid", whole, null],
  minNotificationIntervalMs: ["zookeeper.fastleader.minNotificationInterval", whole, 200],
  maxNotificationIntervalMs: ["zookeeper.fastleader.maxNotificationInterval", whole, 60_000],
  maxTimeToWaitForEpochMs: ["zookeeper.leader.maxTimeToWaitForEpoch", whole, -1],
  maxConcurrentSnapSyncs: ["zookeeper.leader.maxConcurrentSnapSyncs", whole, 10],
  maxConcurrentDiffSyncs: ["zookeeper.leader.maxConcurrentDiffSyncs", whole, 100],
  leaderConnectDelayMs: ["zookeeper.leaderConnectDelayDuringRetryMs", whole, 100],
  cnxTimeoutMs: ["zookeeper.cnxTimeout", whole, 5_000],
  observerElectionDelayMs: ["zookeeper.observer.election.DelayMs", whole, 200],
  dbAutocreate: ["zookeeper.db.autocreate", flag, true],
  snapshotTrustEmpty: ["zookeeper.snapshot.trust.empty", flag, false],
  globalOutstandingLimit: ["zookeeper.globalOutstandingLimit", whole, 1_000],
  fsyncWarningThresholdMs: ["zookeeper.fsync.warningthresholdms", whole, 1_000],
};

/** The settings that these system properties make. */
export function settingsOf(properties: Readonly<Record<string, string>>): Settings {
  const entries = Object.entries(KNOWN).map(([name, [property, read, fallback]]) => {
    const text = Object.hasOwn(properties, property) ? properties[property] : undefined;
    const value = text === undefined ? fallback : (read as Reader<unknown>)(text);
    return [name, typeof value === "number" && Number.isNaN(value) ? fallback : value];
  });
  return Object.fromEntries(entries) as Settings;
}

/** `-Dkey=value` of a command line, as properties. Others are not the server's. */
export function propertiesOf(jvmFlags: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    jvmFlags
      .filter((one) => one.startsWith("-D"))
      .map((one) => {
        const at = one.indexOf("=");
        return at < 0 ? [one.slice(2), ""] : [one.slice(2, at), one.slice(at + 1)];
      }),
  );
}
