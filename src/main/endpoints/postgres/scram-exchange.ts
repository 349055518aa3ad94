/**
 * The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677; PostgreSQL 18 documentation, section 54.3),
 * with channel binding to the server's certificate (tls-server-end-point, RFC 5929). Knows no socket and no role:
 * the user name of the exchange is ignored, as Postgres ignores it.
 */

import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { malformed, ScramMessage, shown } from './scram-message.ts'
import { scramKeyBytes, type ScramVerifier } from './scram-verifier.ts'
import { protocolViolation, refusal } from './wire-failure.ts'

export const scramMechanism = 'SCRAM-SHA-256'
export const scramPlusMechanism = 'SCRAM-SHA-256-PLUS'

/** SCRAM_RAW_NONCE_LEN (PostgreSQL, common/scram-common.h). */
const nonceBytes = 18

export interface ScramOptions {
  readonly verifier: ScramVerifier
  readonly mechanism: typeof scramMechanism | typeof scramPlusMechanism
  /** The hash of the server's certificate, when this connection can be bound to it. */
  readonly channelBinding: Buffer | null
  /** The server's part of the nonce; random unless a test vector needs its own. */
  readonly nonce?: string
}

interface Signatures {
  /** The part of client-final-message that they are about. */
  readonly withoutProof: string
  readonly client: Buffer
  readonly server: Buffer
}

export class ScramExchange {
  readonly #options: ScramOptions
  #header = ''
  #firstBare = ''
  #serverFirst = ''
  #nonce = ''
  #foreseen: Signatures | null = null

  constructor(options: ScramOptions) {
    this.#options = options
  }

  /** Takes client-first-message, one character for each byte; answers server-first-message. */
  begin(clientFirst: string): string {
    const message = new ScramMessage(clientFirst)
    this.#readBinding(message)
    if (message.peek() === 'a') {
      throw refusal('0A000', 'client uses authorization identity, but it is not supported')
    }
    if (message.peek() !== ',') {
      throw malformed(`Unexpected attribute "${shown(message.peek())}" in client-first-message.`)
    }
    message.take()
    this.#header = clientFirst.slice(0, message.position)
    this.#firstBare = message.rest
    if (message.peek() === 'm') throw refusal('0A000', 'client requires an unsupported SCRAM extension')
    message.value('n')
    const clientNonce = message.value('r')
    if (!/^[\x21-\x2b\x2d-\x7e]*$/.test(clientNonce)) {
      throw protocolViolation('non-printable characters in SCRAM nonce')
    }
    const { salt, iterations } = this.#options.verifier
    this.#nonce = clientNonce + (this.#options.nonce ?? randomBytes(nonceBytes).toString('base64'))
    this.#serverFirst = `r=${this.#nonce},s=${salt.toString('base64')},i=${iterations}`
    return this.#serverFirst
  }

  /** Works out what the proof must be, while the client does: there is one answer that is right to each challenge. */
  foresee(): void {
    const { mechanism, channelBinding } = this.#options
    const binding = mechanism === scramMechanism ? this.#plainBinding() : this.#fullBinding(channelBinding)
    this.#foreseen = this.#sign(`c=${binding},r=${this.#nonce}`)
  }

  /** Takes client-final-message; answers server-final-message, or null when the proof is wrong. */
  finish(clientFinal: string): string | null {
    const message = new ScramMessage(clientFinal)
    this.#checkBindingData(message.value('c'))
    const nonce = message.value('r')
    let proofAt = message.position
    let [name, value] = message.attribute()
    while (name !== 'p') {
      proofAt = message.position
      ;[name, value] = message.attribute()
    }
    if (message.rest !== '') throw malformed('Garbage found at the end of client-final-message.')
    const proof = Buffer.from(value, 'base64')
    if (proof.length !== scramKeyBytes || proof.toString('base64') !== value) {
      throw malformed('Malformed proof in client-final-message.')
    }
    if (nonce !== this.#nonce)
      throw refusal('08P01', 'invalid SCRAM response', { detail: 'Nonce does not match.' })
    const withoutProof = clientFinal.slice(0, proofAt - 1)
    // It may hold extensions, which nobody can foresee.
    const isForeseen = this.#foreseen?.withoutProof === withoutProof
    const { client, server } = (isForeseen ? this.#foreseen : null) ?? this.#sign(withoutProof)
    const clientKey = xor(proof, client)
    const isRight = timingSafeEqual(hash('sha256', clientKey, 'buffer'), this.#options.verifier.storedKey)
    return isRight ? `v=${server.toString('base64')}` : null
  }

  /** RFC 5802, section 3: ClientSignature and ServerSignature. */
  #sign(withoutProof: string): Signatures {
    const { storedKey, serverKey } = this.#options.verifier
    const signed = Buffer.from(`${this.#firstBare},${this.#serverFirst},${withoutProof}`, 'latin1')
    return { withoutProof, client: hmac(storedKey, signed), server: hmac(serverKey, signed) }
  }

  #plainBinding(): string {
    return Buffer.from(this.#header, 'latin1').toString('base64')
  }

  #fullBinding(channelBinding: Buffer | null): string {
    const header = Buffer.from(this.#header, 'latin1')
    return Buffer.concat([header, channelBinding ?? Buffer.alloc(0)]).toString('base64')
  }

  /** The gs2 header up to the authorization name. */
  #readBinding(message: ScramMessage): void {
    const { mechanism, channelBinding } = this.#options
    const isBound = mechanism === scramPlusMechanism
    const flag = message.peek()
    if (flag === 'p') {
      if (!isBound)
        throw malformed(`The client selected SCRAM-SHA-256 without channel binding, but ${included}.`)
      const type = message.value('p')
      if (type === 'tls-server-end-point') return
      throw protocolViolation(
        `unsupported SCRAM channel-binding type "${type.replaceAll(/[^\x21-\x7e]/g, '?')}"`,
      )
    }
    if (flag !== 'n' && flag !== 'y') throw malformed(`Unexpected channel-binding flag "${shown(flag)}".`)
    if (isBound) throw malformed(`The client selected SCRAM-SHA-256-PLUS, but ${notIncluded}.`)
    if (flag === 'y' && channelBinding !== null) {
      // Somebody between the two removed the offer of channel binding (RFC 5802, section 6).
      throw refusal('28000', 'SCRAM channel binding negotiation error', {
        detail:
          'The client supports SCRAM channel binding but thinks the server does not.  ' +
          'However, this server does support channel binding.',
      })
    }
    message.take()
    if (message.peek() !== ',')
      throw malformed(`Comma expected, but found character "${shown(message.peek())}".`)
    message.take()
  }

  #checkBindingData(binding: string): void {
    const { mechanism, channelBinding } = this.#options
    if (mechanism === scramMechanism) {
      if (binding === this.#plainBinding()) return
      throw protocolViolation('unexpected SCRAM channel-binding attribute in client-final-message')
    }
    if (channelBinding !== null && binding === this.#fullBinding(channelBinding)) return
    throw refusal('28000', 'SCRAM channel binding check failed')
  }
}

const included = 'the SCRAM message includes channel binding data'
const notIncluded = 'the SCRAM message does not include channel binding data'

/** As a key object: Node looks at bytes for what they are by exceptions, which takes longer than the HMAC. */
function hmac(key: Buffer, message: Buffer): Buffer {
  return createHmac('sha256', createSecretKey(key)).update(message).digest()
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)))
}
