import { expect, test } from "vitest";
import {
  clientEnd,
  type Connection,
  laneTo,
  otherSide,
  sameEnd,
  serverEnd,
  sideOf,
  withLane,
} from "./connection";

const connection: Connection = {
  number: 7,
  purpose: "quorum",
  port: 2888,
  dialer: serverEnd(1),
  acceptor: serverEnd(3),
  place: "quorum/1>3/0",
  sentCount: 2,
  closed: { dialer: false, acceptor: false },
  ready: { dialer: false, acceptor: false },
  toAcceptor: [],
  toDialer: [],
};

test("an end is a server by its sid or a client by its name, never one for the other", () => {
  expect(sameEnd(serverEnd(1), serverEnd(1))).toBe(true);
  expect(sameEnd(serverEnd(1), serverEnd(2))).toBe(false);
  expect(sameEnd(clientEnd("1"), serverEnd(1))).toBe(false);
  expect(sameEnd(clientEnd("A"), clientEnd("A"))).toBe(true);
  expect(sameEnd(clientEnd("A"), clientEnd("B"))).toBe(false);
});

test("who stands on which side of a connection", () => {
  expect(sideOf(connection, serverEnd(1))).toBe("dialer");
  expect(sideOf(connection, serverEnd(3))).toBe("acceptor");
  expect(sideOf(connection, serverEnd(2))).toBeNull();
  expect(otherSide("dialer")).toBe("acceptor");
});

test("each direction has its own lane", () => {
  const flight = {
    number: 9,
    packet: { type: "UPTODATE" },
    from: serverEnd(3),
    to: serverEnd(1),
    sentUs: 0,
    arriveUs: 5_000,
    heldUs: null,
    cause: 1,
  } as const;
  const sent = withLane(connection, "dialer", [flight]);
  expect(laneTo(sent, "dialer")).toEqual([flight]);
  expect(laneTo(sent, "acceptor")).toEqual([]);
});
