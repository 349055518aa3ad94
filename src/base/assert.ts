/**
 * Checks for programmer errors. Operating errors (bad input, a full disk) are never asserted: they are
 * `WorkbenchError`s, which this file does not know.
 */

/** Thrown when code is wrong, never because of input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Throws an AssertionError with `message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** Returns `value`, which the caller knows to be present; throws an AssertionError otherwise. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionError(`${what} is missing`)
  return value
}
