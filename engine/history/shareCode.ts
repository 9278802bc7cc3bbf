import type { QuorumPacket } from "../net/packet";
import type { Create, MultiOperation, MultiReadOperation, Operation } from "../net/request";
import type { Behaviour } from "../programs/programs";
import type { VariantName } from "../rules/variants";
import type { ClientLibrary } from "../session/context";
import type { ClientSetup } from "../sim/clients";
import type { CloseBare, Command, OpenBare, SendBare } from "../sim/command";
import type { ServiceCosts, ServiceTimes } from "../sim/serviceTimes";
import type { Delays } from "../sim/world";
import type { Acl } from "../tree/acl";
import type { Sid, VirtualUs } from "../units";
import { BitReader, BitWriter, Unreadable } from "./bits";
import type { RecordedCommand } from "./history";

/** One server as it stood when the run began. */
export interface SharedServer {
  readonly zooCfg: string;
  readonly myid: string;
  readonly jvmFlags?: readonly string[];
  readonly disk: "empty";
  readonly up: boolean;
}

/** A run that can be sent to somebody: where it began and what was done, which is all that decides it. */
export interface SharedRun {
  /** A lesson's lab by its id, or an ensemble of one's own. */
  readonly start:
    | { readonly type: "lab"; readonly id: string }
    | {
        readonly type: "ensemble";
        readonly servers: readonly SharedServer[];
        readonly clients: readonly ClientSetup[];
        readonly delays?: Delays;
        readonly library?: ClientLibrary;
      };
  readonly seed: number;
  readonly variant: VariantName;
  readonly commands: readonly RecordedCommand[];
  /** The moment to show. */
  readonly atUs: VirtualUs;
}

/** Why a code cannot be opened. `too new`: a later version of the site has written it. */
export type ShareError = "empty" | "too long" | "damaged" | "too new" | "invalid";

const VERSION = 1;
const LONGEST_CODE = 60_000;
/** A day, and as many steps as nobody waits for. */
const LATEST_US = 86_400_000_000;
const MOST_STEPS = 1_000_000_000;
const MOST_CLIENTS = 500;

/** How one kind of value is written and read; what is read is always of its type, or it is `Unreadable`. */
interface Codec<T> {
  write(to: BitWriter, value: T): void;
  read(from: BitReader): T;
}

/** Every codec has its own contexts, numbered in the order of this file: another order is another version. */
let contexts = 0;
const nextContext = () => (contexts += 1);

const refuse = (why: string): never => {
  throw new Unreadable(why);
};

function whole(most = Number.MAX_SAFE_INTEGER, least = 0): Codec<number> {
  const context = nextContext();
  return {
    write: (to, value) => {
      if (!Number.isInteger(value) || value < least || value > most) refuse(`${value}`);
      to.whole(context, value - least);
    },
    read: (from) => from.whole(context, most - least) + least,
  };
}

/** Any finite number: most are whole and small. */
function amount(): Codec<number> {
  const sign = nextContext();
  const size = nextContext();
  return {
    write: (to, value) => {
      if (!Number.isFinite(value)) refuse(`${value}`);
      const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
      to.whole(sign, isWhole ? (value < 0 ? 1 : 0) : 2);
      if (isWhole) to.whole(size, value < 0 ? -value : value);
      else to.text(size, Object.is(value, -0) ? "-0" : `${value}`);
    },
    read: (from) => {
      const kind = from.whole(sign, 2);
      if (kind === 2) {
        const value = Number(from.text(size, 32));
        return Number.isFinite(value) ? value : refuse("no number");
      }
      const value = from.whole(size);
      return kind === 1 && value > 0 ? -value : value;
    },
  };
}

/** A length of time, as a person gives it. */
function milliseconds(): Codec<number> {
  const any = amount();
  return {
    write: any.write,
    read: (from) => {
      const ms = any.read(from);
      return ms >= 0 && ms <= LATEST_US / 1_000 ? ms : refuse("no length of time");
    },
  };
}

function text(most = 20_000): Codec<string> {
  const context = nextContext();
  return {
    write: (to, value) => to.text(context, value.length <= most ? value : refuse("too long")),
    read: (from) => from.text(context, most),
  };
}

function word<T extends string>(...words: readonly T[]): Codec<T> {
  const place = whole(words.length - 1);
  return {
    write: (to, value) => place.write(to, words.indexOf(value)),
    read: (from) => words[place.read(from)] ?? refuse("no such word"),
  };
}

const flag = (): Codec<boolean> => {
  const bit = whole(1);
  return {
    write: (to, value) => bit.write(to, value ? 1 : 0),
    read: (from) => bit.read(from) === 1,
  };
};

