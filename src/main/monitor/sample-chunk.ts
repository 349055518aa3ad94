/**
 * Samples of one series over a minute or so, column by column, as one buffer: as it is kept in memory and on disk.
 * A metric that did not change is one number, one that was not measured is nothing. Knows no metric but by number.
 *
 * Layout, in the byte order of this machine (little-endian wherever Node runs): Uint32 byte length, Uint16 version,
 * Uint16 samples, Float64 time of the first in ms, Uint32 metrics, Uint32 reserved; Uint32 for each sample, ms since
 * the first; for each metric Uint16 number and Uint16 form; then each metric's values as Float32, one or one for
 * each sample. Seven digits are enough for a chart.
 */

import { assert } from '../../base/assert.ts'

/** Until a chunk is full. */
export const chunkSamplesMax = 60

const version = 1
const headerBytes = 24
const forms = { constant: 0, column: 1 } as const

/** Values of one metric: one for all samples, or one for each. */
export type ChunkColumn = number | Float32Array

/** Gathers samples until it is encoded. */
export class ChunkBuilder {
  readonly #columns = new Map<number, Float32Array>()
  readonly #offsets = new Uint32Array(chunkSamplesMax)
  #startMs = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  get startMs(): number {
    return this.#startMs
  }

  get isFull(): boolean {
    return this.#count === chunkSamplesMax
  }

  /** `values` by the numbers of metrics; `atMs` not before that of the sample before. */
  add(atMs: number, values: ReadonlyMap<number, number>): void {
    assert(!this.isFull, 'a chunk that is full is encoded')
    if (this.#count === 0) this.#startMs = atMs
    const at = this.#count++
    this.#offsets[at] = atMs - this.#startMs
    for (const [number, value] of values) {
      let column = this.#columns.get(number)
      if (!column) {
        column = new Float32Array(chunkSamplesMax).fill(Number.NaN)
        this.#columns.set(number, column)
      }
      column[at] = value
    }
  }

  encode(): ArrayBuffer {
    const count = this.#count
    const columns = [...this.#columns].map(([number, all]) => {
      const values = all.subarray(0, count)
      return { number, values: isConstant(values) ? values.subarray(0, 1) : values }
    })
    const valueCount = columns.reduce((sum, { values }) => sum + values.length, 0)
    const byteLength = headerBytes + (count + columns.length + valueCount) * 4
    const buffer = new ArrayBuffer(byteLength)
    const header = new DataView(buffer)
    header.setUint32(0, byteLength, true)
    header.setUint16(4, version, true)
    header.setUint16(6, count, true)
    header.setFloat64(8, this.#startMs, true)
    header.setUint32(16, columns.length, true)
    new Uint32Array(buffer, headerBytes, count).set(this.#offsets.subarray(0, count))
    const directory = new Uint16Array(buffer, headerBytes + count * 4, columns.length * 2)
    let at = headerBytes + (count + columns.length) * 4
    columns.forEach(({ number, values }, index) => {
      directory[index * 2] = number
      directory[index * 2 + 1] = values.length === count && count > 1 ? forms.column : forms.constant
      new Float32Array(buffer, at, values.length).set(values)
      at += values.byteLength
    })
    return buffer
  }
}

function isConstant(values: Float32Array): boolean {
  const [first] = values
  return values.every((value) => Object.is(value, first))
}

/** A view of an encoded chunk. */
export interface Chunk {
  readonly byteLength: number
  readonly startMs: number
  readonly endMs: number
  /** Of each sample, ms since the first. */
  readonly offsets: Uint32Array
  /** By the numbers of metrics. */
  readonly columns: ReadonlyMap<number, ChunkColumn>
}

/** The chunks that stand in `buffer` one after the other; one of a version that is not known, and all behind, not. */
export function readChunks(buffer: ArrayBuffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 0; at + headerBytes <= buffer.byteLength;) {
    const chunk = readChunk(buffer, at)
    if (!chunk) break
    chunks.push(chunk)
    at += chunk.byteLength
  }
  return chunks
}

function readChunk(buffer: ArrayBuffer, start: number): Chunk | null {
  const header = new DataView(buffer, start)
  const byteLength = header.getUint32(0, true)
  const count = header.getUint16(6, true)
  const metricCount = header.getUint32(16, true)
  const isKnown = header.getUint16(4, true) === version && byteLength % 4 === 0 && count > 0
  const least = headerBytes + (count + metricCount) * 4
  if (!isKnown || byteLength < least || start + byteLength > buffer.byteLength) return null
  const offsets = new Uint32Array(buffer, start + headerBytes, count)
  const directory = new Uint16Array(buffer, start + headerBytes + count * 4, metricCount * 2)
  const columns = new Map<number, ChunkColumn>()
  let at = start + least
  for (let index = 0; index < metricCount; index++) {
    const length = directory[index * 2 + 1] === forms.column ? count : 1
    if (at + length * 4 > start + byteLength) return null
    const values = new Float32Array(buffer, at, length)
    columns.set(directory[index * 2] ?? 0, length === 1 ? (values[0] ?? Number.NaN) : values)
    at += values.byteLength
  }
  const startMs = header.getFloat64(8, true)
  return { byteLength, startMs, endMs: startMs + (offsets[count - 1] ?? 0), offsets, columns }
}
