import {
  advance,
  breakConnection,
  cut,
  defineLab,
  heal,
  kill,
  leaderOf,
  operate,
  pause,
  record,
  resume,
  start,
  startHistory,
  usFromMs,
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

const lab = defineLab({
  id: "same-run",
  servers: sids.map((sid) => ({ zooCfg, myid: `${sid}`, disk: "empty" as const, up: true })),
  clients: [
    {
      name: "A",
      timeoutMs: 6_000,
      behaviour: { type: "writer", path: "/counter", everyMs: 250, written: 0 },
    },
    { name: "B", timeoutMs: 10_000 },
  ],
  met: {},
  solution: [],
  trap: { script: [], unmet: [] },
});

/** One run with every kind of trouble, as text: the worlds on its way and at its end, and all its facts. */
export function sameRun(seed: number): string {
  let history = startHistory(worldOfLab(lab, seed));
  const worlds: unknown[] = [];
  const wait = (ms: number) => {
    history = advance(history, history.now.nowUs + usFromMs(ms));
    worlds.push(history.now);
  };
  wait(4_000);
  history = record(
    history,
    operate("B", { type: "create", path: "/b", data: "1", ephemeral: true }),
  );
  wait(500);
  history = record(history, kill(leaderOf(history.now) ?? 5));
  wait(3_000);
  history = record(history, cut(1, 2));
  history = record(history, pause(4));
  wait(12_000);
  history = record(history, resume(4));
  history = record(history, heal(1, 2));
  for (const sid of sids) history = record(history, start(sid));
  wait(2_000);
  history = record(history, breakConnection(history.now.network.connections.at(-1)?.number ?? 0));
  wait(8_000);
  return JSON.stringify({ worlds, facts: history.facts });
}
