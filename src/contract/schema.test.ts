/** Property tests of the schema primitives: what they let through is what they promise, whatever comes in. */

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { WorkbenchError } from './error.ts'
import {
  array,
  boolean,
  finite,
  integer,
  nothing,
  nullable,
  object,
  oneOf,
  optional,
  string,
  union,
  type Schema,
} from './schema.ts'

const numRuns = Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 300)
/** A round takes about a millisecond on an idle machine. */
vi.setConfig({ testTimeout: 30_000 + numRuns * 10 })

/** Anything at all: what JSON can hold, and what only a clone or a program can. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
  withObjectString: true,
})

const pollution = fc.constantFrom(
  '{"__proto__": {"polluted": 1}}',
  '{"__proto__": {"name": "x", "size": 1, "kind": "circle"}}',
  '{"constructor": {"prototype": {"polluted": 1}}}',
  '{"kind": "__proto__"}',
  '{"kind": "constructor", "radius": 1}',
  '{"name": {"toString": 1, "length": 3}, "size": {"valueOf": 1}}',
)

const shape = union({
  circle: object({ radius: finite }),
  polygon: object({
    points: array(object({ x: integer(-(2 ** 31)), y: integer(-(2 ** 31)) }), 5),
    label: nullable(string(3)),
  }),
})

const everyPrimitive: readonly (readonly [string, Schema<unknown>, (value: unknown) => boolean])[] = [
  ['string', string(5, 2), (v) => typeof v === 'string' && v.length >= 2 && v.length <= 5],
  ['integer', integer(-3, 3), (v) => typeof v === 'number' && Number.isInteger(v) && Math.abs(v) <= 3],
  ['finite', finite, (v) => typeof v === 'number' && Number.isFinite(v)],
  ['boolean', boolean, (v) => typeof v === 'boolean'],
  ['nothing', nothing, (v) => v === null || v === undefined],
  ['oneOf', oneOf('a', 'b'), (v) => v === 'a' || v === 'b'],
]

/** What `schema` makes of `value`, or the error; any other throw fails the test. */
function attempt(schema: Schema<unknown>, value: unknown): { parsed: unknown } | { refused: string } {
  try {
    return { parsed: schema.parse(value, 'it') }
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === 'invalid-argument')
      return { refused: error.message }
    throw error
  }
}

