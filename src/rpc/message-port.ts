/**
 * A Port over anything that posts structured clones: MessagePort of browsers and of Node, web workers and
 * `self`, Node's Worker and parentPort. Described structurally, so that no environment's types are needed. Knows
 * nothing of who sits at the other end.
 */

import { WorkbenchError } from '../contract/error.ts'
import {
  decodeMessage,
  encodeMessage,
  malformed,
  workerPortLimits,
  type PortLimits,
} from './message-codec.ts'
import { PortInbox } from './port-inbox.ts'
import type { Port, PortListener, PortMessage } from './port.ts'

interface MessagePoster {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  start?(): void
  close?(): void
}

/** MessagePort (browser and Node, thus parentPort too), web Worker, and `self` within one. */
export interface EventTargetPort extends MessagePoster {
  addEventListener(
    type: 'message' | 'messageerror' | 'error' | 'close',
    listener: (event: object) => void,
  ): void
}

/** Node's Worker, and whatever else brings its messages as they are. */
export interface EmitterPort extends MessagePoster {
  on(event: 'message' | 'messageerror' | 'exit' | 'close', listener: (value: unknown) => void): unknown
}

export interface MessagePortOptions {
  /** Default: `workerPortLimits`. */
  readonly limits?: PortLimits
  /** Whether buffers are handed over (the default) or copied; see electron-port.ts. */
  readonly transfersBuffers?: boolean
}

/** Wraps `target`, which from now on belongs to the port: closing one closes the other. */
export function createMessagePort(
  target: EventTargetPort | EmitterPort,
  options: MessagePortOptions = {},
): Port {
  return new MessagePortPort(target, options)
}

/**
 * What is posted: `[head text, ...buffers]`, and `{ closed: reason }` once, because not every carrier tells the
 * other end when it closes.
 */
class MessagePortPort implements Port {
  /** These carriers copy at once into the receiver's queue, whose length they do not tell; credit bounds it. */
  readonly bufferedBytes = 0
  readonly #target: EventTargetPort | EmitterPort
  readonly #limits: PortLimits
  readonly #transfersBuffers: boolean
  readonly #inbox = new PortInbox()

  constructor(target: EventTargetPort | EmitterPort, options: MessagePortOptions) {
    this.#target = target
    this.#limits = options.limits ?? workerPortLimits
    this.#transfersBuffers = options.transfersBuffers ?? true
    const onEnd = (what: string) => () => this.#end(what)
    if ('addEventListener' in target) {
      target.addEventListener('message', (event) => this.#receive('data' in event ? event.data : undefined))
      target.addEventListener('messageerror', onEnd('A message could not be read'))
      target.addEventListener('error', (event) => {
        this.#end(
          `The worker failed: ${'message' in event ? String(event.message) : 'it could not be loaded'}`,
        )
      })
      target.addEventListener('close', onEnd('The other side closed the port'))
      return
    }
    target.on('message', (value) => this.#receive(value))
    target.on('messageerror', onEnd('A message could not be read'))
    target.on('exit', (code) => this.#end(`The worker ended with code ${String(code)}`))
    target.on('close', onEnd('The other side closed the port'))
  }

  post(message: PortMessage): void {
    if (this.#inbox.isClosed) return
    const { text, buffers } = encodeMessage(message, this.#limits.sendBytesMax)
    try {
      this.#target.postMessage([text, ...buffers], this.#transfersBuffers ? [...buffers] : [])
    } catch (error) {
      throw new WorkbenchError('invalid-argument', 'A buffer of the message cannot be posted', {
        cause: error,
      })
    }
  }

  listen(listener: PortListener): void {
    this.#inbox.listen(listener)
    this.#target.start?.()
  }

  drained(): Promise<void> {
    return Promise.resolve()
  }

  close(reason: string): void {
    if (this.#inbox.isClosed) return
    this.#target.postMessage({ closed: reason }, [])
    this.#end(reason)
  }

  dispose(): void {
    this.close('The port was closed')
  }

  #end(reason: string): void {
    if (this.#inbox.close(reason)) this.#target.close?.()
  }

  #receive(data: unknown): void {
    if (this.#inbox.isClosed) return
    const goodbye = closedReason(data)
    if (goodbye !== null) return this.#end(goodbye)
    let message: PortMessage
    try {
      message = this.#decode(data)
    } catch (error) {
      return this.close(error instanceof Error ? error.message : String(error))
    }
    if (!this.#inbox.deliver(message)) this.close('Too many messages arrived before anybody listened')
  }

  #decode(data: unknown): PortMessage {
    if (!Array.isArray(data)) throw malformed('is not a list')
    const [text, ...parts]: unknown[] = data
    if (typeof text !== 'string') throw malformed('has no head')
    const buffers = parts.filter((part) => part instanceof ArrayBuffer)
    if (buffers.length !== parts.length) throw malformed('has a part that is not a buffer')
    return decodeMessage({ text, buffers }, this.#limits.receiveBytesMax)
  }
}

function closedReason(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('closed' in data)) return null
  return typeof data.closed === 'string' ? data.closed : 'The other side closed the port'
}
