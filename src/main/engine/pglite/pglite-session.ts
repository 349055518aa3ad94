/**
 * One session of an engine, as its user holds it. Knows nothing of how sessions share a backend.
 */

import { onDispose, type Disposable } from '../../../base/disposable.ts'
import type { Event } from '../../../base/event.ts'
import type {
  ConversationListener,
  EngineConversation,
  EngineEvent,
  EngineNotification,
  EngineSession,
  EngineStatement,
  ProtocolChannel,
} from '../engine.ts'

export interface PgliteSessionOptions {
  readonly processId: number
  readonly parameters: Readonly<Record<string, string>>
  execute(statement: EngineStatement): AsyncIterable<EngineEvent>
  openChannel(): ProtocolChannel
  converse(listener: ConversationListener): EngineConversation
  cancel(): Promise<void>
  readonly onDidNotify: Event<EngineNotification>
  readonly onDidSignal: EngineSession['onDidSignal']
  end(): void
}

export class PgliteSession implements EngineSession {
  readonly processId: number
  readonly parameters: Readonly<Record<string, string>>
  readonly onDidNotify: Event<EngineNotification>
  readonly onDidSignal: EngineSession['onDidSignal']
  readonly #options: PgliteSessionOptions
  readonly #count: Disposable

  constructor(options: PgliteSessionOptions) {
    this.processId = options.processId
    this.parameters = options.parameters
    this.onDidNotify = options.onDidNotify
    this.onDidSignal = options.onDidSignal
    this.#options = options
    this.#count = onDispose('engine-session', () => options.end())
  }

  execute(statement: EngineStatement): AsyncIterable<EngineEvent> {
    return this.#options.execute(statement)
  }

  openChannel(): ProtocolChannel {
    return this.#options.openChannel()
  }

  converse(listener: ConversationListener): EngineConversation {
    return this.#options.converse(listener)
  }

  cancel(): Promise<void> {
    return this.#options.cancel()
  }

  dispose(): void {
    this.#count.dispose()
  }
}