describe('schema primitives', () => {
  it.each(everyPrimitive)('%s lets through exactly what it promises', (_, schema, holds) => {
    const near = fc.oneof(
      fc.string({ maxLength: 7 }),
      fc.integer({ min: -5, max: 5 }),
      fc.constantFrom('a', 'b'),
    )
    fc.assert(
      fc.property(fc.oneof(anything, near, fc.double()), (value) => {
        const outcome = attempt(schema, value)
        expect('parsed' in outcome).toBe(holds(value))
      }),
      { numRuns },
    )
  })

  it('say where and what was expected', () => {
    const schema = object({ items: array(object({ size: integer(1, 9) }), 2) })
    expect(attempt(schema, { items: [{ size: 1 }, { size: 10 }] })).toEqual({
      refused: 'it.items[1].size must be between 1 and 9',
    })
    expect(attempt(schema, { items: [1, 2, 3] })).toEqual({
      refused: 'it.items must be a list of at most 2 items',
    })
  })

  it('accept both edges of each bound and refuse what lies beyond', () => {
    expect([0, 1, 5, 6].map((length) => 'parsed' in attempt(string(5, 1), 'x'.repeat(length)))).toEqual([
      false,
      true,
      true,
      false,
    ])
    const top = Number.MAX_SAFE_INTEGER
    expect([top, top + 1, -top, -top - 1].map((value) => 'parsed' in attempt(integer(-top), value))).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  it('never return the object that came in, nor anything of it that was not asked for', () => {
    fc.assert(
      fc.property(fc.object(), fc.string(), (extra, name) => {
        const schema = object({ name: string(1000) })
        const input = { ...extra, name }
        const outcome = attempt(schema, input)
        expect(outcome).toEqual({ parsed: { name } })
        expect('parsed' in outcome && outcome.parsed).not.toBe(input)
      }),
      { numRuns },
    )
  })

  it('are stable: what was let through is let through again, unchanged', () => {
    const point = fc.record({ x: fc.integer(), y: fc.integer() })
    const valid = fc.oneof(
      fc.record({ kind: fc.constant('circle'), radius: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
      fc.record({
        kind: fc.constant('polygon'),
        points: fc.array(point, { maxLength: 5 }),
        label: fc.option(fc.string({ maxLength: 3 })),
      }),
    )
    fc.assert(
      fc.property(valid, (value) => {
        const parsed = shape.parse(value, 'it')
        expect(parsed).toEqual(value)
        expect(shape.parse(structuredClone(parsed), 'it')).toEqual(parsed)
      }),
      { numRuns },
    )
  })
})

describe('hostile input', () => {
  it('is refused with invalid-argument or reduced to what was asked for, never anything else', () => {
    const schemas = [
      shape,
      object({ name: string(3), size: integer(-(2 ** 31)) }),
      array(shape, 3),
      nullable(shape),
    ]
    fc.assert(
      fc.property(fc.constantFrom(...schemas), fc.oneof(anything, fc.jsonValue()), (schema, value) => {
        const outcome = attempt(schema, value)
        const again = 'parsed' in outcome ? attempt(schema, outcome.parsed) : outcome
        expect(again).toEqual(outcome)
      }),
      { numRuns },
    )
  })

  it('pollutes no prototype, and nothing inherited passes for a field', () => {
    fc.assert(
      fc.property(pollution, (text) => {
        for (const schema of [shape, object({ name: string(3), size: integer(-(2 ** 31)) })]) {
          expect(attempt(schema, JSON.parse(text))).toHaveProperty('refused')
          expect(attempt(schema, Object.create(JSON.parse(text) as object))).toHaveProperty('refused')
        }
      }),
      { numRuns },
    )
    expect('polluted' in {}).toBe(false)
  })

  it('is refused when its fields are only inherited', () => {
    expect(attempt(object({ name: string(3) }), Object.create({ name: 'abc' }))).toHaveProperty('refused')
    expect(attempt(shape, Object.create({ kind: 'circle', radius: 1 }))).toHaveProperty('refused')
  })

  it('may be cyclic: only what was asked for is followed', () => {
    const cyclic: Record<string, unknown> = { name: 'a' }
    cyclic['self'] = cyclic
    cyclic['points'] = [cyclic]
    expect(attempt(object({ name: string(3) }), cyclic)).toEqual({ parsed: { name: 'a' } })
    expect(attempt(object({ points: array(object({ name: string(3) }), 1) }), cyclic)).toEqual({
      parsed: { points: [{ name: 'a' }] },
    })
  })

  it('is refused by its length before its items are looked at', () => {
    let looked = 0
    const item: Schema<null> = {
      parse: () => {
        looked += 1
        return null
      },
    }
    expect(attempt(array(item, 10), new Array<null>(50_000_000))).toHaveProperty('refused')
    expect(looked).toBe(0)
  })

  it('may throw from its own getters without harm to the schema', () => {
    const trap = Object.defineProperty({}, 'name', {
      enumerable: true,
      get: () => {
        throw new RangeError('trap')
      },
    })
    expect(() => object({ name: string(3) }).parse(trap, 'it')).toThrow('trap')
  })
})

describe('optional', () => {
  const schema = object({ name: string(5), note: optional(string(5)) })

  it('lets a field be missing, and leaves it missing', () => {
    expect(schema.parse({ name: 'a' }, 'p')).toStrictEqual({ name: 'a' })
    expect(schema.parse({ name: 'a', note: undefined }, 'p')).toStrictEqual({ name: 'a' })
    expect(schema.parse({ name: 'a', note: 'b' }, 'p')).toStrictEqual({ name: 'a', note: 'b' })
  })

  it('refuses a field that is there and wrong', () => {
    for (const note of [null, 1, 'longer'])
      expect(() => schema.parse({ name: 'a', note }, 'p')).toThrow('p.note')
  })
})
