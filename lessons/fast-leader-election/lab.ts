import {
  allSynced,
  defineLab,
  elected,
  has,
  inOrder,
  kill,
  killed,
  type LabView,
  roleNow,
  start,
  started,
  until,
  wait,
} from "../../engine/index";

const sids = [1, 2, 3, 4, 5];

const zooCfg = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=/data
clientPort=2181
${sids.map((sid) => `server.${sid}=zk${sid}:2888:3888`).join("\n")}
`;

const coldStart = defineLab({
  id: "cold-start",
  servers: sids.map((sid) => ({ zooCfg, myid: `${sid}\n`, disk: "empty" as const, up: false })),
  clients: [],
  met: {
    c5: ({ facts }) => inOrder(facts, started(1), started(2), started(3), elected(3), started(5)),
    c4: ({ facts, world }) =>
      inOrder(facts, elected(3), killed(3), "leader.elected", started(3)) &&
      roleNow(world, 3) === "FOLLOWING",
  },
  solution: [
    start(1),
    wait(2_000),
    start(2),
    wait(2_000),
    start(3),
    until("leader.elected"),
    start(4),
    wait(2_000),
    start(5),
    until(allSynced),
    kill(3),
    until("leader.elected"),
    start(3),
    until(allSynced),
  ],
  trap: {
    script: [
      start(5),
      wait(2_000),
      start(4),
      wait(2_000),
      start(3),
      until("leader.elected"),
      start(2),
      wait(2_000),
      start(1),
      wait(3_000),
    ],
    unmet: ["c4", "c5"],
  },
});

/** A lesson holds as many labs as it needs. */
export const labs = [coldStart];

/** Has this run gone where a check is not met any more, so that starting over is the better advice? */
export const detours: Readonly<Record<string, (view: LabView) => boolean>> = {
  c5: ({ facts }) =>
    has(facts, "leader.elected") &&
    (!inOrder(facts, started(1), started(2), started(3), elected(3)) ||
      inOrder(facts, started(5), elected(3))),
  c4: ({ facts }) => has(facts, "leader.elected") && !has(facts, elected(3)),
};
