/**
 * How long the token of one socket lasts: tells some time before its end, then that it has ended, and at once when it
 * is revoked (docs/protocol.md, "hello"). Knows no frame.
 */

import type { Clock } from '../../../base/clock.ts'
import type { Disposable } from '../../../base/disposable.ts'
import { authExpiringNoticeMs } from '../../../protocol/protocol-limits.ts'
import type { TokenGrant, WebAccess } from '../web/web-access.ts'

/** A timer takes no more: some 24 days. */
const timerMaxMs = 2 ** 31 - 1

export interface TokenWatchOptions {
  readonly access: WebAccess
  readonly clock: Clock
  onExpiring(expiresAtMs: number): void
  /** It has expired, or was revoked. */
  onEnded(why: string): void
}

export class TokenWatch implements Disposable {
  readonly #options: TokenWatchOptions
  readonly #revoking: Disposable
  #grant: TokenGrant | null = null
  #timer: Disposable | null = null

  constructor(options: TokenWatchOptions) {
    this.#options = options
    this.#revoking = options.access.onDidRevoke(({ tokenId }) => {
      if (tokenId === this.#grant?.tokenId) options.onEnded('The token was revoked')
    })
  }

  /** From now on it is this one. */
  watch(grant: TokenGrant): void {
    this.#grant = grant
    this.#timer?.dispose()
    this.#timer = null
    const { expiresAtMs } = grant
    if (expiresAtMs === null) return
    this.#at(expiresAtMs - authExpiringNoticeMs, () => {
      this.#options.onExpiring(expiresAtMs)
      this.#at(expiresAtMs, () => this.#options.onEnded('The token has expired'))
    })
  }

  dispose(): void {
    this.#timer?.dispose()
    this.#revoking.dispose()
  }

  #at(timeMs: number, action: () => void): void {
    const leftMs = Math.max(0, timeMs - this.#options.clock.nowMs())
    this.#timer = this.#options.clock.after(Math.min(leftMs, timerMaxMs), () => {
      if (leftMs > timerMaxMs) this.#at(timeMs, action)
      else action()
    })
  }
}
