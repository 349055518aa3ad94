/**
 * Both readers of texts on the same columns, and both against what the platform says: TextDecoder for offsets, Buffer
 * for hex. Columns are valid, or damaged in one byte, so that both sides of every rule are met. Rounds come from
 * WARDIAN_FUZZ_ROUNDS; fast-check prints the seed of a failure.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TextReader } from '../js/text-reader.ts'
import { createTwinTextReader } from '../js/twin-text-reader.ts'
import { createTextReader } from '../js/wasm-text-reader.ts'

const read = (path: string): Buffer => readFileSync(new URL(path, import.meta.url))
const moduleBytes = Uint8Array.from(read('../out/text-reader.wasm'))

const rounds = { numRuns: Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 300) }
const wasm = await createTextReader(moduleBytes)
const twin = createTwinTextReader()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

interface Column {
  readonly heap: Uint8Array
  readonly offsets: Uint32Array
}

function columnOf(texts: readonly Uint8Array[]): Column {
  const ends = texts.reduce<number[]>((known, text) => [...known, (known.at(-1) ?? 0) + text.length], [0])
  return { heap: Buffer.concat(texts), offsets: Uint32Array.from(ends) }
}

/** What a reader does, in a form that compares. */
function tell(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return String(error)
  }
}

function sliced(reader: TextReader, { heap, offsets }: Column): string[] | null {
  const places = reader.utf16Offsets(heap, offsets)
  if (places === null) return null
  const text = decoder.decode(heap)
  return Array.from({ length: offsets.length - 1 }, (_, row) => text.slice(places[row], places[row + 1]))
}

/** Repeated, since only columns above a certain size go to the module at all. */
const texts = fc
  .array(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\ufeff', '', '😀é漢a')), {
    maxLength: 12,
  })
  .chain((some) =>
    fc.integer({ min: 1, max: 40 }).map((times) => new Array<string[]>(times).fill(some).flat()),
  )
/** What a string of lone surrogates cannot be in UTF-8. */
const wellFormed = texts.map((some) => some.map((text) => text.toWellFormed()))

describe('both readers of texts', () => {
  test('are two', () => {
    expect([wasm.name, twin.name, wasm.fallbackReason]).toStrictEqual(['wasm', 'twin', null])
  })

  test('slice one decoded text into those that went in', () => {
    fc.assert(
      fc.property(wellFormed, (some) => {
        const column = columnOf(some.map((text) => Buffer.from(text)))
        expect(sliced(wasm, column)).toStrictEqual(some)
        expect(sliced(twin, column)).toStrictEqual(some)
      }),
      rounds,
    )
  })

  test('agree on bytes that were damaged, and answer only what is right for each text', () => {
    const damage = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) })
    fc.assert(
      fc.property(wellFormed, damage, (some, { at, byte }) => {
        const column = columnOf(some.map((text) => Buffer.from(text)))
        if (column.heap.length > 0) column.heap[at % column.heap.length] = byte
        const native = sliced(wasm, column)
        expect(native).toStrictEqual(sliced(twin, column))
        const cells = some.map((_, row) => column.heap.subarray(column.offsets[row], column.offsets[row + 1]))
        const isValid = cells.every((cell) => Buffer.from(decoder.decode(cell)).equals(cell))
        expect(native).toStrictEqual(isValid ? cells.map((cell) => decoder.decode(cell)) : null)
      }),
      rounds,
    )
  })

  test('decode hex as Node does, and refuse the same', () => {
    const values = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 30 })
    const damage = fc.option(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }))
    fc.assert(
      fc.property(values, damage, fc.boolean(), (some, hit, isUpper) => {
        const digits = (value: Uint8Array): string => Buffer.from(value).toString('hex')
        const column = columnOf(
          some.map((value) => Buffer.from(`\\x${isUpper ? digits(value).toUpperCase() : digits(value)}`)),
        )
        if (hit && column.heap.length > 0) column.heap[hit.at % column.heap.length] = hit.byte
        const native = wasm.hexBytes(column.heap, column.offsets)
        expect(native).toStrictEqual(twin.hexBytes(column.heap, column.offsets))
        const cells = some.map((_, row) => native?.bytes.slice(native.offsets[row], native.offsets[row + 1]))
        expect(hit ? some : cells).toStrictEqual(some)
      }),
      rounds,
    )
  })

  test('refuse offsets that do not lie in the heap, and texts that are no hex', () => {
    const heap = Buffer.from('\\x00'.repeat(100))
    const offsets = Uint32Array.from({ length: 101 }, (_, row) => row * 4)
    const wrong = [
      offsets.map((offset) => offset + 4),
      offsets.with(50, 1000),
      offsets.with(50, 0),
      new Uint32Array(0),
    ]
    for (const each of wrong) {
      for (const reader of [wasm, twin]) {
        expect(tell(() => reader.utf16Offsets(heap, each))).toContain('RangeError')
        expect(tell(() => reader.hexBytes(heap, each))).toContain('RangeError')
      }
    }
    for (const text of ['\\x0', '\\X00', 'x000', '\\x0g', '\\x', '\\']) {
      const column = columnOf(new Array<Uint8Array>(100).fill(Buffer.from(text)))
      const expected = text === '\\x' ? { bytes: new Uint8Array(0), offsets: new Uint32Array(101) } : null
      expect(wasm.hexBytes(column.heap, column.offsets)).toStrictEqual(expected)
      expect(twin.hexBytes(column.heap, column.offsets)).toStrictEqual(expected)
    }
  })
})

test('the module exports what is written down, imports nothing, and its hash is in the README', () => {
  const module = new WebAssembly.Module(moduleBytes)
  const exported = WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind])
  expect(Object.fromEntries(exported)).toStrictEqual(
    JSON.parse(read('../exports.text-reader.json').toString()),
  )
  expect(WebAssembly.Module.imports(module)).toStrictEqual([])
  const hash = createHash('sha256').update(moduleBytes).digest('hex')
  expect(read('../README.md').toString()).toContain(hash)
})

test('what is no module gives the twin, which says why', async () => {
  const reader = await createTextReader(new Uint8Array(8))
  expect(reader.name).toBe('twin')
  expect(reader.fallbackReason).not.toBeNull()
})