function list<T>(item: Codec<T>, most = 10_000, least = 0): Codec<readonly T[]> {
  const length = whole(most, least);
  return {
    write: (to, values) => {
      length.write(to, values.length);
      for (const value of values) item.write(to, value);
    },
    read: (from) => Array.from({ length: length.read(from) }, () => item.read(from)),
  };
}

function orNull<T>(of: Codec<T>): Codec<T | null> {
  const is = whole(1);
  return {
    write: (to, value) => {
      is.write(to, value === null ? 0 : 1);
      if (value !== null) of.write(to, value);
    },
    read: (from) => (is.read(from) === 0 ? null : of.read(from)),
  };
}

/** A field that may be left out. */
function maybe<T>(of: Codec<T>): Codec<T | undefined> {
  const is = whole(1);
  return {
    write: (to, value) => {
      is.write(to, value === undefined ? 0 : 1);
      if (value !== undefined) of.write(to, value);
    },
    read: (from) => (is.read(from) === 0 ? undefined : of.read(from)),
  };
}

type Fields<T> = { readonly [K in Exclude<keyof T, "type">]-?: Codec<T[K]> };

function record<T extends object>(fields: Fields<T>): Codec<T> {
  const entries = Object.entries(fields) as unknown as readonly [
    keyof T & string,
    Codec<unknown>,
  ][];
  const known = new Set(["type", ...Object.keys(fields)]);
  return {
    write: (to, value) => {
      // A field that nobody knows would be lost.
      for (const [name, one] of Object.entries(value))
        if (one !== undefined && !known.has(name)) refuse(name);
      for (const [name, codec] of entries) codec.write(to, value[name]);
    },
    read: (from) => {
      const read: Record<string, unknown> = {};
      for (const [name, codec] of entries) {
        const value = codec.read(from);
        if (value !== undefined) read[name] = value;
      }
      return read as T;
    },
  };
}

interface Typed {
  readonly type: string;
}
/** The member of a union that has this type; some members have several. */
type Member<T extends Typed, K> = T extends { readonly type: infer Types }
  ? K extends Types
    ? T
    : never
  : never;

/** A union told apart by `type`: the compiler lists every member and every field. */
function union<T extends Typed>(members: {
  readonly [K in T["type"]]: Fields<Member<T, K>>;
}): Codec<T> {
  const names = Object.keys(members) as T["type"][];
  const type = word(...names);
  const codecs = Object.fromEntries(
    names.map((name) => [name, record(members[name])]),
  ) as unknown as Readonly<Record<string, Codec<T>>>;
  const of = (name: string): Codec<T> =>
    Object.hasOwn(codecs, name) ? (codecs[name] as Codec<T>) : refuse(name);
  return {
    write: (to, value) => {
      of(value.type);
      type.write(to, value.type);
      of(value.type).write(to, value);
    },
    read: (from) => {
      const name = type.read(from);
      return { ...of(name).read(from), type: name };
    },
  };
}

// What a run consists of. The order of what follows is the format.

const sid = whole(255, 1);
const sids = list(sid, 255);
const name = text(200);
const path = text(4_000);
const data = orNull(text());
const version = amount();
const port = whole(65_535);

const acl = orNull(list(record<Acl>({ scheme: text(100), id: text(1_000), perms: amount() }), 100));
const create: Fields<Create> = { path, data, acl, flags: amount(), ttlMs: maybe(amount()) };
const multiOperation = union<MultiOperation>({
  create,
  create2: create,
  createContainer: create,
  createTTL: create,
  setData: { path, data, version },
  delete: { path, version },
  check: { path, version },
});
const watch = maybe(flag());
const multiReadOperation = union<MultiReadOperation>({
  getData: { path, watch },
  getChildren: { path, watch },
});
const paths = list(path, 1_000);
const watcherType = word<"Children" | "Data" | "Any">("Children", "Data", "Any");
const watches = {
  relativeZxid: whole(),
  dataWatches: paths,
  existWatches: paths,
  childWatches: paths,
  persistentWatches: maybe(paths),
  recursiveWatches: maybe(paths),
};
const operation = union<Operation>({
  create,
  create2: create,
  createContainer: create,
  createTTL: create,
  setData: { path, data, version },
  delete: { path, version },
  setACL: { path, acl, version },
  multi: { ops: list(multiOperation, 1_000) },
  getData: { path, watch },
  getChildren: { path, watch },
  exists: { path, watch },
  getChildren2: { path, watch },
  getACL: { path },
  getAllChildrenNumber: { path },
  getEphemerals: { prefix: path },
  whoAmI: {},
  multiRead: { ops: list(multiReadOperation, 1_000) },
  addWatch: { path, mode: word("PERSISTENT", "PERSISTENT_RECURSIVE", "OTHER") },
  removeWatches: { path, watcherType },
  checkWatches: { path, watcherType },
  setWatches: watches,
  setWatches2: watches,
  sync: { path },
  auth: { scheme: text(100), credential: text(1_000) },
  closeSession: {},
});

