/**
 * What is on its way to one client: keeps what its socket has no room for and hands it over in parts, so that a client
 * that reads slowly is told from one that takes nothing at all, which is cut. Knows no message and no session.
 */

import type { Duplex } from 'node:stream'
import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import type { OutputAllowance } from './output-allowance.ts'

/**
 * What the socket is given at once when it has room again. The next part tells that this one was taken: a client must
 * take as much within `stalledClientMs`, and one system call for each is little enough.
 */
const partBytesMax = 1 << 20

export interface ClientOutputOptions {
  readonly socket: Duplex
  readonly clock: Clock
  readonly stalledClientMs: number
  readonly allowance: OutputAllowance
  /** No more output is wanted for now, or again. */
  readonly onHold: (isHeld: boolean) => void
}

export class ClientOutput implements Disposable {
  readonly #options: ClientOutputOptions
  readonly #kept: Uint8Array[] = []
  #keptBytes = 0
  /** The socket says when it has room again. */
  #isFull = false
  #isHeld = false
  /** What the client may be behind with, as far as that is granted. */
  #allowedBytes = 0
  /** Runs while somebody waits for the client to take something. */
  #stalled: Disposable | null = null
  #onTaken: (() => void) | null = null

  constructor(options: ClientOutputOptions) {
    this.#options = options
    options.socket.on('drain', () => this.#onDrained())
  }

  write(bytes: Uint8Array): void {
    if (!this.#isFull) {
      this.#isFull = !this.#options.socket.write(bytes)
      if (!this.#isFull) return
    } else {
      this.#kept.push(bytes)
      this.#keptBytes += bytes.length
    }
    if (!this.#isHeld && !this.#mayBeBehind()) this.#setHeld(true)
  }

  /** Calls `onTaken` when the socket has room for more; a client that takes nothing until then is cut. */
  whenTaken(onTaken: () => void): void {
    this.#onTaken = onTaken
    if (this.#isFull) this.#watch()
    else this.#tellTaken()
  }

  /** Ends the socket's side behind everything; `onSent` is called when the system has got it all. */
  end(onSent: () => void): void {
    const { socket } = this.#options
    this.#give(this.#keptBytes)
    socket.end(onSent)
  }

  /** The socket is closed. */
  dispose(): void {
    this.#stalled?.dispose()
    this.#kept.length = 0
    this.#keptBytes = 0
    this.#options.allowance.giveBack(this.#allowedBytes)
    this.#allowedBytes = 0
  }

  get #behindBytes(): number {
    return this.#keptBytes + this.#options.socket.writableLength
  }

  #mayBeBehind(): boolean {
    const behindBytes = this.#behindBytes
    if (!this.#options.allowance.mayGrow(this.#allowedBytes, behindBytes)) return false
    this.#allowedBytes = behindBytes
    return true
  }

  #setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (isHeld) this.#watch()
    this.#options.onHold(isHeld)
  }

  /** The client is cut when it takes nothing from now on. */
  #watch(): void {
    const { clock, socket, stalledClientMs } = this.#options
    this.#stalled?.dispose()
    this.#stalled = clock.after(stalledClientMs, () => socket.destroy())
  }

  /** The client has taken what the socket was given. */
  #onDrained(): void {
    this.#isFull = false
    if (this.#stalled) this.#watch()
    this.#give(partBytesMax)
    this.#giveAllowanceBack()
    if (this.#isFull) return
    this.#stalled?.dispose()
    this.#stalled = null
    if (this.#isHeld) this.#setHeld(false)
    // Whoever was held may have put out a great deal by now, and its end.
    if (!this.#isFull) this.#tellTaken()
  }

  #giveAllowanceBack(): void {
    const freeBytes = this.#allowedBytes - this.#behindBytes
    if (freeBytes <= 0) return
    this.#options.allowance.giveBack(freeBytes)
    this.#allowedBytes -= freeBytes
  }

  /** Hands over what is kept, until it is more than that. */
  #give(bytesMax: number): void {
    const { socket } = this.#options
    let count = 0
    let byteCount = 0
    if (this.#kept.length > 0) socket.cork()
    for (const bytes of this.#kept) {
      if (byteCount >= bytesMax) break
      this.#isFull = !socket.write(bytes)
      byteCount += bytes.length
      count += 1
    }
    if (count > 0) socket.uncork()
    this.#kept.splice(0, count)
    this.#keptBytes -= byteCount
  }

  #tellTaken(): void {
    const onTaken = this.#onTaken
    this.#onTaken = null
    onTaken?.()
  }
}
