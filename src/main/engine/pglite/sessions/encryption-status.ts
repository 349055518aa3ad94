/**
 * What pg_stat_ssl shows of encrypted connections: one structure for each slot of a session, made when the first
 * encrypted one uses it. Postgres makes none where it is built without TLS, and reads them all the same.
 */

import type { ConnectionEncryption } from '../../../../contract/connection-encryption.ts'
import type { PgliteModule } from '../pglite-module.ts'

/** PgBackendSSLStatus (utils/backend_status.h): bits, then five texts of NAMEDATALEN. */
const textBytes = 64
const structureBytes = 4 + 5 * textBytes

export class EncryptionStatus {
  readonly #module: PgliteModule
  readonly #places = new Map<number, number>()

  constructor(module: PgliteModule) {
    this.#module = module
  }

  /** Answers where the structure of that slot lies. */
  write(slot: number, { bits, version, cipher, subject, serial, issuer }: ConnectionEncryption): number {
    const place = this.#places.get(slot) ?? this.#module._malloc(structureBytes)
    this.#places.set(slot, place)
    const memory = this.#module.HEAPU8
    memory.fill(0, place, place + structureBytes)
    new DataView(memory.buffer).setInt32(place, bits, true)
    for (const [index, text] of [version, cipher, subject, serial, issuer].entries()) {
      const at = place + 4 + index * textBytes
      // Whole characters, and the last byte stays zero.
      new TextEncoder().encodeInto(text, memory.subarray(at, at + textBytes - 1))
    }
    return place
  }
}
