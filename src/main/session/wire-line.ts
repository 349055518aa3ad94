/**
 * All clients of the wire as one taker of turns: while it has the turn, the engine itself runs what any of them
 * sends, so that no turn changes hands between two statements. Gives the turn back when nobody runs anything, or
 * somebody outside waits. Knows no bytes and no engine.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { TurnQueue, TurnTaker, TurnTicket } from './turn-queue.ts'

/** One client. Compared by identity. */
export interface LineClient {
  readonly title: string
  /**
   * Sends what it has; false when nothing of it will be answered. Must not throw. `askedAtMs`: when it has asked for
   * it, on the monotonic clock.
   */
  send(askedAtMs: number): boolean
  /** It has held the backend for its transaction, without using it, for too long while others waited. */
  expire(): void
}

interface WaitingClient {
  readonly client: LineClient
  readonly askedAtMs: number
}

export interface WireLineOptions {
  readonly turns: TurnQueue
  readonly clock: Clock
  /** How long a transaction may idle while others wait for its end. */
  readonly idleTransactionMs: number
}

export class WireLine implements TurnTaker, Disposable {
  readonly #options: WireLineOptions
  readonly #watching: Disposable
  /** In the order in which they came. */
  readonly #waiting: WaitingClient[] = []
  /** What they have sent is in the engine. */
  readonly #running = new Set<LineClient>()
  /** Whose transaction is open, or whose pipeline is not at its end. */
  #pinned: LineClient | null = null
  #ticket: TurnTicket | null = null
  #hasTurn = false
  /** All who wait are being sent, one after the other. */
  #isSending = false
  /** The turn is held for a transaction that does nothing at the moment. */
  #isTurnIdle = false
  /** The backend stands still on behalf of who is pinned. */
  #isLent = false
  #idleBound: Disposable | null = null

  constructor(options: WireLineOptions) {
    this.#options = options
    this.#watching = options.turns.onDidChange(() => this.#watchIdleTransaction())
  }

  /** Whoever has the backend among the clients. */
  get title(): string {
    return this.#holder?.title ?? 'a client of the endpoint'
  }

  /** Whoever has the backend, among the clients or not. */
  get holderTitle(): string | null {
    return this.#options.turns.holder?.title ?? null
  }

