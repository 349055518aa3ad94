/**
 * Bounds how many passwords can be guessed: failures are counted by the name that was tried and where from, whether
 * a role has it or not, so that refusals tell nothing. A generated password needs no such help; a chosen one does.
 */

import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { LoginLimiter } from '../login-limiter.ts'
import { refusal } from './wire-failure.ts'

/** Names share counters, so that names made up at random cost no memory; two of one counter are rare. */
const countersMax = 256

export class AttemptLimiter {
  readonly #counters: readonly LoginLimiter[]
  /** Nobody outside can find a name that shares the counter of another. */
  readonly #salt = randomBytes(16)
  #hasFailed = false

  constructor(clock: Clock) {
    this.#counters = Array.from({ length: countersMax }, () => new LoginLimiter(clock))
  }

  /** Throws 28000 while too many attempts have failed from `address`; null is a Unix-domain socket. */
  check(user: string, address: string | null): void {
    if (!this.#hasFailed) return
    const waitMs = this.#counterOf(user, address)?.waitMs() ?? 0
    if (waitMs === 0) return
    const seconds = Math.ceil(waitMs / 1000)
    throw refusal('28000', `too many failed log-ins as "${user}"`, { hint: `Try again in ${seconds} s.` })
  }

  didFail(user: string, address: string | null): void {
    this.#hasFailed = true
    const counter = this.#counterOf(user, address)
    // Attempts under way at once may all fail after the last one that counts.
    if (counter?.waitMs() === 0) counter.didFail()
  }

  /** Guesses from elsewhere keep nobody out who comes another way. */
  #counterOf(user: string, address: string | null): LoginLimiter | undefined {
    const digest = createHash('sha256')
      .update(this.#salt)
      .update(`${address ?? ''}\0${user}`)
      .digest()
    return this.#counters[digest[0] ?? 0]
  }
}
