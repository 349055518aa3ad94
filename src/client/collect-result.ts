/** Runs a statement and gathers its whole result, within the client's bound. Knows nothing of what is asked for. */

import type { QueryOptions } from './query-options.ts'
import type { QueryResult } from './query-result.ts'
import { generousCredit, type MakeData, type Requester } from './requester.ts'
import { ResultCollector } from './result-collector.ts'
import type { ReadingContext } from './result-field.ts'
import { WardianError } from './wardian-error.ts'

/** What runs statements, and reads what they answer. */
export interface Runner {
  readonly requester: Requester
  readonly context: ReadingContext
  /** Of one result. */
  readonly resultBytesMax: number
}

/** So many frames are taken between two grants of as many. */
const framesPerGrant = generousCredit / 2

/** `data` makes that of the `query`. */
export async function collectResult<Row>(
  { requester, context, resultBytesMax }: Runner,
  data: MakeData,
  options: QueryOptions,
): Promise<QueryResult<Row>> {
  const collector = new ResultCollector(context)
  let frames = 0
  const frame = await requester.send({
    type: 'query',
    options,
    credit: generousCredit,
    data,
    onAttempt: () => collector.clear(),
    onRows: (rows, credit) => {
      collector.add(rows)
      if (collector.bytes > resultBytesMax) return credit.fail(tooLarge(resultBytesMax))
      frames += 1
      if (frames % framesPerGrant === 0) credit.grant(framesPerGrant)
    },
  })
  return collector.finish<Row>(frame)
}

function tooLarge(bytesMax: number): WardianError {
  const message = `The result is larger than resultBytesMax (${bytesMax} bytes): take it with stream, or set a rowLimit`
  return new WardianError('result_too_large', message, { sqlstate: '54000' })
}
