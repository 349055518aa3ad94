/**
 * Both decoders on the same random input, step by step: whole results cut at any bytes, and results whose bytes
 * were damaged. They must do the same thing at every step, and on undamaged input the right one. Rounds come
 * from WARDIAN_FUZZ_ROUNDS; fast-check prints the seed of a failure.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRowDecoder } from '../js/create-row-decoder.ts'
import { DecodeError } from '../js/row-decoder.ts'
import type { RowDecoder } from '../js/row-decoder.ts'
import { anyResult, expectedCells, readBatch, toBackendBytes } from './result-model.ts'

const rounds = { numRuns: Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 300) }
const testTimeoutMs = 30_000 + rounds.numRuns * 20

/** Made once: what one round leaves behind must not matter to the next. */
const wasm = createRowDecoder('wasm')
const twin = createRowDecoder('twin')

/** Everything a decoder did, in order, in a form that compares exactly. */
type Step =
  | { readonly did: 'message'; readonly type: number; readonly body: string }
  | { readonly did: 'batch'; readonly rows: number; readonly bytes: string }
  | { readonly did: 'fail'; readonly reason: string; readonly message: string }
  | { readonly did: 'wait'; readonly pendingRows: number; readonly pendingBytes: number }

interface Run {
  readonly kinds: Uint8Array
  readonly pieces: readonly Uint8Array[]
  /** A batch is taken when this many rows are pending. */
  readonly rowsPerBatch: number
}

function run(
  decoder: RowDecoder,
  { kinds, pieces, rowsPerBatch }: Run,
): { steps: Step[]; batches: ArrayBuffer[] } {
  const steps: Step[] = []
  const batches: ArrayBuffer[] = []
  const take = (): void => {
    const rows = decoder.pendingRows
    const batch = decoder.takeBatch()
    if (batch === null) return
    batches.push(batch)
    steps.push({ did: 'batch', rows, bytes: Buffer.from(batch).toString('hex') })
  }
  const advance = (): boolean => {
    const message = decoder.next()
    if (message === null) return false
    steps.push({ did: 'message', type: message.type, body: Buffer.from(message.body).toString('hex') })
    return true
  }
  decoder.clear()
  try {
    decoder.reset(kinds)
    for (const piece of pieces) {
      decoder.push(piece)
      while (advance());
      steps.push({ did: 'wait', pendingRows: decoder.pendingRows, pendingBytes: decoder.pendingBytes })
      if (decoder.pendingRows >= rowsPerBatch) take()
    }
    take()
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    steps.push({ did: 'fail', reason: error.reason, message: error.message })
  }
  return { steps, batches }
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
}

const cuts = fc.array(fc.nat(), { maxLength: 12 })
const rowsPerBatch = fc.constantFrom(1, 7, 1000)

describe('both decoders', { timeout: testTimeoutMs }, () => {
  test('are two', () => {
    expect([wasm.name, twin.name]).toStrictEqual(['wasm', 'twin'])
  })

  test('read any result, cut at any bytes, as it was written', () => {
    fc.assert(
      fc.property(anyResult, cuts, rowsPerBatch, (model, at, perBatch) => {
        const kinds = Uint8Array.from(model.kinds)
        const native = run(wasm, { kinds, pieces: cut(toBackendBytes(model), at), rowsPerBatch: perBatch })
        const twins = run(twin, { kinds, pieces: cut(toBackendBytes(model), at), rowsPerBatch: perBatch })
        expect(native.steps).toStrictEqual(twins.steps)
        expect(native.batches.flatMap((batch) => readBatch(batch))).toStrictEqual(expectedCells(model))
        expect(native.steps.filter((step) => step.did === 'fail')).toStrictEqual([])
        expect(native.steps.filter((step) => step.did === 'message')).toHaveLength(model.others.length)
      }),
      rounds,
    )
  })

  test('read a result that arrives byte by byte', () => {
    fc.assert(
      fc.property(anyResult, rowsPerBatch, (model, perBatch) => {
        const bytes = toBackendBytes(model).subarray(0, 4000)
        const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte))
        const given = { kinds: Uint8Array.from(model.kinds), pieces, rowsPerBatch: perBatch }
        expect(run(wasm, given).steps).toStrictEqual(run(twin, given).steps)
      }),
      { numRuns: Math.ceil(rounds.numRuns / 10) },
    )
  })

  test('do the same with damaged bytes, and work again after a clear', () => {
    const damage = fc.array(
      fc.record({
        at: fc.nat(),
        how: fc.constantFrom('set', 'remove', 'insert', 'length'),
        value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 2, 4, 8, 127, 128, 254, 255)),
      }),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(anyResult, damage, cuts, (model, hits, at) => {
        let bytes = toBackendBytes(model)
        for (const hit of hits) bytes = damaged(bytes, hit)
        const given = { kinds: Uint8Array.from(model.kinds), pieces: cut(bytes, at), rowsPerBatch: 7 }
        expect(run(wasm, given).steps).toStrictEqual(run(twin, given).steps)
      }),
      rounds,
    )
    fc.assert(
      fc.property(anyResult, (model) => {
        const kinds = Uint8Array.from(model.kinds)
        const { batches } = run(wasm, { kinds, pieces: [toBackendBytes(model)], rowsPerBatch: 7 })
        expect(batches.flatMap((batch) => readBatch(batch))).toStrictEqual(expectedCells(model))
      }),
      { numRuns: 10 },
    )
  })

  test('do the same with bytes that never were a result', () => {
    const noise = fc.uint8Array({ maxLength: 200 })
    const kinds = fc.uint8Array({ min: 1, max: 6, maxLength: 5 })
    fc.assert(
      fc.property(noise, kinds, cuts, (bytes, of, at) => {
        const framed = Buffer.concat([Buffer.of(0x44, 0, 0, 0, bytes.length + 4), bytes])
        for (const source of [bytes, framed]) {
          const given = { kinds: of, pieces: cut(source, at), rowsPerBatch: 1 }
          expect(run(wasm, given).steps).toStrictEqual(run(twin, given).steps)
        }
      }),
      rounds,
    )
  })
})

function damaged(bytes: Buffer, hit: { at: number; how: string; value: number }): Buffer<ArrayBuffer> {
  const at = hit.at % (bytes.length + 1)
  const after = bytes.subarray(hit.how === 'insert' ? at : at + 1)
  if (hit.how === 'remove') return Buffer.concat([bytes.subarray(0, at), after])
  if (hit.how !== 'length') return Buffer.concat([bytes.subarray(0, at), Buffer.of(hit.value), after])
  // Four bytes that look like a length, wherever they land.
  const length = Buffer.of(hit.value > 127 ? 255 : 0, hit.value > 127 ? 255 : 0, hit.value & 1, hit.value)
  return Buffer.concat([bytes.subarray(0, at), length, bytes.subarray(at + 4)])
}
