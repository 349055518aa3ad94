/**
 * What an endpoint goes through, whatever it speaks: off, starting, listening, stopping, failed; one wish after the
 * other, in the order in which they came; ended for good with its host. Knows no socket and no option.
 */

import { Emitter } from '../../base/event.ts'
import { toWireError, WorkbenchError, type ErrorCode } from '../../contract/error.ts'

export interface EndpointCondition {
  readonly state: 'off' | 'starting' | 'listening' | 'stopping' | 'failed'
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null
}

export class EndpointLife {
  readonly #didChange = new Emitter<null>()
  readonly onDidChange = this.#didChange.event
  #condition: EndpointCondition = { state: 'off', failure: null }
  #last: Promise<unknown> = Promise.resolve()
  #isEnded = false

  get condition(): EndpointCondition {
    return this.#condition
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  set(state: Exclude<EndpointCondition['state'], 'failed'>): void {
    this.#condition = { state, failure: null }
    this.#didChange.fire(null)
  }

  /** It listens when `listen` has resolved; throws what that throws, which is told by the condition, too. */
  async start(listen: () => Promise<void>): Promise<void> {
    this.set('starting')
    try {
      await listen()
      this.set('listening')
    } catch (error) {
      const { code, message } = toWireError(error)
      this.#condition = { state: 'failed', failure: { code, message } }
      this.#didChange.fire(null)
      throw error
    }
  }

  /** One after the other. Throws `closed` when it has ended. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      if (this.#isEnded) throw new WorkbenchError('closed', 'Wardian is shutting down; start it again')
      return work()
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Ends it for good, with `stop` as its last. */
  async end(stop: () => Promise<void>): Promise<void> {
    this.#isEnded = true
    this.#last = this.#last.then(stop)
    await this.#last
    this.#didChange.dispose()
  }
}
