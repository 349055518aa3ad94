/**
 * Passes what sessions did on to the history, many statements at a time when they come faster than the disk
 * takes them. Nobody waits for it. Knows no session and no table.
 */

import { Emitter } from '../../base/event.ts'
import { historyTextLengthMax } from '../../contract/limits.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import { withoutPasswords } from '../../parser/password-redaction.ts'
import type { HistoryFinish, HistoryStart } from '../storage/history-store.ts'
import { historyBatchMax } from '../storage/storage-contract.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { HostLog } from './host-options.ts'

/**
 * Statements that wait to be recorded. The longest script has a third of this, so reaching it means that the
 * disk does not answer; then the newest go unrecorded, which the log says.
 */
const pendingMax = 30_000

/** Texts that wait, in UTF-16 code units. */
const pendingTextLengthMax = 64 << 20

/** Texts of one batch, in UTF-16 code units; one longer text goes alone. */
const batchTextLengthMax = 256 << 10

/** As the contract has it. */
const errorMessageLengthMax = 65_536

/** The longest text in UTF-8: three bytes for a code unit. */
const textBytesMax = historyTextLengthMax * 3

export class HistoryRecorder {
  readonly #storage: StorageClient
  readonly #log: HostLog
  readonly #didRecord = new Emitter<readonly number[]>()
  /** Ids of entries that are new or have changed. */
  readonly onDidRecord = this.#didRecord.event
  readonly #starts: HistoryStart[] = []
  readonly #finishes: HistoryFinish[] = []
  readonly #decoder = new TextDecoder()
  #textLength = 0
  #droppedCount = 0
  #writing: Promise<void> | null = null

  constructor(storage: StorageClient, log: HostLog) {
    this.#storage = storage
    this.#log = log
  }

  /** Reads `sql` at once, since it is given away afterwards. */
  start(statement: { key: string; sql: Uint8Array; startedAtMs: number; instanceName: string }): void {
    const { key, sql, startedAtMs, instanceName } = statement
    if (this.#starts.length >= pendingMax || this.#textLength >= pendingTextLengthMax) {
      this.#droppedCount++
      return
    }
    const decoded = this.#decoder.decode(sql.subarray(0, textBytesMax))
    const text = withoutPasswords(decoded.slice(0, historyTextLengthMax))
    const isTextCut = sql.length > textBytesMax || decoded.length > historyTextLengthMax
    this.#starts.push({ key, text, isTextCut, instanceName, startedAtMs })
    this.#textLength += text.length
    this.#writeSoon()
  }

  finish(key: string, outcome: StatementOutcome): void {
    if (this.#finishes.length >= pendingMax) {
      this.#droppedCount++
      return
    }
    const { status, durationMs, rowCount, commandTag, error } = outcome
    this.#finishes.push({
      ...{ key, status, durationMs, commandTag },
      rowCount: status === 'failed' ? null : rowCount,
      errorCode: error?.sql?.code ?? error?.code ?? null,
      errorMessage: error?.message.slice(0, errorMessageLengthMax) ?? null,
    })
    this.#writeSoon()
  }

  /** Resolves when everything has been recorded. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  dispose(): void {
    this.#didRecord.dispose()
  }

  /** The next starts to record: few if their texts are long, since passing them on holds up the host. */
  #takeStarts(): HistoryStart[] {
    let textLength = 0
    let count = 0
    for (const { text } of this.#starts.slice(0, historyBatchMax)) {
      textLength += text.length
      if (count > 0 && textLength > batchTextLengthMax) break
      count++
    }
    const starts = this.#starts.splice(0, count)
    for (const { text } of starts) this.#textLength -= text.length
    return starts
  }

  #writeSoon(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
      if (this.#starts.length + this.#finishes.length > 0) this.#writeSoon()
    })
  }

  async #write(): Promise<void> {
    // Statements of one moment go together, and a short one is recorded once, with its end.
    await new Promise<void>((resolve) => setImmediate(resolve))
    const starts = this.#takeStarts()
    // What has not been started there is finished with a later batch.
    const finishes = this.#starts.length > 0 ? [] : this.#finishes.splice(0, historyBatchMax)
    try {
      const { entryIds } = await this.#storage.call('history.record', { starts, finishes })
      this.#didRecord.fire(entryIds)
    } catch (error) {
      this.#log.error(`${starts.length} statements could not be recorded in the history`, error)
    }
    if (this.#droppedCount === 0) return
    this.#log.warn(`${this.#droppedCount} statements were not recorded in the history: the disk is too slow`)
    this.#droppedCount = 0
  }
}
