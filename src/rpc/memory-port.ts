/**
 * Two ports joined in one thread, for tests and for a client in the host's own process. Behaves like the
 * carriers between threads: heads become text and back, buffers are detached, and nothing arrives synchronously.
 */

import { WorkbenchError } from '../contract/error.ts'
import { decodeMessage, encodeMessage, workerPortLimits, type PortLimits } from './message-codec.ts'
import { PortInbox } from './port-inbox.ts'
import type { Port, PortListener, PortMessage } from './port.ts'

/**
 * Messages delivered in microtasks before one goes through a timer. Without it, two ends that always have an
 * answer would keep timers and sockets of their thread waiting for ever. A timer costs a millisecond, a message some
 * 10 µs: so few turns are lost, and none is kept waiting for more than a few milliseconds.
 */
const messagesPerTurn = 512

/** Creates both ends; `clientLimits` are those of the first one, the second has them the other way round. */
export function createMemoryPorts(
  clientLimits: PortLimits = workerPortLimits,
): readonly [client: Port, host: Port] {
  const hostLimits = {
    sendBytesMax: clientLimits.receiveBytesMax,
    receiveBytesMax: clientLimits.sendBytesMax,
  }
  const client = new MemoryPort(clientLimits)
  const host = new MemoryPort(hostLimits)
  client.join(host)
  host.join(client)
  return [client, host]
}

class MemoryPort implements Port {
  readonly bufferedBytes = 0
  readonly #limits: PortLimits
  readonly #inbox = new PortInbox()
  readonly #arrivals: (() => void)[] = []
  #peer: MemoryPort | null = null
  #arrivalCount = 0

  constructor(limits: PortLimits) {
    this.#limits = limits
  }

  join(peer: MemoryPort): void {
    this.#peer = peer
  }

  post(message: PortMessage): void {
    if (this.#inbox.isClosed) return
    const { text, buffers } = encodeMessage(message, this.#limits.sendBytesMax)
    const moved = buffers.map(transfer)
    this.#peer?.arrive((peer) => peer.receive(text, moved))
  }

  listen(listener: PortListener): void {
    this.#inbox.listen(listener)
  }

  drained(): Promise<void> {
    return Promise.resolve()
  }

  close(reason: string): void {
    if (this.#inbox.close(reason)) this.#peer?.arrive((peer) => peer.#inbox.close(reason))
  }

  dispose(): void {
    this.close('The port was closed')
  }

  /** Queues what the other end did, in order. */
  arrive(action: (port: MemoryPort) => void): void {
    this.#arrivals.push(() => action(this))
    this.#arrivalCount += 1
    const next = (): void => this.#arrivals.shift()?.()
    if (this.#arrivalCount % messagesPerTurn === 0) setTimeout(next, 0)
    else queueMicrotask(next)
  }

  receive(text: string, buffers: readonly ArrayBuffer[]): void {
    if (this.#inbox.isClosed) return
    const message = decodeMessage({ text, buffers }, this.#limits.receiveBytesMax)
    if (!this.#inbox.deliver(message)) this.close('Too many messages arrived before anybody listened')
  }
}

function transfer(buffer: ArrayBuffer): ArrayBuffer {
  try {
    return buffer.transfer()
  } catch (error) {
    throw new WorkbenchError('invalid-argument', 'A buffer of the message cannot be posted', { cause: error })
  }
}
