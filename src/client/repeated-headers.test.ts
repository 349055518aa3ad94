/** Headers with any ids and contents, some of them alike: what is remembered must be what decoding says. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PartCodec } from '../protocol/message-parts.ts'
import { RepeatedHeaders } from './repeated-headers.ts'

const rounds = { numRuns: Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 200) }

const id = fc.nat({ max: 99_999 }).map(String)
const text = fc.oneof(
  id,
  fc.string({ maxLength: 40 }),
  fc.constantFrom('request_id', '\u00aarequest_id\u00a15', ''),
)
const envelope = fc.record({
  meta: fc.oneof(
    fc.record({ type: fc.constantFrom('complete', 'rows'), request_id: id }),
    fc.record({ type: text, session: text, request_id: text }),
    fc.record({ type: text, event_id: fc.nat() }),
  ),
  data: fc.oneof(fc.record({ request_id: id, command: text }), fc.record({ row_count: fc.nat({ max: 3 }) })),
})

describe('headers that were seen before', () => {
  test('say what decoding them says', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(envelope, fc.array(id, { maxLength: 4 })), { maxLength: 30 }), (some) => {
        const codec = new PartCodec()
        const headers = new RepeatedHeaders()
        const all = some.flatMap(([each, ids]) => [
          each,
          ...ids.map((other) => ({ ...each, meta: { ...each.meta, request_id: other } })),
        ])
        for (const each of all) {
          const bytes = codec.encode(each).slice()
          const decode = (header: Uint8Array): unknown => codec.decode(header)
          expect(headers.read(bytes, decode)).toStrictEqual(codec.decode(bytes))
        }
      }),
      rounds,
    )
  })

  test('are not decoded again', () => {
    const codec = new PartCodec()
    const headers = new RepeatedHeaders()
    let decoded = 0
    for (let request = 100; request < 900; request += 1) {
      for (const columns of [['a'], ['b']]) {
        const answer = { meta: { type: 'complete', request_id: String(request) }, data: { columns } }
        const seen = headers.read(codec.encode(answer), (header) => {
          decoded += 1
          return codec.decode(header)
        })
        expect(seen).toStrictEqual(answer)
      }
    }
    expect(decoded).toBe(2)
  })
})
