/**
 * One client with a copy of an instance for itself: the copy's engine, and the client's session on it. Both end
 * together, whoever ends first. Knows nothing of the original.
 */

import type { Clock } from '../../base/clock.ts'
import { onDispose, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { Engine } from '../engine/engine.ts'
import type {
  WireActivity,
  WireListener,
  WireSession,
  WireSessionOptions,
} from '../endpoints/postgres/wire-backend.ts'
import { refusal } from '../endpoints/postgres/wire-failure.ts'
import { TurnQueue } from '../session/turn-queue.ts'
import type { WireEnd } from '../session/wire-endings.ts'
import type { WireConversation } from '../session/wire-conversation.ts'
import { WireServer } from '../session/wire-server.ts'

export interface ForkSessionOptions {
  readonly clock: Clock
  readonly idleTransactionMs: number
  /** Called once; `ended` resolves when the copy's thread has gone. */
  onEnded(ended: Promise<void>): void
}

export class ForkSession implements WireSession {
  readonly #engine: Engine
  readonly #options: ForkSessionOptions
  readonly #server: WireServer
  readonly #turns = new TurnQueue()
  readonly #didLoseEngine = new Emitter<null>()
  readonly #crashes: Disposable
  readonly #end: Disposable
  #conversation: WireConversation | null = null

  constructor(engine: Engine, options: ForkSessionOptions) {
    const { clock, idleTransactionMs } = options
    this.#engine = engine
    this.#options = options
    this.#server = new WireServer({
      ...{ turns: this.#turns, clock, idleTransactionMs },
      engines: { engine: () => Promise.resolve(engine) },
      onDidLoseEngine: this.#didLoseEngine.event,
      onDatabaseCommand: ({ kind }) =>
        kind === 'give' ? Promise.resolve(null) : Promise.reject(noDatabases()),
    })
    this.#crashes = engine.onDidCrash(() => this.#didLoseEngine.fire(null))
    this.#end = onDispose('fork-session', () => this.#close())
  }

  /** Begins the session. Call once, first; what hinders it ends the copy. */
  async open(options: WireSessionOptions): Promise<this> {
    try {
      this.#conversation = await this.#server.openSession(options)
      return this
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  get processId(): number {
    return this.#session.processId
  }

  get parameters(): ReadonlyMap<string, string> {
    return this.#session.parameters
  }

  get activity(): WireActivity {
    return this.#session.activity
  }

  start(listener: WireListener): void {
    this.#session.start({
      onOutput: (bytes) => listener.onOutput(bytes),
      onRoom: () => listener.onRoom(),
      onEnd: (error) => listener.onEnd(error && ownWords(error)),
    })
  }

  write(bytes: Uint8Array): boolean {
    return this.#session.write(bytes)
  }

  hold(isHeld: boolean): void {
    this.#session.hold(isHeld)
  }

  cancel(): void {
    this.#session.cancel()
  }

  end(how: WireEnd): void {
    this.#session.end(how)
  }

  dispose(): void {
    this.#end.dispose()
  }

  get #session(): WireConversation {
    if (this.#conversation) return this.#conversation
    throw new WorkbenchError('closed', 'The session has not begun')
  }

  #close(): void {
    this.#crashes.dispose()
    this.#server.dispose()
    this.#turns.dispose()
    this.#didLoseEngine.dispose()
    this.#options.onEnded(this.#engine.discard())
  }
}

/** Of a copy nothing is safe, and the instance itself has not ended. */
function ownWords(error: Error): Error {
  const { code } = toWireError(error)
  if (code !== 'engine-crashed' && code !== 'engine-unresponsive') return error
  return refusal('57P01', error.message, {
    hint: 'This was a copy of the database for this connection alone. Connect again for another one.',
    cause: error,
  })
}

function noDatabases(): WorkbenchError {
  return new WorkbenchError(
    'unsupported',
    'databases are neither created nor dropped here: each connection has a copy of its database for itself. Connect ' +
      'to an endpoint without --fork-per-connection',
  )
}
