/**
 * Keeps the token of a client: in memory alone, out of reach of inspection, and no longer than needed. It is dropped
 * when it expires and when the client closes; with a provider it is asked for anew. Knows no socket.
 */

import type { Clock } from '../base/clock.ts'
import type { Disposable } from '../base/disposable.ts'
import { WardianError } from './wardian-error.ts'

/** Answers a token that is valid now, such as one that a server of the page has made. Called for each connection. */
export type TokenProvider = () => string | Promise<string>

/** A timer takes no more (2^31 - 1 ms); later ends are looked at again then. */
const timerMaxMs = 2 ** 31 - 1

export class TokenStore {
  readonly #clock: Clock
  readonly #provider: TokenProvider | null
  #token: string | null
  #expiry: Disposable | null = null
  #isClosed = false

  constructor(source: string | TokenProvider, clock: Clock) {
    this.#clock = clock
    this.#provider = typeof source === 'function' ? source : null
    this.#token = typeof source === 'function' ? null : source
  }

  /** Whether a wrong or old token can be replaced by another one. */
  get isRenewable(): boolean {
    return this.#provider !== null
  }

  /** The token, which nobody may keep. Rejects with `unauthorized` when there is none. */
  async get(): Promise<string> {
    if (this.#isClosed) throw new WardianError('closed', 'The client is closed')
    if (this.#provider !== null) return this.#ask(this.#provider)
    if (this.#token !== null) return this.#token
    throw new WardianError('unauthorized', 'The token has expired: connect again with another one', {
      sqlstate: '28000',
    })
  }

  /** The endpoint has said when the token ends; null: never. */
  expiresAt(timeMs: number | null): void {
    this.#expiry?.dispose()
    this.#expiry = null
    if (timeMs === null || this.#token === null) return
    const leftMs = timeMs - this.#clock.nowMs()
    if (leftMs <= 0) this.#token = null
    else this.#expiry = this.#clock.after(Math.min(leftMs, timerMaxMs), () => this.expiresAt(timeMs))
  }

  /** Forgets the token for good. */
  close(): void {
    this.#isClosed = true
    this.#token = null
    this.#expiry?.dispose()
    this.#expiry = null
  }

  async #ask(provider: TokenProvider): Promise<string> {
    const token: unknown = await this.#answerOf(provider)
    if (typeof token === 'string' && token !== '') return token
    throw new WardianError('unauthorized', 'The token provider answered no token', { sqlstate: '28000' })
  }

  async #answerOf(provider: TokenProvider): Promise<unknown> {
    try {
      return await provider()
    } catch (cause) {
      throw new WardianError('unauthorized', 'The token provider failed: see cause', {
        sqlstate: '28000',
        cause,
      })
    }
  }
}
