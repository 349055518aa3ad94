/**
 * The engine's session behind one of ours: begun with the first statement, begun again on an engine that was
 * started again, ended with ours. Knows no turn; its user has one.
 */

import type { Disposable } from '../../base/disposable.ts'
import type { Engine, EngineSession, EngineSessionOptions } from '../engine/engine.ts'

export class BackendSession implements Disposable {
  readonly #options: EngineSessionOptions
  #isDisposed = false
  #begun: { readonly engine: Engine; readonly session: EngineSession } | null = null

  constructor(options: EngineSessionOptions) {
    this.#options = options
  }

  /** The session on `engine`, which runs nothing at the moment. */
  async on(engine: Engine): Promise<EngineSession> {
    if (this.#begun?.engine === engine) return this.#begun.session
    this.#end()
    const session = await engine.openSession(this.#options)
    this.#begun = { engine, session }
    // Whose session it was may have gone meanwhile; then it ends what it runs, too.
    if (this.#isDisposed) this.#end()
    return session
  }

  dispose(): void {
    this.#isDisposed = true
    this.#end()
  }

  #end(): void {
    this.#begun?.session.dispose()
    this.#begun = null
  }
}
