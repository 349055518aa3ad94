/**
 * Where a literal is a value and nothing else, so that it can be left out of a shape: by the word that a statement
 * begins with, and in lists of nothing but literals. Knows no bytes of a literal.
 */

import { lowerCase } from './shape-bytes.ts'

/**
 * `drop`: a literal is a value. `keep`: it may be a name, an option or a text of its own. `nothing`: what follows is
 * a name that the fingerprint leaves out. `untilTo`: the same behind the word TO.
 */
export const literalRules = { unknown: 0, drop: 1, keep: 2, nothing: 3, untilTo: 4 } as const

const ruleOf: readonly (readonly [word: string, rule: number])[] = [
  ...['select', 'insert', 'update', 'delete', 'values', 'with', 'merge', 'execute', 'call', 'table'].map(
    (word) => [word, literalRules.drop] as const,
  ),
  ['savepoint', literalRules.nothing],
  ['release', literalRules.nothing],
  ['rollback', literalRules.untilTo],
]

/** Of a statement that begins with the word from `start` to `end`. */
export function literalRuleOf(bytes: Uint8Array, start: number, end: number): number {
  for (const [word, rule] of ruleOf)
    if (word.length === end - start && endsWith(word, bytes, end)) return rule
  return literalRules.keep
}

/** Whether `word`, in lower case, stands in any case before `end`. */
export function endsWith(word: string, bytes: Uint8Array, end: number): boolean {
  const start = end - word.length
  for (let at = 0; at < word.length; at++) {
    if (lowerCase[bytes[start + at] ?? 0] !== word.charCodeAt(at)) return false
  }
  return true
}

const states = {
  none: 0,
  /** Behind IN. */
  in: 1,
  /** Behind IN and an open parenthesis. */
  opened: 2,
  /** Behind a literal of the list. */
  literal: 3,
  /** Behind a comma of it, which has not been added. */
  comma: 4,
} as const

const open = 40
const close = 41
const comma = 44

/** `IN (1, 2, 3)`: a list of literals has the fingerprint of the first of them. */
export class ListOfLiterals {
  #state: number = states.none
  /** Literals that were left out. */
  #skipped = 0
  /** What stands in `position(… IN …)` is no list. */
  #isOff = false

  reset(): void {
    this.#state = states.none
    this.#skipped = 0
    this.#isOff = false
  }

  /** Whether a literal may come next that belongs to the list. */
  get isAwaiting(): boolean {
    return this.#state === states.opened || this.#state === states.comma
  }

  /** The word IN. */
  begin(): void {
    if (!this.#isOff) this.#state = states.in
  }

  leave(): void {
    this.#state = states.none
  }

  /** Until the end of the statement. */
  turnOff(): void {
    this.#isOff = true
  }

  /** Whether a byte is not to be added, or not yet. */
  holdsBack(byte: number): boolean {
    if (this.#state !== states.literal) return false
    if (byte === comma) {
      this.#state = states.comma
      return true
    }
    if (byte === close) this.#skipped = 0
    return false
  }

  /** A byte was added. */
  note(byte: number): void {
    this.#state = this.#state === states.in && byte === open ? states.opened : states.none
  }

  /** Whether the next literal is one more of the same list, which is not added. */
  takes(): boolean {
    if (this.#state !== states.comma) return false
    this.#state = states.literal
    this.#skipped += 1
    return true
  }

  /** A literal was added; `isKept`: with its bytes. */
  noteLiteral(isKept: boolean): void {
    this.#state = this.#state === states.opened && !isKept ? states.literal : states.none
  }

  /** Literals that were left out of a list which is not only literals; they are counted instead. */
  takeSkipped(): number {
    const skipped = this.#skipped
    this.#skipped = 0
    return skipped
  }

  /** Whether a comma is to be added that was held back. */
  takeComma(): boolean {
    return this.#state === states.comma
  }
}
