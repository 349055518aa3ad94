/**
 * Goal: whatever the first bytes of a connection are, and however they are cut, the endpoint answers as Postgres
 * does or closes; it neither waits for ever nor fails. Method: raw sockets, every cut, and bytes made up by fast-check.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  errorFields,
  saslInitial,
  short,
  type RawWireClient,
} from '../../../../test/support/raw-wire-client.ts'
import { quickVerifier, scriptedRole } from '../../../../test/support/scripted-wire-backend.ts'
import { scriptedWireFixture } from '../../../../test/support/scripted-wire-fixture.ts'
import { scramFinal, scramFirstBare } from '../../../../test/support/lying-scram-client.ts'
import {
  cancelRequest,
  frame,
  GSSENC_REQUEST,
  int32,
  PROTOCOL_3_0,
  PROTOCOL_3_2,
  SSL_REQUEST,
  startup,
  untyped,
} from '../../../../test/support/wire/frontend-messages.ts'
import type { PostgresEndpoint } from './postgres-endpoint.ts'

const wire = scriptedWireFixture()
const loggedIn = 'R(10)R(11)R(12)R(0)SKZ(I)'
const seed = Number(process.env['WARDIAN_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const runCount = Number(process.env['WARDIAN_FUZZ_COUNT'] ?? 100)

/** Every byte that comes back until the endpoint closes. */
async function replyTo(endpoint: PostgresEndpoint, bytes: Uint8Array): Promise<Buffer> {
  const client = await wire.connect(endpoint)
  const parts: Buffer[] = []
  client.socket.on('data', (part: Buffer) => parts.push(part))
  client.socket.write(bytes)
  // The client ends: an endpoint that still waited for more would not be one that hangs.
  client.socket.end()
  await client.until('')
  await client.close()
  return Buffer.concat(parts)
}

/** What is told to who sends `bytes` and stays. */
async function refusalOf(endpoint: PostgresEndpoint, bytes: Uint8Array): Promise<string> {
  const client = await wire.connect(endpoint)
  client.send(bytes)
  const told = await client.rest()
  await client.close()
  return told
}

