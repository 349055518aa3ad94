/**
 * `wardian try`: asks the host to try a script, prints what it would do, and has it applied where that is wanted. One
 * report on stdout, narration on stderr.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { TryApplied, TryProgress, TryReport } from '../../contract/try-report.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { InterruptedError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { readSql, uploadSql } from './sql-input.ts'
import { visibleText } from './terminal-text.ts'
import { tryFailureText, tryReportText } from './try-report-text.ts'

export interface TryOptions extends DataOption {
  readonly transaction?: true
  readonly plans?: true
  readonly apply?: true
  readonly json?: true
}

export interface TryArguments {
  readonly name: string
  /** `-` is stdin. */
  readonly file: string
}

/** A step is narrated when it begins; of one that is counted, no more often than this. */
const noteIntervalMs = 2_000

export async function runTry(
  context: CommandContext,
  { name, file }: TryArguments,
  options: TryOptions,
): Promise<void> {
  const { terminal } = context
  const from = file === '-' ? { argument: '-', file: undefined } : { argument: undefined, file }
  const sql = await readSql(terminal, from)
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    const trial = new TrialRun(context, { client, instanceId, sql })
    const report = await trial.try(options.transaction ? 'transaction' : 'script')
    if (!options.json) await terminal.write(tryReportText(report, { withPlans: options.plans === true }))
    const applied = options.apply && report.wouldSucceed ? await trial.apply(report) : null
    if (options.json) await terminal.write(`${JSON.stringify({ report, applied })}\n`)
    if (report.failure) throw new WorkbenchError(report.failure.error.code, 'The script would fail')
    if (applied) finish(context, name, applied)
    else if (options.apply) throw new WorkbenchError('conflict', 'Nothing was applied')
  })
}

function finish({ terminal }: CommandContext, name: string, applied: TryApplied): void {
  if (applied.failure) {
    const kept = applied.wasOneTransaction ? 'nothing was changed' : 'what ran before it is committed'
    terminal.note(tryFailureText(applied.failure))
    throw new WorkbenchError(applied.failure.error.code, `Applying it failed, and ${kept}`)
  }
  if (applied.remark !== null) terminal.note(applied.remark)
  const how = applied.wasOneTransaction ? ' as one transaction' : ''
  terminal.note(`Applied to ${visibleText(name)}${how}, ${applied.durationMs.toFixed(1)} ms`)
}

interface TrialRunOptions {
  readonly client: WorkbenchClient
  readonly instanceId: string
  readonly sql: string
}

class TrialRun {
  readonly #context: CommandContext
  readonly #options: TrialRunOptions
  #lastNote = ''
  #lastNoteMs = 0

  constructor(context: CommandContext, options: TrialRunOptions) {
    this.#context = context
    this.#options = options
  }

  async try(mode: TryReport['mode']): Promise<TryReport> {
    const { client, instanceId, sql } = this.#options
    const source = await uploadSql(client, sql)
    const { interrupt: signal } = this.#context
    return this.#follow(client.stream('try.run', { instanceId, sessionId: null, source, mode }, { signal }))
  }

  async apply({ sha256, position, fitsOneTransaction }: TryReport): Promise<TryApplied> {
    const { client, instanceId, sql } = this.#options
    const source = await uploadSql(client, sql)
    const { interrupt: signal } = this.#context
    const wish = { sha256, position, inOneTransaction: fitsOneTransaction, despiteWrites: false }
    return this.#follow(
      client.stream('try.apply', { instanceId, sessionId: null, source, ...wish }, { signal }),
    )
  }

  async #follow<R>(stream: AsyncIterable<{ value: TryProgress }> & { result: Promise<R> }): Promise<R> {
    try {
      for await (const { value } of stream) this.#note(value)
      return await stream.result
    } catch (error) {
      if (this.#context.interrupt.aborted) throw new InterruptedError('The trial was cancelled')
      throw error
    }
  }

  #note(progress: TryProgress): void {
    const { clock, terminal } = this.#context
    const text = progressText(progress)
    const kind = progress.kind === 'step' ? progress.step : progress.holder
    const nowMs = clock.monotonicMs()
    if (kind === this.#lastNote && nowMs - this.#lastNoteMs < noteIntervalMs) return
    this.#lastNote = kind
    this.#lastNoteMs = nowMs
    terminal.note(text)
  }
}

const stepTexts = {
  copying: 'Copying the instance',
  describing: 'Reading the schema',
  running: 'Running the script on the copy',
  comparing: 'Comparing rows',
  protecting: 'Taking a snapshot',
  applying: 'Applying the script',
} as const

function progressText(progress: TryProgress): string {
  if (progress.kind === 'waiting') {
    const why = progress.holderInTransaction ? ', which has an open transaction' : ''
    return `Waiting for ${visibleText(progress.holder)}${why}`
  }
  const { step, index, count } = progress
  const isCounted = step === 'running' || step === 'applying' || step === 'comparing'
  return isCounted && count > 1 ? `${stepTexts[step]}: ${index + 1} of ${count}` : stepTexts[step]
}
