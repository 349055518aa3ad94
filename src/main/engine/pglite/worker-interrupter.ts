/**
 * Runs a short expression inside a worker thread that is busy in WebAssembly and reads no messages. V8 delivers
 * it through the inspector, at its next interrupt check, without pausing anything. Owns one inspector session
 * for all workers of its owner; knows nothing of what is evaluated.
 */

import { Session } from 'node:inspector'
import { onDispose, type Disposable } from '../../../base/disposable.ts'

interface AttachedWorker {
  readonly sessionId: string
  readonly workerInfo: { readonly title: string }
}

export class WorkerInterrupter implements Disposable {
  readonly #session = new Session()
  /** Inspector's session of each attached worker, by the worker's name. */
  readonly #sessionIds = new Map<string, string>()
  /** What was asked of a worker that has not attached yet; it does within a turn of the event loop or two. */
  readonly #waiting = new Map<string, string>()
  readonly #subscription: Disposable
  #messageId = 0

  constructor() {
    this.#session.connect()
    this.#session.on('NodeWorker.attachedToWorker', ({ params }) => this.#onAttached(params))
    this.#session.on('NodeWorker.detachedFromWorker', ({ params }) => this.#onDetached(params.sessionId))
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
    this.#subscription = onDispose('inspector-session', () => this.#session.disconnect())
  }

  /**
   * Evaluates `expression` in the global scope of the worker that was created with `name`, which must be
   * unique. Nothing happens when that worker has ended.
   */
  evaluate(name: string, expression: string): void {
    const sessionId = this.#sessionIds.get(name)
    if (sessionId === undefined) {
      this.#waiting.set(name, expression)
      return
    }
    this.#messageId += 1
    const message = { id: this.#messageId, method: 'Runtime.evaluate', params: { expression } }
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify(message) })
  }

  /** Forgets a worker that has ended. */
  forget(name: string): void {
    this.#sessionIds.delete(name)
    this.#waiting.delete(name)
  }

  dispose(): void {
    this.#subscription.dispose()
  }

  #onAttached(worker: AttachedWorker): void {
    // Node titles a worker `[worker 7] name`.
    const name = worker.workerInfo.title.replace(/^\[worker \d+\] /, '')
    this.#sessionIds.set(name, worker.sessionId)
    const expression = this.#waiting.get(name)
    this.#waiting.delete(name)
    if (expression !== undefined) this.evaluate(name, expression)
  }

  #onDetached(sessionId: string): void {
    for (const [name, known] of this.#sessionIds) if (known === sessionId) this.#sessionIds.delete(name)
  }
}
