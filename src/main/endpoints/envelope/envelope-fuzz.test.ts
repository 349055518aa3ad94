/**
 * What clients may do in any order, and what nobody should do: every request is answered by exactly one terminal frame
 * whatever is cancelled, late, sent twice or cut off, and no bytes are more than a reason to close their socket. How
 * many comes from the environment: ENVELOPE_SEQUENCES, ENVELOPE_FUZZ (messages; ENVELOPE_FUZZ_MINUTES instead for as
 * long), ENVELOPE_SEED.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EnvelopeClient } from '../../../../test/support/envelope-client.ts'
import { envelopeFixture } from '../../../../test/support/envelope-fixture.ts'
import { makePart, PartCodec } from '../../../protocol/message-parts.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'

const fixture = envelopeFixture()

const sequences = Number(process.env['ENVELOPE_SEQUENCES'] ?? 6)
const fuzzCount = Number(process.env['ENVELOPE_FUZZ'] ?? 300)
const fuzzMinutes = Number(process.env['ENVELOPE_FUZZ_MINUTES'] ?? 0)
const seed = Number(process.env['ENVELOPE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const encoding = fc.constantFrom<Encoding>('json', 'msgpack')

/** What is asked for, and with which meta. */
const request = fc.record({
  ask: fc.constantFrom<[type: string, data: unknown]>(
    ['query', { sql: 'select 1' }],
    ['query', { sql: 'select $1::text', params: ['x'] }],
    ['query', { sql: 'select pg_sleep(0.03)' }],
    ['query', { sql: 'select 1/0' }],
    ['query', { sql: 'begin' }],
    ['query', { sql: 'commit' }],
    ['query', { sql: `select repeat('y', 500) from generate_series(1, 2000)` }],
    ['query', { sql: 'copy (select 1) to stdout' }],
    ['query', { sql: 'discard all' }],
    ['query', { sql: 'select pg_terminate_backend(pg_backend_pid())' }],
    ['batch', { steps: [{ sql: 'select pg_terminate_backend(pg_backend_pid())' }, { sql: 'select 1' }] }],
    ['query', { prepared: 'p' }],
    ['prepare', { name: 'p', sql: 'select 2' }],
    ['close_prepared', { name: 'p' }],
    ['batch', { steps: [{ sql: 'select 1' }, { sql: 'select pg_sleep(0.01)' }], atomic: true }],
    ['batch', { steps: [{ sql: 'begin' }, { sql: 'select 1/0' }] }],
    ['cursor_open', { cursor: 'c', sql: 'select generate_series(1, 2000)' }],
    ['cursor_fetch', { cursor: 'c', count: 1_500 }],
    ['cursor_close', { cursor: 'c' }],
    ['close_session', {}],
    ['ping', null],
    ['hello', { token: 'secret' }],
    ['nonsense', {}],
    ['query', { sql: 7 }],
  ),
  session: fc.constantFrom(undefined, 'a', 'b'),
  deadline: fc.constantFrom(undefined, undefined, undefined, 1, 20),
})

const action = fc.oneof(
  { weight: 8, arbitrary: request.map((value) => ({ kind: 'request' as const, ...value })) },
  { weight: 2, arbitrary: fc.nat(40).map((index) => ({ kind: 'cancel' as const, index })) },
  { weight: 1, arbitrary: fc.nat(40).map((index) => ({ kind: 'again' as const, index })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'pause' as const }) },
)

interface Sent {
  readonly meta: { readonly type: string; readonly request_id: string; readonly session?: string }
  readonly data?: unknown
}

/** Sends what `actions` say; answers how many terminal frames each id is to have. */
async function play(client: EnvelopeClient, actions: readonly Generated[]): Promise<Map<string, number>> {
  const expected = new Map<string, number>()
  const sent: Sent[] = []
  const send = (envelope: Sent): void => {
    const { request_id: id } = envelope.meta
    expected.set(id, (expected.get(id) ?? 0) + 1)
    client.send(envelope)
  }
  for (const [index, step] of actions.entries()) {
    if (step.kind === 'pause') await client.ask('ping', null)
    else if (step.kind === 'cancel') {
      const deadline = index % 2 === 0 ? {} : { deadline_ms: 1 }
      const meta = { type: 'cancel', request_id: `c${index}`, ...deadline }
      send({ meta, data: { request_id: `q${step.index}` } })
    } else if (step.kind === 'again') {
      const [known] = sent.slice(-1 - step.index)
      if (known) send(known)
    } else {
      const [type, data] = step.ask
      const more = {
        ...(step.session === undefined ? {} : { session: step.session }),
        ...(step.deadline === undefined ? {} : { deadline_ms: step.deadline }),
      }
      const envelope = { meta: { type, request_id: `q${sent.length}`, ...more }, data }
      sent.push(envelope)
      send(envelope)
    }
  }
  // A transaction that stays open would hold up the others for as long as the endpoint allows.
  for (const session of ['a', 'b']) {
    send({ meta: { type: 'close_session', request_id: `close-${session}`, session } })
  }
  return expected
}

type Generated = typeof action extends fc.Arbitrary<infer T> ? T : never

