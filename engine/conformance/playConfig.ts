import {
  addressText,
  containsQuorum,
  type Host,
  hostString,
  isTrue,
  launch,
  numberOf,
  type PeerConfig,
  type QuorumServer,
  quorumServerText,
  readConfig,
  type SocketAddress,
  type Verifier,
  verifierText,
} from "../index";
import type { Answer, Came, Played } from "./compare";
import { CannotPlay } from "./driver";
import { isMap, type JsonMap, type Step, type Vector, wordIn } from "./schema";

/** Where the recordings say DATADIR, a path that is absolute. */
const ROOT = "/DATADIR";
/** More minimal quorums than this were counted only. */
const MOST_QUORUMS = 1_000;

/** Plays a vector of the family config: reads files as a server does, and starts its process. */
export class ConfigRun {
  private readonly answers = new Map<number, Answer>();
  private readonly host: Host;

  constructor(private readonly vector: Vector) {
    this.host = hostGiven(vector.given);
  }

  played(): Played {
    const { answers } = this;
    return { answers, finalTree: null, z: 0, openZxids: new Map(), broken: [] };
  }

  play(): void {
    for (const step of this.vector.steps) this.answers.set(step.n, inWords(this.take(step)));
  }

  private take(step: Step): Answer {
    switch (step.do) {
      case "parse":
        return this.parse(rooted(wordIn(step, "file")));
      case "launch": {
        const [, ...args] = wordIn(step, "with").split(" ");
        const { exitCode, messages, srvr } = launch(args.map(rooted), this.host);
        return {
          process: exitCode === null ? "running" : "exited",
          exit_code: exitCode,
          messages,
          srvr,
        };
      }
      default:
        throw new CannotPlay(`not yet played: ${wordIn(step, "do")}`);
    }
  }

  private parse(file: string): Answer {
    const { outcome, log, properties } = readConfig(file, this.host);
    const both = { log, system_properties_set: properties };
    if ("chain" in outcome)
      return { ...both, accepted: false, exception: outcome.chain.map((one) => ({ ...one })) };
    const { config } = outcome;
    return {
      ...both,
      accepted: true,
      distributed: config.isDistributed,
      values: valuesOf(config, this.host.systemProperties),
      effective: {
        tickTime: numberOf(config.values, "tickTime"),
        minSessionTimeout: config.minSessionTimeoutMs,
        maxSessionTimeout: config.maxSessionTimeoutMs,
      },
    };
  }
}

const rooted = (text: string) => text.replaceAll("DATADIR", ROOT);

/** Every text of an answer with the recordings' word for the directory. */
function inWords(came: Answer): Answer {
  const one = (value: Came): Came => {
    if (typeof value === "string") return value.replaceAll(ROOT, "DATADIR");
    if (Array.isArray(value)) return (value as readonly Came[]).map(one);
    return typeof value === "object" && value !== null ? inWords(value as Answer) : value;
  };
  return Object.fromEntries(Object.entries(came).map(([key, value]) => [key, one(value)]));
}

function hostGiven(given: JsonMap): Host {
  const files = new Map<string, string>();
  const put = (path: string, text: unknown) => {
    if (typeof text === "string") files.set(rooted(path), rooted(text));
  };
  put("DATADIR/zoo.cfg", given["zoo.cfg"]);
  put("DATADIR/1/myid", given["DATADIR/1/myid"]);
  for (const [path, text] of Object.entries(isMap(given.files) ? given.files : {})) put(path, text);
  const set = isMap(given.java_system_properties) ? given.java_system_properties : {};
  const port = given["port_already_bound_on_127.0.0.1"];
  return {
    fileAt: (path) => files.get(path) ?? null,
    systemProperties: Object.fromEntries(Object.keys(set).map((key) => [key, wordIn(set, key)])),
    hasDataDir: given["DATADIR/1 exists"] === true,
    takenPorts: typeof port === "number" ? [port] : [],
  };
}

