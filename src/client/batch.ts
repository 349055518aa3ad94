/** Several statements in one request, and what became of each. Knows no transaction but that of the endpoint. */

import type { BatchStepResult } from '../protocol/answer-frame.ts'
import type { Condition } from '../protocol/batch-condition.ts'
import { wireParameters } from './parameter-text.ts'
import type { QueryOptions } from './query-options.ts'
import { QueryResult } from './query-result.ts'
import type { Requester } from './requester.ts'
import { fieldsOf, type ReadingContext } from './result-field.ts'
import { TextChunk } from './row-chunk.ts'
import { statementOf, type Statement } from './sql-text.ts'
import { answeredError, WardianError } from './wardian-error.ts'

/** When a step runs: `{ ok: 0 }`, `{ error: 0 }`, and `not`, `and`, `or` of such. Steps count from 0. */
export type BatchCondition = Condition

export interface BatchStep {
  readonly sql: Statement
  readonly params?: readonly unknown[]
  readonly types?: readonly number[]
  readonly if?: BatchCondition
}

export interface BatchOptions extends Omit<QueryOptions, 'types' | 'rowLimit'> {
  /** One transaction: all steps or none. */
  readonly isAtomic?: boolean
}

/** What a step came to. */
export type BatchOutcome = QueryResult | { readonly error: WardianError } | { readonly isSkipped: true }

/** Runs the steps; rejects with the error of an atomic one, whose `step` says which. */
export async function runBatch(
  { requester, context }: { readonly requester: Requester; readonly context: ReadingContext },
  steps: readonly BatchStep[],
  options: BatchOptions,
): Promise<BatchOutcome[]> {
  const frame = await requester.send({
    type: 'batch',
    options,
    data: (connection) => ({
      steps: steps.map((step) => stepData(step, connection.isBinary)),
      ...(options.isAtomic && { atomic: true }),
    }),
  })
  const isReplayed = frame.envelope.meta.replayed === true
  return resultsOf(frame.envelope.data).map((result) => outcomeOf(result, isReplayed, context))
}

function stepData(step: BatchStep, isBinary: boolean): unknown {
  const { text, params } = statementOf(step.sql, step.params)
  return {
    sql: text,
    ...(params.length > 0 && { params: wireParameters(params, isBinary) }),
    ...(step.types && { types: step.types }),
    ...(step.if && { if: step.if }),
  }
}

function resultsOf(data: unknown): readonly BatchStepResult[] {
  const results: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'results') : null
  if (Array.isArray(results)) return results
  throw new WardianError('broken_answer', 'The endpoint answered a batch without results')
}

function outcomeOf(result: BatchStepResult, isReplayed: boolean, context: ReadingContext): BatchOutcome {
  if ('error' in result) return { error: answeredError(result.error) }
  if ('skipped' in result) return { isSkipped: true }
  const chunks = result.rows && result.rows.length > 0 ? [new TextChunk(result.rows, context)] : []
  return new QueryResult(fieldsOf(result.columns), chunks, { data: result, isReplayed })
}
