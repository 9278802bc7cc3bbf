import type { Cause, VirtualUs } from "../units";
import type { EventBody, QueuedEvent } from "./event";
import type { World } from "./world";

/** Puts an event into the queue. Its number is the world's next one. */
export function schedule(world: World, body: EventBody, atUs: VirtualUs, cause: Cause): World {
  const number = world.nextNumber;
  const event: QueuedEvent = { ...body, atUs, number, cause };
  return { ...world, nextNumber: number + 1, queue: inserted(world.queue, event) };
}

/** The queue is ordered by time, then number; a new event has the highest number, so it goes behind its equals. */
function inserted(queue: readonly QueuedEvent[], event: QueuedEvent): readonly QueuedEvent[] {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const other = queue[middle];
    if (other !== undefined && other.atUs <= event.atUs) low = middle + 1;
    else high = middle;
  }
  return queue.toSpliced(low, 0, event);
}

/** Takes an event out of the queue, if it is still there. */
export function unschedule(world: World, number: number): World {
  const at = world.queue.findIndex((event) => event.number === number);
  return at < 0 ? world : { ...world, queue: world.queue.toSpliced(at, 1) };
}
