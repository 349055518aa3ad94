/**
 * When a step of a batch is run: conditions over the steps before it (docs/protocol.md, "batch"), read from outside
 * and evaluated. Knows no statement.
 */

import { WorkbenchError } from '../contract/error.ts'
import { batchStepsMax } from './protocol-limits.ts'

/** Indexes count steps from 0. */
export type Condition =
  | { readonly ok: number }
  | { readonly error: number }
  | { readonly not: Condition }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }

/** How a step has ended. */
export type StepOutcome = 'ok' | 'error' | 'skipped'

/** Nobody writes deeper ones by hand, and recursion must have an end. */
const depthMax = 16
/** Of an `and` or `or`. */
const termsMax = 64

/** Throws `invalid-argument` naming the path. */
export function readCondition(value: unknown, path: string, depth = 0): Condition {
  if (depth > depthMax) throw refused(path, `nested at most ${depthMax} deep`)
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const [name, operand] = entries[0] ?? ['', null]
  if (entries.length === 1) {
    const at = `${path}.${name}`
    if (name === 'ok') return { ok: readIndex(operand, at) }
    if (name === 'error') return { error: readIndex(operand, at) }
    if (name === 'not') return { not: readCondition(operand, at, depth + 1) }
    if (name === 'and') return { and: readTerms(operand, at, depth) }
    if (name === 'or') return { or: readTerms(operand, at, depth) }
  }
  throw refused(path, 'an object with one of ok, error, not, and, or')
}

/** Whether the condition holds, given how the steps before have ended. */
export function holds(condition: Condition, outcomes: readonly StepOutcome[]): boolean {
  if ('ok' in condition) return outcomes[condition.ok] === 'ok'
  if ('error' in condition) return outcomes[condition.error] === 'error'
  if ('not' in condition) return !holds(condition.not, outcomes)
  if ('and' in condition) return condition.and.every((term) => holds(term, outcomes))
  return condition.or.some((term) => holds(term, outcomes))
}

/** The steps that a condition asks about. */
export function stepsIn(condition: Condition): readonly number[] {
  if ('ok' in condition) return [condition.ok]
  if ('error' in condition) return [condition.error]
  if ('not' in condition) return stepsIn(condition.not)
  return ('and' in condition ? condition.and : condition.or).flatMap(stepsIn)
}

function readIndex(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < batchStepsMax)
    return value
  throw refused(path, 'the number of a step before, from 0')
}

function readTerms(value: unknown, path: string, depth: number): Condition[] {
  if (!Array.isArray(value) || value.length > termsMax)
    throw refused(path, `a list of at most ${termsMax} conditions`)
  return value.map((term: unknown, index) => readCondition(term, `${path}[${index}]`, depth + 1))
}

function refused(path: string, expected: string): WorkbenchError {
  return new WorkbenchError('invalid-argument', `${path} must be ${expected}`)
}
