/**
 * The client's half of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding, for test clients that hold
 * every byte of a log-in in their own hands. Knows no socket.
 */

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)
const KEY_BYTES = 32

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Attributes of a SCRAM message such as `r=…,s=…,i=4096`. */
function attributes(message: string): Map<string, string> {
  return new Map(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]))
}

export class ScramClient {
  readonly #password: string
  readonly #firstBare = `n=,r=${randomBytes(18).toString('base64')}`
  #serverSignature: Buffer = Buffer.alloc(0)

  constructor(password: string) {
    this.#password = password
  }

  /** The client-first-message. */
  first(): string {
    return `n,,${this.#firstBare}`
  }

  /** The client-final-message for the server-first-message `challenge`. */
  async final(challenge: string): Promise<string> {
    const parts = attributes(challenge)
    const salt = Buffer.from(parts.get('s') ?? '', 'base64')
    const salted = await derive(this.#password, salt, Number(parts.get('i')), KEY_BYTES, 'sha256')
    const withoutProof = `c=biws,r=${parts.get('r') ?? ''}`
    const signed = `${this.#firstBare},${challenge},${withoutProof}`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed)
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)))
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), signed)
    return `${withoutProof},p=${proof.toString('base64')}`
  }

  /** Throws unless the server proved by `message` that it knows the password, too. */
  verify(message: string): void {
    const proof = Buffer.from(attributes(message).get('v') ?? '', 'base64')
    if (proof.length !== this.#serverSignature.length || !timingSafeEqual(proof, this.#serverSignature)) {
      throw new Error('The server did not prove that it knows the password')
    }
  }
}
