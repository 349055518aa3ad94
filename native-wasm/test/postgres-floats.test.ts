/**
 * formatFloat8 against a real Postgres, over doubles of every sort: random bits, powers of two and of ten and
 * their neighbours, halfway cases, subnormals, money. WARDIAN_FUZZ_ROUNDS scales the count; the seed is printed.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatFloat8 } from '../../src/contract/float8-text.ts'
import { Postgres, textCells } from './postgres-wire.ts'

const doublesPerSort = Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 300) * 50
const doublesPerStatement = 20_000
const testTimeoutMs = 30_000 + doublesPerSort

/** Initialising a database takes seconds on a busy machine. */
const openTimeoutMs = 120_000

let postgres: Postgres
beforeAll(async () => {
  postgres = await Postgres.open()
}, openTimeoutMs)
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
})

const bits = new DataView(new ArrayBuffer(8))

function fromBits(value: bigint): number {
  bits.setBigUint64(0, BigInt.asUintN(64, value))
  return bits.getFloat64(0)
}

/** The double that lies `steps` beyond `value`. */
function neighbour(value: number, steps: number): number {
  bits.setFloat64(0, value)
  return fromBits(bits.getBigUint64(0) + BigInt(steps))
}

const near = fc.integer({ min: -2, max: 2 })
const sorts: Record<string, fc.Arbitrary<number>> = {
  'random bits': fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(fromBits),
  subnormals: fc.bigInt({ min: 0n, max: (1n << 52n) - 1n }).map(fromBits),
  integers: fc
    .tuple(fc.bigInt({ min: 0n, max: 1n << 70n }), fc.bigInt({ min: 0n, max: 70n }))
    .map(([value, shift]) => Number(value >> shift)),
  'powers of two': fc
    .tuple(fc.integer({ min: -1074, max: 1023 }), near)
    .map(([exponent, steps]) => neighbour(2 ** exponent, steps)),
  'powers of ten': fc
    .tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: -320, max: 300 }), near)
    .map(([digits, exponent, steps]) => neighbour(Number(`${digits}e${exponent}`), steps)),
  'halfway cases': fc
    .tuple(fc.bigInt({ min: 0n, max: 1n << 54n }), fc.integer({ min: 0, max: 23 }), fc.nat(10), near)
    .map(([odd, fives, twos, steps]) => {
      const times = 5n ** BigInt(fives)
      return neighbour(Number(((2n * odd) / times / 2n) * 2n * times + times) * 2 ** (fives + twos), steps)
    }),
  money: fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -15, max: 15 }))
    .map(([cents, exponent]) => (cents / 100) * 10 ** exponent),
}

/** The value of a float8[] in binary format: dimensions, no nulls, element type 701, then each element. */
function float8Array(doubles: readonly number[]): Buffer {
  const body = Buffer.alloc(20 + doubles.length * 12)
  for (const [index, word] of [1, 0, 701, doubles.length, 1].entries()) body.writeInt32BE(word, index * 4)
  for (const [index, double] of doubles.entries()) {
    body.writeInt32BE(8, 20 + index * 12)
    body.writeDoubleBE(double, 24 + index * 12)
  }
  return body
}

test.each(Object.entries(sorts))(
  '%s',
  async (_, sort) => {
    const seed = Number(process.env['WARDIAN_FUZZ_SEED'] ?? Date.now() & 0x7fffffff)
    const doubles = fc.sample(sort, { numRuns: doublesPerSort, seed })
    for (let at = 0; at < doubles.length; at += doublesPerStatement) {
      const part = doubles.slice(at, at + doublesPerStatement)
      const answer = await postgres.ask('select unnest($1::float8[])', 'text', [float8Array(part)])
      const printed = textCells(answer).flat()
      const wrong = part
        .map((double, index) => ({ double, expected: printed[index], actual: formatFloat8(double) }))
        .filter(({ expected, actual }) => expected !== actual)
      expect(wrong, `seed ${seed}`).toStrictEqual([])
    }
  },
  testTimeoutMs,
)