describe('every request', () => {
  it('is answered exactly once, whatever else happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        encoding,
        fc.array(action, { minLength: 5, maxLength: 40 }),
        fc.option(fc.nat(30), { nil: null, freq: 3 }),
        async (how, actions, cutAfter) => {
          const client = await fixture.connect({ encoding: how, isReading: true })
          const expected = await play(client, actions)
          const terminal = (id: string): number =>
            client.of(id).filter(({ meta }) => meta.type !== 'rows').length
          const isCut = cutAfter !== null
          if (isCut) {
            await fixture.until(() => client.frames.length >= Math.min(cutAfter, expected.size))
            client.socket.terminate()
            await client.closed
          } else {
            await fixture.until(() => [...expected].every(([id, count]) => terminal(id) >= count))
            // Whatever came after its end would come before this.
            await client.ask('ping', null)
          }
          const wrong = [...expected].filter(([id, count]) =>
            isCut ? terminal(id) > count : terminal(id) !== count,
          )
          expect(wrong).toEqual([])
          const late = [...expected].filter(
            ([id, count]) => !isCut && count === 1 && client.of(id).at(-1)?.meta.type === 'rows',
          )
          expect(late).toEqual([])
          if (!isCut) await client.close()
        },
      ),
      { numRuns: sequences, seed, endOnFailure: true },
    )
    await fixture.until(() => fixture.clients.size === 0)
  })
})

const codec = new PartCodec()

/** An envelope that is right, or nearly. */
const envelope = fc.oneof(
  fc.record(
    {
      meta: fc.record(
        {
          type: fc.oneof(
            fc.constantFrom('query', 'batch', 'prepare', 'describe', 'cursor_open', 'cursor_fetch', 'cancel'),
            fc.constantFrom(
              'credit',
              'ping',
              'hello',
              'close_session',
              'subscribe',
              'unsubscribe',
              'introspect',
            ),
            fc.string(),
          ),
          request_id: fc.oneof(fc.string({ maxLength: 70 }), fc.anything()),
          session: fc.option(fc.constantFrom('a', 'b', ''), { nil: undefined }),
          deadline_ms: fc.option(fc.constantFrom(1, 50, -1, 2 ** 40), { nil: undefined }),
          credit: fc.option(fc.constantFrom(1, 64, 65, 'x'), { nil: undefined }),
          idempotency_key: fc.option(fc.string(), { nil: undefined }),
          traceparent: fc.option(fc.string(), { nil: undefined }),
        },
        { requiredKeys: ['type'] },
      ),
      data: fc.oneof(
        fc.constantFrom(
          { sql: 'select 1' },
          { sql: 'select $1::int4', params: ['x'] },
          { sql: 'select 1', params: ['too', 'many'], types: [23, 99999999] },
          { sql: 'select generate_series(1, 3000)' },
          { cursor: 'c', sql: 'select 1' },
          { cursor: 'c', count: 2 },
          { steps: [{ sql: 'select 1', if: { and: [] } }] },
          { name: 'n', sql: 'values (1)' },
          { token: 'secret', client: 'x\0y' },
        ),
        fc.anything({ withBigInt: false, withDate: false, withMap: false, withSet: false }),
      ),
    },
    { requiredKeys: ['meta'] },
  ),
  fc.anything(),
)

/** A message of it: whole, cut, changed, or noise. */
const message = fc
  .tuple(
    encoding,
    fc.array(envelope, { maxLength: 4 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(5),
    fc.nat(),
  )
  .map(([how, envelopes, noise, kind, at]) => {
    const bytes = encoded(how, envelopes)
    if (kind === 0) return { how, bytes: Buffer.from(noise) }
    if (kind === 1) return { how, bytes: bytes.subarray(0, at % (bytes.length + 1)) }
    if (kind === 2 && bytes.length > 0) bytes[at % bytes.length] = at & 0xff
    return { how, bytes }
  })

function encoded(how: Encoding, envelopes: readonly unknown[]): Buffer {
  try {
    if (how === 'json')
      return Buffer.from(JSON.stringify(envelopes.length === 1 ? envelopes[0] : envelopes) ?? '')
    return Buffer.concat(envelopes.map((value) => makePart(codec.encode(value), null)))
  } catch {
    return Buffer.from([1, 2, 3])
  }
}

describe('no message', () => {
  it('does more than close its socket', async () => {
    const steady = await fixture.connect()
    const until = performance.now() + fuzzMinutes * 60_000
    let round = 0
    do {
      const messages = fc.sample(fc.array(message, { minLength: 1, maxLength: 6 }), {
        numRuns: Math.ceil(fuzzCount / 3),
        seed: seed + round,
      })
      for (const some of messages) await throwAt(some)
      round += 1
      expect((await steady.query('select 1')).data?.rows).toEqual([['1']])
    } while (performance.now() < until)
    if (fuzzMinutes > 0) process.stdout.write(`${round} rounds in ${fuzzMinutes} min, seed ${seed}\n`)
    await fixture.until(() => fixture.clients.size === 1)
  })
})

/** Each on a socket of its own, some of them before hello; frames of WebSocket are cut into pieces now and then. */
async function throwAt(
  messages: readonly { readonly how: Encoding; readonly bytes: Buffer }[],
): Promise<void> {
  const how = messages[0]?.how ?? 'json'
  const client = await fixture.connect({ encoding: how, token: messages.length % 3 === 0 ? null : 'secret' })
  for (const { bytes } of messages) {
    if (client.socket.readyState !== client.socket.OPEN) break
    const binary = bytes.length % 17 === 0 ? how === 'json' : how === 'msgpack'
    if (bytes.length % 5 === 0 && bytes.length > 1) {
      client.socket.send(bytes.subarray(0, 1), { binary, fin: false })
      client.socket.send(bytes.subarray(1), { binary, fin: true })
    } else client.socket.send(bytes, { binary })
  }
  if (messages.length % 4 === 0) client.socket.terminate()
  else client.socket.close()
  await client.closed
}
