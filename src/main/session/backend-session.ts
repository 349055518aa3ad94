/**
 * The engine's session behind one of ours: begun with the first statement, begun again on an engine that was
 * started again or when it has ended by itself, ended with ours. Knows no turn; its user has one.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { WorkbenchError } from '../../contract/error.ts'
import type { EngineSessionOptions, SessionOpener, StatementSession } from '../engine/engine.ts'

/** Who is told what happens to it. */
export interface BackendListener {
  /** SQL of another session, or of its own, asks it to end what it runs, or to end. */
  onSignal(signal: 'cancel' | 'terminate'): void
  /** It has ended by itself; the next statement begins another. */
  onEnd(error: WorkbenchError): void
}

interface Begun {
  readonly opener: SessionOpener
  readonly session: StatementSession
  readonly subscriptions: Disposable
}

export class BackendSession implements Disposable {
  readonly #options: EngineSessionOptions
  readonly #listener: BackendListener
  #isDisposed = false
  #begun: Begun | null = null

  constructor(options: EngineSessionOptions, listener: BackendListener) {
    this.#options = options
    this.#listener = listener
  }

  /** Whether ending it rolls back what is open, because nobody else has its backend. */
  get hasOwnBackend(): boolean {
    return this.#begun?.session.onDidEnd !== undefined
  }

  /** The session on `opener`, where nothing runs that it would disturb; `signal` ends connecting to it. */
  async on(opener: SessionOpener, signal?: AbortSignal): Promise<StatementSession> {
    if (this.#begun?.opener === opener) return this.#begun.session
    this.#end()
    const session = await opener.openSession(this.#options, signal)
    const subscriptions = new DisposableStore()
    subscriptions.add(session.onDidSignal((signal) => this.#listener.onSignal(signal)))
    const ended = session.onDidEnd?.((error) => this.#onEnd(session, error))
    if (ended) subscriptions.add(ended)
    this.#begun = { opener, session, subscriptions }
    // Whose session it was may have gone meanwhile; then it ends what it runs, too.
    if (this.#isDisposed) this.#end()
    return session
  }

  /** It runs nothing and has no transaction open; the next statement begins another. */
  restart(): void {
    this.#end()
  }

  dispose(): void {
    this.#isDisposed = true
    this.#end()
  }

  #onEnd(session: StatementSession, error: WorkbenchError): void {
    if (this.#begun?.session !== session) return
    this.#end()
    this.#listener.onEnd(error)
  }

  #end(): void {
    this.#begun?.subscriptions.dispose()
    this.#begun?.session.dispose()
    this.#begun = null
  }
}
