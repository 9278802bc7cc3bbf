import type { ErrorCode } from "../tree/txn";

/** The number on the wire of every code the engine answers with. Source: KeeperException.Code. */
export const ERROR_NUMBERS: Readonly<Record<ErrorCode, number>> = {
  OK: 0,
  RUNTIMEINCONSISTENCY: -2,
  CONNECTIONLOSS: -4,
  MARSHALLINGERROR: -5,
  UNIMPLEMENTED: -6,
  BADARGUMENTS: -8,
  UNKNOWNSESSION: -12,
  NEWCONFIGNOQUORUM: -13,
  RECONFIGINPROGRESS: -14,
  NONODE: -101,
  NOAUTH: -102,
  BADVERSION: -103,
  NOCHILDRENFOREPHEMERALS: -108,
  NODEEXISTS: -110,
  NOTEMPTY: -111,
  SESSIONEXPIRED: -112,
  INVALIDACL: -114,
  AUTHFAILED: -115,
  SESSIONMOVED: -118,
  NOTREADONLY: -119,
  EPHEMERALONLOCALSESSION: -120,
  NOWATCHER: -121,
  RECONFIGDISABLED: -123,
  QUOTAEXCEEDED: -125,
};

export function errorNumberOf(code: ErrorCode): number {
  return ERROR_NUMBERS[code];
}

/** The code of a number, or null when the engine knows none. Source: KeeperException.Code.get. */
export function errorCodeOf(number: number): ErrorCode | null {
  const found = Object.entries(ERROR_NUMBERS).find(([, one]) => one === number);
  return found === undefined ? null : (found[0] as ErrorCode);
}