/** Sends `pieces`, each only when the kernel has taken the one before and both sides have had a turn. */
async function sendPieces(client: RawWireClient, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>((resolve) => client.socket.write(piece, () => resolve()))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const cutAt = (bytes: Buffer, at: number): Buffer[] => [bytes.subarray(0, at), bytes.subarray(at)]

describe('the start of a connection', () => {
  test('may be cut at every byte', async () => {
    const endpoint = await wire.listen()
    wire.backend.roles.set('quick', { ...scriptedRole, passwordVerifier: await quickVerifier('secret') })
    const first = startup(PROTOCOL_3_0, { user: 'quick', database: 'postgres' })
    const initial = saslInitial(`n,,${scramFirstBare}`)
    const finalBytes = 5 + scramFinal(`r=abc${'x'.repeat(24)},s=${'x'.repeat(24)},i=1`, '').length
    const whole = first.length + initial.length + finalBytes
    for (let at = 1; at < whole; at += 1) {
      const client = await wire.connect(endpoint)
      await sendPieces(client, cutAt(first, at))
      await client.until('R')
      await sendPieces(client, cutAt(initial, Math.max(at - first.length, 0)))
      const [challenge] = await client.until('R')
      const final = scramFinal(challenge?.body.toString('latin1', 4) ?? '', 'secret')
      const last = frame('p', Buffer.from(final))
      await sendPieces(client, cutAt(last, Math.max(at - first.length - initial.length, 0)))
      expect(short(await client.until('Z')), `cut at ${at}`).toBe('R(12)R(0)SKZ(I)')
      await client.close()
    }
    const client = await wire.connect(endpoint)
    await sendPieces(
      client,
      [...first].map((byte) => Uint8Array.of(byte)),
    )
    expect(short(await client.until('R'))).toBe('R(10)')
  })

  test('may ask for encryption once each, and goes on in clear where there is none', async () => {
    const endpoint = await wire.listen()
    const ssl = untyped(int32(SSL_REQUEST))
    const gss = untyped(int32(GSSENC_REQUEST))
    for (const asked of [[ssl], [gss], [ssl, gss], [gss, ssl]]) {
      const client = await wire.connect(endpoint)
      client.expectBytes(asked.length)
      client.send(...asked)
      expect(await client.bytes()).toBe('N'.repeat(asked.length))
      expect(short(await client.logIn({ password: wire.password }))).toBe(loggedIn)
      await client.close()
    }
    for (const asked of [
      [ssl, ssl],
      [gss, gss],
      [ssl, gss, ssl],
    ]) {
      const reply = await replyTo(endpoint, Buffer.concat(asked))
      expect(reply.toString('latin1')).toMatch(/^N{1,2}E.*C08P01/s)
    }
  })

  test('speaks 3.0 and 3.2, and tells who wants more what there is', async () => {
    const endpoint = await wire.listen()
    const logIn = async (version: number, parameters = {}): Promise<[string, number, Buffer | null]> => {
      const client = await wire.connect(endpoint)
      const messages = await client.logIn({ password: wire.password, version, parameters })
      const key = messages.find(({ type }) => type === 'K')?.body.length ?? 0
      return [short(messages), key - 4, messages.find(({ type }) => type === 'v')?.body ?? null]
    }
    expect(await logIn(PROTOCOL_3_0)).toEqual([loggedIn, 4, null])
    expect(await logIn(PROTOCOL_3_0 + 1)).toEqual([loggedIn, 4, null])
    expect(await logIn(PROTOCOL_3_2)).toEqual([loggedIn, 32, null])
    const newer = Buffer.concat([int32(PROTOCOL_3_2), int32(0)])
    expect(await logIn(PROTOCOL_3_0 + 9999)).toEqual([`v${loggedIn}`, 32, newer])
    const unknown = Buffer.concat([int32(PROTOCOL_3_0), int32(2), Buffer.from('_pq_.a\0_pq_.b\0')])
    expect(await logIn(PROTOCOL_3_0, { '_pq_.a': '1', '_pq_.b': '' })).toEqual([`v${loggedIn}`, 4, unknown])
  })

  test('is refused with an SQLSTATE when it is none', async () => {
    const endpoint = await wire.listen()
    const user = { user: 'postgres' }
    expect(await refusalOf(endpoint, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBe('E(08P01)')
    for (const length of [0, 4, 7, 10_005, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const bytes = Buffer.concat([int32(length), int32(PROTOCOL_3_0), Buffer.from('user\0x\0\0')])
      expect(await refusalOf(endpoint, bytes), String(length)).toBe('E(08P01)')
    }
    expect(await refusalOf(endpoint, startup(4 << 16, user))).toBe('E(0A000)')
    const old = await replyTo(endpoint, startup(2 << 16, user))
    expect(old.toString()).toBe('EFATAL:  unsupported frontend protocol 2.0: server supports 3.0 to 3.2\n\0')
    expect(await refusalOf(endpoint, startup(PROTOCOL_3_0, {}))).toBe('E(28000)')
    expect(await refusalOf(endpoint, startup(PROTOCOL_3_0, { ...user, replication: 'true' }))).toBe(
      'E(0A000)',
    )
    expect(await refusalOf(endpoint, startup(PROTOCOL_3_0, { ...user, options: '-x' }))).toBe('E(42601)')
    // A TLS handshake where there is no TLS.
    expect(await refusalOf(endpoint, Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]))).toBe('E(08P01)')
  })

  test('is refused when something else than an answer follows', async () => {
    const endpoint = await wire.listen()
    const answers: readonly Buffer[] = [
      frame('Q', Buffer.from('select 1\0')),
      frame('p', Buffer.alloc(1025)),
      frame('p', Buffer.alloc(0), 3),
      frame('p', Buffer.alloc(0), -1),
      frame('p'),
      saslInitial('n,,n=,r=abc', 'SCRAM-SHA-1'),
      saslInitial('n,,n=,r=abc', 'SCRAM-SHA-256-PLUS'),
      frame('p', Buffer.from('SCRAM-SHA-256\0\0\0\0\x05n,,')),
      frame('p', Buffer.from('secret\0')),
      saslInitial('garbage'),
    ]
    for (const answer of answers) {
      const bytes = Buffer.concat([startup(PROTOCOL_3_0, { user: 'postgres' }), answer])
      expect(await refusalOf(endpoint, bytes), answer.toString('latin1')).toBe('R(10)E(08P01)')
    }
  })

  test('may leave out the first SASL response, which is then asked for', async () => {
    const endpoint = await wire.listen()
    const client = await wire.connect(endpoint)
    const empty = Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), int32(-1)])
    client.send(startup(PROTOCOL_3_0, { user: 'postgres' }), frame('p', empty))
    expect(short(await client.until('R')) + short(await client.until('R'))).toBe('R(10)R(11)')
    client.send(frame('p', Buffer.from(`n,,${scramFirstBare}`)))
    const [challenge] = await client.until('R')
    client.send(
      frame('p', Buffer.from(scramFinal(challenge?.body.toString('latin1', 4) ?? '', wire.password))),
    )
    expect(short(await client.until('Z'))).toBe('R(12)R(0)SKZ(I)')
  })

  test(
    'ends in an error or a close whatever is sent, and others do not notice',
    async () => {
      const endpoint = await wire.listen()
      const witness = await wire.connect(endpoint)
      expect(short(await witness.logIn({ password: wire.password }))).toBe(loggedIn)
      const session = wire.session()
      const word = fc.constantFrom(PROTOCOL_3_0, PROTOCOL_3_2, SSL_REQUEST, GSSENC_REQUEST, 80_877_102)
      const number = fc.oneof(
        word,
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 0, max: 300 }),
      )
      const text = fc.constantFrom(
        'user\0',
        'postgres\0',
        'options\0',
        '-c a=b\0',
        '\0',
        'p',
        'n,,n=,r=a',
        'Q',
      )
      const part = fc.oneof(
        number.map(int32),
        text.map((chars) => Buffer.from(chars)),
        fc.uint8Array({ maxLength: 64 }),
        word.map((code) => untyped(int32(code))),
        fc.constant(startup(PROTOCOL_3_0, { user: 'postgres' })),
        fc.constant(saslInitial(`n,,${scramFirstBare}`)),
        fc
          .integer({ min: 0, max: 300 })
          .map((bytes) => cancelRequest(session.processId, Buffer.alloc(bytes))),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
          const reply = await replyTo(endpoint, Buffer.concat(parts))
          expect(reply.includes('Z\0\0\0\x05')).toBe(false)
        }),
        { seed, numRuns: runCount },
      )
      session.push(frame('C', Buffer.from('still here\0')))
      expect(short(await witness.until('C'))).toBe('C')
      expect([session.cancelCount, session.isDisposed]).toEqual([0, false])
    },
    30_000 + 100 * runCount,
  )

  test('says in words what is wrong', async () => {
    const endpoint = await wire.listen()
    const client = await wire.connect(endpoint)
    client.send(startup(4 << 16, { user: 'postgres' }))
    const [told] = await client.until('E')
    expect(told && errorFields(told)).toMatchObject({
      ...{ S: 'FATAL', C: '0A000' },
      M: 'unsupported frontend protocol 4.0: server supports 3.0 to 3.2',
    })
  })
})
