import { hostString, javaAddressText, type SocketAddress } from "./addresses";
import { exitCodeOf, type JavaException } from "./java";
import { type PeerConfig, type Reading, readConfig, type Surroundings } from "./quorumPeerConfig";

/** What else a process meets on its host. */
export interface Host extends Surroundings {
  /** Can the data directory be made or written? */
  readonly hasDataDir: boolean;
  /** TCP ports that another process has. */
  readonly takenPorts: readonly number[];
}

/** A process looked at some seconds after its start, with no other server up. */
export interface Launched {
  /** Null: it runs. */
  readonly exitCode: number | null;
  /** Its lines at WARN and ERROR, the heads of exceptions, and what it says on stderr. */
  readonly messages: readonly string[];
  /** What it answers to `srvr`. Null: nobody answers. */
  readonly srvr: string | null;
}

const QUORUM_MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
const STANDALONE_MAIN = "org.apache.zookeeper.server.ZooKeeperServerMain";
const CNXN_MANAGER = "org.apache.zookeeper.server.quorum.QuorumCnxManager";
const RUNS_ALONE =
  `WARN ${QUORUM_MAIN} - Either no config or no quorum defined in config,` +
  " running in standalone mode";
const NO_MAX_CNXNS =
  "WARN org.apache.zookeeper.server.ServerCnxnFactory - maxCnxns is not configured, using default value 0.";
const ADDRESS_IN_USE = {
  class: "java.net.BindException",
  message: "Address already in use",
} as const;

/**
 * Starts the process of a server with these arguments. Source: QuorumPeerMain.main, ZooKeeperServerMain.main.
 * Simpler than real: nothing that would be logged later than the first round of an election.
 */
export function launch(args: readonly string[], host: Host): Launched {
  const [path] = args;
  if (path === undefined || args.length > 1) return withoutFile(args);
  const reading = readConfig(path, host);
  const loud = warningsOf(reading);
  if ("chain" in reading.outcome) {
    const { chain } = reading.outcome;
    return exitCodeOf(chain) === 2
      ? ended(2, [...loud, ...invalidConfig(chain)])
      : ended(1, [...loud, ...unexpected(QUORUM_MAIN, chain)]);
  }
  const { config } = reading.outcome;
  return config.isDistributed
    ? launchPeer(config, loud, reading, host)
    : launchAlone(config, loud, reading, host);
}

function warningsOf({ log }: Reading): readonly string[] {
  return log.filter((line) => !line.startsWith("INFO "));
}

function ended(exitCode: number, messages: readonly string[]): Launched {
  const last = `ERROR org.apache.zookeeper.util.ServiceUtils - Exiting JVM with code ${exitCode}`;
  return { exitCode, messages: [...messages, last], srvr: null };
}

/** The heads of a chain of exceptions as a log has them. */
function heads(chain: readonly JavaException[]): readonly string[] {
  return chain.map((one, at) => `${at === 0 ? "" : "Caused by: "}${one.class}: ${one.message}`);
}

function invalidConfig(chain: readonly JavaException[]): readonly string[] {
  const text = "Invalid config, exiting abnormally";
  return [`ERROR ${QUORUM_MAIN} - ${text}`, ...heads(chain), text];
}

function unexpected(logger: string, chain: readonly JavaException[]): readonly string[] {
  return [`ERROR ${logger} - Unexpected exception, exiting abnormally`, ...heads(chain)];
}

/** Without exactly one argument the main of a standalone server is asked, which takes two to four. */
function withoutFile(args: readonly string[]): Launched {
  const message = `Invalid number of arguments:[${args.join(", ")}]`;
  return ended(2, [
    RUNS_ALONE,
    `ERROR ${STANDALONE_MAIN} - Invalid arguments, exiting abnormally`,
    ...heads([{ class: "java.lang.IllegalArgumentException", message }]),
    "Usage: ZooKeeperServerMain configfile | port datadir [ticktime] [maxcnxns]",
  ]);
}

