/**
 * Goal: a socket's codec says the same with WebAssembly and without. Method: both write the same envelopes and read the
 * same messages, one behind the other, since either remembers what it has seen; some messages are damaged in one byte.
 * Rounds come from WARDIAN_FUZZ_ROUNDS; fast-check prints the seed of a failure.
 */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { present } from '../base/assert.ts'
import { noFrameCodec } from '../../native-wasm/js/frame-codec.ts'
import { compileFrameCodec } from '../../native-wasm/js/wasm-frame-codec.ts'
import { makePart, PartCodec } from '../protocol/message-parts.ts'
import { createCodec, type EnvelopeCodec } from './envelope-codec.ts'

const module = readFileSync(new URL('../../native-wasm/out/frame-codec.wasm', import.meta.url))
const native = await compileFrameCodec(Uint8Array.from(module))
const rounds = { numRuns: Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 300) }

interface Both {
  readonly script: EnvelopeCodec
  readonly wasm: EnvelopeCodec
}

function both(): Both {
  expect(native()).not.toBeNull()
  return { script: createCodec('msgpack', noFrameCodec), wasm: createCodec('msgpack', native) }
}

/** More of them than are kept, so that some make room for others. */
const name = fc.oneof(
  fc.constantFrom('meta', 'type', 'request_id', 'data', 'sql', 'params', '__proto__', ''),
  fc.nat(100).map((number) => `the name of the value number ${number}`),
)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary', minLength: 10, maxLength: 400 }),
  fc.nat(100).map((number) => `select '${number}' from accounts where id = $1`),
)
const number = fc.oneof(fc.nat(300), fc.nat(), fc.integer(), fc.double(), fc.maxSafeInteger())
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    ...[text, text, number, fc.boolean(), fc.constantFrom(null, undefined), fc.uint8Array({ maxLength: 9 })],
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(name, tie('value'), { maxKeys: 20 }),
  ),
}))

const requestId = fc.oneof(
  fc.nat(999_999).map(String),
  fc.constantFrom('007', '0', 'x7', '1234567890', 'a name', 'ü'),
)
const answer = fc.record({
  meta: fc.record({ type: fc.constantFrom('complete', 'rows'), request_id: requestId }),
  data: fc.oneof(
    fc.constantFrom(
      { command: 'SELECT', row_count: 1 },
      { command: 'request_id', filler: 'x'.repeat(2_100) },
    ),
    value,
  ),
})

const codec = new PartCodec()

function messageOf(
  parts: readonly { readonly envelope: unknown; readonly payload: Uint8Array }[],
): Uint8Array {
  return Buffer.concat(parts.map(({ envelope, payload }) => makePart(codec.encode(envelope), payload)))
}

function read(of: EnvelopeCodec, message: Uint8Array): unknown {
  try {
    return of.read(Uint8Array.from(message).buffer)
  } catch (error) {
    return String(error)
  }
}

/** Messages as text: buffers are not looked into by `toEqual`. */
function sent(by: EnvelopeCodec): string[] {
  return by
    .take()
    .map((message) => (typeof message === 'string' ? message : Buffer.from(message).toString('hex')))
}

test('writes the same bytes', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (values) => {
      const { script, wasm } = both()
      for (const envelope of [...values, ...values]) {
        script.add(envelope)
        wasm.add(envelope)
      }
      expect(sent(wasm)).toEqual(sent(script))
    }),
    rounds,
  )
})

test('writes whatever has no room with its module, and what is no plain value', () => {
  const envelopes: readonly unknown[] = [
    ...[32 << 10, 128 << 10].map((length) => ({
      data: { params: ['x'.repeat(length), 'y'.repeat(length)] },
    })),
    { data: Array.from({ length: 5_000 }, (_, index) => index) },
    { data: Array.from({ length: 200 }, () => 'one long text that is kept'.repeat(39)) },
    { data: Array.from({ length: 70 }, (_, index) => `${index} of many texts that may be kept`) },
    { data: [1.5, -1, 2 ** 29, 2 ** 53 - 1, -0, NaN, new Uint8Array(3), undefined] },
    { data: { long: 'ä'.repeat(340), longer: 'ä'.repeat(341), short: 'ä' } },
  ]
  const { script, wasm } = both()
  for (const envelope of envelopes) {
    for (let time = 0; time < 3; time += 1) {
      script.add(envelope)
      wasm.add(envelope)
    }
  }
  expect(sent(wasm)).toEqual(sent(script))
})

test('reads the same frames', () => {
  const part = fc.record({ envelope: answer, payload: fc.uint8Array({ maxLength: 40 }) })
  const messages = fc.array(fc.array(part, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(messages, (all) => {
      const { script, wasm } = both()
      for (const message of [...all, ...all].map(messageOf)) {
        expect(read(wasm, message)).toEqual(read(script, message))
      }
    }),
    rounds,
  )
})

test('takes apart what is damaged like the other, or leaves it to the other', () => {
  const { script, wasm } = both()
  const whole = messageOf(
    Array.from({ length: 3 }, (_, index) => ({
      envelope: { meta: { type: 'complete', request_id: String(10 + index) }, data: { row_count: 1 } },
      payload: new Uint8Array(24),
    })),
  )
  for (let at = 0; at < whole.length; at += 1) {
    for (const byte of [0x00, 0x01, 0x30, 0x7f, 0xff]) {
      const damaged = Uint8Array.from(whole)
      damaged[at] = byte
      expect([at, byte, read(wasm, damaged)]).toEqual([at, byte, read(script, damaged)])
    }
    expect(read(wasm, whole.subarray(0, at))).toEqual(read(script, whole.subarray(0, at)))
  }
})

test('gives each answer an envelope of its own, however many come and go', () => {
  const { wasm } = both()
  const answerOf = (id: number, command: string) => ({
    envelope: { meta: { type: 'complete', request_id: String(id) }, data: { command } },
    payload: new Uint8Array(0),
  })
  for (let id = 100; id < 400; id += 1) {
    // Other headers take the places of those that were known.
    const { envelope, payload } = answerOf(id, `COMMAND ${id % 40}`)
    const frames = wasm.read(Uint8Array.from(messageOf([{ envelope, payload }])).buffer)
    expect(present(frames[0], 'a frame').envelope).toEqual(envelope)
  }
})

test('needs no WebAssembly', async () => {
  expect((await compileFrameCodec(new Uint8Array([1, 2, 3])))()).toBeNull()
})
