/** One end of a port played by hand: posts any head, keeps what arrives, and waits for it. */

import type { JsonValue, Port, PortMessage } from '../../src/rpc/port.ts'

export class RawPeer {
  readonly #port: Port
  readonly #arrived: PortMessage[] = []
  readonly #closed = Promise.withResolvers<string>()
  #wake: () => void = () => undefined

  constructor(port: Port) {
    this.#port = port
    port.listen({
      onMessage: (message) => {
        this.#arrived.push(message)
        this.#wake()
      },
      onClose: (reason) => this.#closed.resolve(reason),
    })
  }

  post(head: JsonValue, buffers: readonly ArrayBuffer[] = []): void {
    this.#port.post({ head, buffers })
  }

  /** The head that arrives next. */
  async next(): Promise<JsonValue> {
    while (this.#arrived.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#arrived.shift()?.head ?? null
  }

  /** Why the port was closed, once it is. */
  closed(): Promise<string> {
    return this.#closed.promise
  }
}
