/** How much the host writes to its log, and the log's last lines: read when somebody looks. */

import type { Disposable } from '../../base/disposable.ts'
import { toWireError, type WireError } from '../../contract/error.ts'
import type { LogSettings } from '../../contract/monitor.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

/** As many as somebody reads; the file has the others. */
const linesShown = 200

export interface LogTail {
  /** null where the host writes no file. */
  readonly path: string | null
  /** Each one JSON object, oldest first. */
  readonly lines: readonly string[]
}

export class LogState implements Disposable {
  /** null until they are known. */
  readonly settings = new Store<LogSettings | null>(null)
  readonly tail = new Store<LogTail | null>(null)
  /** Why they are not known. */
  readonly error = new Store<WireError | null>(null)
  readonly #client: WorkbenchClient

  constructor(client: WorkbenchClient) {
    this.#client = client
  }

  /** Asks again; what goes wrong is told in `error`. */
  async refresh(): Promise<void> {
    try {
      const asked = { linesMax: linesShown }
      const [settings, tail] = await Promise.all([
        this.#client.call('log.settings', null),
        this.#client.call('log.tail', asked),
      ])
      this.settings.set(settings)
      this.tail.set(tail)
      this.error.set(null)
    } catch (error) {
      this.error.set(toWireError(error))
    }
  }

  async change(fields: Partial<LogSettings>): Promise<void> {
    const before = this.settings.value
    if (!before) return
    this.settings.set(await this.#client.call('log.setSettings', { ...before, ...fields }))
  }

  dispose(): void {
    this.settings.dispose()
    this.tail.dispose()
    this.error.dispose()
  }
}
