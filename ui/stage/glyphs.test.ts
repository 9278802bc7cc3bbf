import { expect, test } from "vitest";
import { GLYPHS, glyphNameOf, letterOf } from "./glyphs";

const ZXID = 2 ** 33 + 4;

test("an ACK of NEWLEADER is teal, an ACK of a proposal is blue", () => {
  const ofNewLeader = glyphNameOf({ type: "ACK", zxid: 2 ** 33 });
  const ofProposal = glyphNameOf({ type: "ACK", zxid: ZXID });
  expect([ofNewLeader, ofProposal]).toEqual(["ACKNEWLEADER", "ACK"]);
  expect(GLYPHS.ACKNEWLEADER.family).toBe("handshake");
  expect(GLYPHS.ACK.family).toBe("broadcast");
  expect(GLYPHS.ACKNEWLEADER.marks).toEqual(GLYPHS.ACK.marks);
});

test("a notification carries the sid it votes for, not its sender's", () => {
  const packet = {
    type: "NOTIFICATION",
    sid: 2,
    state: "LOOKING",
    leader: 3,
    zxid: ZXID,
    peerEpoch: 2,
    round: 1,
    configVersion: 0,
  } as const;
  expect(letterOf(packet)).toBe("3");
});

test("a proposal is hollow and a commit is solid", () => {
  expect(GLYPHS.PROPOSAL.marks.map((mark) => mark.paint)).toEqual(["hollow"]);
  expect(GLYPHS.COMMIT.marks.map((mark) => mark.paint)).toEqual(["solid"]);
});

test("what an observer says and hears bears an eye, and an INFORM is as solid as a COMMIT", () => {
  expect(GLYPHS.OBSERVERINFO.marks[0]).toEqual(GLYPHS.FOLLOWERINFO.marks[0]);
  expect(GLYPHS.INFORM.marks[0]).toEqual(GLYPHS.COMMIT.marks[0]);
  expect(GLYPHS.OBSERVERINFO.marks.length).toBeGreaterThan(GLYPHS.FOLLOWERINFO.marks.length);
  expect(GLYPHS.INFORM.marks.length).toBeGreaterThan(GLYPHS.COMMIT.marks.length);
});

test("the end of a connection is not shown", () => {
  expect(glyphNameOf({ type: "FIN" })).toBeNull();
});