  /** Whether what `client` sends now would have to wait for others, or go beside them. */
  isBusyBeside(client: LineClient): boolean {
    const { holder } = this.#options.turns
    if (this.#pinned) return this.#pinned !== client
    return this.#waiting.length > 0 || this.#running.size > 0 || (holder !== null && holder !== this)
  }

  /** For whom `client` waits; null when it does not. */
  waitingFor(client: LineClient): string | null {
    if (this.#indexOf(client) >= 0) return this.holderTitle
    if (!this.#running.has(client) || this.#holder === client) return null
    return this.title
  }

  /** `client` has something to send, and is asked for it when its turn has come. Throws `limit-exceeded`. */
  request(client: LineClient): void {
    if (client === this.#pinned || this.#running.has(client)) {
      this.#resume()
      this.#send(client, this.#options.clock.monotonicMs())
      this.#settle()
      return
    }
    this.#waiting.push({ client, askedAtMs: this.#options.clock.monotonicMs() })
    this.#advance()
    this.#watchIdleTransaction()
  }

  /** `client` does not wait any more; false when it did not. */
  withdraw(client: LineClient): boolean {
    const index = this.#indexOf(client)
    if (index < 0) return false
    this.#waiting.splice(index, 1)
    if (this.#waiting.length === 0) {
      this.#ticket?.withdraw()
      if (!this.#ticket?.isGranted) this.#ticket = null
    }
    return true
  }

  /** What `client` has sent is answered; `isPinned`: it is in the middle of a transaction or a pipeline. */
  rested(client: LineClient, isPinned: boolean): void {
    this.#running.delete(client)
    if (isPinned) this.#pinned = client
    else if (this.#pinned === client) this.#pinned = null
    this.#settle()
  }

  /**
   * The backend is left alone until what is answered is disposed, on behalf of `client`, whose transaction is open and
   * does nothing; meanwhile it neither sends anything nor leaves. null where it has none open.
   */
  lend(client: LineClient): Disposable | null {
    if (this.#pinned !== client || !this.#isTurnIdle) return null
    this.#resume()
    this.#isLent = true
    return {
      dispose: () => {
        this.#isLent = false
        this.#settle()
      },
    }
  }

  /** `client` is gone; the engine has been told. */
  leave(client: LineClient): void {
    this.withdraw(client)
    this.#running.delete(client)
    if (this.#pinned === client) this.#pinned = null
    this.#settle()
  }

  dispose(): void {
    this.#watching.dispose()
    this.#idleBound?.dispose()
    this.#ticket?.withdraw()
    this.#ticket = null
  }

  get #holder(): LineClient | null {
    if (this.#pinned) return this.#pinned
    for (const client of this.#running) return client
    return null
  }

  #advance(): void {
    if (this.#waiting.length === 0 || this.#pinned || this.#isSending) return
    if (!this.#hasTurn) this.#ask()
    // Who waits for the turn has come before those who come now.
    else if (this.#options.turns.waitingCount === 0) this.#sendAll()
  }

  #ask(): void {
    if (this.#ticket) return
    const ticket = this.#options.turns.request(this)
    if (ticket.isGranted) this.#begin()
    else {
      this.#ticket = ticket
      void this.#awaitTurn(ticket)
    }
  }

  async #awaitTurn(ticket: TurnTicket): Promise<void> {
    while (!ticket.isGranted && this.#ticket === ticket) await ticket.changed()
    if (this.#ticket === ticket) this.#ticket = null
    if (ticket.isGranted) this.#begin()
  }

  #begin(): void {
    this.#hasTurn = true
    this.#sendAll()
  }

  #sendAll(): void {
    // Whoever leaves instead of sending may be the only one for whom the turn is held, until the next one sends.
    this.#isSending = true
    try {
      for (let count = this.#waiting.length; count > 0; count -= 1) {
        const next = this.#waiting.shift()
        if (next) this.#send(next.client, next.askedAtMs)
      }
    } finally {
      this.#isSending = false
    }
    this.#settle()
  }

  #indexOf(client: LineClient): number {
    return this.#waiting.findIndex((waiting) => waiting.client === client)
  }

  #send(client: LineClient, askedAtMs: number): void {
    if (client.send(askedAtMs)) this.#running.add(client)
  }

  /** The turn fits what is going on. */
  #settle(): void {
    if (!this.#hasTurn || this.#isLent || this.#isSending) return
    if (this.#pinned && !this.#running.has(this.#pinned)) this.#idle()
    else if (this.#pinned || this.#running.size > 0) this.#resume()
    else this.#release()
    this.#advance()
    this.#watchIdleTransaction()
  }

  #idle(): void {
    if (this.#isTurnIdle) return
    this.#isTurnIdle = true
    this.#options.turns.release(this, { inTransaction: true })
  }

  #resume(): void {
    if (!this.#isTurnIdle) return
    this.#isTurnIdle = false
    this.#options.turns.request(this)
  }

  #release(): void {
    this.#hasTurn = false
    this.#isTurnIdle = false
    this.#options.turns.release(this, { inTransaction: false })
  }

  /** Others must not wait for ever for somebody who has gone for lunch. */
  #watchIdleTransaction(): void {
    const { turns, clock, idleTransactionMs } = this.#options
    const others = turns.waitingCount + this.#waiting.length + this.#running.size
    const idle = this.#isTurnIdle ? this.#pinned : null
    if (idle === null || others === 0) {
      this.#idleBound?.dispose()
      this.#idleBound = null
    } else {
      this.#idleBound ??= clock.after(idleTransactionMs, () => {
        this.#idleBound = null
        idle.expire()
      })
    }
  }
}
