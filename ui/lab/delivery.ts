import { flightsOf, type World } from "../../engine/index";

/**
 * Did a packet that the stage shows arrive between these two worlds, one step apart?
 * A flight that is gone because its connection broke was lost, not delivered.
 */
export function deliveredBetween(before: World, after: World): boolean {
  const next = before.queue[0];
  if (next === undefined || next.type !== "arrival") return false;
  if (after.queue.some((event) => event.number === next.number)) return false;
  return flightsOf(before).some(
    ({ flight }) => flight.number === next.flight && flight.heldUs === null,
  );
}
