import type { Sid } from "../units";
import { type EnsembleConfig, ensembleOf } from "./ensemble";

/** What a server of a plain ensemble reads in its files, where nothing special is needed. */
export function sampleConfig(
  sid: Sid,
  voters: readonly Sid[],
  more: readonly string[] = [],
  jvmFlags: readonly string[] = [],
): EnsembleConfig {
  const lines = ["tickTime=2000", "initLimit=10", "syncLimit=5", "dataDir=/data"];
  const servers = voters.map((voter) => `server.${voter}=zk${voter}:2888:3888`);
  const file = [...lines, "clientPort=2181", "standaloneEnabled=false", ...servers, ...more];
  const read = ensembleOf(file.join("\n"), `${sid}`, jvmFlags);
  if ("fatal" in read) throw new Error(read.fatal.text);
  return read.config;
}
