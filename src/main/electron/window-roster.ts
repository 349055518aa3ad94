/**
 * Which windows the next start opens: those that were open when the app was quit, or the last one that was closed.
 * Knows no window of Electron.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { WindowRecord } from './window-placement.ts'

/** A window that is dragged moves sixty times a second. */
const writeDelayMs = 500

export class WindowRoster {
  readonly #records = new Map<number, WindowRecord>()
  readonly #closed = new Set<number>()
  readonly #write: (records: readonly WindowRecord[]) => void
  readonly #clock: Clock
  #timer: Disposable | null = null
  #isQuitting = false

  constructor(write: (records: readonly WindowRecord[]) => void, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  get records(): readonly WindowRecord[] {
    return [...this.#records.values()]
  }

  /** A window is there, or has changed. */
  note(windowId: number, record: WindowRecord): void {
    this.#forgetClosed()
    this.#records.set(windowId, record)
    this.#writeSoon()
  }

  didClose(windowId: number): void {
    const isLast = [...this.#records.keys()].every((id) => id === windowId || this.#closed.has(id))
    if (this.#isQuitting || isLast) this.#closed.add(windowId)
    else this.#records.delete(windowId)
    this.#writeSoon()
  }

  /** Windows close from now on because the app ends. */
  willQuit(): void {
    this.#isQuitting = true
  }

  /** One of them did not want to, and the app stays. */
  didStay(): void {
    this.#isQuitting = false
    this.#forgetClosed()
  }

  /** Writes now what is still to be written. */
  flush(): void {
    if (!this.#timer) return
    this.#timer.dispose()
    this.#timer = null
    this.#write(this.records)
  }

  #forgetClosed(): void {
    if (this.#isQuitting) return
    for (const id of this.#closed) this.#records.delete(id)
    this.#closed.clear()
  }

  #writeSoon(): void {
    this.#timer ??= this.#clock.after(writeDelayMs, () => this.flush())
  }
}
