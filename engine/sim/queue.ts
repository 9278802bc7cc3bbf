import type { Cause, VirtualUs } from "../units";
import type { EventBody, QueuedEvent } from "./event";
import { copyOfWorld } from "./copy";
import type { World } from "./world";

/** Puts an event into the queue. Its number is the world's next one. */
export function schedule(world: World, body: EventBody, atUs: VirtualUs, cause: Cause): World {
  const number = world.nextNumber;
  const event: QueuedEvent = { ...body, atUs, number, cause };
  const copy = copyOfWorld(world);
  copy.nextNumber = number + 1;
  copy.queue = inserted(world.queue, event);
  return copy;
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

function withQueue(world: World, queue: readonly QueuedEvent[]): World {
  const copy = copyOfWorld(world);
  copy.queue = queue;
  return copy;
}

/** The next event, or null when nothing will happen. */
export function firstOf(world: World): QueuedEvent | null {
  return world.queue[0] ?? null;
}

/** The queue without its next event. */
export function withoutFirst(world: World): World {
  return withQueue(world, world.queue.slice(1));
}

/** All that is in the queue, in order. */
export function queued(world: World): readonly QueuedEvent[] {
  return world.queue;
}

/** Takes an event out of the queue, if it is still there. */
export function unschedule(world: World, number: number): World {
  const at = world.queue.findIndex((event) => event.number === number);
  return at < 0 ? world : withQueue(world, world.queue.toSpliced(at, 1));
}

/** Takes all events like these out of the queue. */
export function dropWhere(world: World, unwanted: (event: QueuedEvent) => boolean): World {
  const queue = world.queue.filter((event) => !unwanted(event));
  return queue.length === world.queue.length ? world : withQueue(world, queue);
}

/**
 * Events that waited at a process's door happen now, in this order, and before what else comes at this moment: a
 * connection keeps its order.
 */
export function requeueFirst(world: World, events: readonly QueuedEvent[]): World {
  const woken = events.map((event) => ({ ...event, atUs: world.nowUs }));
  return woken.length === 0 ? world : withQueue(world, [...woken, ...world.queue]);
}

/** What has arrived is read first, in order; then the timers that have run out meanwhile end. */
export function inOrderOfWaking(inbox: readonly QueuedEvent[]): readonly QueuedEvent[] {
  const isTimer = ({ type }: QueuedEvent) => type === "timer" || type === "service due";
  return [...inbox.filter((event) => !isTimer(event)), ...inbox.filter(isTimer)];
}
