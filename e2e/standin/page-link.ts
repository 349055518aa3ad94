/**
 * The way between the main process and the preload script of one window's page: messages, invocations and ports, for
 * one document after the other. Knows no window and no browser.
 */

import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import { dispatchInvoked, dispatchSent } from './ipc-main.ts'
import { PortTunnel, StandInPort } from './message-ports.ts'
import type { FromPage, ToPage } from './page-messages.ts'
import { ownResponse, ownSocketPath } from './protocol.ts'
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
  /** What the document sends comes by it; what it is sent goes by the response. */
  #socket: WebSocket | null = null
  #response: ServerResponse | null = null
  #tunnel: PortTunnel
  /** Posted before the document's preload script could hear it. */
  #waiting: ToPage[] = []

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
    const path = `${this.socketPath}/${randomUUID()}`
    ownResponse(path, (response) => {
      if (this.#socket === socket) this.#sendBy(response)
      else response.destroy()
    })
    socket.send(path)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#leaveDocument()
      this.#socket = null
    })
  }

  #leaveDocument(): void {
    // What waits for the first document is not for one that is gone.
    if (this.#socket) this.#waiting = []
    this.#frame.detached = true
    this.#tunnel.drop()
    this.#response?.destroy()
    this.#response = null
  }

  /** The document can hear from now on. */
  #sendBy(response: ServerResponse): void {
    // A page of elsewhere may read it too, if it knows where it is.
    response.writeHead(200, { 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
    response.on('error', () => undefined)
    this.#response = response
    const waiting = this.#waiting
    this.#waiting = []
    for (const message of waiting) this.#post(message)
  }

  #post(message: ToPage): void {
    if (!this.#response) {
      this.#waiting.push(message)
      return
    }
    const frame = codec.encode(message)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(frame.byteLength)
    this.#response.write(head)
    this.#response.write(frame)
  }

  #receive(message: FromPage): void {
    switch (message.kind) {
      case 'hello':
        this.#frame = createFrame(this.#options.toAppAddress(message.url), this)
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
