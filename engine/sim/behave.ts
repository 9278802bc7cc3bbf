import { createOf, type Operation } from "../net/request";
import { type Cause, usFromMs } from "../units";
import { withClient } from "./change";
import { openHandle, tellClient } from "./performClient";
import { schedule } from "./queue";
import { clientOf } from "./read";
import type { World } from "./world";

/** An application above a client's handle acts, and sets the time of its next act. */
export function behave(world: World, name: string, cause: Cause): World {
  const client = clientOf(world, name);
  const { behaviour } = client;
  if (behaviour === null) return world;
  switch (behaviour.type) {
    case "writer": {
      const again = schedule(
        world,
        { type: "behaviour", name },
        world.nowUs + usFromMs(behaviour.everyMs),
        cause,
      );
      // A dead handle is replaced by a new one, as an application must do it.
      if (client.chart.value === "closed") return openHandle(again, name, cause);
      if (client.chart.value !== "connected" || client.chart.context.pending.length > 0)
        return again;
      // The create may have been lost with its connection.
      const isMissing = client.chart.context.replies.at(-1)?.code === "NONODE";
      const counted = withClient(again, name, () => ({
        behaviour: { ...behaviour, written: behaviour.written + 1 },
      }));
      return tellClient(
        counted,
        name,
        { type: "operate", op: nextWrite(behaviour.path, behaviour.written, isMissing), tag: "" },
        cause,
      );
    }
  }
}

/** The node is created once, or again when it is not there; then its content counts up. */
function nextWrite(path: string, written: number, isMissing: boolean): Operation {
  const data = `${written}`;
  return written === 0 || isMissing
    ? createOf(path, data)
    : { type: "setData", path, data, version: -1 };
}
