import type { SessionId } from "../tree/txn";
import type { Sid } from "../units";

/** "No session" on the wire: in a ConnectRequest for a new one, and in the answer that the old one has expired. */
export const NO_SESSION: SessionId = "0x0";
/** The password that comes with it: 16 bytes of nothing. */
export const NO_PASSWORD = "0".repeat(32);

/** Room for 65 536 sessions in each millisecond of the clock. */
const PER_MS = 2 ** 16;

/**
 * What the next session of a server will be called, without the server's own byte: its clock in ms when it began to
 * serve, and a counter below. Source: SessionTrackerImpl.initializeNextSessionId.
 */
export function firstSessionNumber(clockMs: number): number {
  return clockMs * PER_MS;
}

/**
 * The top byte tells the server that created the session, which says nothing of where it is now.
 * Simpler than real: a sid above 255 is not cut to a byte, and extended types refuse none above 254.
 * Source: SessionTrackerImpl.initializeNextSessionId; EphemeralType.validateServerId.
 */
export function sessionIdOf(sid: Sid, number: number): SessionId {
  const low = number.toString(16);
  return sid === 0 ? `0x${low}` : `0x${sid.toString(16)}${low.padStart(14, "0")}`;
}

/** The server that created a session. Source: LeaderSessionTracker.getServerIdFromSessionId. */
export function creatorOf(sessionId: SessionId): Sid {
  const digits = sessionId.slice(2);
  return digits.length <= 14 ? 0 : Number.parseInt(digits.slice(0, -14), 16);
}

const SECRET = 0xb3415c00n;
const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/**
 * The password of a session, as 16 bytes in hexadecimal: what a pseudo-random generator makes of its id, so that every
 * server knows it and none needs to store it. Source: ZooKeeperServer.generatePasswd, superSecret; java.util.Random.
 */
export function passwordOf(sessionId: SessionId): string {
  let seed = (BigInt(sessionId) ^ SECRET ^ MULTIPLIER) & MASK;
  let password = "";
  for (let word = 0; word < 4; word += 1) {
    seed = (seed * MULTIPLIER + 0xbn) & MASK;
    const bytes = Number((seed >> 16n) & 0xffffffffn);
    // The lowest byte first.
    for (let shift = 0; shift < 32; shift += 8)
      password += ((bytes >>> shift) & 0xff).toString(16).padStart(2, "0");
  }
  return password;
}
