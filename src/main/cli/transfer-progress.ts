/**
 * How a command tells how far a transfer is: now and then a line, so that a log of it stays readable. Knows no
 * transfer.
 */

import type { Clock } from '../../base/clock.ts'
import type { TransferEvent, TransferProgress } from '../../contract/transfer.ts'
import type { Terminal } from './terminal.ts'
import { visibleText } from './terminal-text.ts'

/** What takes less long needs no words on the way. */
const notedEveryMs = 1_000

const phases: Readonly<Record<TransferProgress['phase'], string>> = {
  checking: 'Checking both sides',
  'copying-files': 'Copying files',
  schema: 'Definitions',
  data: 'Rows',
  finishing: 'Finishing',
  verifying: 'Comparing both sides',
  committing: 'Committing',
}

export class TransferNarration {
  readonly #terminal: Terminal
  readonly #clock: Clock
  #notedAtMs: number
  #notedText = ''

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal
    this.#clock = clock
    this.#notedAtMs = clock.monotonicMs()
  }

  tell(event: TransferEvent): void {
    if (event.kind === 'notice') this.#terminal.note(visibleText(event.text))
    else this.#progress(event)
  }

  #progress(progress: TransferProgress): void {
    const nowMs = this.#clock.monotonicMs()
    const text = progressText(progress)
    if (nowMs - this.#notedAtMs < notedEveryMs || text === this.#notedText) return
    this.#notedAtMs = nowMs
    this.#notedText = text
    this.#terminal.note(text)
  }
}

function progressText({ phase, table, bytes, bytesTotal }: TransferProgress): string {
  const total = bytesTotal === null ? '' : ` of ${bytesText(bytesTotal)}`
  const moved = bytes > 0 ? `, ${bytesText(bytes)}${total}` : ''
  return `${phases[phase]}${table === null ? '' : ` of ${visibleText(table)}`}${moved}`
}

export function bytesText(bytes: number): string {
  if (bytes < 1 << 10) return `${bytes} bytes`
  return bytes < 1 << 20 ? `${(bytes / (1 << 10)).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`
}

/** Such as `1 table`, `2 tables`. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

export function secondsText(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`
}
