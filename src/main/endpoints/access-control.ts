/**
 * Who may come in through a loopback endpoint: the secrets of one start of the host, and their comparison in
 * constant time. Knows nothing of HTTP beyond the text of a cookie or a bearer token.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'

/** 256 bits, as base64url: what nobody guesses, on a port that every local user can reach. */
const secretBytes = 32

/** A token given by the user must not be shorter than the text of 128 random bits. */
export const givenTokenLengthMin = 22

/** Longer texts are refused before they are hashed. */
export const secretLengthMax = 512

/** A browser needs seconds to start; a code that nobody used by then is worth nothing. */
export const loginCodeLifeMs = 120_000

/** Codes that wait to be used at once: one for each browser window that is being opened. */
const loginCodesMax = 16

/** A new random secret, safe in URLs, headers and JSON. */
export function randomSecret(): string {
  return randomBytes(secretBytes).toString('base64url')
}

/** The token that the user chose for this host (`WARDIAN_TOKEN`), or null; throws when it is easy to guess. */
export function givenToken(text: string | undefined): string | null {
  if (text === undefined || text === '') return null
  if (text.length >= givenTokenLengthMin && text.length <= secretLengthMax && /^[\x21-\x7e]+$/.test(text)) {
    return text
  }
  throw new WorkbenchError(
    'invalid-argument',
    `WARDIAN_TOKEN must have ${givenTokenLengthMin} to ${secretLengthMax} characters without spaces; ` +
      'leave it out to get a random one for each start',
  )
}

/** What the endpoint must know of one start of the host. */
export interface AccessSecrets {
  /** What a person shows: it stands in the printed address. */
  readonly userToken: string
  /** What programs of the same user show: it stands in host.json. */
  readonly commandToken: string
  /** Key with which the host proves to programs that it is the one that wrote host.json. */
  readonly proofKey: string
}

export function newAccessSecrets(given: string | null): AccessSecrets {
  return { userToken: given ?? randomSecret(), commandToken: randomSecret(), proofKey: randomSecret() }
}

/** HMAC-SHA256 of a client's nonce: shows the knowledge of `proofKey` without telling it. */
export function proofOf(proofKey: string, nonce: string): string {
  return createHmac('sha256', proofKey).update(`wardian host ${nonce}`).digest('base64url')
}

/** Whether two texts are equal, in a time that depends on neither. */
export function equalSecrets(shown: string, expected: string): boolean {
  if (shown.length > secretLengthMax) return false
  const key = randomBytes(secretBytes)
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  return timingSafeEqual(digest(shown), digest(expected))
}

/** Checks what clients show. One for each start of the host. */
export class AccessControl {
  readonly #secrets: AccessSecrets
  readonly #clock: Clock
  readonly #loginCodes = new Map<string, number>()

  constructor(secrets: AccessSecrets, clock: Clock) {
    this.#secrets = secrets
    this.#clock = clock
  }

  /**
   * A code that logs in once, within loginCodeLifeMs. The address that is handed to a browser carries one of
   * these rather than the token, because every local user can read the arguments of a process.
   */
  issueLoginCode(): string {
    const code = randomSecret()
    if (this.#loginCodes.size >= loginCodesMax) {
      const [oldest] = this.#loginCodes.keys()
      if (oldest !== undefined) this.#loginCodes.delete(oldest)
    }
    this.#loginCodes.set(code, this.#clock.monotonicMs() + loginCodeLifeMs)
    return code
  }

  /** Whether `shown` logs a browser in: the user's token, or a code, which is used up by it. */
  acceptsLogin(shown: string): boolean {
    if (equalSecrets(shown, this.#secrets.userToken)) return true
    for (const [code, dueMs] of this.#loginCodes) {
      if (!equalSecrets(shown, code)) continue
      this.#loginCodes.delete(code)
      return this.#clock.monotonicMs() < dueMs
    }
    return false
  }

  /** Whether `shown` is a bearer token of this start. */
  acceptsBearer(shown: string): boolean {
    const asCommand = equalSecrets(shown, this.#secrets.commandToken)
    const asUser = equalSecrets(shown, this.#secrets.userToken)
    return asCommand || asUser
  }

  /**
   * The value of the browser's cookie. It follows from the token, so that a browser stays logged in over a
   * restart with the same WARDIAN_TOKEN, but it does not tell the token.
   */
  cookieValue(port: number): string {
    return createHmac('sha256', this.#secrets.userToken).update(`wardian browser ${port}`).digest('base64url')
  }

  acceptsCookie(shown: string, port: number): boolean {
    return equalSecrets(shown, this.cookieValue(port))
  }

  proofOf(nonce: string): string {
    return proofOf(this.#secrets.proofKey, nonce)
  }
}
