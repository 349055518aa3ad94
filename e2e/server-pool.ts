/**
 * Hosts for specs that are not about the first start: each runs on its own copy of a data directory whose first start
 * is over. One is always made ready ahead, while a spec runs; nobody gets one twice.
 */

import type { HostUnderTest } from './host-under-test.ts'

export class ServerPool<Host extends HostUnderTest> {
  readonly #create: () => Promise<Host>
  #next: Promise<Host> | null = null

  /** `create` makes one that has not been started. */
  constructor(create: () => Promise<Host>) {
    this.#create = create
  }

  /** A running server that nobody has used. */
  async take(): Promise<Host> {
    const taken = this.#next ?? this.#make()
    this.#next = null
    const server = await taken
    this.#next = this.#make()
    // Whoever takes it is told.
    this.#next.catch(() => undefined)
    return server
  }

  async dispose(): Promise<void> {
    const spare = await this.#next?.catch(() => null)
    this.#next = null
    await spare?.dispose()
  }

  async #make(): Promise<Host> {
    const server = await this.#create()
    try {
      await server.start()
      return server
    } catch (error) {
      await server.dispose()
      throw error
    }
  }
}
