/**
 * MessagePortMain and MessageChannelMain, and the tunnel through which their other ends live elsewhere: in a page or
 * in a utility process. Knows neither of them.
 */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { strict } from './strict.ts'

/** What travels through a tunnel for a port. */
export type PortMessage =
  | { readonly kind: 'port'; readonly id: string; readonly data: unknown; readonly ports: readonly string[] }
  | { readonly kind: 'port-close'; readonly id: string }

/** One end of a channel: whoever is told what the other end posts. */
interface PortEnd {
  peer: PortEnd | null
  deliver(data: unknown, ports: readonly StandInPort[]): void
  peerClosed(): void
}

type PortMembers = Pick<Electron.MessagePortMain, 'start' | 'postMessage' | 'close'>

export class StandInPort extends EventEmitter implements PortEnd, PortMembers {
  peer: PortEnd | null = null
  readonly #queue: (readonly [unknown, readonly StandInPort[]])[] = []
  #isStarted = false
  #isClosed = false
  #isGone = false

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    const ports = transfer.map((port) => {
      // As Electron says it: nothing but ports can be transferred.
      if (!(port instanceof StandInPort)) throw new TypeError('Port at index 0 is not a valid port')
      return port
    })
    if (!this.#isClosed) this.peer?.deliver(structuredClone(message), ports)
  }

  start(): void {
    this.#isStarted = true
    for (const [data, ports] of this.#queue.splice(0)) this.deliver(data, ports)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.peer?.peerClosed()
    setImmediate(() => this.emit('close'))
  }

  deliver(data: unknown, ports: readonly StandInPort[]): void {
    if (!this.#isStarted) this.#queue.push([data, ports])
    else if (!this.#isClosed) setImmediate(() => this.emit('message', { data, ports }))
  }

  peerClosed(): void {
    // What was posted before is heard before.
    setImmediate(() => this.close())
  }

  /** Puts `end` in the place of this port, which is given away; what was queued goes to `end`. */
  giveAway(end: PortEnd): void {
    if (this.#isGone) throw new Error('A port cannot be transferred twice')
    this.#isGone = true
    const { peer } = this
    end.peer = peer
    if (peer) peer.peer = end
    for (const [data, ports] of this.#queue.splice(0)) end.deliver(data, ports)
    if (this.#isClosed || !peer) end.peerClosed()
  }
}

/** Two ports, each the other's end. */
export function openChannel(): { readonly port1: StandInPort; readonly port2: StandInPort } {
  const port1 = new StandInPort()
  const port2 = new StandInPort()
  port1.peer = port2
  port2.peer = port1
  return { port1, port2 }
}

/** `MessageChannelMain`. */
export class StandInChannel {
  readonly port1: StandInPort
  readonly port2: StandInPort

  constructor() {
    const { port1, port2 } = openChannel()
    this.port1 = port1
    this.port2 = port2
    return strict('MessageChannelMain', this)
  }
}

/** The way to another place where ports live; each end of a channel that went there has a name. */
export class PortTunnel {
  readonly #post: (message: PortMessage) => void
  readonly #prefix: string
  readonly #ends = new Map<string, PortEnd>()
  #lastNumber = 0

  /** `prefix` tells names that are given here from those that the other side gives. */
  constructor(prefix: string, post: (message: PortMessage) => void) {
    this.#prefix = prefix
    this.#post = post
  }

  /** Sends `port` to the other side under the name that is returned. */
  give(port: StandInPort): string {
    this.#lastNumber += 1
    const id = `${this.#prefix}${this.#lastNumber}`
    const held: PortMessage[] = []
    let post = (message: PortMessage): void => void held.push(message)
    port.giveAway(this.#makeEnd(id, (message) => post(message)))
    // The other side must have been told the name before it hears what was queued, which is also heard first.
    queueMicrotask(() => {
      post = this.#post
      for (const message of held) post(message)
    })
    return id
  }

  /** The port that the other side sent under this name. */
  take(id: string): StandInPort {
    const port = new StandInPort()
    const end = this.#makeEnd(id, this.#post)
    end.peer = port
    port.peer = end
    return port
  }

  receive(message: PortMessage): void {
    const end = this.#ends.get(message.id)
    if (!end) return
    if (message.kind === 'port') {
      const ports = message.ports.map((id) => this.take(id))
      end.peer?.deliver(message.data, ports)
      return
    }
    this.#ends.delete(message.id)
    end.peer?.peerClosed()
  }

  /** The other side is gone, with all that lived there. */
  drop(): void {
    const ends = [...this.#ends.values()]
    this.#ends.clear()
    for (const end of ends) end.peer?.peerClosed()
  }

  #makeEnd(id: string, post: (message: PortMessage) => void): PortEnd {
    const end: PortEnd = {
      peer: null,
      deliver: (data, ports) => {
        if (!this.#ends.has(id)) return
        post({ kind: 'port', id, data, ports: ports.map((port) => this.give(port)) })
      },
      peerClosed: () => {
        if (this.#ends.delete(id)) post({ kind: 'port-close', id })
      },
    }
    this.#ends.set(id, end)
    return end
  }
}

/** Whether a message of another process is one for a port. */
export function isPortMessage(message: unknown): message is PortMessage {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false
  return message.kind === 'port' || message.kind === 'port-close'
}
