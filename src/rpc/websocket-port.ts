/**
 * A Port over a WebSocket, of a browser or of the `ws` package, described structurally. Tells how much the
 * socket still holds, so that senders can wait for a slow reader, and ends with a reason what is malformed,
 * too large or too slow. Knows neither HTTP nor who may connect.
 */

import { systemClock, type Clock } from '../base/clock.ts'
import { WorkbenchError } from '../contract/error.ts'
import { hostMessageBytesMax } from '../contract/limits.ts'
import { encodeTextFrame, FrameAssembler } from './frame-codec.ts'
import { encodeMessage, type PortLimits } from './message-codec.ts'
import { PortInbox } from './port-inbox.ts'
import type { Port, PortListener, PortMessage } from './port.ts'

/** The members of a WebSocket that are used. `onSent` is an addition of `ws`, which browsers ignore. */
export interface WebSocketLike {
  binaryType: string
  readonly bufferedAmount: number
  readonly readyState: number
  send(data: string | ArrayBuffer, onSent?: () => void): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'error', listener: (event: { readonly message?: unknown }) => void): void
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void
}

export interface WebSocketPortOptions {
  readonly limits: PortLimits
  /** Whether `send` calls `onSent`: true for `ws`, false for browsers, whose buffer is looked at by a timer. */
  readonly confirmsSending: boolean
  readonly clock?: Clock
}

/** Why the port closed the socket; 4000 to 4999 are for applications (RFC 6455, section 7.4.2). */
export const webSocketCloseCodes = {
  normal: 1000,
  /** Some part above the port gave up; the reason says why. */
  refused: 4000,
  /** As 1007 (RFC 6455, section 7.4.1), which browsers may not send. */
  malformed: 4007,
  tooSlow: 4008,
} as const

/** `drained` resolves under this: two batches keep the wire busy while the next one is made. */
export const sendBufferBytesLow = 1 << 20

/**
 * Bytes after which a reader counts as gone. Streams wait at the low mark; this bounds everything that cannot
 * wait: one message of the largest size, and as much again in answers and events.
 */
const sendBufferBytesMax = 2 * hostMessageBytesMax

/** How often a browser's send buffer is looked at while somebody waits for it: well within a frame. */
const drainPollMs = 4

/** A close frame has room for 123 bytes of reason (RFC 6455, section 5.5); ours are ASCII but for names. */
const closeReasonBytesMax = 123

/** WebSocket.CONNECTING and WebSocket.OPEN (WHATWG WebSockets, section 3.1). */
const readyStates = { connecting: 0, open: 1 } as const

/** Wraps an open socket. Call it in the turn in which the socket was opened or accepted, or frames are lost. */
export function createWebSocketPort(socket: WebSocketLike, options: WebSocketPortOptions): Port {
  return new WebSocketPort(socket, options)
}

/** Waits until `socket` is open and wraps it; rejects with `disconnected` when it cannot be opened. */
export function openWebSocketPort(socket: WebSocketLike, options: WebSocketPortOptions): Promise<Port> {
  if (socket.readyState === readyStates.open) return Promise.resolve(createWebSocketPort(socket, options))
  if (socket.readyState !== readyStates.connecting) return Promise.reject(unreachable('it is closed'))
  return new Promise((resolve, reject) => {
    let failure = ''
    socket.addEventListener('open', () => resolve(createWebSocketPort(socket, options)))
    socket.addEventListener('error', (event) => {
      failure = typeof event.message === 'string' ? event.message : ''
    })
    socket.addEventListener('close', (event) => {
      reject(unreachable(event.reason || failure || `code ${event.code}`))
    })
  })
}

function unreachable(why: string): WorkbenchError {
  return new WorkbenchError('disconnected', `Could not connect to the host (${why}). Is it still running?`)
}

class WebSocketPort implements Port {
  readonly #socket: WebSocketLike
  readonly #options: WebSocketPortOptions
  readonly #clock: Clock
  readonly #assembler: FrameAssembler
  readonly #inbox = new PortInbox()
  readonly #drainWaiters: (() => void)[] = []
  #isPolling = false
  #failure = ''

  constructor(socket: WebSocketLike, options: WebSocketPortOptions) {
    this.#socket = socket
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#assembler = new FrameAssembler(options.limits.receiveBytesMax)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', (event) => this.#receive(event.data))
    socket.addEventListener('error', (event) => {
      // A close event follows and ends the port; only here does `ws` say why.
      if (typeof event.message === 'string') this.#failure = event.message
    })
    socket.addEventListener('close', (event) => {
      this.#end(event.reason || this.#failure || `The connection was closed with code ${event.code}`)
    })
  }

  get bufferedBytes(): number {
    return this.#inbox.isClosed ? 0 : this.#socket.bufferedAmount
  }

  post(message: PortMessage): void {
    if (this.#inbox.isClosed) return
    const encoded = encodeMessage(message, this.#options.limits.sendBytesMax)
    this.#send(encodeTextFrame(encoded))
    for (const buffer of encoded.buffers) this.#send(buffer)
    if (this.#socket.bufferedAmount > sendBufferBytesMax) {
      this.#close(webSocketCloseCodes.tooSlow, 'The other side reads too slowly')
    }
  }

  listen(listener: PortListener): void {
    this.#inbox.listen(listener)
  }

  drained(): Promise<void> {
    if (this.bufferedBytes <= sendBufferBytesLow) return Promise.resolve()
    return new Promise((resolve) => {
      this.#drainWaiters.push(resolve)
      if (!this.#options.confirmsSending) this.#pollDrain()
    })
  }

  close(reason: string): void {
    this.#close(webSocketCloseCodes.refused, reason)
  }

  dispose(): void {
    this.#close(webSocketCloseCodes.normal, 'The port was closed')
  }

  #send(data: string | ArrayBuffer): void {
    if (this.#options.confirmsSending) this.#socket.send(data, () => this.#releaseDrained())
    else this.#socket.send(data)
  }

  #receive(data: unknown): void {
    if (this.#inbox.isClosed) return
    let message: PortMessage | null
    try {
      message = this.#assembler.push(data)
    } catch (error) {
      return this.#close(
        webSocketCloseCodes.malformed,
        error instanceof Error ? error.message : String(error),
      )
    }
    if (message === null || this.#inbox.deliver(message)) return
    this.close('Too many messages arrived before anybody listened')
  }

  #close(code: number, reason: string): void {
    if (this.#inbox.isClosed) return
    this.#socket.close(code, fitReason(reason))
    this.#end(reason)
  }

  #end(reason: string): void {
    this.#inbox.close(reason)
    this.#releaseDrained()
  }

  #releaseDrained(): void {
    if (this.#drainWaiters.length === 0 || this.bufferedBytes > sendBufferBytesLow) return
    for (const resolve of this.#drainWaiters.splice(0)) resolve()
  }

  #pollDrain(): void {
    if (this.#isPolling) return
    this.#isPolling = true
    this.#clock.after(drainPollMs, () => {
      this.#isPolling = false
      this.#releaseDrained()
      if (this.#drainWaiters.length > 0) this.#pollDrain()
    })
  }
}

/** Cuts `reason` to what a close frame can carry, at a character. */
function fitReason(reason: string): string {
  let fitting = reason.slice(0, closeReasonBytesMax)
  while (new TextEncoder().encode(fitting).byteLength > closeReasonBytesMax) fitting = fitting.slice(0, -1)
  return fitting
}
