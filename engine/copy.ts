/**
 * Copies of large records, to be changed before anybody else sees them. Written out field by field, because engines
 * copy such a literal ten to twenty times as fast as they spread an object of so many fields, and these are copied in
 * every step. The type asks for each field, the optional ones included.
 */
export type Copy<T> = { -readonly [K in keyof Required<T>]: T[K] };

/** A fresh copy, with these fields changed. */
export function changed<T extends object>(copy: T, change: Partial<Readonly<T>>): T {
  for (const key in change) copy[key] = change[key] as T[typeof key];
  return copy;
}
