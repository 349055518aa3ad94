/**
 * The endpoint through which other programs connect, as this window shows it: its state, how to connect, and, while
 * somebody looks, its clients. Keeps no password.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import {
  startAsKept,
  type ConnectionFormKind,
  type Endpoint,
  type EndpointConnection,
  type EndpointOptions,
} from '../../contract/endpoint.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { ClientFeed } from './client-feed.ts'
import { Store } from './store.ts'

export class EndpointState implements Disposable {
  /** null until the host has told. */
  readonly endpoint = new Store<Endpoint | null>(null)
  readonly feed: ClientFeed
  /** Whether the user is being asked if clients may be disconnected. */
  readonly isAskingToStop = new Store(false)
  /** Counts changes of the password that this window knows of: what was shown of it is old. */
  readonly passwordChanges = new Store(0)
  readonly #client: WorkbenchClient
  readonly #subscriptions = new DisposableStore()

  constructor(client: WorkbenchClient) {
    this.#client = client
    this.feed = new ClientFeed(client, () => this.endpoint.value?.id ?? null)
    this.#subscriptions.add(client.on('endpoint.didChange', (endpoint) => this.#take(endpoint)))
  }

  /** Asks again, after connecting. */
  async refresh(): Promise<void> {
    const [endpoint] = await this.#client.call('endpoint.list', null)
    if (endpoint) this.#take(endpoint)
    this.feed.restart()
  }

  async start(): Promise<void> {
    try {
      this.#take(await this.#client.call('endpoint.start', { endpointId: this.#id, ...startAsKept }))
    } catch (error) {
      // What hinders it is its state, which is shown where it was started.
      if (this.endpoint.value?.state !== 'failed') throw error
    }
  }

  async stop(): Promise<void> {
    this.#take(await this.#client.call('endpoint.stop', { endpointId: this.#id }))
  }

  async configure(options: EndpointOptions): Promise<void> {
    this.#take(await this.#client.call('endpoint.configure', { endpointId: this.#id, options }))
  }

  /** Takes whichever port is free instead of the one that is kept, and starts. */
  async startOnFreePort(): Promise<void> {
    const options = this.endpoint.value?.options
    if (options) await this.configure({ ...options, port: null })
    await this.start()
  }

  /** Makes up another password: addresses that were copied before are of no use any more. */
  async renewPassword(): Promise<void> {
    await this.#client.call('endpoint.setPassword', { endpointId: this.#id, password: null })
    this.passwordChanges.set(this.passwordChanges.value + 1)
  }

  /** How to connect to an instance, with the password. */
  connection(instanceId: string): Promise<EndpointConnection> {
    return this.#client.call('endpoint.connection', { endpointId: this.#id, instanceId })
  }

  /** One way to say how to connect. */
  async form(instanceId: string, kind: ConnectionFormKind): Promise<string> {
    const { forms } = await this.connection(instanceId)
    const form = forms.find((each) => each.kind === kind)
    if (form) return form.text
    throw new WorkbenchError('not-found', 'The endpoint has no Unix-domain socket any more')
  }

  dispose(): void {
    this.feed.dispose()
    this.#subscriptions.dispose()
    for (const store of [this.endpoint, this.isAskingToStop, this.passwordChanges]) store.dispose()
  }

  get #id(): string {
    const { value } = this.endpoint
    if (value) return value.id
    throw new WorkbenchError('unsupported', 'This host has no endpoint; restart Wardian')
  }

  #take(endpoint: Endpoint): void {
    this.endpoint.set(endpoint)
    if (endpoint.state !== 'listening') this.isAskingToStop.set(false)
  }
}