/** No shorter than what a program of ours would do: an endless loop in no time is no run. */
const everyMs = whole(86_400_000, 1);
const fixed = maybe(flag());
const behaviour = union<Behaviour>({
  reader: { path, everyMs },
  writer: { path, everyMs },
  worker: { lock: path, workMs: everyMs },
  seqlock: { lock: path, workMs: everyMs },
  provider: {
    path,
    reregister: flag(),
    onNodeExists: word("success", "recreate-if-foreign"),
    fixed,
  },
  consumer: { path, services: list(name, 100), callMs: everyMs },
  candidate: {
    lock: path,
    workMs: everyMs,
    onReconnect: word("none", "rejoin"),
    onExpired: word("rejoin", "none"),
    fixed,
  },
});
const library = maybe(word<ClientLibrary>("3.8.0", "3.9.5"));
const client = record<ClientSetup>({
  name,
  servers: maybe(list(sid, 255, 1)),
  server: maybe(sid),
  timeoutMs: whole(86_400_000, 1),
  library,
  chroot: maybe(path),
  canBeReadOnly: maybe(flag()),
  address: maybe(text(100)),
  behaviour: maybe(behaviour),
  count: maybe(whole(MOST_CLIENTS, 1)),
});

/** What a running program can be told to do differently. */
interface Options {
  readonly path?: string;
  readonly lock?: string;
  readonly everyMs?: number;
  readonly workMs?: number;
  readonly callMs?: number;
  readonly reregister?: boolean;
  readonly onNodeExists?: "success" | "recreate-if-foreign";
  readonly onReconnect?: "none" | "rejoin";
  readonly onExpired?: "rejoin" | "none";
}
const options = record<Options>({
  path: maybe(path),
  lock: maybe(path),
  everyMs: maybe(everyMs),
  workMs: maybe(everyMs),
  callMs: maybe(everyMs),
  reregister: maybe(flag()),
  onNodeExists: maybe(word("success", "recreate-if-foreign")),
  onReconnect: maybe(word("none", "rejoin")),
  onExpired: maybe(word("rejoin", "none")),
}) as unknown as Codec<Readonly<Record<string, string | number | boolean>>>;

const packet = word<QuorumPacket["type"]>(
  "FOLLOWERINFO",
  "OBSERVERINFO",
  "LEADERINFO",
  "ACKEPOCH",
  "DIFF",
  "TRUNC",
  "SNAP",
  "NEWLEADER",
  "UPTODATE",
  "REQUEST",
  "PROPOSAL",
  "ACK",
  "COMMIT",
  "INFORM",
  "SYNC",
  "PING",
  "REVALIDATE",
);
/** One end of a link: a server, or a client by its name. */
const isClient = whole(1);
const end: Codec<Sid | string> = {
  write: (to, value) => {
    isClient.write(to, typeof value === "string" ? 1 : 0);
    if (typeof value === "string") name.write(to, value);
    else sid.write(to, value);
  },
  read: (from) => (isClient.read(from) === 1 ? name.read(from) : sid.read(from)),
};

/** Connections without a client library are the recordings' own; no page has them. */
export type SharedCommand = Exclude<Command, OpenBare | SendBare | CloseBare>;
const command = union<SharedCommand>({
  kill: { sid },
  stop: { sid },
  powerLoss: { sid },
  start: { sid },
  pause: { sid },
  resume: { sid },
  cut: { a: sid, b: sid },
  heal: { a: sid, b: sid },
  cutOneWay: { from: sid, to: sid },
  healOneWay: { from: sid, to: sid },
  cutClient: { name },
  healClient: { name },
  slowLink: { a: end, b: sid, extraMs: milliseconds() },
  delayFlight: { flight: whole(), ms: milliseconds() },
  hold: { packet },
  deliver: { packet, to: sid },
  release: {},
  blockPort: { sid, port },
  openPort: { sid, port },
  break: { connection: whole() },
  slowDisk: { sid, fsyncMs: milliseconds() },
  fullDisk: { sid },
  freeDisk: { sid },
  wipe: { sid },
  removeSnapshots: { sid },
  tearLog: { sid },
  initialize: { sid },
  purge: { sid, keep: amount() },
  editConfig: {
    sid,
    zooCfg: maybe(text()),
    myid: maybe(text(200)),
    jvmFlags: maybe(list(text(1_000), 100)),
  },
  operate: { client: name, op: operation },
  closeClient: { client: name },
  killClient: { client: name },
  pauseClient: { client: name },
  resumeClient: { client: name },
  restartClient: { client: name, behaviour: maybe(behaviour) },
  addClient: { setup: client },
  removeClient: { client: name },
  updateServerList: { client: name, servers: sids },
  configureClient: { client: name, options },
  releaseLock: { lock: path },
  fence: { lock: path, fenced: flag() },
});

