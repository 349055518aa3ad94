/**
 * The client's side of SCRAM-SHA-256, written on node:crypto alone, for tests that must be able to lie in any field.
 */

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

/** What a lying client puts in place of the truth. */
export interface ScramLies {
  /** gs2-header; `n,,` unless given. */
  readonly header?: string
  /** Base64 of channel binding; that of the header unless given. */
  readonly binding?: string
  readonly nonce?: string
  /** Between nonce and proof. */
  readonly extension?: string
}

/** client-first-message-bare of every test. */
export const scramFirstBare = 'n=,r=abc'

/** client-final-message, in answer to server-first-message. */
export function scramFinal(serverFirst: string, password: string, lies: ScramLies = {}): string {
  const [, nonce = '', salt = '', iterations = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(serverFirst) ?? []
  const { header = 'n,,', extension = '' } = lies
  const binding = lies.binding ?? Buffer.from(header).toString('base64')
  const withoutProof = `c=${binding},r=${lies.nonce ?? nonce}${extension}`
  const message = `${scramFirstBare},${serverFirst},${withoutProof}`
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest()
  const signature = createHmac('sha256', storedKey).update(message).digest()
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
  return `${withoutProof},p=${proof.toString('base64')}`
}
