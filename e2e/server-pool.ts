/**
 * Servers for specs that are not about the first start: each a running `wardian serve` on its own copy of a data
 * directory whose first start is over. One is always made ready ahead, while a spec runs; nobody gets one twice.
 */

import { WardianServer } from './wardian-server.ts'

export class ServerPool {
  readonly #label: string
  readonly #original: string
  #next: Promise<WardianServer> | null = null

  /** `original` is the data directory to copy; its host has stopped. */
  constructor(label: string, original: string) {
    this.#label = label
    this.#original = original
  }

  /** A running server that nobody has used. */
  async take(): Promise<WardianServer> {
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

  async #make(): Promise<WardianServer> {
    const server = await WardianServer.create({ label: this.#label, original: this.#original })
    try {
      await server.start()
      return server
    } catch (error) {
      await server.dispose()
      throw error
    }
  }
}