const range: Codec<readonly [number, number]> = (() => {
  const least = whole(LATEST_US);
  const more = whole(LATEST_US);
  return {
    write: (to, [low, high]) => {
      least.write(to, low);
      more.write(to, high - low);
    },
    read: (from) => {
      const low = least.read(from);
      return [low, low + more.read(from)] as const;
    },
  };
})();

const cost = maybe(whole(LATEST_US));
const costs = { readUs: cost, writeUs: cost, sendUs: cost };
/** Costs of all servers, then of some: as a list, for it is held by sid. */
const service: Codec<ServiceTimes> = (() => {
  const all = record<Partial<ServiceCosts>>(costs);
  const some = list(record<Partial<ServiceCosts> & { readonly sid: Sid }>({ ...costs, sid }), 255);
  const isThere = whole(1);
  return {
    write: (to, { servers, ...common }) => {
      all.write(to, common);
      isThere.write(to, servers === undefined ? 0 : 1);
      if (servers === undefined) return;
      some.write(
        to,
        Object.entries(servers).map(([one, own]) => ({ ...own, sid: Number(one) })),
      );
    },
    read: (from) => {
      const { readUs, writeUs, sendUs } = all.read(from);
      if (readUs === undefined || writeUs === undefined || sendUs === undefined)
        return refuse("a cost is missing");
      const common = { readUs, writeUs, sendUs };
      if (isThere.read(from) === 0) return common;
      const servers = Object.fromEntries(
        some.read(from).map(({ sid: one, ...own }) => [one, own] as const),
      );
      return { ...common, servers };
    },
  };
})();
const delays = record<Delays>({
  packetUs: range,
  fsyncUs: range,
  startUpUs: range,
  service: maybe(service),
  threadUs: maybe(range),
  snapTransferUs: cost,
  snapshotUs: maybe(
    record<NonNullable<Delays["snapshotUs"]>>({
      headUs: whole(LATEST_US),
      nodeUs: whole(LATEST_US),
    }),
  ),
});

const server = record<SharedServer>({
  zooCfg: text(),
  myid: text(200),
  jvmFlags: maybe(list(text(1_000), 100)),
  disk: word("empty"),
  up: flag(),
});
const start = union<SharedRun["start"]>({
  lab: { id: text(100) },
  ensemble: {
    servers: list(server, 64, 1),
    clients: list(client, MOST_CLIENTS),
    delays: maybe(delays),
    library,
  },
});
const seed = amount();
const variant = word<VariantName>("3.8.0", "3.9.5", "repaired");
const stepsBetween = whole(MOST_STEPS);
const timeBetween = whole(LATEST_US);
const countOfCommands = whole(20_000);

/** A run as text for a URL, or null for one that no code can hold. */
export function shareCodeOf(run: SharedRun): string | null {
  try {
    const to = new BitWriter();
    start.write(to, run.start);
    seed.write(to, run.seed);
    variant.write(to, run.variant);
    timeBetween.write(to, run.atUs);
    countOfCommands.write(to, run.commands.length);
    let before = { step: 0, atUs: 0 };
    for (const recorded of run.commands) {
      stepsBetween.write(to, recorded.step - before.step);
      timeBetween.write(to, recorded.atUs - before.atUs);
      command.write(to, recorded.command as SharedCommand);
      before = recorded;
    }
    const bytes = [VERSION, ...to.finish()];
    const code = textOf([...bytes, ...checksum(bytes)]);
    return code.length <= LONGEST_CODE ? code : null;
  } catch (thrown) {
    if (thrown instanceof Unreadable) return null;
    throw thrown;
  }
}

