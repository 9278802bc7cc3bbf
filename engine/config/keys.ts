/** What `QuorumPeerConfig` reads out of a value. */
export type KeyKind = "whole number" | "long number" | "true or false" | "text";

/** One key of zoo.cfg that the parser itself knows. */
export interface Key {
  readonly kind: KeyKind;
  /** What holds when the line is missing; null means nothing is set. */
  readonly fallback: string | null;
}

/**
 * The keys that zoo.cfg's parser knows by name. Case matters. Any other key becomes the system property
 * `zookeeper.<key>` without a word, which is why a typing error goes unnoticed.
 * Source: QuorumPeerConfig.parseProperties.
 * Simpler than real: the keys of TLS, SASL, the JVM's pauses and the oracle are checked and have no effect.
 */
export const KEYS: Readonly<Record<string, Key>> = {
  /** Milliseconds; the unit of all other limits. */
  tickTime: { kind: "whole number", fallback: "3000" },
  /** Ticks a learner may take for each step of joining. An ensemble does not start without it. */
  initLimit: { kind: "whole number", fallback: "0" },
  /** Ticks of silence between leader and learner. An ensemble does not start without it. */
  syncLimit: { kind: "whole number", fallback: "0" },
  /** Where snapshots, epoch files and myid stand. */
  dataDir: { kind: "text", fallback: null },
  /** Where the transaction log stands; dataDir when it is missing. */
  dataLogDir: { kind: "text", fallback: null },
  /** Without it the server runs and serves no client. */
  clientPort: { kind: "whole number", fallback: "0" },
  clientPortAddress: { kind: "text", fallback: null },
  secureClientPort: { kind: "whole number", fallback: "0" },
  secureClientPortAddress: { kind: "text", fallback: null },
  clientPortListenBacklog: { kind: "whole number", fallback: "-1" },
  /** Milliseconds; -1 is two ticks. */
  minSessionTimeout: { kind: "whole number", fallback: "-1" },
  /** Milliseconds; -1 is twenty ticks. */
  maxSessionTimeout: { kind: "whole number", fallback: "-1" },
  maxClientCnxns: { kind: "whole number", fallback: "60" },
  peerType: { kind: "text", fallback: "participant" },
  electionAlg: { kind: "whole number", fallback: "3" },
  standaloneEnabled: { kind: "true or false", fallback: "true" },
  reconfigEnabled: { kind: "true or false", fallback: "false" },
  localSessionsEnabled: { kind: "true or false", fallback: "false" },
  localSessionsUpgradingEnabled: { kind: "true or false", fallback: "false" },
  quorumListenOnAllIPs: { kind: "true or false", fallback: "false" },
  syncEnabled: { kind: "true or false", fallback: "true" },
  "multiAddress.enabled": { kind: "true or false", fallback: "false" },
  observerMasterPort: { kind: "whole number", fallback: "0" },
  connectToLearnerMasterLimit: { kind: "whole number", fallback: "0" },
  "autopurge.snapRetainCount": { kind: "whole number", fallback: "3" },
  "autopurge.purgeInterval": { kind: "whole number", fallback: "0" },
  /** Where the members stand instead of here. */
  dynamicConfigFile: { kind: "text", fallback: null },
  sslQuorum: { kind: "true or false", fallback: "false" },
  portUnification: { kind: "true or false", fallback: "false" },
  sslQuorumReloadCertFiles: { kind: "true or false", fallback: "false" },
  "quorum.auth.enableSasl": { kind: "true or false", fallback: "false" },
  "quorum.auth.serverRequireSasl": { kind: "true or false", fallback: "false" },
  "quorum.auth.learnerRequireSasl": { kind: "true or false", fallback: "false" },
  "quorum.auth.learner.saslLoginContext": { kind: "text", fallback: "QuorumLearner" },
  "quorum.auth.server.saslLoginContext": { kind: "text", fallback: "QuorumServer" },
  "quorum.auth.kerberos.servicePrincipal": { kind: "text", fallback: "zkquorum/localhost" },
  "quorum.cnxn.threads.size": { kind: "whole number", fallback: "0" },
  "jvm.pause.info-threshold.ms": { kind: "long number", fallback: "1000" },
  "jvm.pause.warn-threshold.ms": { kind: "long number", fallback: "10000" },
  "jvm.pause.sleep.time.ms": { kind: "long number", fallback: "500" },
  "jvm.pause.monitor": { kind: "true or false", fallback: "false" },
  "metricsProvider.className": {
    kind: "text",
    fallback: "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
  },
  "multiAddress.reachabilityCheckTimeoutMs": { kind: "whole number", fallback: "1000" },
  "multiAddress.reachabilityCheckEnabled": { kind: "true or false", fallback: "true" },
  oraclePath: { kind: "text", fallback: null },
};

/** The key of this name, or null when the parser does not know it. */
export function keyNamed(name: string): Key | null {
  return Object.hasOwn(KEYS, name) ? (KEYS[name] ?? null) : null;
}
