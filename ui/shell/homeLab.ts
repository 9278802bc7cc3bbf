import {
  advance,
  defineLab,
  startHistory,
  US_PER_SECOND,
  type World,
  worldOfLab,
} from "../../engine/index";

const sids = [1, 2, 3, 4, 5];

const zooCfg = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=/data
clientPort=2181
${sids.map((sid) => `server.${sid}=zk${sid}:2888:3888`).join("\n")}
`;

/** The cluster on the home page: five servers, and one client that writes to them as long as it is connected. */
export const homeLab = defineLab({
  id: "home",
  servers: sids.map((sid) => ({ zooCfg, myid: `${sid}\n`, disk: "empty" as const, up: true })),
  clients: [
    {
      name: "A",
      timeoutMs: 6_000,
      behaviour: { type: "writer", path: "/counter", everyMs: 2_000 },
    },
  ],
  met: {},
  solution: [],
  trap: { script: [], unmet: [] },
});

export const HOME_SEED = 5;

/** Some seconds in: a leader stands, and a few writes are done. */
export function homeWorld(): World {
  return advance(startHistory(worldOfLab(homeLab, HOME_SEED)), 9 * US_PER_SECOND).now;
}
