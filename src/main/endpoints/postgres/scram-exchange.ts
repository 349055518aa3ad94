/**
 * The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677; PostgreSQL 18 documentation, section 54.3),
 * with channel binding to the server's certificate (tls-server-end-point, RFC 5929). Knows no socket and no role:
 * the user name of the exchange is ignored, as Postgres ignores it.
 */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { protocolViolation, refusal } from './wire-failure.ts'
import { scramKeyBytes, type ScramVerifier } from './scram-verifier.ts'

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

export class ScramExchange {
  readonly #options: ScramOptions
  #header = ''
  #firstBare = ''
  #serverFirst = ''
  #nonce = ''

  constructor(options: ScramOptions) {
    this.#options = options
  }

  /** Takes client-first-message, one character for each byte; answers server-first-message. */
  begin(clientFirst: string): string {
    const parts = /^((n|y|p=([^,]*)),([^,]*),)((m=|)[^]*)$/.exec(clientFirst)
    if (!parts) throw malformed('The channel binding flag is missing.')
    const [, header = '', flag = '', bindingType, authorizationName, bare = '', mandatory] = parts
    this.#checkBinding(flag, bindingType)
    if (authorizationName !== '') {
      throw refusal('0A000', 'client uses authorization identity, but it is not supported')
    }
    if (mandatory !== '') throw refusal('0A000', 'client requires an unsupported SCRAM extension')
    const clientNonce = /^n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,|$)/.exec(bare)?.[1]
    if (clientNonce === undefined) throw malformed('User name or nonce is missing.')
    const { salt, iterations } = this.#options.verifier
    this.#header = header
    this.#firstBare = bare
    this.#nonce = clientNonce + (this.#options.nonce ?? randomBytes(nonceBytes).toString('base64'))
    this.#serverFirst = `r=${this.#nonce},s=${salt.toString('base64')},i=${iterations}`
    return this.#serverFirst
  }

  /** Takes client-final-message; answers server-final-message, or null when the proof is wrong. */
  finish(clientFinal: string): string | null {
    const parts = /^(c=([A-Za-z0-9+/=]+),r=([^,]+)(?:,[^]*)?),p=([A-Za-z0-9+/=]+)$/.exec(clientFinal)
    if (!parts) throw malformed('Channel binding, nonce or proof is missing.')
    const [, withoutProof = '', binding = '', nonce, proofText = ''] = parts
    this.#checkBindingData(binding)
    if (nonce !== this.#nonce) throw malformed('The nonce does not match.')
    const proof = Buffer.from(proofText, 'base64')
    if (proof.length !== scramKeyBytes) throw malformed('The proof has the wrong length.')
    const { storedKey, serverKey } = this.#options.verifier
    const message = Buffer.from(`${this.#firstBare},${this.#serverFirst},${withoutProof}`, 'latin1')
    const clientKey = xor(proof, createHmac('sha256', storedKey).update(message).digest())
    const isRight = timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey)
    const signature = createHmac('sha256', serverKey).update(message).digest('base64')
    return isRight ? `v=${signature}` : null
  }

  #checkBinding(flag: string, bindingType: string | undefined): void {
    const { mechanism, channelBinding } = this.#options
    if (mechanism === scramPlusMechanism) {
      if (bindingType === 'tls-server-end-point') return
      const message =
        bindingType === undefined
          ? 'client selected SCRAM-SHA-256-PLUS without channel binding'
          : 'unsupported SCRAM channel-binding type'
      throw protocolViolation(message)
    }
    if (bindingType !== undefined) {
      throw protocolViolation('client selected SCRAM-SHA-256, but used channel binding')
    }
    if (flag === 'y' && channelBinding !== null) {
      // Somebody between the two removed the offer of channel binding (RFC 5802, section 6).
      throw refusal('28000', 'SCRAM channel binding negotiation error', {
        detail: 'The client supports channel binding but thinks the server does not; this server does.',
      })
    }
  }

  #checkBindingData(binding: string): void {
    const { mechanism, channelBinding } = this.#options
    const header = Buffer.from(this.#header, 'latin1')
    if (mechanism === scramMechanism) {
      if (binding === header.toString('base64')) return
      throw protocolViolation('unexpected SCRAM channel-binding attribute in client-final-message')
    }
    const expected = Buffer.concat([header, channelBinding ?? Buffer.alloc(0)]).toString('base64')
    if (channelBinding !== null && binding === expected) return
    throw refusal('28000', 'SCRAM channel binding check failed')
  }
}

function malformed(detail: string): Error {
  return refusal('08P01', 'malformed SCRAM message', { detail })
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)))
}