/** Source: ZooKeeperServerMain.runFromConfig. */
function launchAlone(
  config: PeerConfig,
  loud: readonly string[],
  reading: Reading,
  host: Host,
): Launched {
  // The file is read once more by the other main.
  const before = [...loud, RUNS_ALONE, ...loud];
  if (!host.hasDataDir) {
    const text = "Unable to access datadir, exiting abnormally";
    const name = "org.apache.zookeeper.server.persistence.FileTxnSnapLog$DatadirException";
    const message = `Unable to create data directory ${config.dataLogDir}/version-2`;
    return ended(3, [
      ...before,
      `ERROR ${STANDALONE_MAIN} - ${text}`,
      ...heads([{ class: name, message }]),
      text,
    ]);
  }
  const { clientPortAddress } = config;
  if (clientPortAddress === null) return { exitCode: null, messages: before, srvr: null };
  const messages = [...before, ...cnxnsWarning(reading.properties, host)];
  return host.takenPorts.includes(clientPortAddress.port)
    ? ended(1, [...messages, ...unexpected(STANDALONE_MAIN, [ADDRESS_IN_USE])])
    : { exitCode: null, messages, srvr: "Mode: standalone\n" };
}

function cnxnsWarning(
  properties: Readonly<Record<string, string>>,
  { systemProperties }: Host,
): readonly string[] {
  const name = "zookeeper.maxCnxns";
  return (properties[name] ?? systemProperties[name]) === undefined ? [NO_MAX_CNXNS] : [];
}

/** Source: QuorumPeerMain.runFromConfig, QuorumPeer.start. */
function launchPeer(
  config: PeerConfig,
  loud: readonly string[],
  reading: Reading,
  host: Host,
): Launched {
  const { clientPortAddress, serverId, verifier } = config;
  const own = verifier.members.find(({ sid }) => sid === serverId);
  const messages = [
    ...loud,
    ...(clientPortAddress === null ? [] : cnxnsWarning(reading.properties, host)),
  ];
  if (clientPortAddress !== null && host.takenPorts.includes(clientPortAddress.port))
    return ended(1, [...messages, ...unexpected(QUORUM_MAIN, [ADDRESS_IN_USE])]);
  if (own === undefined) {
    const message = `My id ${serverId} not in the peer list`;
    const thrown = { class: "java.lang.RuntimeException", message };
    return ended(1, [...messages, ...unexpected(QUORUM_MAIN, [thrown])]);
  }
  const ownAddress = own.addresses[0]?.election;
  const others = verifier.members.filter(
    ({ sid }) => sid !== serverId && verifier.voting.includes(sid),
  );
  const tried = others.flatMap((other) =>
    other.addresses.flatMap(({ election }) => [...triedOnce(other.sid, election, ownAddress)]),
  );
  return {
    exitCode: null,
    // Looked at as distinct lines: it tries again and again.
    messages: [...new Set([...messages, ...tried])],
    srvr:
      clientPortAddress === null
        ? null
        : "This ZooKeeper instance is not currently serving requests\n",
  };
}

/** One connection for votes to a server that is not up. Source: QuorumCnxManager.initiateConnection, receiveConnection. */
function triedOnce(
  sid: number,
  election: SocketAddress,
  own: SocketAddress | undefined,
): readonly string[] {
  if (own !== undefined && own.ip === election.ip && own.port === election.port) {
    return [
      `WARN ${CNXN_MANAGER} - We got a connection request from a server with our own ID.` +
        " This should be either a configuration error, or a bug.",
    ];
  }
  const cannot = `WARN ${CNXN_MANAGER} - Cannot open channel to ${sid} at election address ${javaAddressText(election)}`;
  return election.ip === null
    ? [cannot, `java.net.UnknownHostException: ${hostString(election)}`]
    : [cannot, "java.net.ConnectException: Connection refused"];
}
