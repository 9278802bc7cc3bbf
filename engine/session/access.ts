import type { Settings } from "../config/settings";
import type { Acl, Id } from "../tree/acl";
import { digestOf } from "./digest";

/** What the server's settings say about access. */
export type AccessSettings = Pick<Settings, "skipAcl" | "superDigest">;

/**
 * One way to prove who one is. Source: AuthenticationProvider.
 * Simpler than real: schemes other than `digest` and `ip` (x509, sasl) cannot be switched on, and addresses have four bytes.
 */
interface AuthenticationProvider {
  /** Is it told by the client rather than seen by the server? Only then does `auth` stand for it. */
  readonly isAuthenticated: boolean;
  /** May an access control list name this id? */
  readonly isValid: (id: string) => boolean;
  readonly matches: (id: string, entry: string) => boolean;
  /** The user's name in an id, without what proves it. */
  readonly userName: (id: string) => string;
}

/** Source: ProviderRegistry, DigestAuthenticationProvider, IPAuthenticationProvider. */
const PROVIDERS: Readonly<Record<string, AuthenticationProvider>> = {
  digest: {
    isAuthenticated: true,
    isValid: (id) => javaSplit(id, ":").length === 2,
    matches: (id, entry) => id === entry,
    userName: (id) => id.split(":")[0] ?? "",
  },
  ip: { isAuthenticated: false, isValid: isAddressRange, matches: isInRange, userName: (id) => id },
};

function providerOf(scheme: string): AuthenticationProvider | null {
  return Object.hasOwn(PROVIDERS, scheme) ? (PROVIDERS[scheme] ?? null) : null;
}

/**
 * Whom a client proves to be with a credential: the ids its connection has from then on, beside those it had. Null:
 * there is no such scheme, which is AUTHFAILED. A wrong password is no error, it makes somebody else.
 * Source: ZooKeeperServer.processPacket, OpCode.auth; DigestAuthenticationProvider.handleAuthentication.
 */
export function authenticate(
  scheme: string,
  credential: string,
  settings: AccessSettings,
): readonly Id[] | null {
  if (providerOf(scheme) === null) return null;
  // The address of a connection is among its ids from the beginning.
  if (scheme === "ip") return [];
  const id = digestOf(credential);
  const proved: Id = { scheme, id };
  return id === settings.superDigest ? [{ scheme: "super", id: "" }, proved] : [proved];
}

/** Who somebody is, as `whoAmI` tells it: no digest, and nothing of the super user. Source: AuthUtil.getClientInfos. */
export function publicId({ scheme, id }: Id): Id {
  return { scheme, id: providerOf(scheme)?.userName(id) ?? "" };
}

/** May somebody with these ids do this? `perm` is one of PERMS, or a sum of which one is enough. Source: ZooKeeperServer.checkACL. */
export function checkAcl(
  acl: readonly Acl[],
  perm: number,
  ids: readonly Id[],
  settings: AccessSettings,
): boolean {
  if (settings.skipAcl || acl.length === 0) return true;
  if (ids.some((id) => id.scheme === "super")) return true;
  return acl.some((entry) => {
    if ((entry.perms & perm) === 0) return false;
    if (isWorld(entry)) return true;
    const provider = providerOf(entry.scheme);
    return (
      provider !== null &&
      ids.some((id) => id.scheme === entry.scheme && provider.matches(id.id, entry.id))
    );
  });
}

/**
 * The access control list that a create or setACL stores: without duplicates, `auth` replaced by whom the client has
 * proved to be. Null for one that is not valid, which is INVALIDACL. Source: PrepRequestProcessor.fixupACL.
 */
export function fixupAcl(acl: readonly Acl[] | null, ids: readonly Id[]): readonly Acl[] | null {
  const stored: Acl[] = [];
  for (const entry of withoutDuplicates(acl ?? [])) {
    if (isWorld(entry)) stored.push(entry);
    else if (entry.scheme === "auth") {
      const proved = ids.filter((id) => providerOf(id.scheme)?.isAuthenticated === true);
      if (proved.length === 0) return null;
      for (const { scheme, id } of proved) stored.push({ scheme, id, perms: entry.perms });
    } else {
      if (providerOf(entry.scheme)?.isValid(entry.id) !== true) return null;
      stored.push(entry);
    }
  }
  return stored.length === 0 ? null : stored;
}

/** Source: PrepRequestProcessor.removeDuplicates. */
function withoutDuplicates(acl: readonly Acl[]): readonly Acl[] {
  const isSame = (one: Acl, other: Acl) =>
    one.scheme === other.scheme && one.id === other.id && one.perms === other.perms;
  return acl.filter((entry, at) => acl.findIndex((other) => isSame(entry, other)) === at);
}

function isWorld({ scheme, id }: Id): boolean {
  return scheme === "world" && id === "anyone";
}

/** Without the empty parts at the end. Source: java.lang.String.split. */
function javaSplit(text: string, separator: string): readonly string[] {
  const parts = text.split(separator);
  while (parts.length > 1 && parts[parts.length - 1] === "") parts.pop();
  return parts;
}

/** Source: IPAuthenticationProvider.isValid. */
function isAddressRange(text: string): boolean {
  return rangeOf(text) !== null;
}

/** Source: IPAuthenticationProvider.matches. */
function isInRange(address: string, entry: string): boolean {
  const range = rangeOf(entry);
  const bytes = addressOf(address);
  if (range === null || bytes === null) return false;
  const shift = 2 ** (32 - range.bits);
  return Math.floor(numberOf(bytes) / shift) === Math.floor(numberOf(range.bytes) / shift);
}

function rangeOf(
  text: string,
): { readonly bytes: readonly number[]; readonly bits: number } | null {
  const slash = text.indexOf("/");
  const bytes = addressOf(slash < 0 ? text : text.slice(0, slash));
  if (bytes === null) return null;
  if (slash < 0) return { bytes, bits: 32 };
  const bits = wholeOf(text.slice(slash + 1));
  return bits === null || bits < 0 || bits > 32 ? null : { bytes, bits };
}

/** Four bytes. Source: IPAuthenticationProvider.v4addr2Bytes. */
function addressOf(text: string): readonly number[] | null {
  const bytes = text.split(".").map(wholeOf);
  if (bytes.length !== 4) return null;
  return bytes.every((byte) => byte !== null && byte >= 0 && byte <= 255)
    ? (bytes as readonly number[])
    : null;
}

function wholeOf(text: string): number | null {
  return /^[+-]?[0-9]+$/.test(text) ? Number(text) : null;
}

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