function valuesOf(config: PeerConfig, systemProperties: Readonly<Record<string, string>>): Answer {
  const { values } = config;
  const inProperty = systemProperties["zookeeper.multiAddress.enabled"]?.toLowerCase() === "true";
  return {
    tickTime: numberOf(values, "tickTime"),
    initLimit: numberOf(values, "initLimit"),
    syncLimit: numberOf(values, "syncLimit"),
    minSessionTimeout: config.minSessionTimeoutMs,
    maxSessionTimeout: config.maxSessionTimeoutMs,
    maxClientCnxns: numberOf(values, "maxClientCnxns"),
    electionAlg: numberOf(values, "electionAlg"),
    clientPortAddress: textOrNull(config.clientPortAddress),
    secureClientPortAddress: textOrNull(config.secureClientPortAddress),
    dataDir: config.dataDir,
    dataLogDir: config.dataLogDir,
    serverId: config.serverId,
    peerType: config.peerType.toUpperCase(),
    snapRetainCount: config.snapRetainCount,
    purgeInterval: numberOf(values, "autopurge.purgeInterval"),
    syncEnabled: isTrue(values, "syncEnabled"),
    quorumListenOnAllIPs: isTrue(values, "quorumListenOnAllIPs"),
    localSessionsEnabled: isTrue(values, "localSessionsEnabled"),
    localSessionsUpgradingEnabled: isTrue(values, "localSessionsUpgradingEnabled"),
    standaloneEnabled: isTrue(values, "standaloneEnabled"),
    reconfigEnabled: isTrue(values, "reconfigEnabled"),
    clientPortListenBacklog: numberOf(values, "clientPortListenBacklog"),
    getConnectToLearnerMasterLimit: numberOf(values, "connectToLearnerMasterLimit"),
    getObserverMasterPort: config.observerMasterPort,
    isSslQuorum: isTrue(values, "sslQuorum"),
    shouldUsePortUnification: isTrue(values, "portUnification"),
    isMultiAddressEnabled:
      values["multiAddress.enabled"] === undefined
        ? inProperty
        : isTrue(values, "multiAddress.enabled"),
    quorumVerifier: verifierAnswer(config.verifier),
  };
}

function textOrNull(address: SocketAddress | null): string | null {
  return address === null ? null : addressText(address);
}

function verifierAnswer(verifier: Verifier): Answer {
  const { voting, observing, members, version } = verifier;
  const answer = {
    class: verifier.hierarchy === null ? "QuorumMaj" : "QuorumHierarchical",
    votingMembers: voting,
    observingMembers: observing,
    version: version.toString(16),
    toString: verifierText(verifier),
    servers: members.map(serverAnswer),
  };
  if (voting.length === 0) return answer;
  const quorums = minimalQuorums(verifier);
  return quorums.length > MOST_QUORUMS
    ? { ...answer, minimalQuorumCount: quorums.length }
    : { ...answer, minimalQuorums: quorums };
}

const pair = (address: SocketAddress) => `${hostString(address)}:${address.port}`;

function serverAnswer(server: QuorumServer): Answer {
  return {
    id: server.sid,
    type: server.role.toUpperCase(),
    quorumAddresses: server.addresses.map(({ quorum }) => pair(quorum)),
    electionAddresses: server.addresses.map(({ election }) => pair(election)),
    clientAddress: server.clientAddress === null ? null : pair(server.clientAddress),
    toString: quorumServerText(server),
  };
}

/** Every set of voters that is a quorum and is none without any one of them. */
function minimalQuorums({ voting, hierarchy }: Verifier): readonly (readonly number[])[] {
  const voters = voting.toSorted((a, b) => a - b);
  const quorum = {
    voters,
    hierarchy:
      hierarchy === null
        ? null
        : {
            groupOf: Object.fromEntries(hierarchy.groupOf),
            weightOf: Object.fromEntries(hierarchy.weightOf),
          },
  };
  const found: (readonly number[])[] = [];
  for (let bits = 1; bits < 2 ** voters.length; bits += 1) {
    const set = voters.filter((_, at) => Math.floor(bits / 2 ** at) % 2 === 1);
    const isMinimal = () =>
      set.every(
        (out) =>
          !containsQuorum(
            set.filter((one) => one !== out),
            quorum,
          ),
      );
    if (containsQuorum(set, quorum) && isMinimal()) found.push(set);
  }
  return found;
}
