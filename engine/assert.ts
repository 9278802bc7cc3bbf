/** Our own mistake, never the learner's: the text says what should have held. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/** Stops the simulation when something that must hold does not. */
export function assert(holds: boolean, shouldHold: string): asserts holds {
  if (!holds) throw new AssertionError(shouldHold);
}

/** For the end of a switch over a union: the compiler rejects a case that was forgotten. */
export function unreachable(value: never, where: string): never {
  throw new AssertionError(`${where} covers every case, but met ${JSON.stringify(value)}`);
}
