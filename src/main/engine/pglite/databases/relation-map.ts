/**
 * Which file holds each of the catalogs that all databases share, as Postgres knows it while it runs, and as it
 * keeps it in `global/pg_filenode.map` (RelMapFile in utils/cache/relmapper.c). Knows no catalog.
 */

import { assert } from '../../../../base/assert.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'

/** RELMAPPER_FILEMAGIC: "version ID value". */
const magic = 0x59_27_17
/** magic, num_mappings; then pairs of an oid and a file's number, and behind their room a checksum. */
const countOffset = 4
const mappingsOffset = 8
const mappingBytes = 8
const mappingsMax = 64
const mapBytes = mappingsOffset + mappingsMax * mappingBytes + 4

/** Castagnoli's polynomial, reflected (port/pg_crc32c_sb8.c). */
const polynomial = 0x82_f6_3b_78
const bitsPerByte = 8

export class RelationMap {
  readonly #memory: BackendMemory
  readonly #address: number

  /** `address`: of shared_map. */
  constructor(memory: BackendMemory, address: number) {
    this.#memory = memory
    this.#address = address
  }

  numberOf(relation: number): number {
    return this.#memory.word(this.#place(relation)) >>> 0
  }

  set(relation: number, number: number): void {
    this.#memory.setWord(this.#place(relation), number | 0)
  }

  /** The bytes of the file, as the map is now. */
  get bytes(): Uint8Array {
    const words = this.#memory.words.slice(this.#address >> 2, (this.#address + mapBytes) >> 2)
    const bytes = new Uint8Array(words.buffer)
    const view = new DataView(bytes.buffer)
    view.setUint32(mapBytes - 4, crc32c(bytes.subarray(0, mapBytes - 4)), true)
    return bytes
  }

  #place(relation: number): number {
    const place = findMapping(this.#memory, this.#address, relation)
    assert(place !== null, `The relation ${relation} is in the map`)
    return place
  }
}

/** Whether there is a map at that address, of which that relation is part. */
export function isRelationMap(memory: BackendMemory, address: number, relation: number): boolean {
  return memory.word(address) === magic && findMapping(memory, address, relation) !== null
}

/** The address of its file's number. */
function findMapping(memory: BackendMemory, address: number, relation: number): number | null {
  const count = Math.min(memory.word(address + countOffset), mappingsMax)
  for (let index = 0; index < count; index++) {
    const place = address + mappingsOffset + index * mappingBytes
    if (memory.word(place) === relation) return place + 4
  }
  return null
}

/** CRC-32C; of half a kilobyte, so that no table is worth its memory. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xff_ff_ff_ff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < bitsPerByte; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
  }
  return ~crc >>> 0
}
