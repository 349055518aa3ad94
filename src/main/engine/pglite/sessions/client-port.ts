/**
 * The addresses that inet_client_addr() and its like answer: Postgres has them in the one Port of its one
 * connection, where each session in turn finds its own. Knows no socket.
 */

import type { EngineClient } from '../../engine.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import { socketAddress, socketAddressBytes } from './socket-address.ts'

/** struct Port (libpq/libpq-be.h): laddr and raddr, behind sock, noblock and proto. */
const localOffset = 12
const remoteOffset = localOffset + socketAddressBytes

const nowhere = new Uint8Array(2 * socketAddressBytes)

export class ClientPort {
  readonly #module: PgliteModule
  readonly #memory: BackendMemory
  readonly #known = new WeakMap<EngineClient, Uint8Array>()
  #current: EngineClient | null | undefined

  constructor(module: PgliteModule, memory: BackendMemory) {
    this.#module = module
    this.#memory = memory
    this.enter(null)
  }

  /** What SYSTEM_USER answers at the moment. */
  get systemUser(): string | null {
    return this.#current?.systemUser ?? null
  }

  /** The client whose session is current; null for sessions without one, which have no addresses. */
  enter(client: EngineClient | null): void {
    if (client === this.#current) return
    this.#current = client
    const port = this.#memory.word(this.#module._MyProcPort)
    if (port !== 0) this.#module.HEAPU8.set(this.#addresses(client), port + localOffset)
  }

  #addresses(client: EngineClient | null): Uint8Array {
    if (!client) return nowhere
    let addresses = this.#known.get(client)
    if (!addresses) {
      const { serverAddress = null, serverPort = null } = client
      addresses = new Uint8Array(2 * socketAddressBytes)
      addresses.set(socketAddress({ address: serverAddress, port: serverPort }))
      addresses.set(socketAddress(client), remoteOffset - localOffset)
      this.#known.set(client, addresses)
    }
    return addresses
  }
}
