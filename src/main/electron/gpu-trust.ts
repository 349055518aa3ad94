/**
 * Whether the graphics processor is used: not where the user says so, and not after its process has kept ending, which
 * on some machines ends the whole app. Imports nothing of Electron.
 */

/** Chromium restarts it by itself; after the third time it draws with the processor, or gives up. */
const crashesMax = 3

const endedByThemselves: ReadonlySet<string> = new Set(['crashed', 'abnormal-exit', 'launch-failed', 'oom'])

export function usesGpu(record: {
  readonly settings: { readonly usesGpu: boolean }
  readonly hasGpuFailed: boolean
}): boolean {
  return record.settings.usesGpu && !record.hasGpuFailed
}

export class GpuTrust {
  readonly #onLost: () => void
  #crashCount = 0

  /** `onLost`: from the next start on it is not to be used. */
  constructor(onLost: () => void) {
    this.#onLost = onLost
  }

  /** As Electron's `child-process-gone` tells. */
  didEnd(process: { readonly type: string; readonly reason: string }): void {
    if (process.type !== 'GPU' || !endedByThemselves.has(process.reason)) return
    this.#crashCount += 1
    if (this.#crashCount === crashesMax) this.#onLost()
  }
}
