/**
 * One open call or stream, as the serving side sees it: its abort signal, and for streams how many chunks its
 * client still has room for. Knows no contract and no port.
 */

import { onDispose, type Disposable } from '../base/disposable.ts'
import type { WorkbenchError } from '../contract/error.ts'
import { streamCreditLimit } from './rpc-messages.ts'

/** Belongs to the server, from admission until the handler has ended. */
export class ServerRequest implements Disposable {
  readonly id: number
  readonly name: string
  readonly #controller = new AbortController()
  readonly #tracking = onDispose('rpc-server-request', () => undefined)
  #credit: number
  #wake: (() => void) | null = null

  constructor(request: { readonly id: number; readonly name: string; readonly credit: number }) {
    this.id = request.id
    this.name = request.name
    this.#credit = request.credit
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Nothing more may be answered, and the handler should end. */
  abort(reason: WorkbenchError): void {
    if (this.signal.aborted) return
    this.#controller.abort(reason)
    this.#wakeUp()
  }

  /** Adds room for `count` chunks; answers false when that is more than any client may have. */
  grant(count: number): boolean {
    this.#credit += count
    this.#wakeUp()
    return this.#credit <= streamCreditLimit
  }

  /** Resolves once there is room for a chunk, or the request is aborted. */
  async room(): Promise<void> {
    while (this.#credit === 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Takes the room of one chunk. */
  spend(): void {
    this.#credit -= 1
  }

  dispose(): void {
    this.#tracking.dispose()
  }

  #wakeUp(): void {
    this.#wake?.()
    this.#wake = null
  }
}
