/**
 * The clients of an endpoint as the contract has them: listed again and again while somebody looks, cancelled,
 * disconnected. Owns no client; asks the endpoint's registry.
 */

import type { Clock } from '../../base/clock.ts'
import type { Event } from '../../base/event.ts'
import { clientStatementLengthMax, type EndpointClient } from '../../contract/endpoint.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { StreamChunk } from '../../rpc/handlers.ts'
import type { ClientRegistry, ConnectedClient } from '../endpoints/postgres/client-registry.ts'

/** Lists come no faster than people read: a list of hundreds is some hundred kilobytes. */
const listPauseMs = 200
/** For whom a client waits changes without a word from the client. */
const lookAgainMs = 500

const nameLengthMax = 256
const titleLengthMax = 1_024

/** What it asks of an endpoint, whatever that speaks. */
export interface ClientsEndpoint {
  /** null while it does not listen. */
  readonly clients: ClientRegistry | null
  readonly isEnded: boolean
  /** Told, too, when it does not listen any more. */
  readonly onDidChangeClients: Event<null>
}

export class EndpointClients {
  readonly #endpoint: ClientsEndpoint
  readonly #clock: Clock

  constructor(endpoint: ClientsEndpoint, clock: Clock) {
    this.#endpoint = endpoint
    this.#clock = clock
  }

  /** The list now, and after each change, until `signal` aborts or the endpoint ends for good. */
  async *watch(
    signal: AbortSignal,
  ): AsyncGenerator<StreamChunk<{ clients: readonly EndpointClient[] }>, null, void> {
    const pause = new Pause(this.#clock)
    const isOver = (): boolean => signal.aborted || this.#endpoint.isEnded
    const onAbort = (): void => pause.end()
    const changes = this.#endpoint.onDidChangeClients(() => (isOver() ? pause.end() : pause.endIfIdle()))
    signal.addEventListener('abort', onAbort)
    try {
      let told: string | null = null
      while (!isOver()) {
        const clients = this.#list()
        const text = JSON.stringify(clients)
        if (text !== told) yield { value: { clients } }
        told = text
        if (!isOver()) await pause.begin(listPauseMs, { isIdle: false })
        const hasChanged = JSON.stringify(this.#list()) !== told
        const lookAgain = clients.length > 0 ? lookAgainMs : null
        if (!isOver() && !hasChanged) await pause.begin(lookAgain, { isIdle: true })
      }
      return null
    } finally {
      signal.removeEventListener('abort', onAbort)
      changes.dispose()
    }
  }

  /** Throws `not-found` when it has gone. */
  cancel(clientId: string): void {
    this.#registryOf(clientId).cancel(clientId)
  }

  /** Throws `not-found` when it has gone. */
  disconnect(clientId: string): void {
    this.#registryOf(clientId).disconnect(clientId)
  }

  #list(): EndpointClient[] {
    return (this.#endpoint.clients?.list() ?? []).map(described)
  }

  #registryOf(clientId: string): ClientRegistry {
    const { clients } = this.#endpoint
    if (clients?.has(clientId)) return clients
    throw new WorkbenchError('not-found', 'This client has disconnected already')
  }
}

/** A wait that can be cut short; one at a time. */
class Pause {
  readonly #clock: Clock
  #resume: () => void = () => undefined
  #isIdle = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** For so long at most; null: until it is ended. */
  async begin(durationMs: number | null, { isIdle }: { readonly isIdle: boolean }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#resume = resolve
    this.#isIdle = isIdle
    const timer = durationMs === null ? null : this.#clock.after(durationMs, resolve)
    await promise
    timer?.dispose()
  }

  end(): void {
    this.#resume()
  }

  endIfIdle(): void {
    if (this.#isIdle) this.#resume()
  }
}

function described(client: ConnectedClient): EndpointClient {
  const { id, processId, address, port, isEncrypted, isFork, connectedAtMs, state, stateSinceMs } = client
  const waitingFor = client.waitingFor === null ? null : cut(client.waitingFor, titleLengthMax)
  return {
    ...{ id, processId, address, port, isEncrypted, isFork, connectedAtMs, stateSinceMs, waitingFor },
    role: cut(client.user, nameLengthMax),
    database: cut(client.database, nameLengthMax),
    applicationName: cut(client.applicationName, nameLengthMax),
    state: waitingFor === null ? state : 'waiting',
    statement: client.statement === null ? null : cut(client.statement, clientStatementLengthMax),
  }
}

/** At most `lengthMax` code units, an ellipsis included where something was left out. */
function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`
}
