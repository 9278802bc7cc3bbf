import {
  advance,
  breakConnection,
  createOf,
  cut,
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
import { labs } from "../../lessons/fast-leader-election/lab";

const [coldStart] = labs;
if (coldStart === undefined) throw new Error("the lesson has a lab");

/** The lesson's own five servers, all running, and two clients. */
const lab = {
  servers: coldStart.servers.map((server) => ({ ...server, up: true })),
  clients: [
    {
      name: "A",
      timeoutMs: 6_000,
      behaviour: { type: "writer" as const, path: "/counter", everyMs: 250 },
    },
    { name: "B", timeoutMs: 10_000 },
  ],
};

/** One run with every kind of trouble, as text: the worlds on its way and at its end, and all its facts. */
export function sameRun(seed: number): string {
  let history = startHistory(worldOfLab(lab, seed));
  const worlds: unknown[] = [];
  const wait = (ms: number) => {
    history = advance(history, history.now.nowUs + usFromMs(ms));
    worlds.push(history.now);
  };
  wait(4_000);
  history = record(history, operate("B", createOf("/b", "1", "EPHEMERAL")));
  wait(500);
  history = record(history, kill(leaderOf(history.now) ?? 5));
  wait(3_000);
  history = record(history, cut(1, 2));
  history = record(history, pause(4));
  wait(12_000);
  history = record(history, resume(4));
  history = record(history, heal(1, 2));
  for (const { sid } of history.now.servers) history = record(history, start(sid));
  wait(2_000);
  history = record(history, breakConnection(history.now.network.connections.at(-1)?.number ?? 0));
  wait(8_000);
  return JSON.stringify({ worlds, facts: history.facts });
}
