/**
 * The engine's session behind one of ours: begun with the first statement, begun again on an engine that was
 * started again, ended with ours. Knows no turn; its user has one.
 */

import type { Disposable } from '../../base/disposable.ts'
import type { Engine, EngineSession, EngineSessionOptions } from '../engine/engine.ts'

export class BackendSession implements Disposable {
  readonly #options: EngineSessionOptions
  readonly #onSignal: (signal: 'cancel' | 'terminate') => void
  #isDisposed = false
  #begun: { readonly engine: Engine; readonly session: EngineSession; readonly signals: Disposable } | null =
    null

  /** `onSignal` hears what SQL of another session, or of its own, asks of it. */
  constructor(options: EngineSessionOptions, onSignal: (signal: 'cancel' | 'terminate') => void) {
    this.#options = options
    this.#onSignal = (signal) => onSignal(signal)
  }

  /** The session on `engine`, which runs nothing at the moment. */
  async on(engine: Engine): Promise<EngineSession> {
    if (this.#begun?.engine === engine) return this.#begun.session
    this.#end()
    const session = await engine.openSession(this.#options)
    this.#begun = { engine, session, signals: session.onDidSignal(this.#onSignal) }
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

  #end(): void {
    this.#begun?.signals.dispose()
    this.#begun?.session.dispose()
    this.#begun = null
  }
}
