/**
 * The web endpoint as this window shows it: its state, its tokens, and, while somebody looks, its clients. Keeps no
 * token's secret beyond the dialog that shows it.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import {
  webEndpointId,
  type TokenWish,
  type WebEndpoint,
  type WebEndpointOptions,
  type WebToken,
} from '../../contract/web-endpoint.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { ClientFeed } from './client-feed.ts'
import { Store } from './store.ts'

export class WebState implements Disposable {
  /** null until the host has told. */
  readonly endpoint = new Store<WebEndpoint | null>(null)
  readonly tokens = new Store<readonly WebToken[]>([])
  readonly feed: ClientFeed
  /** Which endpoint the page of both shows. */
  readonly shownTab = new Store<'postgres' | 'web'>('postgres')
  /** Whether the user is being asked if clients may be disconnected. */
  readonly isAskingToStop = new Store(false)
  readonly #client: WorkbenchClient
  readonly #subscriptions = new DisposableStore()

  constructor(client: WorkbenchClient) {
    this.#client = client
    this.feed = new ClientFeed(client, () => this.endpoint.value && webEndpointId)
    this.#subscriptions.add(client.on('web.didChange', (endpoint) => this.#take(endpoint)))
    this.#subscriptions.add(
      client.on('web.didChangeTokens', () => void this.#refreshTokens().catch(() => undefined)),
    )
  }

  /** Asks again, after connecting. */
  async refresh(): Promise<void> {
    this.#take(await this.#client.call('web.describe', null))
    await this.#refreshTokens()
    this.feed.restart()
  }

  async start(): Promise<void> {
    try {
      this.#take(await this.#client.call('web.start', { port: null }))
    } catch (error) {
      // What hinders it is its state, which is shown where it was started.
      if (this.endpoint.value?.state !== 'failed') throw error
    }
  }

  async stop(): Promise<void> {
    this.#take(await this.#client.call('web.stop', null))
  }

  async configure(options: WebEndpointOptions): Promise<void> {
    this.#take(await this.#client.call('web.configure', options))
  }

  /** Takes whichever port is free instead of the one that is kept, and starts. */
  async startOnFreePort(): Promise<void> {
    const options = this.endpoint.value?.options
    if (options) await this.configure({ ...options, port: null })
    await this.start()
  }

  /** Its secret, which nobody is told again. */
  async createToken(wish: TokenWish): Promise<string> {
    const { secret } = await this.#client.call('web.createToken', wish)
    return secret
  }

  async revokeToken(tokenId: string): Promise<void> {
    await this.#client.call('web.revokeToken', { tokenId })
  }

  dispose(): void {
    this.#subscriptions.dispose()
    this.feed.dispose()
    for (const store of [this.endpoint, this.tokens, this.shownTab, this.isAskingToStop]) store.dispose()
  }

  async #refreshTokens(): Promise<void> {
    this.tokens.set(await this.#client.call('web.tokens', null))
  }

  #take(endpoint: WebEndpoint): void {
    this.endpoint.set(endpoint)
    if (endpoint.state !== 'listening') this.isAskingToStop.set(false)
  }
}
