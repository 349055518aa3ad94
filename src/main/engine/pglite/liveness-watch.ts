/**
 * Finds out that an engine's thread hangs where nobody has asked it for anything that may take long: at its start, in
 * its message loop, between two statements. Such a thread gives no sign of life, waits for no disk, and burns the
 * processor all the same; one that is stopped, starved or swapped out does not. Statements are left alone, however
 * long they take: whoever has sent one may cancel it. Ends nothing itself.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'

/** What may be seen of the thread from outside. */
export interface WatchedThread {
  /** Changes whenever the thread does something that it can be expected to do. */
  readonly beats: number
  /** It runs something for a client, or waits for the file system. */
  readonly mayTakeLong: boolean
  /** Makes a thread that waits for messages beat. */
  wake(): void
  /** Processor time so far; rejects, or never answers, where the thread cannot be asked. */
  cpuMs(): Promise<number>
}

export interface LivenessBounds {
  readonly intervalMs: number
  /** Processor time without a sign of life that is too much. */
  readonly cpuMsMax: number
}

export const livenessBoundsDefault: LivenessBounds = {
  // One timer for each engine, and none for a statement.
  intervalMs: 5_000,
  // What is done between statements takes milliseconds; closing a session with thousands of tables a second or two.
  cpuMsMax: 10_000,
}

/** Looks in a row that have to find nothing. A pause of the whole process is one look. */
const silentLooksMin = 6

export class LivenessWatch implements Disposable {
  readonly #thread: WatchedThread
  readonly #clock: Clock
  readonly #bounds: LivenessBounds
  readonly #onHung: () => void
  #timer: Disposable | null = null
  #beats = -1
  #silentLooks = 0
  /** As the thread has told since it fell silent. */
  #cpuAtFirstMs: number | null = null
  #cpuMs = 0
  #isDisposed = false

  constructor(
    thread: WatchedThread,
    options: { readonly clock: Clock; readonly bounds: LivenessBounds; onHung(): void },
  ) {
    this.#thread = thread
    this.#clock = options.clock
    this.#bounds = options.bounds
    this.#onHung = () => options.onHung()
    this.#lookLater()
  }

  dispose(): void {
    this.#isDisposed = true
    this.#timer?.dispose()
  }

  #lookLater(): void {
    this.#timer = this.#clock.after(this.#bounds.intervalMs, () => this.#look())
  }

  #look(): void {
    const { beats, mayTakeLong } = this.#thread
    const isSilent = beats === this.#beats && !mayTakeLong
    this.#beats = beats
    if (!isSilent) this.#forget()
    else if (this.#isTooMuch()) {
      this.dispose()
      this.#onHung()
      return
    }
    this.#thread.wake()
    this.#lookLater()
  }

  #forget(): void {
    this.#silentLooks = 0
    this.#cpuAtFirstMs = null
  }

  #isTooMuch(): boolean {
    this.#silentLooks += 1
    if (this.#silentLooks === 1) return false
    const used = this.#cpuAtFirstMs === null ? 0 : this.#cpuMs - this.#cpuAtFirstMs
    if (this.#silentLooks >= silentLooksMin && used >= this.#bounds.cpuMsMax) return true
    this.#askCpu()
    return false
  }

  /** An answer that comes when the thread has given a sign of life is of no use. */
  #askCpu(): void {
    const beats = this.#beats
    this.#thread.cpuMs().then(
      (cpuMs) => {
        if (this.#isDisposed || beats !== this.#thread.beats || this.#silentLooks === 0) return
        this.#cpuAtFirstMs ??= cpuMs
        this.#cpuMs = cpuMs
      },
      // It has ended, and its end is told elsewhere.
      () => undefined,
    )
  }
}
