/**
 * Whether the other side of a WebSocket is still there (RFC 6455, section 5.5.2): asks now and then, and tells when
 * there is no answer. Knows no frame.
 */

import type { WebSocket } from 'ws'
import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'

/** Between two pings; the answer to one has to be there before the next. */
const beatMs = 20_000

export class Heartbeat implements Disposable {
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #onLost: () => void
  #isAnswered = true
  #timer: Disposable | null = null

  constructor(socket: WebSocket, clock: Clock, onLost: () => void) {
    this.#socket = socket
    this.#clock = clock
    this.#onLost = onLost
    socket.on('pong', () => (this.#isAnswered = true))
    this.#wait()
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#timer = null
  }

  #wait(): void {
    this.#timer = this.#clock.after(beatMs, () => this.#beat())
  }

  #beat(): void {
    const socket = this.#socket
    // What has been paused by ourselves cannot answer.
    if (!this.#isAnswered && !socket.isPaused) {
      this.#onLost()
      return
    }
    this.#isAnswered = false
    if (socket.readyState === socket.OPEN) socket.ping()
    this.#wait()
  }
}
