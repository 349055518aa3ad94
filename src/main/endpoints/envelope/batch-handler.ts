/**
 * The request `batch` (docs/protocol.md, "batch"): steps in order, with conditions, as one transaction if that is
 * asked for. Knows no socket.
 */

import type { BatchStepResult } from '../../../protocol/answer-frame.ts'
import { holds, stepsIn, type StepOutcome } from '../../../protocol/batch-condition.ts'
import { batchResultBytesMax } from '../../../protocol/protocol-limits.ts'
import { readBatchData, type BatchData, type BatchStep } from '../../../protocol/request-data.ts'
import { batchData, type BatchStep as SentStep } from './batch-frame.ts'
import { bindable } from './bindable.ts'
import { dataEncoder, type DataEncoder, type EncodedValues } from './data-encoder.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import type { LiveRequest } from './live-request.ts'
import { enqueueScript } from './prepared-handlers.ts'
import type { RequestHandler } from './request-handler.ts'
import type { ScriptSession } from './script-job.ts'
import { TextRows } from './text-rows.ts'

export const handleBatch: RequestHandler = (request, peer) => {
  const data = readBatchData(request.data)
  data.steps.forEach((step, index) => {
    if (!step.if || stepsIn(step.if).every((other) => other < index)) return
    throw new EnvelopeFailure('invalid_request', `data.steps[${index}].if must name steps before it`)
  })
  enqueueScript(request, peer, (on) => {
    return new Batch({ request, data, on, encoder: dataEncoder(peer.encoding) }).run()
  })
}

/** What holds several steps together. */
interface Bracket {
  readonly begin: string
  readonly commit: string
  readonly rollBack: string
}

const transaction: Bracket = { begin: 'begin', commit: 'commit', rollBack: 'rollback' }
/** In a transaction of the client's own, which goes on after it. */
const savepoint: Bracket = {
  begin: 'savepoint _wardian_batch',
  commit: 'release _wardian_batch',
  rollBack: 'rollback to _wardian_batch; release _wardian_batch',
}

interface BatchOptions {
  readonly request: LiveRequest
  readonly data: BatchData
  readonly on: ScriptSession
  /** As the socket has them. */
  readonly encoder: DataEncoder
}

class Batch {
  readonly #request: LiveRequest
  readonly #data: BatchData
  readonly #on: ScriptSession
  readonly #encoder: DataEncoder
  readonly #results: SentStep[] = []
  readonly #outcomes: StepOutcome[] = []
  #byteCount = 0

  constructor({ request, data, on, encoder }: BatchOptions) {
    this.#request = request
    this.#data = data
    this.#on = on
    this.#encoder = encoder
  }

  async run(): Promise<void> {
    const { isNamed } = this.#on.session.options
    if (this.#data.atomic) await this.#runAtomic(this.#on.status === 'idle' ? transaction : savepoint)
    else await this.#runSteps()
    if (!isNamed && this.#on.status !== 'idle') {
      await this.#on.must('rollback')
      throw new EnvelopeFailure(
        'transaction_left_open',
        'The batch has left a transaction open, which was rolled back: name a session to keep one',
      )
    }
    if (this.#results.some(({ rows }) => rows !== null)) {
      this.#request.completeEncoded(batchData(this.#results, this.#encoder))
    } else this.#request.complete({ results: this.#results.map(({ result }) => result) })
  }

  async #runAtomic(bracket: Bracket): Promise<void> {
    await this.#on.must(bracket.begin)
    try {
      await this.#runSteps()
      await this.#on.must(bracket.commit)
    } catch (error) {
      if (this.#on.status !== 'idle') for (const sql of bracket.rollBack.split('; ')) await this.#on.must(sql)
      throw error
    }
  }

  /** Whatever ends it before its end leaves no transaction behind where none may be. */
  async #runSteps(): Promise<void> {
    try {
      for (const step of this.#data.steps) await this.#runStep(step)
    } catch (error) {
      const isLeft = !this.#data.atomic && !this.#on.session.options.isNamed && this.#on.status !== 'idle'
      if (isLeft) await this.#on.must('rollback')
      throw error
    }
  }

  async #runStep({ sql, params, types, if: condition }: BatchStep): Promise<void> {
    if (condition && !holds(condition, this.#outcomes)) {
      this.#note('skipped', { skipped: true })
      return
    }
    const { session } = this.#on
    const sink = new TextRows({
      ...{ bytesMax: batchResultBytesMax - this.#byteCount, encoder: this.#encoder },
      onOver: () => session.cancelStatement(),
      onPiece: (goOn) => this.#on.rest(goOn),
    })
    const statement = session.statements.of(sql, types)
    const result = await this.#on.run({ statement, params: bindable(params), sink })
    this.#byteCount += sink.byteCount
    const index = this.#results.length
    if (sink.isOver) throw tooLarge(index)
    const error = this.#on.errorOf(result)
    if (error) {
      if (this.#data.atomic || error.code === this.#on.cancelReason) {
        throw new EnvelopeFailure(error.code, error.message, { ...error, data: { step: index } })
      }
      this.#note('error', { error })
      return
    }
    if (this.#data.atomic && this.#on.status === 'idle') {
      const message = `data.steps[${index}] has ended the transaction of the batch`
      throw new EnvelopeFailure('invalid_request', message, { data: { step: index } })
    }
    const { command, rowCount, notices } = result
    const columns = sink.description?.columns
    const { encoded } = sink
    const told = {
      ...(columns ? { columns } : {}),
      ...(columns && !encoded ? { rows: sink.rows } : {}),
      ...{ command, row_count: rowCount },
      ...(notices.length > 0 ? { notices } : {}),
    }
    this.#note('ok', told, encoded)
  }

  #note(outcome: StepOutcome, result: BatchStepResult, rows: EncodedValues | null = null): void {
    this.#outcomes.push(outcome)
    this.#results.push({ result, rows })
  }
}

function tooLarge(step: number): EnvelopeFailure {
  const message = `The results of a batch have at most ${batchResultBytesMax >> 20} MiB together`
  return new EnvelopeFailure('result_too_large', message, { data: { step } })
}
