/**
 * An engine whose statements are words that say what it does, for tests of what lies above engines: turns,
 * cancels, crashes, in an order that the test decides. Holds callers to the rules of the seam.
 *
 * `rows N`: a column and N batches of one row · `wait`: runs until it is cancelled · `begin`, `commit`, `rollback` ·
 * `fail`: an SQL error · anything else: done at once.
 */

import { assert } from '../../src/base/assert.ts'
import { onDispose, type Disposable } from '../../src/base/disposable.ts'
import { Emitter } from '../../src/base/event.ts'
import { WorkbenchError } from '../../src/contract/error.ts'
import type { StatementOutcome, TransactionState } from '../../src/contract/statement.ts'
import { int4Column } from './int4-batch.ts'
import type {
  Engine,
  EngineEvent,
  EngineFactory,
  EngineNotification,
  EngineOptions,
  EngineRole,
  EngineSession,
  EngineStatement,
  ProtocolChannel,
  SettledFiles,
} from '../../src/main/engine/engine.ts'

const batchBytes = 64

export class ScriptedEngine implements Engine {
  readonly info = { engine: 'pglite', engineVersion: '0.0', serverVersion: '18.0' } as const
  /** The statements that were begun, in order. */
  readonly log: string[] = []
  /** The budgets they were given. */
  readonly budgets: number[] = []
  readonly #didNotify = new Emitter<EngineNotification>()
  readonly #didCrash = new Emitter<WorkbenchError>()
  readonly onDidNotify = this.#didNotify.event
  readonly onDidCrash = this.#didCrash.event
  readonly #tracking: Disposable = onDispose('scripted-engine', () => {
    this.#didCrash.dispose()
    this.#didNotify.dispose()
  })
  #transaction: TransactionState = 'idle'
  #isRunning = false
  #isCancelled = false
  #end: WorkbenchError | null = null
  #wake = Promise.withResolvers<void>()

  reserveProcessId(): number {
    return 1
  }

  readonly parameters = {}

  async roles(): Promise<ReadonlyMap<string, EngineRole>> {
    return new Map()
  }

  async snapshot(): Promise<never> {
    throw new Error('A scripted engine has nothing to copy')
  }

  async settleFiles(): Promise<SettledFiles> {
    return { state: 'settled', position: `0/${this.log.length}` }
  }

  async discard(reason?: WorkbenchError): Promise<void> {
    if (reason) this.crash(reason)
    else await this.close()
  }

  signal(): boolean {
    return false
  }

  /** All its sessions are one. */
  async openSession(): Promise<EngineSession> {
    return {
      ...{ processId: 1, parameters: {}, onDidNotify: this.onDidNotify },
      onDidSignal: () => ({ dispose: () => undefined }),
      execute: (statement) => this.execute(statement),
      openChannel: () => this.openChannel(),
      converse: () => {
        throw new WorkbenchError('unsupported', 'The scripted engine has no conversations')
      },
      cancel: () => this.cancel(),
      dispose: () => undefined,
    }
  }

  async *execute(statement: EngineStatement): AsyncIterable<EngineEvent> {
    assert(!this.#isRunning, 'an engine does one thing at a time')
    this.#isRunning = true
    this.#isCancelled = false
    const text = new TextDecoder().decode(statement.sql)
    this.log.push(text)
    this.budgets.push(statement.resultBytesMax)
    let rowCount = 0
    try {
      const [word, argument] = text.split(' ')
      if (word === 'rows') {
        yield { kind: 'columns', columns: [int4Column] }
        const wanted = Math.min(Number(argument), Math.ceil(statement.resultBytesMax / batchBytes))
        for (; rowCount < wanted && !this.#isCancelled; rowCount++) {
          yield { kind: 'batch', firstRow: rowCount, rowCount: 1, buffer: new ArrayBuffer(batchBytes) }
        }
      }
      while (word === 'wait' && !this.#isCancelled && !this.#end) await this.#wake.promise
      if (this.#end) throw this.#end
      yield { kind: 'completed', outcome: this.#complete(word ?? '', rowCount, Number(argument)) }
    } finally {
      this.#isRunning = false
    }
  }

  openChannel(): ProtocolChannel {
    throw new WorkbenchError('unsupported', 'The scripted engine has no channel')
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true
    this.#notify()
  }

  setDatabases(): void {}

  memory(): { wasmBytes: number } {
    return { wasmBytes: 1024 }
  }

  /** Ends as if the worker had been killed. */
  crash(reason = new WorkbenchError('engine-crashed', 'The engine crashed')): void {
    this.#end = reason
    this.#notify()
    this.#didCrash.fire(this.#end)
    this.#tracking.dispose()
  }

  async close(): Promise<void> {
    this.#end ??= new WorkbenchError('closed', 'The engine was closed')
    this.#notify()
    this.#tracking.dispose()
  }

  #notify(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers<void>()
  }

  #complete(word: string, rowCount: number, wanted: number): StatementOutcome {
    if (word === 'begin') this.#transaction = 'open'
    if (word === 'commit' || word === 'rollback' || word === 'ROLLBACK') this.#transaction = 'idle'
    if (word === 'fail' && this.#transaction === 'open') this.#transaction = 'failed'
    const isFailed = word === 'fail' || this.#isCancelled
    const isCut = word === 'rows' && rowCount < wanted
    return {
      status: this.#isCancelled ? 'cancelled' : isFailed ? 'failed' : isCut ? 'cut' : 'ok',
      commandTag: isFailed ? null : word.toUpperCase(),
      ...{ rowCount, resultBytes: rowCount * batchBytes, durationMs: 1 },
      error: isFailed ? { code: 'sql-error', message: `${word} has failed`, sql: null } : null,
      transaction: this.#transaction,
    }
  }
}

/** Opens scripted engines; each `open` takes the next of `failures`, if there is one, and fails with it. */
export class ScriptedEngineFactory implements EngineFactory {
  readonly engine = 'pglite'
  readonly opened: { readonly engine: ScriptedEngine; readonly options: EngineOptions }[] = []
  failures: WorkbenchError[] = []
  isDisposed = false
  prepareCount = 0

  get last(): ScriptedEngine {
    const entry = this.opened.at(-1)
    assert(entry !== undefined, 'an engine was opened')
    return entry.engine
  }

  async open(options: EngineOptions): Promise<Engine> {
    const failure = this.failures.shift()
    if (failure) throw failure
    const engine = new ScriptedEngine()
    this.opened.push({ engine, options })
    return engine
  }

  prepare(): void {
    this.prepareCount += 1
  }

  async dispose(): Promise<void> {
    this.isDisposed = true
  }
}
