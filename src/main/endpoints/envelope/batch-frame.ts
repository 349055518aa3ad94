/**
 * The data of a large batch's terminal frame, of which the rows were encoded while they came. Puts pieces together;
 * knows no request and no Postgres.
 */

import type { BatchStepResult } from '../../../protocol/answer-frame.ts'
import { listOf, type DataEncoder, type EncodedValues, type Piece } from './data-encoder.ts'

export interface BatchStep {
  /** Without rows where they are encoded. */
  readonly result: BatchStepResult
  readonly rows: EncodedValues | null
}

/** As docs/protocol.md has it under "batch". */
export function batchData(steps: readonly BatchStep[], encoder: DataEncoder): Piece[] {
  const results = steps.map(({ result, rows }) => {
    if (rows === null) return [encoder.value(result)]
    const fields = Object.entries(result).map(([name, field]) => [name, [encoder.value(field)]] as const)
    return encoder.map([['rows', listOf(encoder, rows)], ...fields])
  })
  return encoder.map([['results', encoder.list(steps.length, results)]])
}
