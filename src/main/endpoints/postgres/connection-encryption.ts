/**
 * What people are told of an encrypted connection, in the words in which Postgres tells it (be_tls_get_version and its
 * like in libpq/be-secure-openssl.c). Pure.
 */

import type { TLSSocket } from 'node:tls'
import type { ConnectionEncryption } from '../../../contract/connection-encryption.ts'

export function connectionEncryption(socket: TLSSocket): ConnectionEncryption {
  const certificate = socket.getPeerX509Certificate()
  const { name } = socket.getCipher()
  return {
    ...{ version: socket.getProtocol() ?? '', cipher: name, bits: keyBits(name) },
    subject: slashed(certificate?.subject),
    serial: certificate ? BigInt(`0x${certificate.serialNumber}`).toString() : '',
    issuer: slashed(certificate?.issuer),
  }
}

/** Node does not tell, and the name does: AES says how long its key is, and ChaCha20 has one length. */
function keyBits(cipher: string): number {
  if (/256|CHACHA20/.test(cipher)) return 256
  return cipher.includes('128') ? 128 : 0
}

/** As X509_NAME_to_cstring: `/O=Shop/CN=ann`. */
function slashed(name: string | undefined): string {
  return name === undefined || name === '' ? '' : `/${name.split('\n').join('/')}`
}
