/**
 * The way between the main process and the preload script of one window's page: messages, invocations and ports, for
 * one document after the other. Knows no window and no browser.
 */

import { randomUUID } from 'node:crypto'
import type { WebSocket } from 'ws'
import { dispatchInvoked, dispatchSent } from './ipc-main.ts'
import { PortTunnel, StandInPort } from './message-ports.ts'
import type { FromPage, ToPage } from './page-messages.ts'
import { ownSocketPath } from './protocol.ts'
import { createValueCodec } from './value-codec.ts'
import { createFrame, type StandInFrame } from './web-frame.ts'

const codec = createValueCodec()

export interface PageLinkOptions {
  /** `event.sender` of what the page sends. */
  readonly sender: () => object
  /** What the app calls a served address. */
  readonly toAppAddress: (served: string) => string
  readonly onPreloadError: (error: Error) => void
}

export class PageLink {
  readonly socketPath = `/.stand-in/${randomUUID()}`
  readonly #options: PageLinkOptions
  #frame: StandInFrame
  #socket: WebSocket | null = null
  #tunnel: PortTunnel
  /** Posted before the document's preload script could hear it. */
  readonly #waiting: ToPage[] = []

  constructor(options: PageLinkOptions) {
    this.#options = options
    this.#frame = createFrame('about:blank', this)
    this.#tunnel = new PortTunnel('main', (message) => this.#post(message))
    ownSocketPath(this.socketPath, (socket) => this.#accept(socket))
  }

  /** The top frame of the document that is there now. */
  get frame(): StandInFrame {
    return this.#frame
  }

  send(channel: string, ...args: readonly unknown[]): void {
    this.#post({ kind: 'message', channel, args, ports: [] })
  }

  postMessage(channel: string, message: unknown, transfer: readonly unknown[] = []): void {
    const ports = transfer.map((port) => {
      if (!(port instanceof StandInPort)) throw new TypeError('Port at index 0 is not a valid port')
      return this.#tunnel.give(port)
    })
    this.#post({ kind: 'message', channel, args: [message], ports })
  }

  /** The window is gone. */
  end(): void {
    this.#leaveDocument()
    this.#socket?.terminate()
    this.#socket = null
  }

  /** A new document has come: what was posted to the one before it is lost. */
  #accept(socket: WebSocket): void {
    this.#leaveDocument()
    this.#socket?.terminate()
    this.#socket = socket
    this.#tunnel = new PortTunnel('main', (message) => this.#post(message))
    socket.on('message', (data: Buffer) => {
      if (this.#socket === socket) this.#receive(codec.decode(data) as FromPage)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#leaveDocument()
    })
  }

  #leaveDocument(): void {
    this.#frame.detached = true
    this.#tunnel.drop()
  }

  #post(message: ToPage): void {
    if (this.#socket) this.#socket.send(codec.encode(message))
    else this.#waiting.push(message)
  }

  #receive(message: FromPage): void {
    switch (message.kind) {
      case 'hello':
        this.#frame = createFrame(this.#options.toAppAddress(message.url), this)
        for (const waiting of this.#waiting.splice(0)) this.#post(waiting)
        return
      case 'send':
        dispatchSent(message.channel, this.#eventOf(message.ports), message.args)
        return
      case 'invoke':
        void this.#answer(message)
        return
      case 'preload-error':
        this.#options.onPreloadError(new Error(message.message))
        return
      case 'port':
      case 'port-close':
        this.#tunnel.receive(message)
    }
  }

  #eventOf(ports: readonly string[]): object {
    const sender = this.#options.sender()
    const taken = ports.map((id) => this.#tunnel.take(id))
    return { type: 'frame', sender, senderFrame: this.#frame, processId: 1, frameId: 1, ports: taken }
  }

  async #answer({ id, channel, args }: FromPage & { kind: 'invoke' }): Promise<void> {
    try {
      this.#post({ kind: 'reply', id, value: await dispatchInvoked(channel, this.#eventOf([]), args) })
    } catch (error) {
      this.#post({ kind: 'refusal', id, error: String(error) })
    }
  }
}
