// The door: all that lessons and ui may import.
export type { Sid, VirtualUs, Cause } from "./units";
export { msFromUs, usFromMs, US_PER_MS, US_PER_SECOND } from "./units";
export { type Zxid, counterOf, epochOf, formatZxid, makeZxid } from "./zxid";
export type { Connection, End, Flight, Packet, Purpose } from "./net/connection";
export type { ServerState } from "./net/packet";
export * from "./net/request";
export { type Acl, type Id, OPEN_ACL, PERMS, READ_ACL } from "./tree/acl";
export type { ErrorCode, SessionId, Txn, TxnBody } from "./tree/txn";
export { bytesOf, type Data, type Stat } from "./tree/znode";
export { nodeCount } from "./tree/dataTree";
export { validatePath } from "./tree/path";
export type { VariantName } from "./rules/variants";
export { apply } from "./sim/apply";
export { backlogOf, type ServiceTimes } from "./sim/serviceTimes";
export { type BareConnection, bareOf } from "./sim/bareConnection";
export { nextEventUs, rest, takeStep } from "./sim/step";
export type {
  LeaderMemory,
  LearnerMemory,
  LearnerRecord,
  ReceivedVote,
  ServerContext,
  Vote,
} from "./quorum/context";
export { containsQuorum } from "./quorum/quorumVerifier";
export { errorNumberOf } from "./session/errorCodes";
export { filesOf } from "./disk/disk";
export type { QuorumVerifier } from "./config/ensemble";
export { addressText, hostString, type SocketAddress } from "./config/addresses";
export { type Host, launch, type Launched } from "./config/launch";
export {
  isTrue,
  numberOf,
  type PeerConfig,
  type Reading,
  readConfig,
  type Verifier,
  verifierText,
} from "./config/quorumPeerConfig";
export { type QuorumServer, quorumServerText } from "./config/quorumServer";
export { betterVote, compareVotes } from "./quorum/vote";
export type { ClientContext, ClientLibrary, KeeperState } from "./session/context";
export {
  type Behaviour,
  candidateOf,
  consumerOf,
  providerOf,
  readerOf,
  seqlockOf,
  type Standing,
  standingOf,
  workerOf,
  writerOf,
} from "./programs/programs";
export * from "./sim/command";
export type { DecidedBy } from "./quorum/decidedBy";
export type { Fact, FactBody, FactOf, FactType } from "./sim/fact";
export {
  clientOf,
  findClient,
  contextOf,
  currentEpochOf,
  flightsOf,
  fsyncMsOf,
  handleStateOf,
  type HandleState,
  type FlightOn,
  isCut,
  lastZxidOf,
  leaderOf,
  type LogEntry,
  logLengthOf,
  logOf,
  majorityOf,
  type Phase,
  phaseOf,
  quorumOf,
  type Role,
  roleOf,
  serverOf,
  votersOf,
} from "./sim/read";
export {
  expiriesAt,
  heldFor,
  type HeldSession,
  lockOf,
  sessionsAt,
  watchesAt,
} from "./sim/clientsAt";
export type { Client, Delays, Process, Server, World } from "./sim/world";
export {
  advance,
  type Branch,
  factsAt,
  type History,
  nextMomentUs,
  record,
  type RecordedCommand,
  recordedCommands,
  restore,
  seek,
  stepBack,
  stepForward,
  switchBranch,
} from "./history/history";
export { startHistory } from "./history/start";
export { type ClientSetup, defineLab, type Lab, type ServerSetup } from "./scenario/lab";
export * from "./scenario/objective";
export {
  act,
  cutClientFor,
  killThe,
  pauseClientFor,
  type ScriptLine,
  startThe,
  stopThe,
  until,
  wait,
} from "./scenario/script";
export { judge, type Played, playScript, usualDelays, worldOfLab } from "./scenario/play";
export { type Forecast, whoLeadsAfter } from "./scenario/forecast";
