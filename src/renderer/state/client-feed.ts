/**
 * The clients of one endpoint as this window shows them: listed while somebody looks, cancelled, disconnected. Knows
 * nothing of the endpoint but its id.
 */

import type { Disposable } from '../../base/disposable.ts'
import type { EndpointClient } from '../../contract/endpoint.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export class ClientFeed implements Disposable {
  /** A client that has not changed is the same object as before. */
  readonly clients = new Store<readonly EndpointClient[]>([])
  readonly #client: WorkbenchClient
  readonly #endpointId: () => string | null
  #lookers = 0
  #stream: Disposable | null = null

  /** `endpointId` answers null until the host has told of the endpoint. */
  constructor(client: WorkbenchClient, endpointId: () => string | null) {
    this.#client = client
    this.#endpointId = endpointId
  }

  /** Asks again, after connecting. */
  restart(): void {
    this.#stream?.dispose()
    this.#stream = null
    if (this.#lookers > 0) this.#watch()
  }

  /** Somebody looks, until disposed; otherwise nothing is asked for. */
  look(): Disposable {
    this.#lookers += 1
    if (!this.#stream) this.#watch()
    let isLooking = true
    return {
      dispose: () => {
        if (!isLooking) return
        isLooking = false
        this.#lookers -= 1
        if (this.#lookers > 0) return
        this.#stream?.dispose()
        this.#stream = null
        this.clients.set([])
      },
    }
  }

  async cancel(clientId: string): Promise<void> {
    const endpointId = this.#endpointId() ?? ''
    await this.#client.call('endpoint.cancelClient', { endpointId, clientId })
  }

  async disconnect(clientId: string): Promise<void> {
    const endpointId = this.#endpointId() ?? ''
    await this.#client.call('endpoint.disconnectClient', { endpointId, clientId })
  }

  dispose(): void {
    this.#stream?.dispose()
    this.clients.dispose()
  }

  #watch(): void {
    const endpointId = this.#endpointId()
    if (endpointId === null) return
    const stream = this.#client.stream('endpoint.watchClients', { endpointId })
    this.#stream = stream
    const follow = async (): Promise<void> => {
      for await (const { value } of stream) {
        if (this.#stream === stream) this.clients.set(keepSame(this.clients.value, value.clients))
      }
    }
    // It ends with the connection, after which the list is asked for again.
    follow().catch(() => undefined)
  }
}

/** `after`, with the objects of `before` where nothing has changed. */
function keepSame(
  before: readonly EndpointClient[],
  after: readonly EndpointClient[],
): readonly EndpointClient[] {
  const known = new Map(before.map((client) => [client.id, client]))
  return after.map((client) => {
    const same = known.get(client.id)
    return same && JSON.stringify(same) === JSON.stringify(client) ? same : client
  })
}