/** The run that a code holds, or why it cannot be opened. Whoever made the code, what is read can be played. */
export function runOfShareCode(
  code: string,
): { readonly run: SharedRun } | { readonly error: ShareError } {
  if (code.length === 0) return { error: "empty" };
  if (code.length > LONGEST_CODE) return { error: "too long" };
  const bytes = bytesOf(code);
  if (bytes === null || bytes.length < 5) return { error: "damaged" };
  const body = bytes.slice(0, -4);
  if (checksum(body).some((byte, at) => byte !== bytes[bytes.length - 4 + at]))
    return { error: "damaged" };
  if ((body[0] ?? 0) > VERSION) return { error: "too new" };
  if (body[0] !== VERSION) return { error: "invalid" };
  try {
    const run = readRun(new BitReader(body.slice(1)));
    return isPlayable(run) ? { run } : { error: "invalid" };
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { error: "invalid" };
    throw thrown;
  }
}

function readRun(from: BitReader): SharedRun {
  const begun = start.read(from);
  const drawn = seed.read(from);
  const trueTo = variant.read(from);
  const shownUs = timeBetween.read(from);
  const count = countOfCommands.read(from);
  const commands: RecordedCommand[] = [];
  let [step, atUs] = [0, 0];
  for (let nth = 0; nth < count; nth += 1) {
    step += stepsBetween.read(from);
    atUs += timeBetween.read(from);
    if (step > MOST_STEPS || atUs > LATEST_US) refuse("too late");
    commands.push({ step, atUs, command: command.read(from) });
  }
  return { start: begun, seed: drawn, variant: trueTo, commands, atUs: shownUs };
}

/** Has every server a number of its own, and is nothing done to one that is not there? A lab's servers are known to its lab. */
function isPlayable({ start: begun, commands }: SharedRun): boolean {
  for (const [at, { step }] of commands.entries())
    if (at > 0 && step <= (commands[at - 1]?.step ?? 0)) return false;
  if (begun.type === "lab") return true;
  const numbers = begun.servers.map(({ myid }) => Number(myid.trim()));
  const known = new Set(numbers);
  if (known.size < numbers.length) return false;
  if (numbers.some((one) => !Number.isInteger(one) || one < 1 || one > 255)) return false;
  const { clients, delays: times } = begun;
  const made = clients.reduce((sum, { count }) => sum + (count ?? 1), 0);
  if (made > MOST_CLIENTS || (times !== undefined && times.packetUs[0] < 1)) return false;
  const areKnown = (...some: readonly (Sid | string | undefined)[]) =>
    some.every((one) => typeof one !== "number" || known.has(one));
  const names = clients.map((client) => client.name);
  return (
    new Set(names).size === names.length &&
    clients.every(({ servers = [], server: first }) => areKnown(...servers, first)) &&
    commands.every(({ command: one }) => areKnown(...serversIn(one)))
  );
}

/** The servers that a command names. */
function serversIn(one: Command): readonly (Sid | string | undefined)[] {
  switch (one.type) {
    case "cut":
    case "heal":
    case "slowLink":
      return [one.a, one.b];
    case "cutOneWay":
    case "healOneWay":
      return [one.from, one.to];
    case "deliver":
      return [one.to];
    case "addClient":
      return [...(one.setup.servers ?? []), one.setup.server];
    case "updateServerList":
      return one.servers;
    default:
      return "sid" in one ? [one.sid] : [];
  }
}

// Bytes and text.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Source: RFC 4648, base64url without padding. */
function textOf(bytes: readonly number[]): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const three = (bytes[at] ?? 0) * 65_536 + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
    const letters = Math.min(bytes.length - at, 3) + 1;
    for (let place = 0; place < letters; place += 1)
      out += LETTERS[(three >>> (18 - 6 * place)) & 63];
  }
  return out;
}

function bytesOf(code: string): readonly number[] | null {
  if (code.length % 4 === 1) return null;
  const bytes: number[] = [];
  for (let at = 0; at < code.length; at += 4) {
    const letters = Math.min(code.length - at, 4);
    let three = 0;
    for (let place = 0; place < 4; place += 1) {
      const value = place < letters ? LETTERS.indexOf(code[at + place] ?? "") : 0;
      if (value < 0) return null;
      three = three * 64 + value;
    }
    for (let place = 0; place < letters - 1; place += 1)
      bytes.push((three >>> (16 - 8 * place)) & 255);
    // One code for one run: bits that no byte takes are 0.
    if (letters < 4 && three % 2 ** (24 - 8 * (letters - 1)) !== 0) return null;
  }
  return bytes;
}

/** Source: CRC-32 of IEEE 802.3. */
function checksum(bytes: readonly number[]): readonly number[] {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  crc ^= 0xffffffff;
  return [crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255];
}
